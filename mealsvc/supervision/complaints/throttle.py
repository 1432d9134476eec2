"""Scanned pages without sign-in: a few answers and complaints a day from one address at one point.

Addresses are not kept: a keyed digest of address, point and day tells them apart, so that nothing
joins one day to another. Elders who share the canteen's network share its address, hence several.
"""

from datetime import date
from ipaddress import IPv6Address, ip_address

from sqlalchemy import func, select

from mealsvc.places.models import MealPoint
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on
from mealsvc.supervision.complaints.models import Complaint, Rating
from mealsvc.supervision.complaints.refusals import TooMany

MOST = "complaint.scans_a_day"


def visitor_of(address: str, point: MealPoint, day: date) -> str:
    """The digest by which this address is known at this point on this day.

    Of IPv6 the first half counts: a connection has all addresses of the other half to itself.
    """
    return vault().index("complaints.visitor", f"{_line_of(address)}|{point.code}|{day}").hex()


def _line_of(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or known.exploded[:19])
    return str(known)


def check_answers(visitor: str, point: MealPoint, day: date) -> None:
    """Refuses one answer of stars more than an address may give in a day. Raises `TooMany`."""
    given = select(func.count()).where(
        Rating.point_id == point.id,
        Rating.rated_on == day,
        Rating.visitor.startswith(visitor, autoescape=True),
    )
    _refuse_beyond(db.session.scalar(given) or 0, day)


def check_complaints(visitor: str, point: MealPoint, day: date) -> None:
    """Refuses one complaint more than an address may bring in a day. Raises `TooMany`."""
    brought = select(func.count()).where(
        Complaint.point_id == point.id, Complaint.received_on == day, Complaint.visitor == visitor
    )
    _refuse_beyond(db.session.scalar(brought) or 0, day)


def _refuse_beyond(taken: int, day: date) -> None:
    if taken >= int(value_on(MOST, day)):
        raise TooMany()
