"""A till's queue after hours without network: each entry ends as recorded, at full price, or refused.

What ends otherwise than the till had shown is noted for the manager in the same transaction.
"""

import logging
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from mealsvc.api.reading import as_object, item_key, number, read_order, text
from mealsvc.api.refusals import OutsideOwnPoint, status_of_code
from mealsvc.api.work import CHUNK, Outcome, refused
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.errors import UNAVAILABLE, is_unavailable, problem_body
from mealsvc.plumbing.guards import Principal
from mealsvc.servings import uploads
from mealsvc.servings.conflict_words import refused_before
from mealsvc.servings.ledger import point_of_line
from mealsvc.servings.refusals import ClockInDoubt, InFuture, Malformed, UnknownServing
from mealsvc.servings.rules import Order, plain
from mealsvc.servings.services import Receipt, log_refusal, record_serving
from mealsvc.servings.taking_back import manages, take_back
from mealsvc.servings.uploads import Shown

MOST = 100
KINDS = ("serving", "reversal")

log = logging.getLogger(__name__)


class Served(NamedTuple):
    """A meal that the till had shown as saved."""

    order: Order
    shown: Shown
    doubtful: bool


class TakenBack(NamedTuple):
    """A meal that was taken back at the till."""

    key: str
    reverses: str
    reason: str


Read = tuple[Any, Served | TakenBack | Refusal]
Result = tuple[Outcome, str | None]


def upload(entries: list[Any], me: Principal, now: datetime) -> list[dict[str, Any]]:
    """One result an entry, in order; each chunk is durable before the next one begins."""
    results: list[dict[str, Any]] = []
    available = True
    for start in range(0, len(entries), CHUNK):
        read = [_read(entry, me) for entry in entries[start : start + CHUNK]]
        told = _work_chunk(read, me, now) if available else None
        available = told is not None
        results += _told(read, told)
    return results


def _read(entry: Any, me: Principal) -> Read:
    key = entry.get("key") if isinstance(entry, dict) else None
    try:
        body = as_object(entry)
        key = item_key(body)
        kind = text(body, "kind", "种类")
        if kind not in KINDS:
            raise Malformed(what=f"种类（kind）应为{'或'.join(KINDS)}", field="kind")
        if kind == "serving":
            return key, _served(body, key, me)
        return key, TakenBack(
            key, plain(text(body, "reverses", "原流水号")), text(body, "reason", "冲正原因")
        )
    except Refusal as refusal:
        return key, refusal


def _served(body: dict[str, Any], key: str, me: Principal) -> Served:
    order = read_order(body, key, me)
    shown = as_object(body.get("shown"))
    clock = as_object(body.get("clock") or {})
    self_pay = number(shown, "self_pay_fen", "显示的自付")
    if self_pay is None:
        raise Malformed(what="显示的自付（self_pay_fen）缺失", field="shown")
    offset = number(clock, "offset_ms", "时钟偏差")
    return Served(order, Shown(self_pay, offset), clock.get("doubtful") is True)


def _work_chunk(read: list[Read], me: Principal, now: datetime) -> list[Result] | None:
    """What came of the entries, in order; None when nothing could be kept."""
    if all(isinstance(entry, Refusal) for _, entry in read):
        return [(refused(entry), None) for _, entry in read if isinstance(entry, Refusal)]
    try:
        with writing() as connection:
            return [_work(connection, entry, me, now) for _, entry in read]
    except Exception as error:
        if not is_unavailable(error):
            raise
        log.error("upload unavailable: %s", type(getattr(error, "orig", error)).__name__)
        return None


def _work(
    connection: Connection, entry: Served | TakenBack | Refusal, me: Principal, now: datetime
) -> Result:
    if isinstance(entry, Refusal):
        return refused(entry), None
    if isinstance(entry, TakenBack):
        return _take_back(connection, entry, me, now), None
    return _record(connection, entry, me.actor(), now)


def _record(connection: Connection, entry: Served, by: Actor, now: datetime) -> Result:
    """Records one meal, or answers again what came of it; what differs is noted once."""
    order, noted = entry.order, uploads.conflict_of(entry.order.key)
    if noted is not None and noted.outcome in (uploads.CLOCK, uploads.REFUSED):
        return _again(connection, noted), noted.outcome
    if entry.doubtful and not uploads.is_recorded(order.key):
        uploads.note_conflict(order, uploads.CLOCK, "", entry.shown, None, by, now)
        return refused(ClockInDoubt()), uploads.CLOCK
    try:
        receipt = record_serving(connection, order, by, now)
    except Refusal as refusal:  # never raised after a write
        log_refusal(connection, order, refusal, now)
        if isinstance(refusal, InFuture):
            return refused(refusal), None  # the till puts its clock right and sends it again
        uploads.note_conflict(order, uploads.REFUSED, refusal.code, entry.shown, None, by, now)
        return refused(refusal), uploads.REFUSED
    return _compared(receipt, entry, by, now)


def _compared(receipt: Receipt, entry: Served, by: Actor, now: datetime) -> Result:
    answer = 201 if receipt.fresh else 200, receipt.body()
    outcome = uploads.outcome_of(receipt, entry.shown)
    if outcome is None:
        return answer, None
    code = receipt.reason or ""
    noted = uploads.note_conflict(entry.order, outcome, code, entry.shown, receipt, by, now)
    return answer, noted.outcome


def _again(connection: Connection, noted: uploads.UploadConflict) -> Outcome:
    """The answer to an entry that waits for the manager, or that she has settled."""
    receipt = uploads.receipt_after(connection, noted)
    if receipt is not None:
        return 200, receipt.body()
    code, title = refused_before(noted)
    status = status_of_code(code)
    return status, problem_body(status, code, title)


def _take_back(connection: Connection, entry: TakenBack, me: Principal, now: datetime) -> Outcome:
    try:
        point = point_of_line(entry.reverses)
        if point is None:
            uploads.take_back_unrecorded(
                entry.reverses, me.point_code or "", entry.reason, me.actor(), now
            )
            raise UnknownServing(key=entry.reverses)
        if point != me.point_code:
            raise OutsideOwnPoint()
        receipt = take_back(
            connection,
            entry.key,
            entry.reverses,
            entry.reason,
            manages(me),
            me.actor(),
            now,
        )
    except Refusal as refusal:
        return refused(refusal)
    return 201 if receipt.fresh else 200, receipt.body()


def _told(read: list[Read], told: list[Result] | None) -> list[dict[str, Any]]:
    unavailable = problem_body(503, "unavailable", UNAVAILABLE)
    results = []
    for place, (key, entry) in enumerate(read):
        if told is not None:
            (status, body), conflict = told[place]
        elif isinstance(entry, Refusal):
            (status, body), conflict = refused(entry), None
        else:
            (status, body), conflict = (503, unavailable), None
        results.append({"key": key, **body, "status": status, "conflict": conflict})
    return results
