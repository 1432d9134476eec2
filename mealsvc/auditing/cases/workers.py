"""Who may work a case: accounts with the right within whose scope the point lies."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import literal, select

from mealsvc.accounts.models import Account
from mealsvc.accounts.permissions import ACTIONS
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db

WORKS = "cases.work"
ROLES = tuple(role for role, actions in ACTIONS.items() if WORKS in actions)


def may_work(account: Account, point: MealPoint, today: date) -> bool:
    """Whether this account can be given a case of the point."""
    ended = account.expires_on is not None and account.expires_on < today
    known = account.disabled_at is None and not ended and not account.outside
    return known and account.role in ROLES and point.division.startswith(account.scope)


def workers_for(point: MealPoint, today: date) -> Sequence[Account]:
    """The accounts to choose from, the town's before the district's."""
    covers = literal(point.division).startswith(Account.scope)
    rows = select(Account).where(Account.role.in_(ROLES), Account.disabled_at.is_(None), covers)
    found = db.session.scalars(rows.order_by(Account.role.desc(), Account.login)).all()
    return [one for one in found if may_work(one, point, today)]
