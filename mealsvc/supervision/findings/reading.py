"""What the pages of findings share: who may see a row, words of items, papers of a point."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from flask import abort, request
from sqlalchemy import select

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import current
from mealsvc.supervision.checklist.items import Item
from mealsvc.supervision.checklist.services import checklist_of
from mealsvc.supervision.findings.models import (
    Finding,
    Interview,
    Measure,
    RectificationOrder,
    Referral,
    ReInspection,
)
from mealsvc.supervision.findings.queries import Asked
from mealsvc.supervision.visits.models import Visit

Row = TypeVar("Row")
_ID = re.compile(r"[0-9]{1,18}")  # what the number of a row can be
MOST_FINDINGS, MOST_PAPERS = 100, 200


def today() -> date:
    """The local day."""
    return local_date(clock.now())


def row_or_404(model: type[Row], row_id: int) -> tuple[Row, MealPoint]:
    """A row and its point; 404 if there is none or it lies outside the scope."""
    row: Any = db.session.get(model, row_id) or abort(404)
    point = db.session.get_one(MealPoint, row.point_id)
    if not current().sees_point(point.code, point.division):
        abort(404)
    return row, point


def asked() -> Asked:
    """What the list in the address is narrowed to."""
    return Asked(**{name: tidy(request.args.get(name, "")) for name in Asked.__slots__})


def points_to_choose() -> list[tuple[str, str]]:
    """Codes and names of the points within the scope."""
    seen = select(MealPoint.code, MealPoint.name).where(points_seen_by(current()))
    rows = db.session.execute(seen.order_by(MealPoint.code))
    return [(row.code, f"{row.name}（{row.code}）") for row in rows]


def item_of(finding: Finding) -> Item | None:
    """The checklist's item behind a finding, in the version of then."""
    return checklist_of(finding.checklist).by_code.get(finding.item)


def items_for(findings: Sequence[Finding]) -> dict[int, Item | None]:
    """The same for many, by finding."""
    return {one.id: item_of(one) for one in findings}


def findings_at(point_id: int, *conditions: Any) -> Sequence[Finding]:
    """The latest findings of a point, in order of their items."""
    rows = (
        select(Finding)
        .where(Finding.point_id == point_id, *conditions)
        .order_by(Finding.found_on.desc(), Finding.item)
        .limit(MOST_FINDINGS)
    )
    return db.session.scalars(rows).all()


def chosen_findings(field: str = "finding") -> list[int]:
    """The findings (ids) that were ticked, or asked for in the address."""
    written = request.form.getlist(field) or request.args.getlist(field)
    ids = [int(one) for one in dict.fromkeys(written) if _ID.fullmatch(one)]
    return ids[:MOST_FINDINGS]


def papers_of(point_id: int) -> list[tuple[str, str]]:
    """Numbers and titles of the papers that a point gets, the newest first."""
    visit = select(Visit.notice_number, Visit.number, Visit.planned_on).where(
        Visit.point_id == point_id
    )
    found: list[tuple[date, str, str]] = []
    for notice, number, day in _latest(visit, Visit.id):
        found += [(day, notice, "检查通知书"), (day, number or "", "现场检查笔录和结果告知书")]
    for model, day, title in (
        (RectificationOrder, RectificationOrder.issued_on, "整改通知书"),
        (Referral, Referral.sent_on, "移送（抄告）函"),
    ):
        rows = select(model.number, day).where(model.point_id == point_id)
        found += [(on, number, title) for number, on in _latest(rows, model.id)]
    checks = (
        select(ReInspection.number, ReInspection.checked_on)
        .join(RectificationOrder, RectificationOrder.id == ReInspection.order_id)
        .where(RectificationOrder.point_id == point_id)
    )
    found += [(on, number, "复查意见书") for number, on in _latest(checks, ReInspection.id)]
    talks = select(Interview.number, Interview.held_at).where(Interview.point_id == point_id)
    found += [(local_date(at), number, "约谈记录") for number, at in _latest(talks, Interview.id)]
    stops = select(
        Measure.number, Measure.from_on, Measure.resume_number, Measure.resumed_on
    ).where(Measure.point_id == point_id)
    for number, on, resumed, resumed_on in _latest(stops, Measure.id):
        found += [
            (on, number, "暂停（终止）决定书"),
            (resumed_on or on, resumed or "", "恢复决定书"),
        ]
    found.sort(key=lambda one: (one[0], one[1]), reverse=True)
    return [(number, title) for _, number, title in found if number]


def _latest(rows: Any, key: Any) -> Any:
    return db.session.execute(rows.order_by(key.desc()).limit(MOST_PAPERS))
