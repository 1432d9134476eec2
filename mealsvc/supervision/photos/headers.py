"""What a picture file says of itself before anything is decoded: kind, size, how it is built.

Reading stops after a bounded number of parts, so that no file can keep the reader busy.
"""

import re
import struct
from dataclasses import dataclass

PARTS = 2_000  # segments of a JPEG; cameras write fewer than 200
CHUNKS = 20_000  # chunks of a PNG; 12 MB in pieces of 1 KB are 12,000
_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = {0xC0: False, 0xC1: False, 0xC2: True}  # baseline, extended, progressive
_NEXT = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])", re.DOTALL)  # a marker that ends coded data


class Unreadable(ValueError):
    """The file breaks off, or is built as no camera builds it."""


@dataclass(frozen=True, slots=True)
class Header:
    """`kind` is JPEG, PNG or WEBP. `scans` is how often a JPEG's decoder goes over the picture;
    one that goes over it more than once keeps it whole in memory.
    """

    kind: str
    width: int
    height: int
    scans: int = 1
    moving: bool = False

    @property
    def pixels(self) -> int:
        return self.width * self.height


def read_header(content: bytes) -> Header | None:
    """The header of a JPEG, PNG or WebP; None for any other file. Raises `Unreadable`."""
    try:
        if content.startswith(b"\xff\xd8\xff"):
            return _jpeg(content)
        if content.startswith(_PNG):
            return _png(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
    except (struct.error, IndexError):
        raise Unreadable from None
    return None


def _jpeg(content: bytes) -> Header:
    """Walks the segments of the first picture in the file, to its end or to the end of the file."""
    at, size, several, scans = 2, (0, 0), False, 0
    for _ in range(PARTS):
        marker, at = _marker(content, at)
        if marker in (None, 0xD9):
            break
        (length,) = struct.unpack_from(">H", content, at)
        if length < 2:
            raise Unreadable
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 3)
            size, several = (width, height), _FRAMES[marker]
        elif 0xC3 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            raise Unreadable  # lossless, arithmetic, hierarchical: no camera
        scans += marker == 0xDA
        at += length
    else:
        raise Unreadable
    if not (size[0] and size[1] and scans):
        raise Unreadable
    return Header("JPEG", *size, scans=max(scans, 2 if several else 1))


def _marker(content: bytes, at: int) -> tuple[int | None, int]:
    """The next marker that has a meaning, and where what belongs to it begins."""
    found = _NEXT.search(content, at)
    return (found[1][0], found.end()) if found else (None, len(content))


def _png(content: bytes) -> Header:
    if content[12:16] != b"IHDR":
        raise Unreadable
    width, height = struct.unpack_from(">II", content, 16)
    at, moving = 8, False
    for _ in range(CHUNKS):
        length, name = struct.unpack_from(">I4s", content, at)
        moving = moving or name == b"acTL"
        at += 12 + length
        if name == b"IEND":
            return Header("PNG", width, height, moving=moving)
    raise Unreadable


def _webp(content: bytes) -> Header:
    name, body = content[12:16], content[20:30]
    if name == b"VP8X":
        width = int.from_bytes(body[4:7], "little") + 1
        height = int.from_bytes(body[7:10], "little") + 1
        return Header("WEBP", width, height, moving=bool(body[0] & 2))
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 1)
        return Header("WEBP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        return Header("WEBP", width & 0x3FFF, height & 0x3FFF)
    raise Unreadable
