"""Who took which step with a sheet's present entry, whatever account was used: four eyes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db
from mealsvc.settlement.batches import identities, who
from mealsvc.survey.rounds import rules
from mealsvc.survey.rounds.models import SurveyAct, SurveySheet
from mealsvc.survey.rounds.refusals import SamePerson

CHUNK = 2_000


def refuse_same(sheets: Sequence[SurveySheet], act: str, by: Actor, since: datetime) -> None:
    """Raises `SamePerson` for the first of these sheets with which this person took a step that
    has to be another person's; a few queries however many sheets there are."""
    apart = rules.APART[act]
    if not apart:
        return
    done = _steps([sheet.id for sheet in sheets], apart)
    known = identities({one.by for steps in done.values() for one in steps}, since)
    me = who(by)
    for sheet in sheets:
        for one in done.get(sheet.id, ()):
            if one.edition == sheet.edition and me in {*known[one.by], f"person:{one.person}"}:
                raise SamePerson(
                    unit=sheet.unit,
                    form=sheet.form,
                    act=rules.ACTS[act],
                    before=rules.ACTS[one.act],
                )


def _steps(sheet_ids: Sequence[int], acts: Sequence[str]) -> dict[int, list[SurveyAct]]:
    found: dict[int, list[SurveyAct]] = defaultdict(list)
    for start in range(0, len(sheet_ids), CHUNK):
        some = sheet_ids[start : start + CHUNK]
        rows = select(SurveyAct).where(SurveyAct.sheet_id.in_(some), SurveyAct.act.in_(acts))
        for one in db.session.scalars(rows):
            found[one.sheet_id].append(one)
    return found
