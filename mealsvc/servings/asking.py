"""Who eats, for a till that asks what a meal would cost: one read, besides that of the decision."""

from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    LargeBinary,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
)

from mealsvc.kernel.text import tidy_code
from mealsvc.menus.register import REVISION, filed_prices
from mealsvc.menus.rules import Filed
from mealsvc.places.models import Division, MealPoint
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.prepared import Prepared
from mealsvc.residents.models import Credential, Resident
from mealsvc.servings.lookup import identify
from mealsvc.servings.till import METHODS, CardNotValid, Choice, NobodyFound, state_of_card

_NOW = select(literal(1).label("one")).subquery()
_digests = [bindparam(name, type_=LargeBinary) for name in ("as_card", "as_id")]
_STATEMENT = Prepared(
    select(
        MealPoint.id.label("point_id"),
        REVISION.label("revision"),
        Credential.kind,
        Credential.status,
        Resident.id.label("resident_id"),
        Resident.name,
        Resident.sex,
        Resident.birth_on,
        Resident.id_last4,
        Division.name.label("place"),
    )
    .select_from(_NOW)
    .outerjoin(MealPoint, MealPoint.code == bindparam("point", type_=Text))
    .outerjoin(Credential, Credential.digest.in_(_digests))
    .outerjoin(
        Resident,
        Resident.id
        == func.coalesce(cast(bindparam("resident"), BigInteger), Credential.resident_id),
    )
    .outerjoin(
        Division,
        Division.code
        == func.coalesce(func.nullif(Resident.residence_division, ""), Resident.hukou_division),
    )
)


class Asked(NamedTuple):
    """The elder, the point (None if there is no such), and what it has filed, by meal."""

    who: Choice
    point_id: int | None
    revision: int

    def filed(self, meal: str) -> tuple[Filed, ...]:
        """The point's filed prices for a meal, whatever their day."""
        if self.point_id is None:
            return ()
        return filed_prices(self.revision).get((self.point_id, meal), ())


def asked_for(connection: Connection, point: str, credential: str, method: str) -> Asked:
    """The elder of a token, card or ID number; `method` is told where the credential cannot say it.

    Raises `NobodyFound`, or `CardNotValid` for a card that was lost, stopped or replaced.
    """
    as_card, as_id, number = identify(tidy_code(credential))
    values = {"point": point, "as_card": as_card, "as_id": as_id, "resident": number}
    rows = _STATEMENT(connection, values)
    known = [row for row in rows if row.resident_id is not None]
    valid = [row for row in known if number is not None or row.status == "active"]
    if not valid:
        raise CardNotValid(state=state_of_card(known[0].status)) if known else NobodyFound()
    return Asked(_choice(valid[0], method), rows[0].point_id, rows[0].revision)


def _choice(row: Any, method: str) -> Choice:
    return Choice(
        vault().token(row.resident_id),
        row.name,
        row.birth_on,
        row.place or "",
        row.id_last4,
        method or METHODS.get(row.kind, "manual"),
        row.sex,
    )
