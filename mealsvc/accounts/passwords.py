"""Hashing and making passwords. Slow on purpose: never inside a write transaction of a server."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mealsvc.accounts.rules import LONGEST, normal_password

HASHER = PasswordHasher()  # Argon2id with the parameters of RFC 9106 for small machines
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"  # no 0 O 1 l I
_GROUPS, _GROUP = 4, 4
_decoys: dict[PasswordHasher, str] = {}


def hash_password(password: str) -> str:
    """The Argon2id hash to store."""
    return HASHER.hash(normal_password(password))


def fits(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Without a hash (an unknown login) it takes as long and fails."""
    known = password_hash is not None
    try:
        HASHER.verify(password_hash or _decoy(), normal_password(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return known


def new_one_time_password() -> str:
    """A random password that can be read out and typed, about 93 bits."""
    groups = ("".join(map(secrets.choice, [_LETTERS] * _GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def _decoy() -> str:
    """A hash with today's parameters that no password fits."""
    if HASHER not in _decoys:
        _decoys[HASHER] = HASHER.hash(secrets.token_urlsafe())
    return _decoys[HASHER]
