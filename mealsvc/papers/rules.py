"""Numbers and check codes of papers: how they are written, printed and typed in."""

from hashlib import sha256
from json import dumps
from typing import Any
from urllib.parse import quote

from mealsvc.kernel.text import tidy

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another
CODE_LENGTH = 12
GROUP = 4
ROOM = len(LETTERS).bit_length() - 1  # bits a letter holds


def edition_number(number: str, edition: int) -> str:
    """JS-2024-05-P01 for the first edition, JS-2024-05-P01-2 for the second."""
    return number if edition == 1 else f"{number}-{edition}"


def check_code(mac: bytes) -> str:
    """Twelve letters (60 bits) of a keyed digest."""
    value = int.from_bytes(mac[:8], "big")
    return "".join(LETTERS[value >> ROOM * place & 31] for place in range(CODE_LENGTH))


def in_groups(code: str) -> str:
    """ABCD-EFGH-JKLM: how a check code is printed."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def as_typed(code: str) -> str:
    """A check code as somebody types it: small letters, blanks and hyphens do not matter."""
    return "".join(letter for letter in tidy(code).upper() if letter.isalnum())


def address(public_url: str, number: str, code: str) -> str:
    """Where a paper is verified; what its QR code holds."""
    return f"{public_url.rstrip('/')}/v/{quote(number, safe='')}/{code}"


def facts_digest(*facts: Any) -> str:
    """SHA-256 (hex) over what a paper tells: the same facts, the same digest."""
    text = dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()
