"""The page that gives out the payment file of an order, with whole account numbers."""

from io import BytesIO

from flask import Blueprint, Response, abort, send_file

from mealsvc.exchange.payment_files import export_payment
from mealsvc.payments.views import order_or_404
from mealsvc.plumbing.guards import current, guard

TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
bp = Blueprint("payment_files", __name__)


@bp.get("/payments/<int:order_id>/file.<ending>")
@guard("settlement.order")
def payment_file(order_id: int, ending: str) -> Response:
    order = order_or_404(order_id)
    if ending not in TYPES or order.state == "recalled":
        abort(404)
    stream, name = BytesIO(), f"拨付明细_{order.number}.{ending}"
    export_payment(order, stream, "csv" if ending == "csv" else "xlsx", current().actor())
    stream.seek(0)
    return send_file(stream, TYPES[ending], as_attachment=True, download_name=name)
