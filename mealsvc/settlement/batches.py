"""Submitted months as rows: who did what with them, and what is carved out."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from mealsvc.accounts.models import Account
from mealsvc.accounts.persons import person_of, together_since
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
    """The steps taken so far, each under every person that counts for it: see `identities`."""
    batch = db.session.get_one(SettlementBatch, batch_id)
    acts = acts_of(batch_id)
    steps = {("submit", batch.submitted_by), *((act.step, act.actor) for act in acts)}
    known = identities({actor for _, actor in steps}, batch.submitted_at)
    done = {Done(step, one) for step, actor in steps for one in known[actor]}
    done |= {Done(act.step, _who(act.person, act.actor)) for act in acts}  # the person of then
    return sorted(done, key=lambda one: (one.step, one.who))


def identities(actors: Collection[str], since: datetime) -> dict[str, set[str]]:
    """As whom each actor (`user:zhang`) counts now: as the person behind the account, and behind
    every account that was that person's at any time since then, also if it was unbound again.
    """
    logins = {actor.removeprefix("user:"): actor for actor in actors if actor.startswith("user:")}
    rows = select(Account.id, Account.login).where(Account.login.in_(logins))
    accounts = {row.id: logins[row.login] for row in db.session.execute(rows)}
    together = together_since(accounts, since)
    everybody = set().union(*together.values())
    now = {
        one.id: f"person:{person_of(one)}"
        for one in db.session.scalars(select(Account).where(Account.id.in_(everybody)))
    }
    found = {actor: {actor} for actor in actors}
    for account_id, actor in accounts.items():
        found[actor] = {now[one] for one in together[account_id]}
    return found


def who(by: Actor) -> str:
    """The person behind an actor, the same for all accounts of one person."""
    return _who(person_id(by), str(by))


def person_id(by: Actor) -> int | None:
    """The account under which this person was first known; None for shells and devices."""
    account = account_of(by)
    return account and person_of(account)


def same_person(actor: str, person: int | None, by: Actor, since: datetime) -> bool:
    """Whether `by` is the person who acted as `actor`, or was so at any time since then; `person`
    is who that was at the time.
    """
    return who(by) in {*identities([actor], since)[actor], _who(person, actor)}


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
    account = account_of(by)
    row = BatchAct(
        batch_id=batch.id,
        number=(number or 0) + 1,
        act=act,
        step=step,
        status=status,
        person=account and person_of(account),
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
    rows = db.session.execute(
        select(LineHold.point_id, LineHold.amount_fen, LineHold.funding).where(
            LineHold.month == month.key,
            LineHold.point_id.in_(point_ids),
            or_(LineHold.outcome.is_(None), LineHold.carved),
            ~undone(),
        )
    )
    fen: Counter[int] = Counter()
    funding: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        fen[row.point_id] += row.amount_fen
        funding[row.point_id].update(json.loads(row.funding))
    return {point_id: Held(total, in_order(funding[point_id])) for point_id, total in fen.items()}


def undone() -> ColumnElement[bool]:
    """Whether a held line was reversed within its own month: then there is nothing to carve out."""
    reversal = aliased(Serving)
    return (
        select(reversal.sequence)
        .where(reversal.reverses == LineHold.sequence, reversal.settle_month == LineHold.month)
        .exists()
    )


def account_of(by: Actor) -> Account | None:
    """The account that acts; None for shells and devices."""
    if by.kind != "user":
        return None
    return db.session.scalar(select(Account).where(Account.login == by.name))


def _who(person: int | None, actor: str) -> str:
    return actor if person is None else f"person:{person}"
