"""The reviewers' verbs: take a submitted month one step on. Each step recomputes the month from
the ledger first and refuses if anything differs from what was submitted."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.settlement import refusals
from mealsvc.settlement.acts import ACTS, STATE_NAMES, Act, earlier_step
from mealsvc.settlement.batches import add_act, batch_at, done_by, held_in, undone, who
from mealsvc.settlement.budget_check import check_budget
from mealsvc.settlement.models import BatchAct, LineHold, NoticeBatch, PublicNotice, SettlementBatch
from mealsvc.settlement.proving import ACT, row_digest
from mealsvc.settlement.services import (
    claims_of,
    digest_of_lines,
    division_of,
    policies_of,
    stars_of,
)
from mealsvc.trail.services import record

_PROVEN = "mealsvc.proven"


def first_review(month: Month, code: str, opinion: str, by: Actor, now: datetime) -> None:
    """The town's review (镇街初审)."""
    take(ACTS["first_review"], batch_at(month, code), by, now, opinion)


def recheck(month: Month, code: str, opinion: str, by: Actor, now: datetime) -> None:
    """The district's recheck (区级复核)."""
    take(ACTS["recheck"], batch_at(month, code), by, now, opinion)


def sample(month: Month, code: str, opinion: str, by: Actor, now: datetime) -> None:
    """The auditor's sample was looked at (抽查); `opinion` says what was found."""
    if not opinion:
        raise refusals.OpinionMissing()
    take(ACTS["sample"], batch_at(month, code), by, now, opinion)


def approve(
    month: Month, code: str, opinion: str, by: Actor, now: datetime, decision: str = ""
) -> None:
    """Approves what is to be paid (审批), once the public notice is over; what is carved out is
    fixed with it. Beyond the budget only with a `decision` (超预算决定), which is noted.
    """
    batch = batch_at(month, code)
    _refuse_while_noticed(batch, local_date(now))
    check_turn(ACTS["approve"], batch, by)
    budget = check_budget(batch, decision)
    held = held_in(batch)
    batch.held_fen, batch.held_funding = held.fen, json.dumps(held.funding)
    open_holds = select(LineHold).where(
        LineHold.month == batch.month,
        LineHold.point_id == batch.point_id,
        LineHold.outcome.is_(None),
        ~undone(),
    )
    for hold in db.session.scalars(open_holds):
        hold.carved = True
    take(ACTS["approve"], batch, by, now, opinion, {"held_fen": held.fen, **budget})


def close(month: Month, code: str, opinion: str, by: Actor, now: datetime) -> None:
    """Puts a paid month away (归档); refused while a held line waits for its end."""
    batch = batch_at(month, code)
    waiting = db.session.scalar(
        select(func.count()).where(
            LineHold.month == batch.month,
            LineHold.point_id == batch.point_id,
            LineHold.outcome.is_(None),
        )
    )
    if waiting:
        raise refusals.HoldsOpen(**_named(batch), count=waiting)
    take(ACTS["close"], batch, by, now, opinion)


def take(
    act: Act,
    batch: SettlementBatch,
    by: Actor,
    now: datetime,
    opinion: str = "",
    detail: Mapping[str, Any] | None = None,
) -> BatchAct:
    """One step of the chain, with its row among the acts and in the trail.

    Raises `NotItsTurn`, `SamePerson`, `BatchDiffers`.
    """
    check_turn(act, batch, by)
    check_unchanged(batch)
    row = add_act(batch, act.code, act.turn, act.leads_to, by, now, opinion, dict(detail or {}))
    place = db.session.get_one(MealPoint, batch.point_id)
    record(
        by,
        f"settlement.{act.code}",
        f"{Month.from_key(batch.month)}/{place.code}",
        {
            **(detail or {}),
            "payable_fen": row.payable_fen,
            "digest": batch.line_digest,
            "act": row_digest(row, ACT),
        },
    )
    return row


def check_turn(act: Act, batch: SettlementBatch, by: Actor) -> None:
    """Refuses an act whose turn it is not, and a second decisive step of one person."""
    if batch.status not in act.starts:
        raise refusals.NotItsTurn(
            **_named(batch), state=STATE_NAMES[batch.status], act=f"“{act.name}”"
        )
    earlier = earlier_step(act.turn, who(by), done_by(batch.id))
    if earlier is not None:
        raise refusals.SamePerson(step=ACTS[earlier].name, act=act.name)


def prove_lines(batches: Iterable[SettlementBatch]) -> None:
    """Reads the lines of these months before the write transaction begins, so that nobody at a till
    waits meanwhile: what is submitted takes no line any more. Any difference refuses.
    """
    proven = db.session().info.setdefault(_PROVEN, {})
    for batch in batches:
        month = Month.from_key(batch.month)
        if digest_of_lines(month, batch.point_id) != _digest_stored(batch):
            raise refusals.BatchDiffers(**_named(batch), what="流水摘要")
        proven[batch.id] = batch.line_digest


def check_unchanged(batch: SettlementBatch) -> None:
    """Recomputes the claim and the digest of its lines from the ledger; any difference refuses.
    Lines that were proven just before (`prove_lines`) are not read again.
    """
    if db.session().info.get(_PROVEN, {}).pop(batch.id, None) != batch.line_digest:
        prove_lines([batch])
        db.session().info[_PROVEN].pop(batch.id)
    month, place = Month.from_key(batch.month), db.session.get_one(MealPoint, batch.point_id)
    stars, divisions = {place.id: stars_of(batch)}, {place.id: division_of(batch, place)}
    claims = claims_of(month, {place.id: place}, policies_of(batch), stars, divisions)
    if claims.get(place.id) != json.loads(batch.document):
        raise refusals.BatchDiffers(**_named(batch), what="金额")


def _digest_stored(batch: SettlementBatch) -> tuple[int, str, int]:
    return batch.line_count, batch.line_digest, batch.last_sequence


def _refuse_while_noticed(batch: SettlementBatch, today: date) -> None:
    last = db.session.scalar(
        select(func.max(PublicNotice.to_on))
        .join(NoticeBatch, NoticeBatch.notice_id == PublicNotice.id)
        .where(NoticeBatch.batch_id == batch.id)
    )
    if batch.status == "public_notice" and last is not None and today <= last:
        raise refusals.NoticeRunning(**_named(batch), day=chinese_date(last))


def _named(batch: SettlementBatch) -> dict[str, str]:
    return {
        "month": Month.from_key(batch.month).chinese,
        "point": json.loads(batch.heading)["name"],
    }
