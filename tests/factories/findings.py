"""Signed visits with findings, and everything that follows from them, made through the services."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.complaints import services as complaints
from mealsvc.supervision.findings import services
from mealsvc.supervision.findings.letters import Held, Letter, Receipt
from mealsvc.supervision.findings.models import Finding, RectificationOrder
from mealsvc.supervision.findings.orders import Checked, Done
from mealsvc.supervision.visits.signing import sign
from tests.factories import tills, visits

NOW, TODAY = visits.NOW, visits.TODAY
INSPECTOR, UNIT = Actor("user", "inspector", "192.0.2.1"), Actor("user", "manager", "192.0.2.2")
DISTRICT = Actor("user", "district", "192.0.2.3")
KEY, PLAIN = "SMP-01", "SMP-03"  # a key item, an ordinary one
CONSEQUENCE = "逾期不改的，按服务协议暂停补贴。"
LETTER = Letter("samr", "抽查一个菜没有留样。", "现场检查笔录、照片", "某科 0519-00000000")
DONE = Done("忘了取样", "补做培训，专人留样", TODAY, "李四")
HELD = Held(NOW, "区民政局会议室", "某科长", "王店长", "关键项不合格", "三天内改好")


def district() -> None:
    """The small district, with three inspectors."""
    tills.small_district()
    with writing():
        visits.inspectors()


def raised(
    wrong: dict[str, str] | None = None, now: datetime = NOW, by: Actor = INSPECTOR, **chosen: str
) -> list[Finding]:
    """Signs a full visit of P01 in which these items (code → FAIL or PARTIAL) were wrong.

    `chosen` names outcomes, with `_` for `-` in the item's code.
    """
    wrong = {KEY: "FAIL", PLAIN: "PARTIAL"} if wrong is None else wrong
    with writing():
        asked = visits.visit(mode="full", planned_on=tills_day(now), now=now)
        document = _on_that_day(visits.document(asked, paper=True), tills_day(now))
        for code, result in wrong.items():
            document["results"][code] |= {"result": result, "note": f"{code}不符合要求"}
        visit = sign(asked.id, document, by, now)
        outcomes = {code.replace("_", "-"): outcome for code, outcome in chosen.items()}
        return services.raise_findings(visit, by, now, outcomes)


def _on_that_day(document: dict[str, Any], day: date) -> dict[str, Any]:
    """The same document, with each date of the sixth of May moved to that day."""
    return json.loads(json.dumps(document).replace(str(TODAY), str(day)))


def ordered(findings: list[Finding], days: int = 5, now: datetime = NOW) -> RectificationOrder:
    """An order for these findings."""
    demands = {one.id: f"按{one.item}的要求整改" for one in findings}
    with writing():
        return services.issue_order(demands, days, CONSEQUENCE, INSPECTOR, now)


def replied(
    order: RectificationOrder, finding: Finding, now: datetime = NOW, **changed: Any
) -> Any:
    """The unit's reply on one item, without photos."""
    with writing():
        return services.reply(order.id, finding.id, DONE, (), UNIT, now, **changed)


def checked(
    order: RectificationOrder, results: dict[int, str], now: datetime, **changed: Any
) -> Any:
    """A re-inspection by the first two inspectors, on the day of `now`."""
    items = {one: (result, f"现场查看：{result}") for one, result in results.items()}
    usual: dict[str, Any] = {
        "checked_on": tills_day(now),
        "lead_id": 1,
        "second_id": 2,
        "present": "王店长",
        "items": items,
    }
    with writing():
        return services.re_inspect(order.id, Checked(**(usual | changed)), INSPECTOR, now)


def tills_day(now: datetime) -> date:
    """The local day of an instant around noon."""
    return (now + timedelta(hours=8)).date()


def suspended(
    kind: str = "subsidy", from_on: date = TODAY, now: datetime = NOW, **more: Any
) -> Any:
    """A measure against P01."""
    point = visits.the_point()
    with writing():
        return services.suspend(
            kind, point, from_on, "关键项不合格", "服务协议", DISTRICT, now, **more
        )


def delivered(paper: str, method: str = "direct", **more: Any) -> Any:
    """A delivery receipt of a paper of P01."""
    told = Receipt(paper, "整改通知书", method, "王店长", NOW, **more)
    with writing():
        return services.note_delivery(visits.the_point(), told, INSPECTOR, NOW)


def reread(row: Any) -> Any:
    """The row as it stands in the database."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(type(row), row.id)


def later(days: int) -> datetime:
    """Noon so many days after the visit."""
    return NOW + timedelta(days=days)


def one_of_each(now: datetime, code: str = "P01") -> dict[str, int]:
    """A finding that waits, one in an open order, a letter, an interview, a measure and a receipt of
    the point: the numbers that addresses need.
    """
    with writing():
        point = visits.the_point(code)
        waiting, other = (
            services.add_finding(
                point, item, "没有留样", "RECTIFY_BY_DATE", "other", INSPECTOR, now
            )
            for item in (KEY, "AGE-02")  # key items: a patrol asks them anyway
        )
        order = services.issue_order({other.id: "留样"}, 5, CONSEQUENCE, INSPECTOR, now)
        letter = services.refer(point, [waiting.id], LETTER, DISTRICT, now)
        held = replace(HELD, held_at=now)
        talk = services.hold_interview(point, held, DISTRICT, now, waiting.id)
        start = tills_day(now) + timedelta(days=300)
        measure = services.suspend("subsidy", point, start, "事实", "协议", DISTRICT, now)
        told = Receipt(order.number, "整改通知书", "direct", "王店长", now)
        slip = services.note_delivery(point, told, INSPECTOR, now)
        said = complaints.Said("food", "phone", "菜凉了", "")
        upheld = complaints.receive(point, said, "case-complaint", INSPECTOR, now)
    return {
        "finding_id": waiting.id,
        "ordered": other.id,
        "rectification": order.id,
        "referral_id": letter.id,
        "interview_id": talk.id,
        "measure_id": measure.id,
        "delivered": slip.id,
        "upheld": upheld.id,
    }
