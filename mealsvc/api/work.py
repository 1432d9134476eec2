"""Recording for the interface: one serving or a batch, each with the status that it gets alone."""

import json
import logging
from datetime import datetime
from typing import Any

import orjson
from flask import Response
from sqlalchemy import Connection

from mealsvc.api.reading import as_object, item_key, read_order
from mealsvc.api.refusals import status_of
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.errors import UNAVAILABLE, is_unavailable, problem_body
from mealsvc.plumbing.guards import Principal
from mealsvc.servings.rules import Order
from mealsvc.servings.services import log_refusal, record_serving

BATCH = 500
CHUNK = 50  # servings in one write transaction: nobody else waits for longer than that
TOLD = ("server_time", "price_fen", "subsidy_fen", "self_pay_fen", "reason")
Outcome = tuple[int, dict[str, Any]]
_as_text = json.JSONEncoder(ensure_ascii=False).encode

log = logging.getLogger(__name__)


def answer(status: int, body: dict[str, Any]) -> Response:
    """A JSON answer; a problem where the status says so."""
    kind = "application/json" if status < 400 else "application/problem+json"
    return Response(_spelled(body), status, mimetype=kind)


def _spelled(body: dict[str, Any]) -> bytes:
    """JSON in UTF-8; half a surrogate pair, which somebody may have sent as a key, is escaped."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return json.dumps(body, ensure_ascii=False).encode(errors="backslashreplace")


def refused(refusal: Refusal) -> Outcome:
    """A refusal as a problem: with the server's time where the till's clock is wrong."""
    more: dict[str, Any] = {}
    field = refusal.facts.get("field", refusal.field)
    if field is not None:
        more["field"] = field
    more |= {name: refusal.facts[name] for name in TOLD if name in refusal.facts}
    status = status_of(refusal)
    return status, problem_body(status, refusal.code, refusal.message, **more)


def record_one(connection: Connection, order: Order, by: Actor, now: datetime) -> Outcome:
    """Records or replays one serving within `writing()`; what is refused is logged there too."""
    try:
        receipt = record_serving(connection, order, by, now)
    except Refusal as refusal:  # never raised after a write
        log_refusal(connection, order, refusal, now)
        return refused(refusal)
    return 201 if receipt.fresh else 200, receipt.body()


def record_batch(items: list[Any], me: Principal, now: datetime) -> list[dict[str, Any]]:
    """One result an item, in order; each chunk is durable before the next one begins.

    Once nothing can be written any more, the rest is `unavailable`.
    """
    results: list[dict[str, Any]] = []
    available = True
    for start in range(0, len(items), CHUNK):
        read = [_read(item, me) for item in items[start : start + CHUNK]]
        outcomes = _record_chunk(read, me.actor(), now) if available else None
        available = outcomes is not None
        results += _told(read, outcomes)
    return results


def _read(item: Any, me: Principal) -> tuple[Any, Order | Refusal]:
    """The item's key as far as it has one, and the order, or why there is none."""
    key = item.get("key") if isinstance(item, dict) else None
    try:
        key = item_key(as_object(item))
        return key, read_order(item, key, me)
    except Refusal as refusal:
        return key, refusal


def _record_chunk(
    read: list[tuple[Any, Order | Refusal]], by: Actor, now: datetime
) -> list[Outcome] | None:
    """The outcomes of the orders, in order; None when they could not be kept."""
    orders = [order for _, order in read if isinstance(order, Order)]
    if not orders:
        return []
    try:
        with writing() as connection:
            return [record_one(connection, order, by, now) for order in orders]
    except Exception as error:
        if not is_unavailable(error):
            raise
        log.error("batch unavailable: %s", type(getattr(error, "orig", error)).__name__)
        return None


def _told(
    read: list[tuple[Any, Order | Refusal]], outcomes: list[Outcome] | None
) -> list[dict[str, Any]]:
    unavailable = 503, problem_body(503, "unavailable", UNAVAILABLE)
    recorded = iter(outcomes or ())
    results = []
    for key, order in read:
        if isinstance(order, Refusal):
            status, body = refused(order)
        else:
            status, body = unavailable if outcomes is None else next(recorded)
        results.append({"key": key, **body, "status": status})
    return results
