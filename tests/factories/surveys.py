"""Survey rounds for tests: opened, filled and checked by a village, a town and the district."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.rules import read
from mealsvc.survey.rounds import services
from mealsvc.survey.rounds.intake import doubts_of
from mealsvc.survey.rounds.known import known_of
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet
from mealsvc.survey.rounds.units import Unit

AS_OF = date(2024, 5, 31)
VILLAGE, TOWN, DISTRICT = (Actor("user", name) for name in ("cun", "zhen", "qu"))
OF = {"village": VILLAGE, "town": TOWN, "accept": DISTRICT}
TYPED = {
    "A": {
        "A01": "60", "A02": "30", "A03": "9", "A04": "1", "A05": "100",
        "A17": "12", "A18": "20", "A30": "50", "A31": "20", "A32": "5", "A33": "25", "A35": "22",
    },
    "C": {"C03": "no"},
    "D": {"D00": "refused"},
}  # fmt: skip


def opened(forms: str = "A", **more: Any) -> SurveyRound:
    """A round of the district as of the end of May 2024."""
    order = services.Order(
        "测试摸排", more.pop("division", "320412"), more.pop("as_of", AS_OF), forms, **more
    )
    with writing():
        return services.open_round(order, DISTRICT, clock.now())


def sheet_of(row: SurveyRound, form: str = "A", unit: str = "") -> SurveySheet:
    """The round's sheet of a form, of this unit or the first."""
    rows = select(SurveySheet).where(SurveySheet.round_id == row.id, SurveySheet.form == form)
    if unit:
        rows = rows.where(SurveySheet.unit == unit)
    return db.session.scalars(rows.order_by(SurveySheet.id)).first()


def answers(form: str = "A", **changed: str) -> dict[str, Any]:
    """Good answers of a form, from what is typed."""
    found, errors = read(FORMS[form], TYPED[form] | changed)
    assert not errors, errors
    return found


def fill(row: SurveyRound, sheet: SurveySheet, by: Actor = VILLAGE, **changed: str) -> None:
    """Hands the sheet in, with a reason wherever it disagrees with the register."""
    given = answers(sheet.form, **changed)
    doubts = doubts_of(sheet.form, given, known_of([sheet], row.as_of)[sheet.id], 10)
    with writing():
        remarks = dict.fromkeys(doubts, "按村里登记簿填写")
        services.fill(sheet, row, given, remarks, "web", by, clock.now())


def review(row: SurveyRound, sheet: SurveySheet, act: str, by: Actor | None = None) -> None:
    with writing():
        services.review(sheet, row, act, by or OF[act], clock.now())


def accepted(row: SurveyRound, sheet: SurveySheet, **changed: str) -> None:
    """Fills the sheet and takes it to the district, everybody another person."""
    fill(row, sheet, **changed)
    for act in OF:
        review(row, sheet, act)


def lock(row: SurveyRound, figures: str = '{"figures": {}}') -> None:
    with writing():
        services.lock(row, figures, DISTRICT, clock.now())


def questionnaire(row: SurveyRound, resident_id: int, division: str) -> SurveySheet:
    """One person's questionnaire, as if drawn."""
    with writing():
        unit = Unit("D0001", division, resident_id)
        services.add_sheets(row, "D", [unit], DISTRICT, clock.now())
    return sheet_of(row, "D")


def one_of_each(now: datetime, near: str, resident_id: int) -> dict[str, int]:
    """A round in which the community's need was sent back, what it could offer waits for its check,
    and nobody has filled the others."""
    row = opened("ABCD", as_of=min(AS_OF, local_date(now)))
    one = sheet_of(row, "A", near)
    fill(row, one)
    with writing():
        services.send_back(one, row, "请核对合计", {"A17": "请逐户核对"}, TOWN, now)
    offered = sheet_of(row, "C", near)
    fill(row, offered)
    return {
        "survey": row.id,
        "sheet_id": one.id,
        "sheet_b": sheet_of(row, "B", "P01").id,
        "sheet_c": offered.id,
        "sheet_d": questionnaire(row, resident_id, near).id,
        "edition": 1,
    }
