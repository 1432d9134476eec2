"""A photo becomes evidence: looked at before it is decoded, made anew, kept once.

`prepare` costs time and memory and runs outside the transaction; `keep` only writes. Nothing of the
file that came is kept but its digest, and when and where the picture was taken.
"""

import hashlib
import io
import re
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image
from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.supervision.photos import refusals
from mealsvc.supervision.photos.headers import Header, Unreadable, read_header
from mealsvc.supervision.photos.metadata import Facts, facts_of, position
from mealsvc.supervision.photos.models import Photo, PhotoFile
from mealsvc.trail.services import record

MB = 1024 * 1024
MOST_BYTES = 12 * MB
MOST_PIXELS = {"JPEG": 80_000_000, "PNG": 16_000_000, "WEBP": 12_500_000}
MOST_PIXELS_WHOLE = 24_000_000  # of a JPEG that its decoder keeps whole in memory
MOST_WORK = 200_000_000  # pixels × scans
LONGEST, SHORTEST = 1600, 16
MOST_KEPT = 500_000
TRIES = ((LONGEST, 82), (LONGEST, 68), (LONGEST, 52), (1280, 52), (960, 45), (640, 40))
PER_SUBJECT = 200
PATIENCE_S = 20
SKEW = timedelta(minutes=10)
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BROKEN = (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError)
_FAULTS = (*_BROKEN, struct.error, ArithmeticError, AttributeError, MemoryError)
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Ready:
    """A photo made anew: a JPEG of at most `LONGEST` pixels a side, and what is known of it."""

    content: bytes
    width: int
    height: int
    taken_at: datetime | None
    taken_from: str
    lon: float | None
    lat: float | None
    original_sha256: str
    sha256: str


def prepare(
    content: bytes,
    *,
    taken_at: datetime | None = None,
    lon: float | None = None,
    lat: float | None = None,
) -> Ready:
    """The photo that will be kept of this file; what the file says of time and place goes first,
    then what the device said (`taken_at`, `lon`, `lat`).

    At most 300 MiB and 3 s for whatever comes. Raises the refusals of this room.
    """
    header = _checked(content)
    with _turn():
        made, size, facts = _made_anew(content, header)
    at = facts.taken_at or taken_at
    source = "exif" if facts.taken_at else "device" if taken_at else "nothing"
    east, north = (facts.lon, facts.lat) if facts.lon is not None else position(lon, lat)
    digests = (hashlib.sha256(one).hexdigest() for one in (content, made))
    return Ready(made, *size, at, source, east, north, *digests)


def keep(
    ready: Ready,
    key: str,
    subject: str,
    point: MealPoint | None,
    by: Actor,
    now: datetime,
    device: str = "",
) -> Photo:
    """Keeps a photo of `subject` once: the same file sent again under its `key` is the same photo.

    A time of taking that lies ahead of `now` is not believed.
    """
    if _KEY.fullmatch(key) is None:
        raise refusals.PhotoKeyConflict()
    known = db.session.scalar(select(Photo).where(Photo.key == key))
    if known is not None:
        if (known.subject, known.original_sha256) != (subject, ready.original_sha256):
            raise refusals.PhotoKeyConflict()
        return known
    count = db.session.scalar(select(func.count()).where(Photo.subject == subject)) or 0
    if count >= PER_SUBJECT:
        raise refusals.TooManyPhotos(limit=PER_SUBJECT)
    believed = ready.taken_at is not None and ready.taken_at <= now + SKEW
    photo = Photo(
        key=key,
        subject=subject,
        point_id=point.id if point else None,
        taken_at=ready.taken_at if believed else None,
        taken_from=ready.taken_from if believed else "nothing",
        lon=ready.lon,
        lat=ready.lat,
        device=device[:40],
        width=ready.width,
        height=ready.height,
        original_sha256=ready.original_sha256,
        sha256=ready.sha256,
        received_at=now,
        by=str(by),
    )
    db.session.add(photo)
    db.session.flush()
    db.session.add(PhotoFile(photo_id=photo.id, content=ready.content))
    db.session.flush()
    facts = {"subject": subject, "sha256": ready.sha256, "original": ready.original_sha256}
    record(by, "photos.keep", f"photo/{photo.id}", facts)
    return photo


def _checked(content: bytes) -> Header:
    """The header, once it promises nothing that could cost too much."""
    if not content:
        raise refusals.EmptyFile()
    if len(content) > MOST_BYTES:
        raise refusals.FileTooBig(limit=MOST_BYTES // MB)
    try:
        header = read_header(content)
    except Unreadable:
        raise refusals.BrokenPhoto() from None
    if header is None:
        raise refusals.NotAPhoto()
    size = {"width": header.width, "height": header.height}
    if header.moving:
        raise refusals.MovingPicture()
    most = MOST_PIXELS_WHOLE if header.scans > 1 else MOST_PIXELS[header.kind]
    if header.pixels > most or header.pixels * (header.scans - 1) > MOST_WORK:
        raise refusals.TooManyPixels(**size)
    if min(header.width, header.height) < SHORTEST:
        raise refusals.TooSmall(**size)
    return header


@contextmanager
def _turn() -> Iterator[None]:
    """One photo at a time in a process: its memory is that of one, whatever is sent at once."""
    if not _one_at_a_time.acquire(timeout=PATIENCE_S):
        raise refusals.PhotosBusy()
    try:
        yield
    finally:
        _one_at_a_time.release()


def _made_anew(content: bytes, header: Header) -> tuple[bytes, tuple[int, int], Facts]:
    try:
        with Image.open(io.BytesIO(content), formats=[header.kind]) as picture:
            facts = _facts(picture)
            upright = _upright(_small(picture, header), facts.orientation)
    except (*_FAULTS, Image.DecompressionBombError):
        raise refusals.BrokenPhoto() from None
    return *_encoded(upright), facts


def _facts(picture: Image.Image) -> Facts:
    """A broken Exif block costs what it says, not the photo."""
    try:
        return facts_of(picture.getexif())
    except _FAULTS:
        return Facts()


def _small(picture: Image.Image, header: Header) -> Image.Image:
    """Decoded at the size that is kept; a big JPEG is never decoded at its full size."""
    if picture.size != (header.width, header.height):
        raise ValueError("the header told another size")
    scale = min(1.0, LONGEST / max(picture.size))
    box = max(1, round(header.width * scale)), max(1, round(header.height * scale))
    picture.draft(None, box)
    picture.load()
    eight = _eight_bits(picture)
    if scale < 1:
        eight = eight.resize(box, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _flat(eight)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Palettes become colours, and of 16 bits a channel the upper eight stay."""
    if picture.mode.startswith("I;16"):
        high = 0 if picture.mode.endswith("B") else 1
        return Image.frombytes("L", picture.size, picture.tobytes()[high::2])
    if picture.mode in ("I", "F"):
        return picture.point(lambda level: level / 256).convert("L")
    if picture.mode in ("P", "PA", "1"):
        return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    return picture


def _flat(picture: Image.Image) -> Image.Image:
    """RGB on white paper, whatever it was."""
    if picture.mode in ("RGBA", "LA"):
        see_through = picture.convert("RGBA")
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(see_through, mask=see_through.getchannel("A"))
        return paper
    return picture.convert("RGB")


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _encoded(picture: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """The first try that fits; the last one whatever it weighs."""
    picture.info.clear()  # what Pillow would write along: comment, profile, resolution
    content = b""
    for longest, quality in TRIES:
        if max(picture.size) > longest:
            picture.thumbnail((longest, longest))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True)
        content = out.getvalue()
        if len(content) <= MOST_KEPT:
            break
    return content, picture.size
