"""The survey report given out: a draft as long as the round is open, an issued paper once it is locked."""

import json

from flask import current_app

from mealsvc.papers.services import Draft, Matter, Stamp, drawn, stamped
from mealsvc.plumbing.db import db
from mealsvc.reports import survey_report
from mealsvc.survey.rounds.models import SurveyRound, SurveySnapshot
from mealsvc.survey.writing.rules.blocks import Report, from_plain

TOLD = ("eligible", "points", "covered_rate", "servings_month")  # on the public page of the paper
KIND = "survey"


def draft_pdf(report: Report) -> bytes:
    """What is printed before the lock: it says so on every page."""
    return survey_report.draw(report, None, current_app.config)


def issued_draft(row: SurveyRound) -> Draft | None:
    """The paper of a locked round, ready to be issued; None before the lock."""
    found = _stamped(row)
    if found is None:
        return None
    paper, report = found
    return drawn(paper, lambda stamp: survey_report.draw(report, stamp, current_app.config))


def stamp_of(row: SurveyRound) -> Stamp | None:
    """What the paper of a locked round prints of itself."""
    found = _stamped(row)
    return found[0].stamp if found else None


def _stamped(row: SurveyRound) -> tuple[Draft, Report] | None:
    snapshot = db.session.get(SurveySnapshot, row.id)
    stored = json.loads(snapshot.figures) if snapshot else {}
    if snapshot is None or "report" not in stored:
        return None
    report = from_plain(stored["report"])
    figures = stored["figures"]
    matter = Matter(
        kind=KIND,
        subject=f"survey/{row.id}",
        number=row.number,
        title=report.title,
        issuer=report.issuer,
        totals={figures[code]["name"]: figures[code]["text"] for code in TOLD if code in figures},
        facts_digest=snapshot.digest,
    )
    return stamped([matter])[0], report
