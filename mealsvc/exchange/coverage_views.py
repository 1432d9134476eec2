"""Coverage as a file to take home: one row a community or town, as the page shows them."""

from collections.abc import Iterator, Sequence
from io import BytesIO

from flask import Blueprint, abort, send_file
from werkzeug.wrappers import Response

from mealsvc.coverage import queries
from mealsvc.coverage.rules import GROUP_NAMES
from mealsvc.coverage.standing import Row, Standing, standing
from mealsvc.coverage.views import time_asked, wanted_asked
from mealsvc.exchange.sheets import SheetColumn, write_sheet
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.trail.services import record

bp = Blueprint("coverage_export", __name__)


@bp.get("/coverage.csv")
@guard("coverage.read")
def export() -> Response:
    """The rows of the address, all of them; who may not take data home is refused."""
    if not current().can("exports.run"):
        abort(403)
    (month, day), wanted = time_asked(), wanted_asked()
    here = standing(day, month, wanted.town or current().scope)
    rows = queries.found_rows(here, wanted)
    stream = BytesIO()
    count = write_sheet(stream, "csv", _columns(here), _cells(rows))
    db.session.rollback()  # what was read
    with writing():
        detail = {"rows": count, "ending": "csv"}
        record(current().actor(), "exchange.export", f"coverage/{month}", detail)
    stream.seek(0)
    name = f"{day:%Y%m%d}服务覆盖.csv"
    return send_file(stream, "text/csv", as_attachment=True, download_name=name)


def _columns(here: Standing) -> Sequence[SheetColumn]:
    """Text columns, then numbers in the order of `_cells`; which radius is meant stands in the head."""
    within = (f"{here.near_m}米内", f"{here.radius_m}米内", f"步行{here.walk_m}米内")
    groups = [f"{name}{what}" for name in GROUP_NAMES.values() for what in ("登记", "就餐")]
    numbers = (
        "户籍老人",
        *within,
        "登记老人",
        "有住址位置",
        *(f"登记老人{one}" for one in within),
        "就餐老人",
        "补贴份数",
        "运营助餐点",
        "有效运营",
        "座位",
        "日供餐能力",
        "空白点",
        *groups,
        "最近助餐点（米）",
    )
    return (
        SheetColumn("区划代码"),
        SheetColumn("名称"),
        *(SheetColumn(name, "number") for name in numbers),
    )


def _cells(rows: Sequence[Row]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        groups = [n for one in row.groups.values() for n in (one.known, one.served)]
        yield (
            row.division,
            row.name,
            row.eligible,
            row.near,
            row.reached,
            row.walked,
            row.registered,
            row.own_known,
            row.reg_near,
            row.reg_reached,
            row.reg_walked,
            row.active,
            row.servings,
            row.points,
            row.effective,
            row.seats,
            row.capacity,
            row.spots,
            *groups,
            None if row.nearest_m is None else round(row.nearest_m),
        )
