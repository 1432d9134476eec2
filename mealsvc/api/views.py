"""JSON for tills and other systems: record, reverse, roster; and how the service itself is doing."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from mealsvc.accounts.sessions import note_report, reporting_device
from mealsvc.api import health, till
from mealsvc.api.openapi import DOCUMENT
from mealsvc.api.reading import (
    idempotency_key,
    instant,
    listed,
    number,
    payload,
    read_order,
    text,
)
from mealsvc.api.refusals import AmountChanged, OutsideOwnPoint, UnknownTill
from mealsvc.api.roster import roster_page
from mealsvc.api.safety import safety
from mealsvc.api.uploads import MOST, upload
from mealsvc.api.work import BATCH, answer, record_batch, record_one, refused
from mealsvc.kernel.dates import format_instant
from mealsvc.kernel.money import display
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import is_storable
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.addresses import accept_keys
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.errors import problem
from mealsvc.plumbing.guards import current, guard, public_page
from mealsvc.servings.ledger import point_of_line
from mealsvc.servings.refusals import Malformed, UnknownServing
from mealsvc.servings.rules import CREDENTIAL_LENGTH, plain
from mealsvc.servings.taking_back import manages, take_back

LARGEST_QUEUE = 1_000_000

bp = Blueprint("api", __name__)


bp.record_once(accept_keys)


@bp.errorhandler(Refusal)
def _on_refusal(refusal: Refusal) -> Response:
    db.session.rollback()
    return answer(*refused(refusal))


@bp.post("/api/v1/servings")
@guard("servings.record")
def record() -> Response:
    me, now, body = current(), clock.now(), payload()
    order = read_order(body, idempotency_key(), me)
    expected = number(body, "expected_self_pay_fen", "显示的自付")
    with writing() as connection:
        outcome = record_one(connection, order, me.actor(), now)
        if expected is not None and outcome[0] == 201:
            _as_shown(outcome[1], expected)
    return answer(*outcome)


@bp.post("/api/v1/servings/batch")
@guard("servings.record")
def batch() -> Response:
    items = listed(payload(), "servings", "就餐记录", BATCH)
    return answer(200, {"results": record_batch(items, current(), clock.now())})


@bp.post("/api/v1/servings/<key:reverses>/reversal", merge_slashes=False)
@guard("servings.reverse")
def reverse(reverses: str) -> Response:
    me, key, reverses = current(), idempotency_key(), plain(reverses)
    reason = text(payload(), "reason", "冲正原因")
    point = point_of_line(reverses)
    if point is None:
        raise UnknownServing(key=reverses)
    if point != me.point_code:
        raise OutsideOwnPoint()
    with writing() as connection:
        receipt = take_back(connection, key, reverses, reason, manages(me), me.actor(), clock.now())
    return answer(201 if receipt.fresh else 200, receipt.body())


@bp.get("/api/v1/till/<point>/roster")
@guard("till.use")
def roster(point: str) -> Response:
    if point != current().point_code:
        raise OutsideOwnPoint()
    since, after = request.args.get("since", "0"), request.args.get("after", "")
    return answer(200, roster_page(point, since, after, clock.now()))


@bp.get("/api/v1/till/<point>/state")
@guard("till.use")
def state(point: str) -> Response:
    return answer(200, till.state_of(_own_point(point), current(), clock.now()))


@bp.post("/api/v1/till/<point>/report")
@guard("till.use")
def report(point: str) -> Response:
    _own_point(point)
    body, now = payload(), clock.now()
    pending = number(body, "pending", "待上传份数")
    offset = _offset(body, now)
    device = reporting_device(current())
    if device is not None:
        note_report(device.id, offset, now, min(max(pending or 0, 0), LARGEST_QUEUE))
    return answer(200, {"server_time": format_instant(now), **safety()})


@bp.post("/api/v1/till/<point>/search")
@guard("till.use")
def search(point: str) -> Response:
    _own_point(point)
    typed = text(payload(), "q", "要找的")
    return answer(200, till.search_for(_typed(typed, "q"), clock.now()))


@bp.post("/api/v1/till/<point>/preview")
@guard("till.use")
def preview(point: str) -> Response:
    me, body, now = current(), payload(), clock.now()
    if point != me.point_code:
        raise OutsideOwnPoint()
    credential = _typed(text(body, "credential", "凭证"), "credential")
    price = number(body, "price_fen", "餐价")
    wanted = till.Wanted(_asked(body, "meal"), _asked(body, "mode"), price, _asked(body, "method"))
    return answer(200, till.preview_of(point, credential, wanted, me.login, now))


@bp.post("/api/v1/till/<point>/uploads")
@guard("servings.record")
def uploads(point: str) -> Response:
    _own_point(point)
    me, body, now = current(), payload(), clock.now()
    entries = listed(body, "entries", "待上传记录", MOST)
    offset = _offset(body, now)
    results = upload(entries, me, now)
    device = reporting_device(me)
    if device is not None and offset is not None:
        note_report(device.id, offset, now)
    return answer(200, {"server_time": format_instant(now), **safety(), "results": results})


@bp.get("/api/v1/openapi.json")
@public_page
def openapi() -> Response:
    return jsonify(DOCUMENT)


@bp.get("/healthz")
@public_page
def healthz() -> Response:
    return answer(200, {"status": "ok"})


@bp.get("/readyz")
@public_page
def readyz() -> Response:
    failing = health.failing()
    if failing:
        return problem(503, "unavailable", "暂时不能保存。", failing=failing)
    return answer(200, {"status": "ok"})


def _own_point(point: str) -> MealPoint:
    if point != current().point_code:
        raise OutsideOwnPoint()
    found = point_by_code(point)
    if found is None:
        raise UnknownTill(point=point)
    return found


def _as_shown(body: dict[str, Any], expected: int) -> None:
    """Undoes what was just recorded when the elder would pay something else than she was shown."""
    if body["self_pay_fen"] != expected:
        now = {name: body[name] for name in ("price_fen", "subsidy_fen", "self_pay_fen", "reason")}
        raise AmountChanged(
            subsidy=display(body["subsidy_fen"]), self_pay=display(body["self_pay_fen"]), **now
        )


def _asked(body: dict[str, Any], name: str) -> str:
    """An optional word of the body."""
    return "" if body.get(name) is None else text(body, name, name)


def _typed(written: str, field: str) -> str:
    """What was typed into the field, as far as a database may be asked for it."""
    if not is_storable(written) or len(written) > CREDENTIAL_LENGTH:
        raise Malformed(what=f"请输入不超过{CREDENTIAL_LENGTH}个字", field=field)
    return written


def _offset(body: dict[str, Any], now: datetime) -> int | None:
    """How far the till's clock is behind ours (ms): as it measured, or as we see it, the worse."""
    found = [number(body, "clock_offset_ms", "时钟偏差")]
    if body.get("device_time") is not None:
        at = instant(body, "device_time", "设备时间")
        found.append(round((now - at).total_seconds() * 1000))
    return max((one for one in found if one is not None), key=abs, default=None)
