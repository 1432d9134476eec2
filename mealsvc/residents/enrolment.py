"""Many people at once into the register: the one way in for files, forms and the demo district.

A batch is looked up in a few statements and written in a few more; its rows count in their order,
as if each had come alone.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.resident_id import ResidentId
from mealsvc.plumbing.crypto import Vault, vault
from mealsvc.plumbing.db import db, micros
from mealsvc.residents.fact_log import (
    Changed,
    Fact,
    added,
    corrected,
    moved_end,
    withdrawn,
    write_changes,
)
from mealsvc.residents.refusals import CardTaken, Duplicate
from mealsvc.residents.rules import Spell, forms_of, id_like, merge_spells, place_on
from mealsvc.residents.writes import CHANGEABLE, Known, Pending, Row, next_ids, owners_of
from mealsvc.trail.services import chain

SIZE = 2_000  # rows looked up and written together
REGISTERED = "residents.register"
CORRECTED = "residents.correct"
T = TypeVar("T")
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


class Unset(Enum):
    """The file has no such column, the form no such field: what is known stays."""

    UNSET = "unset"


UNSET = Unset.UNSET


class Enrolment(NamedTuple):
    """What one row says of a person. UNSET leaves a field as it is, None or "" clears it.

    Text is tidy already. `categories` replace the whole set; clearing the card stops it.
    """

    id_number: ResidentId
    name: str
    hukou_division: str
    residence_division: str | Unset | None = UNSET
    address: str | Unset | None = UNSET
    phone: str | Unset | None = UNSET
    categories: Sequence[Spell] | Unset | None = UNSET
    card_no: str | Unset | None = UNSET
    enrolled_on: date | Unset | None = UNSET
    lon: float | Unset | None = UNSET
    lat: float | Unset | None = UNSET


class Outcome(NamedTuple):
    """What became of one row: `created`, `updated`, `unchanged`, or `rejected` with its refusal."""

    result: str
    resident_id: int | None = None
    refusal: Refusal | None = None


def enrol_batch(
    rows: Sequence[Enrolment],
    by: Actor,
    now: datetime,
    *,
    source: str,
    seen: set[bytes] | None = None,
) -> list[Outcome]:
    """Registers who is new, updates who is known; one outcome a row, in order.

    `seen` carries the people of one file from batch to batch: who comes again is a `duplicate`.
    `source` says where the facts come from. Rows with `card_taken` change nothing.
    """
    seen = set() if seen is None else seen
    outcomes: list[Outcome] = []
    for start in range(0, len(rows), SIZE):
        batch = _Batch(rows[start : start + SIZE], by, now, source, seen)
        outcomes += batch.enrol()
    return outcomes


def ref_of(resident_id: int) -> str:
    """The number by which papers, pages and the trail speak of a resident."""
    return f"R{resident_id:06d}"


def id_digest(keys: Vault, number: str) -> bytes:
    """The blind index of an 18-digit ID number."""
    return keys.index("id", number)


def card_digest(keys: Vault, card_no: str) -> bytes:
    """The blind index of a tidy card number."""
    return keys.index("card", card_no)


class _Batch:
    """Some rows with all that is known of their people; `pending` is what will be written."""

    def __init__(
        self, rows: Sequence[Enrolment], by: Actor, now: datetime, source: str, seen: set[bytes]
    ) -> None:
        self.rows, self.by, self.now, self.source, self.seen = rows, by, now, source, seen
        self.today, self.since = local_date(now), micros(now)
        self.keys, self.pending = vault(), Pending()
        self.details: dict[tuple[str, ...], str] = {}
        self.changes: list[tuple[Changed, int]] = []
        self.changing: list[Changed] = []  # of the row at hand, until its trail row has a number
        self.connection, self.chain = db.session.connection(), chain()
        self.digests = [id_digest(self.keys, row.id_number.number) for row in rows]
        self.cards = [self._card_digests(row) for row in rows]
        every = {*self.digests, *(one for pair in self.cards for one in pair if one)}
        self.owners = owners_of(self.connection, every)
        people = {self.owners[one][0] for one in self.digests if one in self.owners}
        self.known = Known(self.connection, people)
        new = sum(one not in self.owners for one in self.digests)
        self.ids = next_ids(self.connection, new)

    def enrol(self) -> list[Outcome]:
        outcomes = [
            self._one(row, digest, *cards)
            for row, digest, cards in zip(self.rows, self.digests, self.cards, strict=True)
        ]
        self.pending.flush(self.connection)
        self.chain.flush()
        write_changes(self.changes, self.now)
        return outcomes

    def _card_digests(self, row: Enrolment) -> tuple[bytes | None, bytes | None]:
        """A card's index, and that of the ID number that is written the same way."""
        card_no = row.card_no
        if not card_no or card_no is UNSET:
            return None, None
        number = id_like(card_no)
        return card_digest(self.keys, card_no), id_digest(self.keys, number) if number else None

    def _one(
        self, row: Enrolment, digest: bytes, card: bytes | None, twin: bytes | None
    ) -> Outcome:
        if digest in self.seen:
            return Outcome("rejected", None, Duplicate())
        resident_id = self.owners[digest][0] if digest in self.owners else None
        if card and self._is_taken(resident_id, card, twin):
            return Outcome("rejected", resident_id, CardTaken())
        self.seen.add(digest)
        if resident_id is None:
            return self._create(row, digest, card)
        return self._update(resident_id, row, card)

    def _is_taken(self, resident_id: int | None, card: bytes, twin: bytes | None) -> bool:
        """Whether somebody else's card, or somebody else's ID number, is written so."""
        for digest in (card, twin):
            owner = self.owners.get(digest) if digest else None
            if owner and owner[0] != resident_id and owner[1] != "replaced":
                return True
        return False

    def _create(self, row: Enrolment, digest: bytes, card: bytes | None) -> Outcome:
        resident_id = next(self.ids)
        number, forms = row.id_number.number, forms_of(row.name)
        self.pending.residents.append(
            (
                resident_id,
                self.keys.seal(number),
                number[-4:],
                row.id_number.converted,
                row.id_number.sex,
                row.id_number.birth_on,
                row.name,
                forms.sort_key,
                row.hukou_division,
                _given(row.residence_division) or "",
                self._sealed(_given(row.address)),
                self._sealed(_given(row.phone)),
                _given(row.enrolled_on),
                _given(row.lon),
                _given(row.lat),
            )
        )
        self._add_credential("id", digest, resident_id, None, number[-4:])
        self._add_keys(resident_id, forms.keys)
        for spell, to_on in merge_spells(_given(row.categories) or ()).items():
            self._add_fact(resident_id, "category", *spell, to_on)
        if card:
            self._hold_card(resident_id, str(row.card_no), card)
        self._log(REGISTERED, resident_id, row.hukou_division)
        return Outcome("created", resident_id)

    def _update(self, resident_id: int, row: Enrolment, card: bytes | None) -> Outcome:
        before = self.known.residents[resident_id]
        after = dict(before)
        self.changing = []
        changed = [
            *self._columns(before, after, row),
            *self._place(after, "hukou", row.hukou_division),
            *self._place(after, "residence", row.residence_division),
            *self._categories(resident_id, row.categories),
            *self._card(resident_id, row.card_no, card),
        ]
        if not changed:
            return Outcome("unchanged", resident_id)
        if any(after[name] != before[name] for name in CHANGEABLE):
            values = {name: after[name] for name in ("id", *CHANGEABLE)}
            self.pending.change("changed_residents", **values)
        revision = self._log(CORRECTED, resident_id, row.hukou_division, *changed)
        self.changes += [(change, revision) for change in self.changing]
        return Outcome("updated", resident_id)

    def _columns(self, before: Mapping[str, Any], after: Row, row: Enrolment) -> Iterator[str]:
        if row.name != before["name"]:
            forms = forms_of(row.name)
            after["name"], after["sort_key"] = row.name, forms.sort_key
            self.pending.change("gone_keys", resident_id=before["id"])
            self._add_keys(before["id"], forms.keys)
            yield "name"
        for name, value in (("address", row.address), ("phone", row.phone)):
            old = before[name] and self.keys.open(before[name])
            if value is not UNSET and (value or None) != old:
                after[name] = self._sealed(value or None)
                yield name
        for name, value in (("enrolled_on", row.enrolled_on), ("lon", row.lon), ("lat", row.lat)):
            if value is not UNSET and value != before[name]:
                after[name] = value
                yield name

    def _place(self, after: Row, kind: str, value: str | Unset | None) -> Iterator[str]:
        """The division of the register; once moves are dated, another one is a move as of today."""
        if value is UNSET:
            return
        column, wanted = f"{kind}_division", value or ""
        moves = [fact for fact in self.known.facts.get(after["id"], ()) if fact.kind == kind]
        if wanted == place_on(self.today, after[column], ((m.from_on, m.value) for m in moves)):
            return
        if moves:
            for move in moves:
                if move.from_on == self.today:
                    self._drop_fact(move)
            self._add_fact(after["id"], kind, wanted, self.today, None, late=True)
        else:
            after[column] = wanted
            self.changing.append(corrected(after["id"], kind, wanted, self.source))
        yield column

    def _categories(
        self, resident_id: int, spells: Sequence[Spell] | Unset | None
    ) -> Iterator[str]:
        if spells is UNSET:
            return
        wanted = merge_spells(spells or ())
        held = {
            (fact.value, fact.from_on): fact
            for fact in self.known.facts.get(resident_id, ())
            if fact.kind == "category"
        }
        if wanted == {spell: fact.to_on for spell, fact in held.items()}:
            return
        for spell, fact in held.items():
            if spell not in wanted:
                self._drop_fact(fact)
            elif wanted[spell] != fact.to_on:
                now = Fact(resident_id, "category", *spell, wanted[spell])
                self.pending.change(
                    "changed_facts", id=fact.id, to_on=now.to_on, source=self.source
                )
                self.changing.append(moved_end(now, fact.to_on, self.source))
        for spell in wanted.keys() - held.keys():
            self._add_fact(resident_id, "category", *spell, wanted[spell], late=True)
        yield "categories"

    def _card(
        self, resident_id: int, card_no: str | Unset | None, card: bytes | None
    ) -> Iterator[str]:
        """Another card takes the place of the present ones; a lost or stopped one stays so."""
        if card_no is UNSET:
            return
        held = self.known.cards.get(resident_id, [])
        if card in held or (not card and not held):
            return
        owner = self.owners.get(card) if card else None
        if owner and owner[0] == resident_id and owner[1] != "replaced":
            return
        for digest in held:
            self._set_card(digest, resident_id, "replaced" if card else "stopped")
        if card:
            self._hold_card(resident_id, str(card_no), card)
        yield "card_no"

    def _hold_card(self, resident_id: int, card_no: str, card: bytes) -> None:
        if card in self.owners:  # a replaced card: somebody gave it back
            self._set_card(card, resident_id, "active")
        else:
            self._add_credential("card", card, resident_id, self.keys.seal(card_no), card_no[-4:])

    def _set_card(self, digest: bytes, resident_id: int, status: str) -> None:
        self.owners[digest] = resident_id, status
        self.pending.change(
            "changed_cards", digest=digest, resident_id=resident_id, status=status, since=self.now
        )

    def _add_credential(
        self, kind: str, digest: bytes, resident_id: int, number: bytes | None, last4: str
    ) -> None:
        self.owners[digest] = resident_id, "active"
        self.pending.credentials.append(
            (digest, resident_id, kind, "active", number, last4, self.since)
        )

    def _add_keys(self, resident_id: int, keys: Sequence[str]) -> None:
        self.pending.keys += [(key, resident_id) for key in keys]

    def _add_fact(
        self,
        resident_id: int,
        kind: str,
        value: str,
        from_on: date | None,
        to_on: date | None,
        late: bool = False,
    ) -> None:
        """One more fact; `late` of a person who was registered before."""
        row = (resident_id, kind, value, from_on, to_on, self.source)
        self.pending.facts.append(row)
        if late:
            self.changing.append(added(Fact(*row)))

    def _drop_fact(self, fact: Any) -> None:
        self.pending.change("gone_facts", id=fact.id)
        self.changing.append(withdrawn(fact))

    def _sealed(self, text: str | None) -> bytes | None:
        return self.keys.seal(text) if text else None

    def _log(self, action: str, resident_id: int, division: str, *fields: str) -> int:
        what = (division, *fields)
        if what not in self.details:
            detail = {"division": division, "source": self.source}
            self.details[what] = _JSON.encode({**detail, "fields": fields} if fields else detail)
        detail = self.details[what]
        return self.chain.append(self.by, action, ref_of(resident_id), detail, self.now)


def _given(value: T | Unset) -> T | None:
    return None if value is UNSET else value
