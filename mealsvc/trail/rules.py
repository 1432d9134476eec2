"""The chain: how one row of the trail is tied to the row before it."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import orjson

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Link:
    """The end of the chain: the last sequence number and its keyed digest (32 bytes)."""

    seq: int = 0
    mac: bytes = GENESIS


def canonical(values: list[Any]) -> bytes:
    """One spelling for one list of plain values: compact JSON in UTF-8."""
    return orjson.dumps(values)


def next_mac(key: bytes, before: bytes, columns: list[Any]) -> bytes:
    """HMAC-SHA256 over the digest before and every column: seq, at (µs), actor, origin, action, subject, detail."""
    return hmac.digest(key, before + canonical(columns), "sha256")


def digest(values: list[Any]) -> str:
    """The plain SHA-256 (hex) of a ledger row's columns, kept in the chained trail row."""
    return hashlib.sha256(canonical(values)).hexdigest()
