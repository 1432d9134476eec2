"""Finding a resident: the shape of what was typed chooses one indexed question, never a scan."""

import re

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, exists, or_, select

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.resident_id import normalise
from mealsvc.kernel.text import tidy_code
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.residents.enrolment import card_digest, id_digest
from mealsvc.residents.models import Credential, NameKey, Resident, ResidentFact
from mealsvc.residents.rules import fold

MOST = 50
_AFTER = "\U0010ffff"  # sorts after every name
_REF = re.compile(r"R([0-9]{1,15})", re.IGNORECASE)
_LAST4 = re.compile(r"[0-9]{3}[0-9X]", re.IGNORECASE)
_LETTERS = re.compile(r"[^0-9]")


def find(text: str, limit: int = 20, scope_prefix: str | None = None) -> list[Resident]:
    """Residents that fit what was typed, at most `limit` (and 50), the likeliest first.

    Understood are a whole ID number (15 or 18), a card, a number R000123, the last four of an ID
    number, and the start of a name, of its pinyin or of its initials. With `scope_prefix` only
    those whose hukou or residence lies there. Two of one name differ in `birth_on` and division.
    """
    typed, most = tidy_code(text), min(limit, MOST)
    if not typed or most < 1:
        return []
    found = _by_number(typed, most, scope_prefix)
    if found or not _LETTERS.search(typed):
        return found
    return _by_name(fold(typed), most, scope_prefix)


def lies_in(prefix: str) -> ColumnElement[bool]:
    """Whether a resident's hukou or residence, first or by a later move, lies in the division."""
    moved = exists().where(
        ResidentFact.resident_id == Resident.id,
        ResidentFact.kind.in_(("hukou", "residence")),
        _starts(ResidentFact.value, prefix),
    )
    return or_(
        _starts(Resident.hukou_division, prefix),
        _starts(Resident.residence_division, prefix),
        moved,
    )


def _starts(column: SQLColumnExpression[str], prefix: str) -> ColumnElement[bool]:
    return column.startswith(prefix, autoescape=True)


def _by_number(typed: str, most: int, scope: str | None) -> list[Resident]:
    ref = _REF.fullmatch(typed)
    if ref:
        return _read(select(Resident).where(Resident.id == int(ref[1])), most, scope)
    owners = select(Credential.resident_id).where(Credential.digest.in_(_digests(typed)))
    found = _read(select(Resident).where(Resident.id.in_(owners)), most, scope)
    if not found and _LAST4.fullmatch(typed):
        same = select(Resident).where(Resident.id_last4 == typed.upper())
        return _read(same.order_by(Resident.id), most, scope)
    return found


def _digests(typed: str) -> list[bytes]:
    keys = vault()
    digests = [card_digest(keys, typed)]
    try:
        digests.append(id_digest(keys, normalise(typed).number))
    except Refusal:
        pass
    return digests


def _by_name(key: str, most: int, scope: str | None) -> list[Resident]:
    """By the keys from `key` on; a resident with several of them is shown once."""
    if not key:
        return []
    statement = (
        select(Resident)
        .join(NameKey, NameKey.resident_id == Resident.id)
        .where(NameKey.key >= key, NameKey.key < key + _AFTER)
        .order_by(NameKey.key, NameKey.resident_id)
    )
    found = _read(statement, 4 * most, scope)
    return list(dict.fromkeys(found))[:most]


def _read(statement: Select[Resident], most: int, scope: str | None) -> list[Resident]:
    if scope is not None:
        statement = statement.where(lies_in(scope))
    return list(db.session.scalars(statement.limit(most)))
