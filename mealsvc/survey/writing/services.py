"""The verbs of a report: write a section, let it write itself again, lock the round with its report."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.plumbing.db import db
from mealsvc.survey.assessing import figures as told
from mealsvc.survey.assessing import snapshots
from mealsvc.survey.assessing.models import TariffTrial
from mealsvc.survey.rounds.models import (
    SurveyAct,
    SurveyEntry,
    SurveyRound,
    SurveySheet,
    SurveySnapshot,
)
from mealsvc.survey.rounds.services import dump, lock
from mealsvc.survey.writing import refusals
from mealsvc.survey.writing.composing import dated, draft_of
from mealsvc.survey.writing.models import SurveyText
from mealsvc.survey.writing.rules.blocks import to_plain
from mealsvc.survey.writing.rules.sections import SECTIONS
from mealsvc.survey.writing.rules.tokens import MOST_LETTERS, wrong_in
from mealsvc.trail.services import record


@dataclass(frozen=True, slots=True)
class Ready:
    """What the lock will keep, and what of the round it was made of."""

    text: str
    mark: tuple[int, ...]


def write_section(
    row: SurveyRound,
    section: str,
    text: str,
    seen: int,
    figures: Collection[str],
    exhibits: Mapping[str, str],
    by: Actor,
    now: datetime,
) -> SurveyText:
    """A new edition of a section; `seen` is the edition that its writer had before him.

    Raises `UnknownSection`, `EmptyText`, `TextTooLong`, `UnknownToken`, `TextMoved`, `ReportLocked`.
    """
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not text:
        raise refusals.EmptyText()
    if len(text) > MOST_LETTERS:
        raise refusals.TextTooLong(letters=len(text), most=MOST_LETTERS)
    wrong = wrong_in(text, figures, exhibits)
    if wrong:
        raise refusals.UnknownToken(tokens="、".join(wrong[:10]))
    return _edition(row, section, text, seen, by, now)


def restore_section(
    row: SurveyRound, section: str, seen: int, by: Actor, now: datetime
) -> SurveyText:
    """Lets a section write itself again. Raises `UnknownSection`, `TextMoved`, `ReportLocked`."""
    return _edition(row, section, "", seen, by, now)


def edition_of(round_id: int, section: str) -> int:
    """The number of a section's latest edition; 0 where nobody wrote it."""
    rows = select(func.max(SurveyText.edition)).where(
        SurveyText.round_id == round_id, SurveyText.section == section
    )
    return db.session.scalar(rows) or 0


def prepare_lock(row: SurveyRound, now: datetime) -> Ready:
    """Writes the whole report once more, outside any transaction: what the lock will keep."""
    mark = _mark(row.id)
    draft = draft_of(row.id)
    kept: dict[str, Any] = {
        "figures": told.plain(
            {code: one for code, one in draft.figures.items() if code in told.SPECS}
        ),
        "assessment": snapshots.plain(draft.scene.found),
        "report": to_plain(dated(draft, local_date(now).isoformat())),
    }
    return Ready(dump(kept), mark)


def lock_report(row: SurveyRound, ready: Ready, by: Actor, now: datetime) -> SurveySnapshot:
    """Locks the round with its report, for good. Raises `RoundMoved` if the round changed since it
    was prepared, and as `rounds.services.lock`."""
    if _mark(row.id) != ready.mark:
        raise refusals.RoundMoved()
    return lock(row, ready.text, by, now)


def _edition(
    row: SurveyRound, section: str, text: str, seen: int, by: Actor, now: datetime
) -> SurveyText:
    if section not in SECTIONS:
        raise refusals.UnknownSection(section=section)
    if row.locked_at is not None:
        raise refusals.ReportLocked(number=row.number)
    before = edition_of(row.id, section)
    if before != seen:
        raise refusals.TextMoved(edition=before)
    made = SurveyText(
        round_id=row.id, section=section, edition=before + 1, text=text, at=now, by=str(by)
    )
    db.session.add(made)
    db.session.flush()
    detail = {"section": section, "edition": made.edition, "letters": len(text)}
    record(by, "surveys.write" if text else "surveys.restore", row.number, detail)
    return made


def _mark(round_id: int) -> tuple[int, ...]:
    """Moves whenever a sheet, a text or a tariff of the round does."""
    sheets = select(SurveySheet.id).where(SurveySheet.round_id == round_id)
    newest = (
        select(func.max(SurveyEntry.id)).where(SurveyEntry.sheet_id.in_(sheets)),
        select(func.max(SurveyAct.id)).where(SurveyAct.sheet_id.in_(sheets)),
        select(func.max(SurveyText.id)).where(SurveyText.round_id == round_id),
        select(func.max(TariffTrial.id)).where(TariffTrial.round_id == round_id),
    )
    found = db.session.execute(select(*(one.scalar_subquery() for one in newest))).one()
    return tuple(int(one or 0) for one in found)
