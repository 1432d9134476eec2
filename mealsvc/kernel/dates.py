"""Dates and instants as files and people write them, and as we show them."""

import re
from datetime import UTC, date, datetime

from mealsvc.kernel.meals import LOCAL
from mealsvc.kernel.text import tidy_code

_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})-([0-9]{2})|([0-9]{2})([0-9]{2})"
    r"|/([0-9]{1,2})/([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)"
)
# fromisoformat alone would take week dates, any separator and, from Python 3.13, 24:00.
_INSTANT = re.compile(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
    r"|[0-9]{8}T(?:[01][0-9]|2[0-3])[0-9]{2}(?:[0-9]{2}(?:[.,][0-9]+)?)?)"
    r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
)


def parse_date(text: str) -> date:
    """A date from 2024-05-06, 20240506, 2024/5/6 or 2024年5月6日; ValueError otherwise."""
    found = _DATE.fullmatch(tidy_code(text))
    if not found:
        raise ValueError("a date is written YYYY-MM-DD")
    year, month, day = (int(part) for part in found.groups() if part is not None)
    return date(year, month, day)


def parse_instant(text: str) -> datetime:
    """An aware UTC instant from ISO 8601 with an offset or Z.

    Raises ValueError for anything else: without an offset nobody knows which instant is meant.
    """
    written = tidy_code(text).upper()
    if not _INSTANT.fullmatch(written):
        raise ValueError("an instant is written YYYY-MM-DDThh:mm:ss+08:00")
    try:
        instant = datetime.fromisoformat(written).astimezone(UTC)
        instant.astimezone(LOCAL)  # it has a local day too
    except OverflowError:
        raise ValueError("an instant outside the calendar") from None
    return instant


def format_instant(instant: datetime) -> str:
    """Local ISO 8601 with its offset: 2024-05-06T11:30:00+08:00. Raises ValueError if naive."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(LOCAL).isoformat()


def chinese_date(day: date) -> str:
    """2024年5月6日"""
    return f"{day.year}年{day.month}月{day.day}日"
