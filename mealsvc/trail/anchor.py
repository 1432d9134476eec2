"""The anchor: the chain's end, kept in a file beside the database and not in it.

It is written after each commit without waiting for the disk. Behind its database is what a crash
leaves; a database behind its anchor has been cut.
"""

import fcntl
import os
from pathlib import Path

from mealsvc.kernel.refusals import Refusal
from mealsvc.trail.rules import Link

FILENAME = "anchor"
_WIDTH = 20 + 1 + 64 + 1


class AnchorMissing(Refusal):
    """锚文件 {path} 缺失或损坏，无法证明记录完整：请从备份或见证方取回该文件。"""

    code = "anchor_missing"


def read_anchor(folder: Path) -> Link:
    """The anchored end of the chain; raises `AnchorMissing` when the file is absent, empty or garbled."""
    path = folder / FILENAME
    try:
        seq, mac = path.read_text("ascii").split()
        link = Link(int(seq), bytes.fromhex(mac))
    except (OSError, ValueError) as error:
        raise AnchorMissing(path=path) from error
    if len(link.mac) != 32:
        raise AnchorMissing(path=path)
    return link


def advance_anchor(folder: Path, link: Link) -> None:
    """Moves the anchor forward to `link`; never backward, whoever comes second."""
    handle = os.open(os.path.join(folder, FILENAME), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        present = os.pread(handle, 20, 0)
        if not present or int(present) < link.seq:
            os.pwrite(handle, f"{link.seq:020d} {link.mac.hex()}\n".encode(), 0)
    finally:
        os.close(handle)
