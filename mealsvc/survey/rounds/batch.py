"""Many sheets in one go: the same rules as one by one, and one row of the trail for all of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db
from mealsvc.settlement.batches import person_id
from mealsvc.survey.rounds import persons, refusals, rules
from mealsvc.survey.rounds.models import SurveyAct, SurveyEntry, SurveyRound, SurveySheet
from mealsvc.survey.rounds.services import check_turn, dump
from mealsvc.trail.services import record


class Filled(NamedTuple):
    """A sheet with what `intake.take` found good."""

    sheet: SurveySheet
    answers: Mapping[str, Any]
    remarks: Mapping[str, str]


def fill_batch(
    row: SurveyRound, filled: Sequence[Filled], way: str, by: Actor, now: datetime
) -> int:
    """Hands many sheets in; how many. Raises as `services.fill`, and then keeps none of them."""
    for one in filled:
        check_turn(row, one.sheet, rules.FILL)
        if not one.answers:
            raise refusals.NoAnswers()
        one.sheet.edition += 1
        one.sheet.draft = None
    entries = [
        {
            "sheet_id": one.sheet.id,
            "edition": one.sheet.edition,
            "answers": dump(one.answers),
            "remarks": dump(one.remarks),
            "way": way,
            "at": now,
            "by": str(by),
        }
        for one in filled
    ]
    if entries:
        db.session.execute(insert(SurveyEntry), entries)
    return _take(row, [one.sheet for one in filled], rules.FILL, by, now, {"way": way})


def review_batch(
    row: SurveyRound, sheets: Sequence[SurveySheet], act: str, by: Actor, now: datetime
) -> int:
    """Takes many sheets a step on; how many. Raises as `services.review`, and then moves none."""
    for sheet in sheets:
        check_turn(row, sheet, act)
    persons.refuse_same(sheets, act, by, row.opened_at)
    return _take(row, sheets, act, by, now, {})


def _take(
    row: SurveyRound,
    sheets: Sequence[SurveySheet],
    act: str,
    by: Actor,
    now: datetime,
    detail: dict[str, Any],
) -> int:
    if not sheets:
        return 0
    person = person_id(by)
    acts = [
        {
            "sheet_id": sheet.id,
            "act": act,
            "edition": sheet.edition,
            "person": person,
            "at": now,
            "by": str(by),
        }
        for sheet in sheets
    ]
    for sheet in sheets:
        sheet.state = rules.AFTER[act]
    db.session.execute(insert(SurveyAct), acts)
    db.session.flush()
    forms = dict(sorted(Counter(sheet.form for sheet in sheets).items()))
    record(by, f"surveys.{act}", row.number, {"sheets": len(sheets), "forms": forms, **detail})
    return len(sheets)
