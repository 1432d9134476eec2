"""When and where a photo says it was taken (Exif); hostile values become None."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ORIENTATION, EXIF, GPS = 0x0112, 0x8769, 0x8825
_TAKEN, _OFFSET = 0x9003, 0x9011
_LAT_REF, _LAT, _LON_REF, _LON = 1, 2, 3, 4
CHINA = "+08:00"
_YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Facts:
    """`orientation` is 1 to 8 as Exif has it; degrees are WGS-84, the instant is in UTC."""

    orientation: int = 1
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


def facts_of(exif: Any) -> Facts:
    """What the Exif block of a picture (Pillow's `Image.Exif`) says."""
    turned = exif.get(ORIENTATION)
    lon, lat = _position(exif.get_ifd(GPS))
    return Facts(
        turned if isinstance(turned, int) and 1 <= turned <= 8 else 1,
        _instant(exif.get_ifd(EXIF)),
        lon,
        lat,
    )


def position(lon: Any, lat: Any) -> tuple[float | None, float | None]:
    """Degrees that can be a place on earth, to about a metre; else nothing."""
    try:
        east, north = float(lon), float(lat)
    except (TypeError, ValueError, OverflowError):
        return None, None
    if -180 <= east <= 180 and -90 <= north <= 90:
        return round(east, 5), round(north, 5)
    return None, None


def _instant(ifd: Mapping[int, Any]) -> datetime | None:
    """A camera's local time; in China's where it names no offset that can be read."""
    taken = str(ifd.get(_TAKEN, "")).strip()
    for offset in (str(ifd.get(_OFFSET, "")).strip(), CHINA):
        try:
            at = datetime.strptime(f"{taken} {offset}", "%Y:%m:%d %H:%M:%S %z")
        except ValueError:
            continue
        return at.astimezone(UTC) if at.year in _YEARS else None
    return None


def _position(ifd: Mapping[int, Any]) -> tuple[float | None, float | None]:
    try:
        lat = _degrees(ifd[_LAT], ifd.get(_LAT_REF) == "S")
        lon = _degrees(ifd[_LON], ifd.get(_LON_REF) == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None, None
    return position(lon, lat)


def _degrees(parts: Any, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    size = degrees + minutes / 60 + seconds / 3600
    return -size if negative else size
