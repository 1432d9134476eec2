"""JSON for tills and other systems: record, reverse, roster; and how the service itself is doing."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.routing import PathConverter

from mealsvc.api import health
from mealsvc.api.openapi import DOCUMENT
from mealsvc.api.reading import idempotency_key, payload, read_order, text
from mealsvc.api.refusals import OutsideOwnPoint, TooMany
from mealsvc.api.roster import roster_page
from mealsvc.api.work import BATCH, answer, record_batch, record_one, refused
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.errors import problem
from mealsvc.plumbing.guards import current, guard, public_page
from mealsvc.servings.ledger import point_of_line
from mealsvc.servings.refusals import Malformed, UnknownServing
from mealsvc.servings.rules import plain
from mealsvc.servings.services import reverse_serving

bp = Blueprint("api", __name__)


class KeyConverter(PathConverter):
    """A client-made key within an address: any characters, slashes at its ends included."""

    regex = ".+?"
    part_isolating = False


@bp.record_once
def _accept_keys(state: Any) -> None:
    state.app.url_map.converters["key"] = KeyConverter


@bp.errorhandler(Refusal)
def _on_refusal(refusal: Refusal) -> Response:
    db.session.rollback()
    return answer(*refused(refusal))


@bp.post("/api/v1/servings")
@guard("servings.record")
def record() -> Response:
    me, now = current(), clock.now()
    order = read_order(payload(), idempotency_key(), me)
    with writing() as connection:
        outcome = record_one(connection, order, me.actor(), now)
    return answer(*outcome)


@bp.post("/api/v1/servings/batch")
@guard("servings.record")
def batch() -> Response:
    items = payload().get("servings")
    if not isinstance(items, list):
        raise Malformed(what="servings 应为就餐记录的列表", field="servings")
    if len(items) > BATCH:
        raise TooMany(most=BATCH)
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
        receipt = reverse_serving(connection, key, reverses, reason, None, me.actor(), clock.now())
    return answer(201 if receipt.fresh else 200, receipt.body())


@bp.get("/api/v1/till/<point>/roster")
@guard("till.use")
def roster(point: str) -> Response:
    if point != current().point_code:
        raise OutsideOwnPoint()
    since, after = request.args.get("since", "0"), request.args.get("after", "")
    return answer(200, roster_page(point, since, after, clock.now()))


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
