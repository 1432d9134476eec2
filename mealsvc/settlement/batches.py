"""Submitted months as rows: who did what with them, and what is carved out."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from mealsvc.accounts.models import Account
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving
from mealsvc.settlement import refusals
from mealsvc.settlement.acts import Done
from mealsvc.settlement.models import BatchAct, LineHold, SettlementBatch
from mealsvc.settlement.rules import Held, in_order


def batch_of(month: Month, point_id: int) -> SettlementBatch | None:
    """The point's submitted month, if it was submitted."""
    return db.session.scalar(
        select(SettlementBatch).where(
            SettlementBatch.month == month.key, SettlementBatch.point_id == point_id
        )
    )


def batch_at(month: Month, code: str) -> SettlementBatch:
    """The submitted month of the point with this code, or `NotSubmitted`."""
    batch = db.session.scalar(
        select(SettlementBatch)
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .where(SettlementBatch.month == month.key, MealPoint.code == code)
    )
    if batch is None:
        raise refusals.NotSubmitted(month=month.chinese, point=code)
    return batch


def acts_of(batch_id: int) -> Sequence[BatchAct]:
    """Everything that was done with a batch, in order."""
    return db.session.scalars(
        select(BatchAct).where(BatchAct.batch_id == batch_id).order_by(BatchAct.number)
    ).all()


def done_by(batch_id: int) -> list[Done]:
    """The steps taken so far, each under the person then and under the person now: an account
    that was joined to another one's person afterwards counts as that person too.
    """
    login = func.substr(BatchAct.actor, 6)
    rows = db.session.execute(
        select(BatchAct, Account)
        .outerjoin(Account, (login == Account.login) & BatchAct.actor.startswith("user:"))
        .where(BatchAct.batch_id == batch_id)
    )
    done = []
    for act, account in rows:
        done.append(Done(act.step, _who(act.person, act.actor)))
        if account is not None:
            done.append(Done(act.step, _who(account.person or account.id, act.actor)))
    return done


def who(by: Actor) -> str:
    """The person behind an actor, the same for all accounts of one person."""
    account = _account(by)
    return _who(account and (account.person or account.id), str(by))


def person_id(by: Actor) -> int | None:
    """The account under which this person was first known; None for shells and devices."""
    account = _account(by)
    return account and (account.person or account.id)


def add_act(
    batch: SettlementBatch,
    act: str,
    step: str,
    status: str,
    by: Actor,
    now: datetime,
    opinion: str = "",
    detail: dict[str, Any] | None = None,
) -> BatchAct:
    """Notes that somebody did this with the batch, which from now on has this status."""
    number = db.session.scalar(
        select(func.coalesce(func.max(BatchAct.number), 0)).where(BatchAct.batch_id == batch.id)
    )
    account = _account(by)
    row = BatchAct(
        batch_id=batch.id,
        number=(number or 0) + 1,
        act=act,
        step=step,
        status=status,
        person=account and (account.person or account.id),
        actor=str(by),
        name=account.name if account else by.name,
        opinion=opinion,
        payable_fen=batch.payable_fen - held_in(batch).fen,
        detail=json.dumps(detail or {}, ensure_ascii=False, sort_keys=True),
        at=now,
    )
    batch.status = status
    db.session.add(row)
    db.session.flush()
    return row


def held_in(batch: SettlementBatch) -> Held:
    """What is carved out of the batch: as fixed at its approval, before that as it stands now."""
    if batch.held_fen is not None:
        return Held(batch.held_fen, json.loads(batch.held_funding or "{}"))
    return held_of(Month.from_key(batch.month), [batch.point_id]).get(batch.point_id, Held())


def held_of(month: Month, point_ids: Sequence[int]) -> dict[int, Held]:
    """What is carved out of this month at each of these points: lines held now, and lines that
    were carved out for good; a line that was reversed within the month is nothing any more.
    """
    reversal = aliased(Serving)
    undone = (
        select(reversal.sequence)
        .where(reversal.reverses == LineHold.sequence, reversal.settle_month == LineHold.month)
        .exists()
    )
    rows = db.session.execute(
        select(LineHold.point_id, LineHold.amount_fen, LineHold.funding).where(
            LineHold.month == month.key,
            LineHold.point_id.in_(point_ids),
            or_(LineHold.outcome.is_(None), LineHold.carved),
            ~undone,
        )
    )
    fen: Counter[int] = Counter()
    funding: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        fen[row.point_id] += row.amount_fen
        funding[row.point_id].update(json.loads(row.funding))
    return {point_id: Held(total, in_order(funding[point_id])) for point_id, total in fen.items()}


def _account(by: Actor) -> Account | None:
    if by.kind != "user":
        return None
    return db.session.scalar(select(Account).where(Account.login == by.name))


def _who(person: int | None, actor: str) -> str:
    return actor if person is None else f"person:{person}"
