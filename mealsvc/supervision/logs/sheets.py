"""The sheet of a kind: what it asks once, its lines with what can be proposed, and what was typed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from flask import request

from mealsvc.bookings.forms import at_on
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.supervision.logs import queries, rules
from mealsvc.supervision.logs.forms import MOST_LINES, head_form, item_name, line_form
from mealsvc.supervision.logs.judging import Draft
from mealsvc.supervision.logs.kinds import (
    DEVICES,
    DISPOSALS,
    FIT,
    OK,
    SAMPLE_FRIDGE,
    WASTES,
    LogKind,
)
from mealsvc.supervision.logs.refusals import Incomplete
from mealsvc.supervision.logs.served import Dish, dishes_on
from mealsvc.supervision.logs.services import Row
from mealsvc.supervision.logs.words import facts_of, summary

NOTHING_FILLED = "一行都没有填写，请至少填写一行。"
WARE = "餐饮具"


class Layout(NamedTuple):
    """What a sheet asks once (`head`) and for each line; a line counts once one of `counts` is
    filled, all of them where there is none. `blank`: lines whose subject is typed.
    """

    head: tuple[str, ...]
    line: tuple[str, ...]
    counts: tuple[str, ...] = ()
    blank: int = 0


_KEEPER = ("person", "note")
LAYOUTS = {
    "morning_check": Layout(("person",), ("result", "off_duty", "note", "staff"), ("result",)),
    "sample": Layout(("place", "temp_c", *_KEEPER), ("grams",), ("grams",), 1),
    "sample_disposed": Layout(("how", *_KEEPER), (), ("given",)),
    "core_temp": Layout(_KEEPER, ("temp_c",), ("temp_c",), 1),
    "hold_temp": Layout(_KEEPER, ("temp_c", "minutes"), ("temp_c", "minutes"), 1),
    "cold_store": Layout(_KEEPER, ("device", "temp_c"), ("temp_c",), 1),
    "disinfection": Layout(
        _KEEPER, ("method", "temp_c", "minutes", "seconds", "ppm", "certificate")
    ),
    "purchase_check": Layout(
        _KEEPER,
        ("quantity_kg", "supplier", "batch", "expires_on", "licence", "certificate", "sound", "result"),
        ("subject", "quantity_kg"), 3,
    ),
    "waste": Layout(("collector", *_KEEPER), ("quantity_kg",), ("quantity_kg",)),
    "daily_control": Layout(_KEEPER, ("items",)),
    "weekly_check": Layout(("person",), ("result", "found")),
    "monthly_meeting": Layout(("person",), ("people", "found", "decided")),
    "weighing": Layout(_KEEPER, ("grams", "menu_grams"), ("grams",), 1),
    "incident": Layout(("person",), ("found", "people", "reported"), (), 1),
}  # fmt: skip


@dataclass(slots=True)
class Line:
    """One line of a sheet; `told`: what is logged about its subject already, or what it rests on."""

    form: Any
    told: str = ""

    @property
    def given(self) -> bool:
        return bool(self.form.given.data)


@dataclass(slots=True)
class Sheet:
    """A kind's sheet for one point, day and meal."""

    kind: LogKind
    point: MealPoint
    day: date
    meal: str
    head: Any
    lines: list[Line] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    """What is wrong: the field's id (empty: the sheet as a whole) and the message."""

    @property
    def layout(self) -> Layout:
        return LAYOUTS[self.kind.code]

    def rows(self) -> list[tuple[Line, Row]]:
        """The lines that were filled, as entries."""
        at = at_on(self.day, self.head.at.data)
        return [
            (one, Row(self.point, self._draft(one, at), f"{self.head.key.data}:{number}"))
            for number, one in enumerate(self.lines)
            if self._counts(one)
        ]

    def tell(self, one: Line | None, refusal: Refusal) -> None:
        """Puts a refusal at its fields."""
        problems = refusal.facts.get("problems") if isinstance(refusal, Incomplete) else None
        told = [(p.field, p.message) for p in problems] if isinstance(problems, list) else []
        for name, message in told or [(refusal.field or "", refusal.message)]:
            self._put(one, name, message)

    def is_sound(self) -> bool:
        """Whether all that was typed can be read; else `problems` says what not."""
        self.head.validate_on_submit()
        for form in (self.head, *(one.form for one in self.lines)):
            if form is not self.head:
                form.validate()
            for name, errors in form.errors.items():
                if name:
                    self.problems += [(form[name].id, str(error)) for error in errors]
        if not self.problems and not any(map(self._counts, self.lines)):
            self.problems.append(("", NOTHING_FILLED))
        return not self.problems

    def _put(self, one: Line | None, name: str, message: str) -> None:
        for form in (one and one.form, self.head):
            if form is not None and name in form:
                form[name].errors = [*form[name].errors, message]
                self.problems.append((form[name].id, message))
                return
        self.problems.append(("", message))

    def _counts(self, one: Line) -> bool:
        names = self.layout.counts
        if self.kind.code == "sample_disposed":
            return f"{one.form['given'].name}-tick" in request.form
        if not names:
            return True
        return any(one.form[name].data not in (None, "") for name in (*names, "action"))

    def _draft(self, one: Line, at: datetime) -> Draft:
        facts = {name: self.head[name].data for name in self.layout.head}
        for name in self.layout.line:
            if name == "items":
                facts["items"] = {
                    code: one.form[item_name(code)].data
                    for code in rules.control_items(self.point.kind)
                    if one.form[item_name(code)].data
                }
            else:
                facts[name] = one.form[name].data
        day, meal = _about(one.form.given.data) or (self.day, self.meal)
        subject = one.form.subject.data if self.kind.subject else ""
        return Draft(self.kind.code, day, meal, subject, at, facts, one.form.action.data)


def empty_sheet(
    kind: LogKind, point: MealPoint, day: date, meal: str, key: str, now: datetime
) -> Sheet:
    """A sheet with all that can be proposed; measured values never are."""
    layout = LAYOUTS[kind.code]
    last = queries.last_of(point.id, kind.code)
    known = facts_of(last) if last else {}
    proposed = {
        name: known.get(name) or _USUAL.get((kind.code, name))
        for name in layout.head
        if name not in ("temp_c", "note")
    }
    local = now.astimezone(LOCAL)
    at = local.time() if day == local.date() else rules.usual_time(kind.code, meal)
    sheet = Sheet(kind, point, day, meal, None)
    wanted = list(_PROPOSE.get(kind.code, _one_blank)(sheet, known, now))
    sheet.lines = [
        Line(line_form(kind, layout.line, number, formdata=None, data=data), told)
        for number, (data, told) in enumerate(wanted[:MOST_LINES])
    ]
    sheet.head = head_form(
        kind, layout.head, formdata=None,
        data={"key": key, "lines": str(len(sheet.lines)), "at": at} | proposed,
    )  # fmt: skip
    return sheet


def typed_sheet(kind: LogKind, point: MealPoint, day: date, meal: str) -> Sheet:
    """The sheet as it was sent."""
    layout = LAYOUTS[kind.code]
    head = head_form(kind, layout.head)
    written = head.lines.data or ""
    fits = written.isascii() and written.isdigit() and len(written) < 4
    count = min(int(written), MOST_LINES) if fits else 0
    lines = [
        Line(line_form(kind, layout.line, number, formdata=request.form)) for number in range(count)
    ]
    return Sheet(kind, point, day, meal, head, lines)


Proposed = Iterable[tuple[dict[str, Any], str]]
_USUAL = {
    ("sample", "place"): DEVICES[SAMPLE_FRIDGE],
    ("sample_disposed", "how"): DISPOSALS[0],
}


def _about(given: str) -> tuple[date, str] | None:
    """The sample's own day and meal that a line of disposals names."""
    written, _, meal = (given or "").partition("/")
    if not meal:
        return None
    try:
        return date.fromisoformat(written), meal
    except ValueError:
        return None


def _one_blank(sheet: Sheet, known: Mapping[str, Any], now: datetime) -> Proposed:
    yield {}, ""


def _dishes(sheet: Sheet, known: Mapping[str, Any], now: datetime) -> Proposed:
    """The dishes of the menu with what is logged about them; then a line to type another."""
    logged: dict[str, list[str]] = {}
    for entry in queries.subjects_logged(sheet.point.id, sheet.kind.code, sheet.day, sheet.meal):
        logged.setdefault(entry.subject, []).append(summary(entry))
    for dish in dishes_on(sheet.point, sheet.day).get(sheet.meal, ()):
        data = {"given": "1", "subject": dish.name} | _weight(sheet, dish)
        yield data, "；".join(logged.pop(dish.name, ()))
    for subject, told in logged.items():
        yield {"given": "1", "subject": subject}, "；".join(told)
    for _ in range(sheet.layout.blank):
        yield {}, ""


def _weight(sheet: Sheet, dish: Dish) -> dict[str, Any]:
    return {"menu_grams": dish.portion_g} if sheet.kind.code == "weighing" else {}


def _staff(sheet: Sheet, known: Mapping[str, Any], now: datetime) -> Proposed:
    """Everybody on the staff, preset to fit; who was checked before is not preset."""
    logged: dict[str, list[str]] = {}
    for entry in queries.subjects_logged(sheet.point.id, "morning_check", sheet.day, ""):
        logged.setdefault(entry.subject, []).append(summary(entry))
    for one in queries.staff_on(sheet.point.id, sheet.day):
        told = "；".join(logged.get(one.name, ()))
        preset = {} if told else {"result": FIT}
        yield {"given": "1", "subject": one.name, "staff": one.id} | preset, told


def _devices(sheet: Sheet, known: Mapping[str, Any], now: datetime) -> Proposed:
    """The devices that were read lately; at first one of each usual type."""
    devices = queries.devices_of(sheet.point.id, sheet.day)
    if not devices:
        devices = [(name, code) for code, name in DEVICES.items() if code != "cold_room"]
    logged: dict[str, list[str]] = {}
    for entry in queries.subjects_logged(sheet.point.id, "cold_store", sheet.day, ""):
        logged.setdefault(entry.subject, []).append(summary(entry))
    for name, code in devices:
        told = "；".join(logged.get(name, ()))
        yield {"given": "1", "subject": name, "device": code}, told
    yield {"device": "chiller"}, ""


def _disinfection(sheet: Sheet, known: Mapping[str, Any], now: datetime) -> Proposed:
    done = queries.subjects_logged(sheet.point.id, "disinfection", sheet.day, sheet.meal)
    told = "；".join(f"{entry.subject} {summary(entry)}" for entry in done)
    yield {"subject": WARE, "method": known.get("method")}, told


def _wastes(sheet: Sheet, known: Mapping[str, Any], now: datetime) -> Proposed:
    for name in WASTES:
        yield {"given": "1", "subject": name}, ""


def _purchases(sheet: Sheet, known: Mapping[str, Any], now: datetime) -> Proposed:
    for _ in range(sheet.layout.blank):
        yield {"supplier": "", "result": "accepted"}, ""


def _disposals(sheet: Sheet, known: Mapping[str, Any], now: datetime) -> Proposed:
    """The samples whose time is over; the others are on their list."""
    for sample in queries.samples_kept(sheet.point.id, sheet.day - queries.SAMPLE_MEMORY):
        if sample.due(now):
            entry = sample.entry
            yield {"given": f"{entry.day}/{entry.meal}", "subject": entry.subject}, summary(entry)


def _control(sheet: Sheet, known: Mapping[str, Any], now: datetime) -> Proposed:
    """Preset are the items whose logs of the day are complete and in range."""
    good = queries.logs_in_order(sheet.point, sheet.day, local_date(now))
    items = rules.control_items(sheet.point.kind)
    yield {item_name(code): OK for code in items if good.get(CONTROL_LOGS.get(code, ""))}, ""


CONTROL_LOGS = {
    "STF-02": "morning_check",
    "COK-02": "core_temp",
    "COK-03": "hold_temp",
    "SMP-01": "sample",
    "DIS-01": "disinfection",
    "COL-01": "cold_store",
}
_PROPOSE: dict[str, Callable[[Sheet, Mapping[str, Any], datetime], Proposed]] = {
    "morning_check": _staff,
    "sample": _dishes,
    "sample_disposed": _disposals,
    "core_temp": _dishes,
    "hold_temp": _dishes,
    "weighing": _dishes,
    "cold_store": _devices,
    "disinfection": _disinfection,
    "purchase_check": _purchases,
    "waste": _wastes,
    "daily_control": _control,
}
