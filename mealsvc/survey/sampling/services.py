"""Drawing a round's questionnaire, keeping the draw, calling up the reserve, proving the draw."""

import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on
from mealsvc.survey.forms.questionnaire import REPLACED
from mealsvc.survey.rounds import services as rounds
from mealsvc.survey.rounds.models import SurveyRound
from mealsvc.survey.rounds.units import BY_PERSON, Unit
from mealsvc.survey.sampling import queries, rules
from mealsvc.survey.sampling.models import SurveyDraw, SurveyPerson
from mealsvc.survey.sampling.population import people_of
from mealsvc.survey.sampling.refusals import (
    BadSize,
    DrawnAlready,
    NobodyToDraw,
    NoReserve,
    NotAsked,
)
from mealsvc.survey.sampling.rules import Drawn, Person, Stratum
from mealsvc.trail.services import record

MOST = 5_000
LONGEST_SEED = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """What a draw would be: asked size, the bounds of it, strata and the error to expect."""

    size: int
    least: int
    most: int
    population: int
    needed: int
    margin: float
    strata: tuple[Stratum, ...]

    @property
    def drawn(self) -> int:
        return sum(one.drawn for one in self.strata)

    @property
    def reserve(self) -> int:
        return sum(one.reserve for one in self.strata)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A draw that was made and not kept."""

    round_id: int
    seed: str
    size: int
    reserve: float
    population: str
    drawn: Drawn


@dataclass(frozen=True, slots=True)
class Proof:
    """A kept draw done again: strata that came out the same, those whose people are not the same
    in the register today, and those that the seed does not draw."""

    same: tuple[Stratum, ...]
    changed: tuple[Stratum, ...]
    wrong: tuple[Stratum, ...]


def fresh_seed() -> str:
    """A seed that nobody could foresee."""
    return secrets.token_hex(8)


def plan(row: SurveyRound, size: int | None = None) -> Plan:
    """The strata with their numbers, before anybody is drawn. Raises `NobodyToDraw`, `BadSize`."""
    counts = Counter(one.cell for one in _people(row))
    people = sum(counts.values())
    wanted, least = _size(size, people, row.as_of)
    strata = rules.planned(counts, wanted, _reserve(row.as_of))
    return Plan(
        size=wanted,
        least=least,
        most=min(people, MOST),
        population=people,
        needed=rules.least_size(people),
        margin=rules.margin_of(strata),
        strata=strata,
    )


def look(row: SurveyRound, seed: str = "", size: int | None = None) -> Drawing:
    """Draws without keeping: reads the register once.

    Raises `NotAsked`, `DrawnAlready`, `NobodyToDraw`, `BadSize`.
    """
    if BY_PERSON not in row.forms:
        raise NotAsked()
    if queries.draw_of(row.id) is not None:
        raise DrawnAlready()
    people = _people(row)
    wanted, _ = _size(size, len(people), row.as_of)
    reserve = _reserve(row.as_of)
    seed = seed.strip()[:LONGEST_SEED] or fresh_seed()
    drawn = rules.drawn_from(people, seed, wanted, reserve)
    return Drawing(row.id, seed, wanted, reserve, rules.digest_of(people), drawn)


def keep(row: SurveyRound, made: Drawing, by: Actor, now: datetime) -> SurveyDraw:
    """Stores the draw and issues the questionnaire to everybody drawn.

    Raises `DrawnAlready`, `RoundLocked`.
    """
    if queries.draw_of(row.id) is not None:
        raise DrawnAlready()
    kept = SurveyDraw(
        round_id=row.id,
        seed=made.seed,
        size=made.drawn.size,
        strata=_told(made),
        population=made.population,
        at=now,
        by=str(by),
    )
    db.session.add(kept)
    db.session.flush()
    places = made.drawn.places
    db.session.execute(
        insert(SurveyPerson),
        [
            {
                "draw_id": kept.id,
                "place": one.place,
                "resident_id": one.person.id,
                "stratum": one.person.cell.code,
                "division": one.person.division,
            }
            for one in places
        ],
    )
    rounds.add_sheets(row, BY_PERSON, [_unit(one) for one in places[: kept.size]], by, now)
    detail = {
        "seed": made.seed,
        "drawn": kept.size,
        "reserve": len(places) - kept.size,
        "strata": len(made.drawn.strata),
        "population": made.population,
    }
    record(by, "surveys.draw", row.number, detail)
    return kept


def draw(
    row: SurveyRound, seed: str, by: Actor, now: datetime, size: int | None = None
) -> SurveyDraw:
    """`look` and `keep` in one."""
    return keep(row, look(row, seed, size), by, now)


def call_reserve(row: SurveyRound, by: Actor, now: datetime) -> int:
    """Issues the questionnaire to the next of the reserve, one for each that refused or was never
    met, in the same stratum; how many. Raises `NoReserve`, `RoundLocked`."""
    sample = queries.sample_of(row.id)
    called = queries.to_call(sample) if sample else []
    if sample is None or not called:
        raise NoReserve()
    units = [Unit(one.unit, one.division, one.resident_id) for one in called]
    rounds.add_sheets(row, BY_PERSON, units, by, now)
    record(by, "surveys.reserve", row.number, {"called": len(units), "for": list(REPLACED)})
    return len(units)


def redraw(row: SurveyRound) -> Proof | None:
    """The kept draw done again with the register as it is read today; None without a draw.

    A stratum whose people changed since (a death that was noted late) cannot be drawn again.
    """
    sample = queries.sample_of(row.id)
    if sample is None:
        return None
    owner = {cell: one.code for one in sample.strata for cell in one.cells}
    people: Mapping[str, list[Person]] = defaultdict(list)
    for one in people_of(row.division, row.as_of):
        people[owner.get(one.cell, "")].append(one)
    kept: Mapping[str, list[int]] = defaultdict(list)
    for one in sample.people:
        kept[one.stratum].append(one.resident_id)
    found: dict[str, list[Stratum]] = {"same": [], "changed": [], "wrong": []}
    for stratum in sample.strata:
        own = people[stratum.code]
        again = sorted(own, key=lambda one: rules.rank_of(sample.row.seed, one))
        ids = [one.id for one in again]
        drawn = (
            sorted(ids[: stratum.drawn]),
            ids[stratum.drawn : stratum.drawn + stratum.reserve],
        )
        was = kept[stratum.code]
        if rules.digest_of(own) != stratum.digest:
            found["changed"].append(stratum)
        elif drawn == (sorted(was[: stratum.drawn]), was[stratum.drawn :]):
            found["same"].append(stratum)
        else:
            found["wrong"].append(stratum)
    return Proof(*(tuple(found[kind]) for kind in ("same", "changed", "wrong")))


def _people(row: SurveyRound) -> list[Person]:
    people = people_of(row.division, row.as_of)
    if not people:
        raise NobodyToDraw()
    return people


def _size(asked: int | None, people: int, day: date) -> tuple[int, int]:
    """How many to draw, and the fewest that may be asked for."""
    least = min(people, int(value_on("survey.sample_size", day)))
    most = min(people, MOST)
    if asked is not None and not least <= asked <= most:
        raise BadSize(least=least, most=most)
    return min(asked or least, most), least


def _reserve(day: date) -> float:
    return float(value_on("survey.reserve", day)) / 100


def _unit(one: rules.Place) -> Unit:
    return Unit(queries.unit_of(one.place), one.person.division, one.person.id)


def _told(made: Drawing) -> str:
    strata: list[dict[str, Any]] = [
        {
            "cells": [cell.code for cell in one.cells],
            "population": one.population,
            "drawn": one.drawn,
            "reserve": one.reserve,
            "digest": one.digest,
        }
        for one in made.drawn.strata
    ]
    return json.dumps(
        {"size": made.size, "reserve": made.reserve, "strata": strata}, sort_keys=True
    )
