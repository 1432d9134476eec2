"""Taking a meal back at the counter (冲正): until the day is closed, after that by the manager."""

from datetime import datetime

from sqlalchemy import Connection, select

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.servings.closing import is_closed
from mealsvc.servings.models import Serving, ServingKey
from mealsvc.servings.refusals import DayAlreadyClosed
from mealsvc.servings.rules import KEY_LENGTH, check_text
from mealsvc.servings.services import Receipt, reverse_serving


def manages(principal: Principal) -> bool:
    """Whether this person may take back what the day's close has counted."""
    return principal.role == "manager"


def take_back(
    connection: Connection,
    key: str,
    reverses: str,
    reason: str,
    manages: bool,
    by: Actor,
    now: datetime,
) -> Receipt:
    """Reverses the serving `reverses`; `manages` says that a manager asks.

    Raises `DayAlreadyClosed`, before anything is written: a replay is answered all the same.
    """
    check_text("流水号", key, KEY_LENGTH)
    if not manages and not _is_used(key) and _is_closed(reverses):
        raise DayAlreadyClosed()
    return reverse_serving(connection, key, reverses, reason, None, by, now)


def _is_used(key: str) -> bool:
    return db.session.get(ServingKey, key) is not None


def _is_closed(key: str) -> bool:
    line = db.session.execute(
        select(Serving.point_id, Serving.served_on)
        .join(ServingKey, ServingKey.sequence == Serving.sequence)
        .where(ServingKey.key == key)
    ).first()
    return line is not None and is_closed(line.point_id, line.served_on)
