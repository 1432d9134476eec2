"""Cases at P01, made through the services: opened by the town, worked, brought to a state."""

from datetime import date, datetime, timedelta

from mealsvc.accounts.services import find_user
from mealsvc.auditing.cases import services
from mealsvc.auditing.cases.models import AuditCase, CaseLine, CaseReferral
from mealsvc.auditing.scanning.models import AuditScan, Lead, LeadEdition, LeadLine
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.settlement.services import submit
from tests.factories import claims, tills
from tests.factories.claims import MAY, NOW, person
from tests.factories.tills import SHELL

TITLE = "同一批人连续两天同样的先后次序"
WORDS = "（测试）请说明这几笔的就餐情况"
LETTER = services.Letter("discipline", "三笔补贴没有对应的就餐", "流水、监控", "测试联系人")


def month_of_lunches(number: int = 4, point: str = "P01") -> list[int]:
    """So many lunches of different elders on 6 May at the point; their sequences."""
    tills.small_district()
    tills.lunchroom()
    return [
        tills.serve(
            f"K{at}", tills.CARDS[at], point=point, served_at=tills.LUNCH + timedelta(minutes=at)
        ).sequence
        for at in range(number)
    ]


def submitted(number: int = 4) -> list[int]:
    """The same, the month submitted."""
    lines = month_of_lunches(number)
    with writing():
        submit(MAY, None, SHELL, NOW)
    return lines


def place(code: str = "P01") -> MealPoint:
    point = point_by_code(code)
    assert point is not None
    return point


def opening(lines: list[int], severity: str = "high", point: str = "P01", rules: str = "A07"):
    """What a case is opened on."""
    return services.Opening(place(point).id, MAY, TITLE, lines, severity, "other", rules)


def town() -> Actor:
    return person("town", "town")


def chief() -> Actor:
    return person("approver", "approver")


def clerk() -> Actor:
    return person("clerk", "district")


def opened(lines: list[int], severity: str = "high", now: datetime = NOW) -> AuditCase:
    """A case opened by the town."""
    by = town()
    with writing():
        return services.open_case(opening(lines, severity), WORDS, by, now)


def account(login: str) -> int:
    return find_user(login).id


def brought_to(state: str, lines: list[int], severity: str = "high", now: datetime = NOW) -> int:
    """A case brought to this state; of its lines the first is right, the others are wrong."""
    case_id = opened(lines, severity, now).id
    by, manager, judge = town(), person("boss", "manager"), chief()
    if state == "new":
        return case_id
    with writing():
        services.assign(case_id, account("town"), "", by, now)
        if state == "assigned":
            return case_id
        asked = services.ask(case_id, WORDS, None, by, now)
        if state == "asked":
            return case_id
        services.answer(asked.id, "（测试）当天系统补录", [], manager, now)
    if state == "explained":
        return case_id
    with writing():
        services.decide(case_id, verdict(lines, state == "verified_ok"), "查实", judge, now)
    return case_id


def verdict(lines: list[int], right: bool = False) -> dict[int, str]:
    """All right, or the first right and the others wrong."""
    return {one: "ok" if right or at == 0 else "bad" for at, one in enumerate(lines)}


def reread(case_id: int) -> AuditCase:
    db.session.rollback()
    return db.session.get_one(AuditCase, case_id)


def lines_of(case_id: int) -> list[CaseLine]:
    return db.session.query(CaseLine).filter_by(case_id=case_id).order_by(CaseLine.sequence).all()


def lead(lines: list[int], severity: str = "high", point: str | None = "P01") -> int:
    """A lead of May with these lines, as a scan leaves it."""
    with writing():
        return lead_inside(lines, severity, point)


def lead_inside(lines: list[int], severity: str = "high", point: str | None = "P01") -> int:
    """The same inside `writing()`."""
    scan = AuditScan(
        month=MAY.key, division="320412", servings=len(lines), anomalies=1, leads=1,
        expected_false=0, limits="{}", counts="{}", last_sequence=max(lines),
        started_at=NOW, ended_at=NOW, by=str(SHELL),
    )  # fmt: skip
    row = Lead(
        month=MAY.key, point_id=place(point).id if point else None, story=f"A07/{lines[0]}",
        state="open", edition=1, found_at=NOW,
    )  # fmt: skip
    db.session.add_all([scan, row])
    db.session.flush()
    edition = LeadEdition(
        lead_id=row.id, number=1, scan_id=scan.id, severity=severity, weight=1000,
        rules="A07,A06", title=TITLE, summary="次序几乎一样。", honest="可能是固定班车。",
        evidence="{}", from_on=date(2024, 5, 6), to_on=date(2024, 5, 6),
        servings=len(lines), residents=len(lines), subsidy_fen=300 * len(lines),
    )  # fmt: skip
    db.session.add(edition)
    db.session.flush()
    db.session.add_all(
        LeadLine(lead_id=row.id, number=1, sequence=one, rules="A07") for one in lines
    )
    db.session.flush()
    return row.id


def paid(number: int = 4, month: Month = MAY) -> list[int]:
    """Lunches of a month that is paid."""
    lines = submitted(number)
    claims.reach("paid", month)
    return lines


def one_of_each(sequence: int, now: datetime) -> dict[str, int]:
    """A case on this line of P01 that waits for the point's answer, with a letter: the numbers that
    addresses need. It makes no account, so that nobody is given the case.
    """
    with writing():
        what = services.Opening(place().id, MAY, TITLE, [sequence], "case", "other", "A07")
        case = services.open_case(what, WORDS, SHELL, now)
        case.state = "assigned"
        asked = services.ask(case.id, WORDS, None, SHELL, now)
        letter = CaseReferral(
            number="武民助移〔2024〕0999号", case_id=case.id, body="police",
            facts=vault().seal(LETTER.facts), evidence=LETTER.evidence, contact=LETTER.contact,
            sent_on=now.date(), sent_at=now, by=str(SHELL),
        )  # fmt: skip
        db.session.add(letter)
        db.session.flush()
    return {"case_id": case.id, "question_id": asked.id, "letter_id": letter.id}


def waiting_for_a_verdict(sequence: int, now: datetime) -> int:
    """A grave case at P02 that was explained; it holds its line."""
    with writing():
        what = services.Opening(place("P02").id, MAY, TITLE, [sequence], "high", "other", "A07")
        case = services.open_case(what, WORDS, SHELL, now)
        case.state = "assigned"
        services.explain_without_answer(case.id, "不需要询问", SHELL, now)
    return case.id
