"""The vault: personal data sealed at rest, blind indexes for exact search, keyed digests.

All keys are derived (HKDF-SHA256, one label a purpose) from the data key, which never lies in
the database. Sealed text is `0x01 | nonce(12) | AES-256-GCM`.
"""

import hmac
import os
from collections.abc import Sequence
from functools import cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

VERSION = b"\x01"
INDEX_BYTES = 16
_TOKEN_PREFIX = "T-"


class Vault:
    """Seals, opens and indexes with keys derived from one data key (32 bytes)."""

    def __init__(self, data_key: bytes):
        self._key = cache(lambda label: _derive(data_key, label))
        self._aead = AESGCM(self._key("seal"))
        self._block = algorithms.AES(self._key("token"))

    def seal(self, text: str) -> bytes:
        nonce = os.urandom(12)
        return VERSION + nonce + self._aead.encrypt(nonce, text.encode(), VERSION)

    def open(self, sealed: bytes) -> str:
        return self._aead.decrypt(sealed[1:13], sealed[13:], sealed[:1]).decode()

    def index(self, purpose: str, text: str) -> bytes:
        """A keyed blind index (16 bytes): equal texts give equal bytes, nothing else is learnt."""
        return self.mac(purpose, text.encode())[:INDEX_BYTES]

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 under a key of its own for each purpose (32 bytes)."""
        return hmac.digest(self._key(purpose), data, "sha256")

    def token(self, number: int) -> str:
        """An opaque token that stands for a row number on a till; `number_of` reads it back."""
        encryptor = Cipher(self._block, modes.ECB()).encryptor()
        return _TOKEN_PREFIX + encryptor.update(number.to_bytes(16, "big")).hex()

    def tokens(self, numbers: Sequence[int]) -> list[str]:
        """The tokens of many row numbers, enciphered at one go."""
        encryptor = Cipher(self._block, modes.ECB()).encryptor()
        blocks = encryptor.update(b"".join(one.to_bytes(16, "big") for one in numbers)).hex()
        return [_TOKEN_PREFIX + blocks[at : at + 32] for at in range(0, len(blocks), 32)]

    def number_of(self, token: str) -> int | None:
        """The row number of a token, or None when it was not made here."""
        if not token.startswith(_TOKEN_PREFIX):
            return None
        try:
            block = bytes.fromhex(token.removeprefix(_TOKEN_PREFIX))
        except ValueError:
            return None
        if len(block) != 16:
            return None
        decryptor = Cipher(self._block, modes.ECB()).decryptor()
        number = int.from_bytes(decryptor.update(block), "big")
        return number if number < 1 << 62 else None


def vault() -> Vault:
    """The vault of the running application."""
    return current_app.extensions["mealsvc.vault"]


def _derive(data_key: bytes, label: str) -> bytes:
    return HKDF(SHA256(), 32, None, b"mealsvc/" + label.encode()).derive(data_key)
