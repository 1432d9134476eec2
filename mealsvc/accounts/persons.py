"""One person behind several accounts: who is bound to whom, now and since an instant.

The trail keeps what was bound and what was taken apart; whoever was one person at any time since
an instant counts as one person from then on.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from mealsvc.accounts.models import Account
from mealsvc.accounts.refusals import BoundToItself, OwnAccount
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.services import record

BOUND = "accounts.bind"
PARTED = "accounts.unbind"


def bind_accounts(account_id: int, to_account_id: int, by: Actor) -> None:
    """Notes that two accounts are one person's, with every account already bound to either.

    Repeating it changes nothing.
    """
    one, other = (db.session.get_one(Account, each) for each in (account_id, to_account_id))
    if one.id == other.id:
        raise BoundToItself()
    theirs = [*accounts_of(one), *accounts_of(other)]
    _refuse_own(by, theirs)
    if person_of(one) == person_of(other):
        return
    _make_one(theirs, person_of(other))
    record(by, BOUND, f"account:{one.login}", {"accounts": sorted(each.id for each in theirs)})


def unbind_account(account_id: int, by: Actor) -> None:
    """Takes an account out of its person (it was bound by mistake); repeating it changes nothing.

    What the accounts did together stays: see `together_since`.
    """
    account = db.session.get_one(Account, account_id)
    theirs = accounts_of(account)
    _refuse_own(by, theirs)
    if len(theirs) == 1:
        return
    rest = [each for each in theirs if each.id != account.id]
    account.person = None
    _make_one(rest, min(each.id for each in rest))
    detail = {"accounts": sorted(each.id for each in theirs), "left": account.id}
    record(by, PARTED, f"account:{account.login}", detail)


def person_of(account: Account) -> int:
    """The number of the person behind an account: the same for all accounts of one person."""
    return account.person or account.id


def accounts_of(account: Account) -> Sequence[Account]:
    """All accounts of this account's person, in order of their logins."""
    person = person_of(account)
    theirs = select(Account).where(or_(Account.id == person, Account.person == person))
    return db.session.scalars(theirs.order_by(Account.login)).all()


def together_since(account_ids: Iterable[int], since: datetime) -> dict[int, set[int]]:
    """For each of these accounts the accounts that were one person's with it at any time since
    `since`, itself included: taking a binding apart undoes nothing that was done before.
    """
    groups: dict[int, set[int]] = {}
    parted = select(TrailEvent.detail).where(TrailEvent.action == PARTED, TrailEvent.at >= since)
    sets = [set(json.loads(detail)["accounts"]) for detail in db.session.scalars(parted)]
    bound = select(Account.id, Account.person).where(Account.person.is_not(None))
    sets += [{row.id, row.person} for row in db.session.execute(bound)]
    for one in sets:
        merged = one.union(*(groups.get(each, set()) for each in one))
        groups.update(dict.fromkeys(merged, merged))
    return {each: groups.get(each, {each}) for each in account_ids}


def is_one_of(login: str, others: Collection[str], since: datetime) -> bool:
    """Whether this account's person holds one of the other accounts, or has held one since."""
    if login in others:
        return True
    rows = select(Account.id, Account.login).where(Account.login.in_({login, *others}))
    ids = {row.login: row.id for row in db.session.execute(rows)}
    own = ids.get(login)
    if own is None:
        return False
    together = together_since([own], since)[own]
    return any(ids[one] in together for one in ids if one != login)


def _make_one(accounts: Iterable[Account], person: int) -> None:
    for each in accounts:
        each.person = None if each.id == person else person
    db.session.flush()


def _refuse_own(by: Actor, accounts: Iterable[Account]) -> None:
    """Nobody binds or parts the accounts of the person who they themselves are."""
    if by.kind == "user" and by.name in {each.login for each in accounts}:
        raise OwnAccount()
