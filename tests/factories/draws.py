"""A draw for tests: a round with the questionnaire, drawn from forty elders of two towns, and
visits that ended one way or the other."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.places.services import put_division
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.residents import services as residents
from mealsvc.residents.enrolment import Enrolment, enrol_batch
from mealsvc.residents.services import NewFact
from mealsvc.settings.services import change_setting
from mealsvc.survey.rounds import services as rounds
from mealsvc.survey.rounds.batch import Filled, fill_batch, review_batch
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet
from mealsvc.survey.sampling import services
from mealsvc.survey.sampling.models import SurveyDraw
from tests.factories.residents import number_of
from tests.factories.surveys import AS_OF, DISTRICT, OF, VILLAGE

CLERK = Actor("user", "clerk")
HUTANG, NIUTANG, ELSEWHERE = "320412100001", "320412102001", "320412104001"
SIZE = 20
SEED = "福彩2024062"
DONE = {
    "D00": "done", "D01": "family", "D02": "self", "D03": "easy", "D04": ["none"], "D05": "known",
    "D06": "no", "D08": ["home"], "D09": "out", "D10": 5, "D11": ["lunch"], "D12": 600,
    "D13": "m10", "D14": "no", "D15": ["soft"], "D19": "call",
}  # fmt: skip
# Serial numbers of those who must never be drawn.
DEAD, MOVED, HOUSED, YOUNG, OUTSIDE = 90, 91, 92, 93, 94


def forty_elders() -> None:
    """Hutang and Niutang with twenty each (some of 80, some alone), and five who don't belong."""
    with writing():
        for code, name, by in (
            ("320412", "武进区", ""),
            (HUTANG[:9], "湖塘镇", ""),
            (NIUTANG[:9], "牛塘镇", ""),
            (ELSEWHERE[:9], "遥观镇", "常州经开区"),
            (HUTANG, "丰乐社区", ""),
            (NIUTANG, "人民社区", ""),
            (ELSEWHERE, "塘桥社区", ""),
        ):
            level = {6: "district", 9: "town", 12: "community"}[len(code)]
            put_division({"code": code, "name": name, "level": level, "managed_by": by}, CLERK)
        people = [_elder(at, HUTANG if at <= 20 else NIUTANG) for at in range(1, 41)]
        people += [_elder(at, HUTANG) for at in (DEAD, MOVED, HOUSED)]
        people += [_elder(YOUNG, HUTANG, "19700101"), _elder(OUTSIDE, ELSEWHERE)]
        enrol_batch(people, CLERK, clock.now(), source="测试")
        for serial, event in ((DEAD, "deceased"), (MOVED, "moved_out"), (HOUSED, "institution")):
            fact(serial, "departure", event, date(2024, 3, 1))
        for serial in (1, 2, 3, 21, 22):
            fact(serial, "category", "DJ", None)
        change_setting("survey.sample_size", str(SIZE), "测试", AS_OF, True, CLERK, AS_OF)


def fact(serial: int, kind: str, value: str, since: date | None) -> None:
    """Inside `writing()`."""
    residents.add_fact(row_of(serial), NewFact(kind, value, since, None, "测试"), CLERK)


def row_of(serial: int) -> int:
    """The row of the elder with this serial: they are entered in order."""
    late = (DEAD, MOVED, HOUSED, YOUNG, OUTSIDE)
    return serial if serial <= 40 else 41 + late.index(serial)


def asked_round() -> SurveyRound:
    order = rounds.Order("测试摸排", "320412", AS_OF, "DE")
    with writing():
        return rounds.open_round(order, DISTRICT, clock.now())


def drawn_round() -> SurveyRound:
    """Drawn with `SEED`."""
    row = asked_round()
    made = services.look(row, SEED)
    with writing():
        services.keep(row, made, DISTRICT, clock.now())
    return row


def draw_of(row: SurveyRound) -> SurveyDraw:
    return db.session.scalars(select(SurveyDraw).where(SurveyDraw.round_id == row.id)).one()


def sheets_of(row: SurveyRound) -> list[SurveySheet]:
    """The questionnaires that were issued."""
    return list(
        db.session.scalars(
            select(SurveySheet)
            .where(SurveySheet.round_id == row.id, SurveySheet.form == "D")
            .order_by(SurveySheet.unit)
        )
    )


def visit(row: SurveyRound, answers: list[tuple[SurveySheet, dict[str, Any]]]) -> None:
    """Fills these sheets and takes them to the district."""
    now = clock.now()
    with writing():
        fill_batch(
            row, [Filled(sheet, given, {}) for sheet, given in answers], "paper", VILLAGE, now
        )
        for act, by in OF.items():
            review_batch(row, [sheet for sheet, _ in answers], act, by, now)


def one_of_each(now: datetime) -> dict[str, int]:
    """In a district that is there already: a round that nobody has drawn, and one whose drawn
    elders have all answered but one."""
    numbers = {}
    for name in ("undrawn", "drawn"):
        order = rounds.Order(f"测试摸排{name}", "320412", now.date(), "DE")
        with writing():
            row = rounds.open_round(order, DISTRICT, now)
        numbers[name] = row.id
    made = services.look(row, SEED)
    with writing():
        services.keep(row, made, DISTRICT, now)
    answers = DONE | {"D06": "yes", "D07": 9, "D16": "s4", "D17": "s3", "D18": "s5"}
    del answers["D08"]
    first, *others = sheets_of(row)
    visit(row, [(first, {"D00": "away"}), *((one, answers) for one in others)])
    return numbers


def _elder(serial: int, home: str, birth: str = "") -> Enrolment:
    birth = birth or ("19400101" if serial % 5 == 0 else "19590101")
    return Enrolment(
        number_of(serial, birth), f"测{'甲乙丙丁'[serial % 4]}{'子丑寅卯'[serial % 3]}", home
    )
