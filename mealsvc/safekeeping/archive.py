"""The file of a backup: a zip whose last 64 bytes are a keyed digest of everything before them.

It holds `manifest.json`, `anchor` and the database's content. No key is in it; what is personal in
the database is sealed there already.
"""

import hashlib
import hmac
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from mealsvc.plumbing.crypto import Vault
from mealsvc.safekeeping.refusals import (
    CannotRead,
    CannotWrite,
    DestinationTaken,
    NotABackup,
    WrongKey,
)
from mealsvc.trail.rules import Link

FORMAT, VERSION = "mealsvc-backup", 1
MANIFEST, ANCHOR = "manifest.json", "anchor"
CHUNK = 1 << 20
SEAL_LENGTH = 64
KEYS = "备份里没有密钥：secret.key 和 data.key 必须另行保管，没有 data.key 就不能恢复。"


@dataclass
class Manifest:
    """What a backup says of itself; `head` is the end of the trail within it."""

    dialect: str
    revision: str
    created_at: str
    key_check: str
    head: Link = field(default_factory=Link)
    rows: dict[str, int] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_json(self) -> bytes:
        """The manifest as it lies in the file, for people too."""
        told = asdict(self)
        told["head"] = {"sequence": self.head.seq, "mac": self.head.mac.hex()}
        told = {"format": FORMAT, "version": VERSION, "keys": KEYS, **told}
        return json.dumps(told, ensure_ascii=False, indent=1).encode()

    @classmethod
    def of_json(cls, text: bytes) -> "Manifest":
        """Raises ValueError, KeyError or TypeError for anything else."""
        told = json.loads(text)
        if (told.pop("format"), told.pop("version")) != (FORMAT, VERSION):
            raise ValueError("another format")
        told.pop("keys")
        head = told.pop("head")
        return cls(head=Link(head["sequence"], bytes.fromhex(head["mac"])), **told)


def key_check(vault: Vault) -> str:
    """Tells one data key from another and gives nothing of it away."""
    return vault.mac("backup-check", b"data.key").hex()[:32]


class Writing:
    """A backup being written: members one after the other, each with its digest."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest):
        self._archive, self.manifest = archive, manifest

    @contextmanager
    def member(self, name: str) -> Iterator["Measured"]:
        with self._archive.open(name, "w", force_zip64=True) as file:
            measured = Measured(file)
            yield measured
        self.manifest.members[name] = {
            "sha256": measured.digest.hexdigest(),
            "bytes": measured.count,
        }


class Measured:
    """Counts and digests what passes through."""

    def __init__(self, file: IO[bytes]):
        self._file, self.digest, self.count = file, hashlib.sha256(), 0

    def write(self, piece: Any) -> None:
        self._file.write(piece)
        self.digest.update(piece)
        self.count += len(piece)


@contextmanager
def writing_to(path: Path, manifest: Manifest, vault: Vault) -> Iterator[Writing]:
    """A new file at `path`: whole, sealed and on the disk at the end, or not there at all."""
    if path.exists():
        raise DestinationTaken(path=path)
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                yield Writing(archive, manifest)
                archive.writestr(MANIFEST, manifest.as_json())
                archive.comment = b"0" * SEAL_LENGTH
            _seal(file, vault)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise CannotWrite(path=path, why=error.strerror or error) from error
    finally:
        with suppress(OSError):
            part.unlink()


class Reading:
    """A backup that was proven to be whole and made under this data key."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest):
        self._archive, self.manifest = archive, manifest

    def pieces(self, name: str) -> Iterator[bytes]:
        """The content of a member, piece by piece."""
        with self._archive.open(name) as file:
            while piece := file.read(CHUNK):
                yield piece


@contextmanager
def reading_from(path: Path, vault: Vault, folder: Path) -> Iterator[Reading]:
    """Opens a backup. Raises `NotABackup` if a single byte of it is not what was written,
    `WrongKey` if it was made under another data key (`folder` is where that key belongs)."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise CannotRead(path=path, why=error.strerror or error) from error
    with file:
        try:
            archive = zipfile.ZipFile(file)
            manifest = Manifest.of_json(archive.read(MANIFEST))
        except Exception as error:  # zipfile has no one error for a damaged stream
            raise NotABackup(path=path) from error
        with archive:
            if manifest.key_check != key_check(vault):
                raise WrongKey(folder=folder)
            if not hmac.compare_digest(_digest_of(file, vault), archive.comment):
                raise NotABackup(path=path)
            yield Reading(archive, manifest)


def sha256_of(path: Path) -> str:
    """The plain digest of the finished file, to compare copies by."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _seal(file: IO[bytes], vault: Vault) -> None:
    sealed = _digest_of(file, vault)
    file.seek(-SEAL_LENGTH, os.SEEK_END)
    file.write(sealed)


def _digest_of(file: IO[bytes], vault: Vault) -> bytes:
    """The keyed digest of all but the last bytes, which hold it."""
    left = file.seek(0, os.SEEK_END) - SEAL_LENGTH
    file.seek(0)
    digest = hmac.new(vault.mac("backup-seal", b"file"), digestmod="sha256")
    while left > 0 and (piece := file.read(min(CHUNK, left))):
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest().encode()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
