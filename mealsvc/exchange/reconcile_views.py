"""A month from kitchen to plate as a file to take home: one row a point and day."""

from collections.abc import Iterator
from io import BytesIO

from flask import Blueprint, abort, send_file
from werkzeug.wrappers import Response

from mealsvc.auditing.reconciling.queries import Reconciled, reconcile
from mealsvc.exchange.sheets import SheetColumn, write_sheet
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.trail.services import record

COLUMNS = (
    SheetColumn("助餐点编号"),
    SheetColumn("助餐点"),
    SheetColumn("日期", "date"),
    *(SheetColumn(name, "number") for name in ("发出", "收到", "预订", "就餐", "冲正", "留样")),
    SheetColumn("补贴", "yuan"),
    SheetColumn("暂缓", "number"),
    SheetColumn("对不上", "number"),
    SheetColumn("说明"),
)

bp = Blueprint("reconcile_export", __name__)


@bp.get("/reconcile.csv")
@guard("reconcile.read")
def export() -> Response:
    """The month in the address; who may not take data home is refused."""
    if not current().can("exports.run"):
        abort(403)
    month = pages.month_asked() or abort(404)
    stream = BytesIO()
    count = write_sheet(stream, "csv", COLUMNS, _rows(reconcile(month, points_seen_by(current()))))
    db.session.rollback()  # the snapshot that was read
    with writing():
        detail = {"rows": count, "ending": "csv"}
        record(current().actor(), "exchange.export", f"reconcile/{month}", detail)
    stream.seek(0)
    name = f"{month}从厨房到餐桌.csv"
    return send_file(stream, "text/csv", as_attachment=True, download_name=name)


def _rows(report: Reconciled) -> Iterator[tuple[object, ...]]:
    told: dict[tuple[str, object], list[str]] = {}
    for one in report.found:
        told.setdefault((one.point.code, one.day), []).append(one.mismatch.sentence)
    for (point_id, day), row in sorted(report.days.items()):
        point = report.points[point_id]
        yield (
            point.code,
            point.name,
            day,
            row.sent,
            row.received,
            row.booked,
            row.served,
            row.reversed,
            row.samples,
            row.subsidy_fen,
            row.held,
            row.found,
            "".join(told.get((point.code, day), ())),
        )
