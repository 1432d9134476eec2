"""The page that gives out the sheet of a lead."""

from functools import partial
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, current_app, send_file

from mealsvc.auditing.cases.rules import SEVERITIES
from mealsvc.auditing.desk import kinds, queries
from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.meals import LOCAL, MEALS
from mealsvc.kernel.money import display
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.plumbing.pages import cn_date, local_time
from mealsvc.reports.gathering import is_demo
from mealsvc.reports.services import note_printing

MOST_LINES = 26

bp = Blueprint("lead_sheet", __name__)


@bp.get("/leads/<int:lead_id>.pdf")
@guard("audit.read")
def lead_sheet(lead_id: int) -> Response:
    """One lead on one page; 404 outside the scope."""
    from mealsvc.reports import lead_sheet as paper  # reportlab: not before somebody prints

    row = queries.lead_row(queries.leads_seen_by(current()), lead_id) or abort(404)
    pdf = paper.draw(_facts(row), is_demo(), current_app.config)
    place = f"{row.MealPoint.code if row.MealPoint else '-'}/{lead_id}"
    with writing():
        note_printing("lead", Month.from_key(row.Lead.month), place, current().actor())
    return send_file(
        BytesIO(pdf),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{paper.TITLE}_{row.Lead.month}_{lead_id}.pdf",
    )


def _facts(row: Any) -> Any:
    from mealsvc.auditing.desk import sights
    from mealsvc.reports.lead_sheet import LeadFacts

    lead, edition, point = row.Lead, row.LeadEdition, row.MealPoint
    scene = sights.scene_of(lead, edition, point)
    asked = kinds.pictures_of(edition.rules, edition.servings, point is not None, edition.residents)
    lines = db.session.execute(queries.lines(lead).limit(MOST_LINES)).all()
    [scanned] = [at for one, at, _ in queries.editions(lead.id) if one.number == lead.edition]
    return LeadFacts(
        number=f"疑点 {lead.month}-{lead.id}",
        title=edition.title,
        point=f"{point.name}（{point.code}）" if point else "全区",
        month=Month.from_key(lead.month).chinese,
        severity=SEVERITIES[edition.severity],
        rules="、".join(f"{one} {kinds.RULES.get(one, '')}" for one in edition.rules.split(",")),
        period=_period(edition),
        counted=f"{edition.servings}份，{edition.residents}位老人，补贴{display(edition.subsidy_fen)}元",
        scanned=local_time(scanned),
        summary=edition.summary,
        honest=edition.honest,
        reasons=list(kinds.REASONS.values()),
        lines=[_line(one) for one in lines],
        line_count=edition.servings,
        pictures=[partial(sights.draw, kind, scene) for kind in asked],
    )


def _period(edition: Any) -> str:
    if edition.from_on is None:
        return "整月"
    first, last = cn_date(edition.from_on, "short"), cn_date(edition.to_on, "short")
    return first if first == last else f"{first}至{last}"


def _line(row: Any) -> tuple[str, str, str, str]:
    one, at = row.Serving, row.Serving.served_at.astimezone(LOCAL)
    when = f"{at.month}月{at.day}日 {at:%H:%M:%S}"
    return when, mask_name(row.name), MEALS[one.meal], display(one.subsidy_fen)
