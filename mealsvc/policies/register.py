"""The policies in force, kept in the process and read again when the register has moved."""

from dataclasses import replace
from datetime import date

from flask import current_app
from sqlalchemy import Row, func, select

from mealsvc.plumbing.db import db, once_durable
from mealsvc.policies.document import read_policy
from mealsvc.policies.models import SubsidyPolicy
from mealsvc.policies.rules import Policy

REVISION = select(func.coalesce(func.max(SubsidyPolicy.revision), 0)).scalar_subquery()
_APPROVED = (
    select(SubsidyPolicy.document, SubsidyPolicy.ended_on)
    .where(SubsidyPolicy.status == "approved")
    .order_by(SubsidyPolicy.effective_from, SubsidyPolicy.code)
)


def policies_in_force(revision: int | None = None) -> tuple[Policy, ...]:
    """All approved policies, in order of `effective_from` then code.

    `revision` is `REVISION` as the caller has just read it with something else; else it is read.
    """
    if revision is None:
        revision = db.session.execute(select(REVISION)).scalar_one()
    caches = current_app.extensions["mealsvc.caches"]
    cached = caches.get("policies")
    if cached is None or cached[0] != revision:
        cached = (revision, approved_policies())
        once_durable(lambda: caches.__setitem__("policies", cached))
    return cached[1]


def approved_policies() -> tuple[Policy, ...]:
    """The same, read anew: for whoever is just changing them."""
    return tuple(as_policy(row) for row in db.session.execute(_APPROVED))


def as_policy(row: Row[str, date | None] | SubsidyPolicy) -> Policy:
    """The policy of a row, with the last day that was given to it later."""
    policy = read_policy(row.document)
    return policy if row.ended_on is None else replace(policy, effective_to=row.ended_on)
