"""A whole inspection as fields of one long form, and back: what a clerk types from a paper record.

Names of fields: `QUA-01.result`, `QUA-01.note`, `QUA-01.outcome`, `QUA-01.m.valid_to`, and those of
the visit as a whole. Pure.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from mealsvc.kernel.dates import parse_date, parse_instant
from mealsvc.kernel.meals import LOCAL
from mealsvc.kernel.text import tidy, tidy_code
from mealsvc.supervision.checklist.fields import fields_of
from mealsvc.supervision.checklist.items import PASS, Item
from mealsvc.supervision.visits.rules import PART_NAMES

LINES = ("present", "recusal", "statement", "refused_why")
TIMES = {"started_at": "start", "ended_at": "end"}
LONGEST = 2_000  # of one field, before it is looked at


def typed_of(document: Mapping[str, Any], items: Iterable[Item]) -> dict[str, str]:
    """The fields that show this document."""
    typed = {name: str(document.get(name) or "") for name in LINES}
    typed["cards_shown"] = "on" if document.get("cards_shown") else ""
    for name, field in TIMES.items():
        if at := _local(document.get(name)):
            typed["day"] = typed.get("day") or f"{at:%Y-%m-%d}"
            typed[field] = f"{at:%H:%M}"
    signatures, count = _map(document.get("signatures")), _map(document.get("headcount"))
    for part in PART_NAMES:
        typed[part] = str(_map(signatures.get(part)).get("name") or "")
    for name in ("counted", "till"):
        typed[name] = "" if count.get(name) is None else str(count[name])
    at = _local(count.get("at"))
    typed["count_at"] = f"{at:%H:%M}" if at else ""
    results = _map(document.get("results"))
    for item in items:
        one = _map(results.get(item.code))
        for name in ("result", "note", "outcome"):
            typed[f"{item.code}.{name}"] = str(one.get(name) or "")
        for field in fields_of(item):
            value = _map(one.get("measured")).get(field.name)
            typed[f"{item.code}.m.{field.name}"] = "" if value is None else str(value)
    return typed


def document_of(
    typed: Mapping[str, str], items: Iterable[Item], before: Mapping[str, Any]
) -> dict[str, Any]:
    """The document that these fields make; photos stay those of the draft `before`.

    It is one of a paper record: signatures are names.
    """
    said = {name: value[:LONGEST] for name, value in typed.items()}
    document: dict[str, Any] = {name: tidy(said.get(name, "")) for name in LINES}
    document |= {"paper": True, "cards_shown": bool(said.get("cards_shown"))}
    for name, field in TIMES.items():
        document[name] = _instant(said.get("day", ""), said.get(field, ""))
    document["headcount"] = _headcount(said)
    document["signatures"] = {
        part: {"name": tidy(said[part]), "strokes": ""}
        for part in PART_NAMES
        if tidy(said.get(part, ""))
    }
    earlier = _map(before.get("results"))
    results = {item.code: _result(said, item, _map(earlier.get(item.code))) for item in items}
    document["results"] = {code: one for code, one in results.items() if one}
    return document


def filled(typed: Mapping[str, str], items: Iterable[Item]) -> dict[str, str]:
    """The same fields, with a pass wherever nothing was chosen."""
    codes = {f"{item.code}.result" for item in items}
    return {**typed, **{name: PASS for name in codes if not typed.get(name)}}


def _result(said: Mapping[str, str], item: Item, before: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        name: tidy(said.get(f"{item.code}.{name}", "")) for name in ("result", "note", "outcome")
    }
    measured = {
        field.name: value
        for field in fields_of(item)
        if (value := tidy(said.get(f"{item.code}.m.{field.name}", "")))
    }
    photos = before.get("photos")
    one: dict[str, Any] = {name: value for name, value in given.items() if value}
    if measured:
        one["measured"] = measured
    if photos and isinstance(photos, list):
        one["photos"] = list(photos)
    return one


def _headcount(said: Mapping[str, str]) -> dict[str, Any] | None:
    counted, till = (tidy_code(said.get(name, "")) for name in ("counted", "till"))
    if not (counted or till):
        return None
    at = _instant(said.get("day", ""), said.get("count_at", "") or said.get("start", ""))
    return {"counted": _whole(counted), "till": _whole(till), "at": at}


def _map(given: Any) -> Mapping[str, Any]:
    """A part of a draft, which may have come from anywhere: nothing where it is no such part."""
    return given if isinstance(given, Mapping) else {}


def _whole(text: str) -> Any:
    """The number, None for nothing; what is no number stays, for the check to name it."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else text


def _instant(day: str, clock: str) -> str:
    try:
        on = parse_date(tidy_code(day))
        at = datetime.strptime(f"{tidy_code(clock)} +0800", "%H:%M %z").timetz()
    except ValueError:
        return ""
    return datetime.combine(on, at).isoformat()


def _local(written: Any) -> datetime | None:
    try:
        return parse_instant(str(written)).astimezone(LOCAL)
    except ValueError:
        return None
