"""The seals beside the database: a file to which each seal is added once it is durable.

Behind its database is what a crash leaves, and the next seal makes it good; a database behind its
file has been cut or put back.
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from mealsvc.auditing.sealing.refusals import SealsMissing
from mealsvc.auditing.sealing.rules import Sealed

FILENAME = "seals"


def read_seals(folder: Path) -> list[Sealed] | None:
    """The seals in the file; None where there is no file. Raises `SealsMissing` for a garbled one."""
    path = folder / FILENAME
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SealsMissing(path=path) from error
    try:
        return [_of_line(line) for line in text[: text.rfind("\n") + 1].splitlines()]
    except ValueError as error:
        raise SealsMissing(path=path) from error


def add_seals(folder: Path, seals: Sequence[Sealed]) -> None:
    """Adds what the file does not have yet, and waits for the disk. `seals` are all, in order."""
    handle = os.open(folder / FILENAME, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        told = file.read()
        lines = told.count(b"\n")
        file.truncate(told.rfind(b"\n") + 1)  # what a crash left of a line
        file.write("".join(map(_line, seals[lines:])).encode())
        file.flush()
        os.fsync(file.fileno())


def replace_seals(folder: Path, seals: Sequence[Sealed], aside: str) -> None:
    """After a restore: the file holds what the restored database holds; the old one stays as
    `aside`."""
    path = folder / FILENAME
    if not seals and not path.exists():
        return
    part = folder / f".{FILENAME}.part"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write("".join(map(_line, seals)).encode())
        file.flush()
        os.fsync(file.fileno())
    if path.exists() and path.read_bytes() != part.read_bytes():
        os.replace(path, folder / aside)
    os.replace(part, path)


def _line(seal: Sealed) -> str:
    told = (seal.number, seal.from_seq, seal.to_seq, seal.root.hex(), seal.digest, seal.at, seal.by)
    return " ".join(map(str, told)) + "\n"


def _of_line(line: str) -> Sealed:
    number, first, last, root, digest, at, by = line.split(" ", 6)
    return Sealed(int(number), int(first), int(last), bytes.fromhex(root), int(at), by, digest)
