"""What one good row of each kind of file holds, after parsing. `line` is its line in the file."""

from datetime import date as Day
from datetime import datetime
from datetime import time as Time
from decimal import Decimal
from typing import NamedTuple

from mealsvc.exchange.values import Hours, Spell
from mealsvc.kernel.resident_id import ResidentId


class DivisionRow(NamedTuple):
    line: int
    code: str
    name: str
    level: str
    managed_by: str | None = None
    pop60: int | None = None
    lon: float | None = None
    lat: float | None = None


class PointRow(NamedTuple):
    line: int
    code: str
    name: str
    kind: str
    division: str
    address: str | None = None
    lon: float | None = None
    lat: float | None = None
    seats: int | None = None
    daily_capacity: int | None = None
    opened_on: Day | None = None
    closed_on: Day | None = None
    catering_mode: str | None = None
    operator: str | None = None
    uscc: str | None = None
    licence_no: str | None = None
    licence_expires_on: Day | None = None
    supplier: str | None = None
    lunch_hours: Hours | None = None
    dinner_hours: Hours | None = None


class CandidateRow(NamedTuple):
    line: int
    code: str
    lon: float
    lat: float
    name: str | None = None
    division: str | None = None
    daily_capacity: int | None = None
    build_cost_fen: int | None = None


class ResidentRow(NamedTuple):
    line: int
    id_number: ResidentId
    name: str
    hukou_division: str
    residence_division: str | None = None
    address: str | None = None
    phone: str | None = None
    categories: tuple[Spell, ...] | None = None
    card_no: str | None = None
    enrolled_on: Day | None = None
    lon: float | None = None
    lat: float | None = None


class DepartureRow(NamedTuple):
    line: int
    id_number: ResidentId
    event: str
    from_on: Day
    to_on: Day | None = None
    source: str | None = None


class BudgetRow(NamedTuple):
    """Without a `division` it is the district's line."""

    line: int
    year: int
    source: str
    amount_fen: int
    division: str | None = None
    basis: str | None = None


class MenuRow(NamedTuple):
    line: int
    point: str
    date: Day
    meal: str
    name: str
    kind: str
    price_fen: int | None = None
    portion_g: Decimal | None = None
    salt_g: Decimal | None = None
    allergens: str | None = None
    diet: str | None = None


class ServingRow(NamedTuple):
    """`price_fen` is None when it could not be read: `bad_price`, after other refusals."""

    line: int
    key: str
    point: str
    credential: str
    served_at: datetime
    meal: str
    mode: str
    price_fen: int | None = None
    method: str | None = None
    operator: str | None = None
    device: str | None = None


class ReversalRow(NamedTuple):
    line: int
    key: str
    reverses: str
    reason: str
    at: datetime


class PurchaseRow(NamedTuple):
    line: int
    point: str
    date: Day
    item: str
    quantity_kg: Decimal
    supplier: str | None = None
    batch: str | None = None
    expires_on: Day | None = None


class LogRow(NamedTuple):
    """An entry of a daily log; `result` and `items` are read by the kind (see `log_rows`)."""

    line: int
    key: str
    point: str
    kind: str
    day: Day
    meal: str | None = None
    subject: str | None = None
    at: datetime | Time | None = None
    device: str | None = None
    method: str | None = None
    temp_c: Decimal | None = None
    grams: Decimal | None = None
    menu_grams: Decimal | None = None
    minutes: Decimal | None = None
    seconds: Decimal | None = None
    ppm: Decimal | None = None
    quantity_kg: Decimal | None = None
    kept_until: datetime | None = None
    supplier: str | None = None
    batch: str | None = None
    expires_on: Day | None = None
    licence: bool | None = None
    certificate: bool | None = None
    sound: bool | None = None
    off_duty: bool | None = None
    result: str | None = None
    items: str | None = None
    place: str | None = None
    how: str | None = None
    collector: str | None = None
    found: str | None = None
    people: str | None = None
    decided: str | None = None
    reported: str | None = None
    person: str | None = None
    note: str | None = None
    action: str | None = None


class DocumentRow(NamedTuple):
    line: int
    kind: str
    point: str | None = None
    number: str | None = None
    issuer: str | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    note: str | None = None


class StaffRow(NamedTuple):
    """Somebody who works at a point, with one certificate, training or appointment at most each."""

    line: int
    point: str
    name: str
    post: str
    joined_on: Day
    left_on: Day | None = None
    handles_food: bool | None = None
    volunteer: bool | None = None
    health_no: str | None = None
    health_from: Day | None = None
    health_to: Day | None = None
    trained_on: Day | None = None
    officer_from: Day | None = None
    director_from: Day | None = None


class InspectionRow(NamedTuple):
    """One item's result; but for the key, cells are read when the whole inspection is there."""

    line: int
    key: str
    point: str | None = None
    kind: str | None = None
    mode: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    lead: str | None = None
    second: str | None = None
    item: str | None = None
    result: str | None = None
    measured: str | None = None
    note: str | None = None
    outcome: str | None = None
    counted: str | None = None
    till_count: str | None = None
    counted_at: str | None = None
    present: str | None = None
    statement: str | None = None
    refused_why: str | None = None
    witness: str | None = None
    plan: str | None = None
