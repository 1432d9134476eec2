"""Cards: issue, replace, report lost, find again, stop. A replaced card's number is free again."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, micros, writer
from mealsvc.residents.card_holders import cards_by_holder
from mealsvc.residents.card_numbers import new_number
from mealsvc.residents.enrolment import card_digest, id_digest, ref_of
from mealsvc.residents.models import Credential
from mealsvc.residents.refusals import CardHeld, CardNotActive, CardTaken, UnknownCard
from mealsvc.residents.rules import id_like
from mealsvc.residents.services import get
from mealsvc.residents.writes import Pending, owners_of
from mealsvc.trail.services import chain, record

ISSUED = "cards.issue"


def cards_of(resident_id: int) -> Sequence[Credential]:
    """All cards that a resident has or had, the latest change first."""
    mine = (Credential.resident_id == resident_id, Credential.kind == "card")
    cards = db.session.scalars(select(Credential).where(*mine).order_by(Credential.since.desc()))
    return cards.all()


def issue_card(resident_id: int, card_no: str, by: Actor, now: datetime) -> None:
    """Gives a card to somebody without one. Raises CardTaken, and CardHeld: then replace it."""
    if any(card.status == "active" for card in cards_of(resident_id)):
        raise CardHeld()
    _give(resident_id, card_no, now)
    _tell(by, ISSUED, resident_id, card_no[-4:])


def issue_new_numbers(resident_ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Gives a number of our own to each of these who has no card; returns how many were given.

    Whose card is lost gets none: it is found again or replaced one by one.
    """
    held = cards_by_holder(resident_ids)
    without = [resident_id for resident_id in resident_ids if resident_id not in held]
    keys, pending, links, since = vault(), Pending(), chain(), micros(now)
    for resident_id, (digest, number) in zip(without, _fresh(len(without)), strict=True):
        card = (digest, resident_id, "card", "active", keys.seal(number), number[-4:], since)
        pending.credentials.append(card)
        detail = json.dumps({"card": f"****{number[-4:]}"})
        links.append(by, ISSUED, ref_of(resident_id), detail, now)
    pending.flush(writer())
    links.flush()
    return len(without)


def _fresh(count: int) -> list[tuple[bytes, str]]:
    """So many numbers that nobody has or had, each with its blind index."""
    keys, made = vault(), {}
    while len(made) < count:
        drawn = (new_number(secrets.choice) for _ in range(count - len(made)))
        some = {card_digest(keys, number): number for number in drawn}
        taken = owners_of(writer(), some)
        made |= {digest: number for digest, number in some.items() if digest not in taken}
    return list(made.items())


def replace_card(resident_id: int, card_no: str, by: Actor, now: datetime) -> None:
    """Gives a new card; active and lost ones are void, their numbers free. Raises CardTaken."""
    _give(resident_id, card_no, now)
    digest = card_digest(vault(), card_no)
    for card in cards_of(resident_id):
        if card.digest != digest and card.status in ("active", "lost"):
            card.status, card.since = "replaced", now
    db.session.flush()
    _tell(by, "cards.replace", resident_id, card_no[-4:])


def report_lost(resident_id: int, digest: bytes, by: Actor, now: datetime) -> None:
    """The card serves nobody until it is found or replaced. Raises UnknownCard, CardNotActive."""
    _turn(resident_id, digest, ("active",), "lost", now)
    _tell(by, "cards.report_lost", resident_id, _card(resident_id, digest).last4)


def found_card(resident_id: int, digest: bytes, by: Actor, now: datetime) -> None:
    """A lost card came back: it serves again. Raises UnknownCard, CardNotActive and CardHeld."""
    if any(card.status == "active" for card in cards_of(resident_id)):
        raise CardHeld()
    _turn(resident_id, digest, ("lost",), "active", now)
    _tell(by, "cards.found", resident_id, _card(resident_id, digest).last4)


def stop_card(resident_id: int, digest: bytes, by: Actor, now: datetime) -> None:
    """The card serves nobody ever again. Raises UnknownCard, CardNotActive."""
    _turn(resident_id, digest, ("active", "lost"), "stopped", now)
    _tell(by, "cards.stop", resident_id, _card(resident_id, digest).last4)


def _give(resident_id: int, card_no: str, now: datetime) -> None:
    resident, keys = get(resident_id), vault()
    digest = card_digest(keys, card_no)
    card = db.session.get(Credential, digest)
    number = id_like(card_no)
    owner = db.session.get(Credential, id_digest(keys, number)) if number else None
    if (card and card.status != "replaced") or (owner and owner.resident_id != resident_id):
        raise CardTaken()
    if card is None:
        card = Credential(digest=digest, kind="card", number=keys.seal(card_no), last4=card_no[-4:])
        db.session.add(card)
    card.resident_id, card.status, card.since = resident.id, "active", now
    db.session.flush()


def _card(resident_id: int, digest: bytes) -> Credential:
    card = db.session.get(Credential, digest)
    if card is None or card.kind != "card" or card.resident_id != resident_id:
        raise UnknownCard()
    return card


def _turn(
    resident_id: int, digest: bytes, allowed: tuple[str, ...], status: str, now: datetime
) -> None:
    card = _card(resident_id, digest)
    if card.status not in allowed:
        raise CardNotActive()
    card.status, card.since = status, now
    db.session.flush()


def _tell(by: Actor, action: str, resident_id: int, last4: str) -> None:
    record(by, action, get(resident_id).ref, {"card": f"****{last4}"})
