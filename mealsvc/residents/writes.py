"""What one batch writes to the register, statement by statement, and what it reads before."""

from collections.abc import Collection, Iterator
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, text, update

from mealsvc.plumbing.bulk import BulkInsert
from mealsvc.plumbing.db import Base, is_sqlite
from mealsvc.residents.models import Credential, NameKey, Resident, ResidentFact

Row = dict[str, Any]
RESIDENT, FACT, CARD, KEY = (
    Base.metadata.tables[model.__tablename__]
    for model in (Resident, ResidentFact, Credential, NameKey)
)


def _change(table: Any, by: str, *names: str) -> Any:
    """An UPDATE of these columns; parameters carry `b_` before the column's name."""
    return (
        update(table)
        .where(table.c[by] == bindparam(f"b_{by}"))
        .values({name: bindparam(f"b_{name}") for name in names})
    )


CHANGEABLE = (
    "name",
    "sort_key",
    "hukou_division",
    "residence_division",
    "address",
    "phone",
    "enrolled_on",
    "lon",
    "lat",
)
_IDS = bindparam("ids", expanding=True)
CREDENTIAL_COLUMNS = ("digest", "resident_id", "kind", "status", "number", "last4", "since")
RESIDENT_COLUMNS = (
    "id",
    "id_number",
    "id_last4",
    "id_converted",
    "sex",
    "birth_on",
    *CHANGEABLE,
)
FACT_COLUMNS = ("resident_id", "kind", "value", "from_on", "to_on", "source")
# In this order: what goes makes room for what comes.
_CHANGES = {
    "gone_facts": delete(FACT).where(FACT.c.id == bindparam("b_id")),
    "gone_keys": delete(KEY).where(KEY.c.resident_id == bindparam("b_resident_id")),
    "changed_residents": _change(RESIDENT, "id", *CHANGEABLE),
    "changed_cards": _change(CARD, "digest", "resident_id", "status", "since"),
    "changed_facts": _change(FACT, "id", "to_on", "source"),
}
_NEW_RESIDENTS = BulkInsert(RESIDENT, RESIDENT_COLUMNS)
_NEW_CREDENTIALS = BulkInsert(CARD, CREDENTIAL_COLUMNS)
_NEW_FACTS = BulkInsert(FACT, FACT_COLUMNS)
_NEW_KEYS = BulkInsert(KEY, ("key", "resident_id"))
_OWNERS = select(CARD.c.digest, CARD.c.resident_id, CARD.c.status).where(
    CARD.c.digest.in_(bindparam("digests", expanding=True))
)
_RESIDENTS = select(RESIDENT).where(RESIDENT.c.id.in_(_IDS))
_FACTS = select(FACT).where(FACT.c.resident_id.in_(_IDS))
_ACTIVE_CARDS = select(CARD.c.digest, CARD.c.resident_id).where(
    CARD.c.resident_id.in_(_IDS), CARD.c.kind == "card", CARD.c.status == "active"
)
_NEXT_IDS = text(
    "SELECT nextval(pg_get_serial_sequence('resident', 'id')) FROM generate_series(1, :count)"
)


class Pending:
    """Rows that wait to be written: parameters of changes, tuples of new rows."""

    def __init__(self) -> None:
        self.changes: dict[str, list[Row]] = {name: [] for name in _CHANGES}
        self.residents: list[tuple[Any, ...]] = []
        self.credentials: list[tuple[Any, ...]] = []
        self.facts: list[tuple[Any, ...]] = []
        self.keys: list[tuple[str, int]] = []

    def change(self, name: str, /, **parameters: Any) -> None:
        """One more execution of a statement of `_CHANGES`; parameters by column name."""
        self.changes[name].append({f"b_{key}": value for key, value in parameters.items()})

    def flush(self, connection: Connection) -> None:
        """Writes everything; new rows in the order of their key, which is how pages fill best."""
        _NEW_RESIDENTS(connection, self.residents)
        for name, rows in self.changes.items():
            if rows:
                connection.execute(_CHANGES[name], rows)
        _NEW_CREDENTIALS(connection, sorted(self.credentials, key=itemgetter(0)))
        _NEW_FACTS(connection, self.facts)
        _NEW_KEYS(connection, sorted(self.keys))


def owners_of(connection: Connection, digests: Collection[bytes]) -> dict[bytes, tuple[int, str]]:
    """Whose these credentials are, and in which status; who nobody holds is not in it."""
    rows = connection.execute(_OWNERS, {"digests": list(digests)})
    return {digest: (resident_id, status) for digest, resident_id, status in rows}


class Known:
    """Residents that a batch may change, with their facts and the cards that they can use."""

    def __init__(self, connection: Connection, ids: Collection[int]) -> None:
        self.residents: dict[int, Any] = {}
        self.facts: dict[int, list[Any]] = {}
        self.cards: dict[int, list[bytes]] = {}
        if not ids:
            return
        wanted = {"ids": list(ids)}
        for row in connection.execute(_RESIDENTS, wanted).mappings():
            self.residents[row["id"]] = row
        for fact in connection.execute(_FACTS, wanted):
            self.facts.setdefault(fact.resident_id, []).append(fact)
        for digest, resident_id in connection.execute(_ACTIVE_CARDS, wanted):
            self.cards.setdefault(resident_id, []).append(digest)


def next_ids(connection: Connection, count: int) -> Iterator[int]:
    """Numbers for so many new residents; only the one writer asks."""
    if not is_sqlite():
        return iter(connection.execute(_NEXT_IDS, {"count": count}).scalars().all())
    last = connection.execute(select(func.max(RESIDENT.c.id))).scalar() or 0
    return iter(range(last + 1, last + 1 + count))
