"""Who is chosen to get a printed card, and which card each of them has."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Exists, Select, exists, or_, select

from mealsvc.plumbing.db import db
from mealsvc.plumbing.lookups import look_up
from mealsvc.residents.models import Credential, Resident, ResidentFact
from mealsvc.residents.search import lies_in

WITHOUT, WITH = "none", "active"
STATES = {WITHOUT: "没有卡", WITH: "有卡"}
_CARDS = (
    "SELECT resident_id, status, number FROM credential"
    " WHERE kind = 'card' AND status IN ('active', 'lost') AND resident_id IN ({these})"
)


class Held(NamedTuple):
    """The card of somebody: `active`, or only a `lost` one; the number as it lies sealed."""

    status: str
    number: bytes


class Wanted(NamedTuple):
    """Whose cards: people of the scope, narrowed to a division, to those with or without a card,
    and, if any are named, to these (row numbers)."""

    scope: str = ""
    division: str = ""
    state: str = ""
    ids: tuple[int, ...] = ()


def holders(wanted: Wanted, today: date) -> Select[Resident]:
    """The residents who can have a card: dead people and people who moved away cannot."""
    found = select(Resident).where(lies_in(wanted.scope), ~_gone(today))
    if wanted.division:
        found = found.where(lies_in(wanted.division))
    if wanted.ids:
        found = found.where(Resident.id.in_(wanted.ids))
    if wanted.state == WITHOUT:
        found = found.where(~_has("active", "lost"))
    elif wanted.state == WITH:
        found = found.where(_has("active"))
    return found.order_by(Resident.hukou_division, Resident.sort_key, Resident.id)


def cards_by_holder(resident_ids: Collection[int]) -> dict[int, Held]:
    """Whoever has a card that serves or is lost; one that serves counts first."""
    found: dict[int, Held] = {}
    for resident_id, status, number in look_up(db.session.connection(), _CARDS, resident_ids):
        if resident_id not in found or status == "active":
            found[resident_id] = Held(status, bytes(number))
    return found


def _has(*statuses: str) -> Exists:
    return exists().where(
        Credential.resident_id == Resident.id,
        Credential.kind == "card",
        Credential.status.in_(statuses),
    )


def _gone(today: date) -> ColumnElement[bool]:
    still = or_(
        ResidentFact.value == "deceased",
        ResidentFact.to_on.is_(None),
        ResidentFact.to_on >= today,
    )
    return exists().where(
        ResidentFact.resident_id == Resident.id,
        ResidentFact.kind == "departure",
        ResidentFact.value.in_(("deceased", "moved_out")),
        ResidentFact.from_on <= today,
        still,
    )
