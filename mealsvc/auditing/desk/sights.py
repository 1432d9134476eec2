"""Which pictures a lead has, and what each of them shows: read from the ledger, drawn by `pictures`."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from math import cos, radians
from typing import Any, NamedTuple

from reportlab.graphics.shapes import Drawing
from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from mealsvc.auditing.desk import pictures
from mealsvc.auditing.desk.evidence import by_rule
from mealsvc.auditing.desk.kinds import TITLES
from mealsvc.auditing.scanning.models import Lead, LeadEdition, LeadLine
from mealsvc.bookings.rules import hours_of
from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.meals import LOCAL, MEALS
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident
from mealsvc.servings.models import DailyTally, Serving

MOST_STRIPS, MOST_PEOPLE, MOST_LINES = 4, 8, 60_000
LEAST_COMMON = 6
METRES_A_DEGREE = 111_195.0
HOME_GRID = 200.0
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Queue = Sequence[tuple[int, int]]  # resident and sequence in the order of time
Turn = tuple[date, str]  # a day and a meal
_Undo = aliased(Serving)


class Line(NamedTuple):
    """A serving that stands, or that the lead holds."""

    sequence: int
    resident: int
    day: date
    at: datetime
    meal: str

    @property
    def second(self) -> int:
        midnight = datetime.combine(self.day, time(), LOCAL)
        return int((self.at - midnight).total_seconds())


@dataclass
class Scene:
    """A lead's month at its point, and which of its lines the lead holds responsible, by which rules."""

    lead: Lead
    edition: LeadEdition
    point: MealPoint | None
    found: Mapping[int, str]
    lines: Sequence[Line] = field(default_factory=list)

    @property
    def month(self) -> Month:
        return Month.from_key(self.lead.month)

    @property
    def mine(self) -> list[Line]:
        return [one for one in self.lines if one.sequence in self.found]

    def split(self, lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
        """The lead's lines and the others."""
        found, others = [], []
        for one in lines:
            (found if one.sequence in self.found else others).append(one)
        return found, others


def scene_of(lead: Lead, edition: LeadEdition, point: MealPoint | None) -> Scene:
    """Reads the month of a lead: two queries. What the lead holds stays in its pictures when a case has
    reversed it since; other reversed lines are left out."""
    rows = select(LeadLine.sequence, LeadLine.rules).where(
        LeadLine.lead_id == lead.id, LeadLine.number == edition.number
    )
    found = {row.sequence: row.rules for row in db.session.execute(rows.limit(MOST_LINES))}
    month = Month.from_key(lead.month)
    wanted = select(
        Serving.sequence, Serving.resident_id, Serving.served_on, Serving.served_at, Serving.meal
    ).where(
        Serving.reverses.is_(None),
        or_(
            ~select(_Undo.sequence).where(_Undo.reverses == Serving.sequence).exists(),
            Serving.sequence.in_(
                select(LeadLine.sequence).where(
                    LeadLine.lead_id == lead.id, LeadLine.number == edition.number
                )
            ),
        ),
    )
    if point is None:
        wanted = wanted.join(LeadLine, LeadLine.sequence == Serving.sequence).where(
            LeadLine.lead_id == lead.id, LeadLine.number == edition.number
        )
    else:
        wanted = wanted.where(
            Serving.point_id == point.id,
            Serving.served_on.between(month.first_day, month.last_day),
        )
    wanted = wanted.order_by(Serving.served_on, Serving.served_at, Serving.sequence)
    lines = [Line(*row) for row in db.session.execute(wanted.limit(MOST_LINES))]
    return Scene(lead, edition, point, found, lines)


def draw(kind: str, scene: Scene) -> Drawing:
    """The picture of this kind, one of `kinds.TITLES`."""
    return {
        "timeline": _timeline,
        "order": _order,
        "map": _map,
        "counts": _counts,
        "people": _people,
    }[kind](scene)


def svg(kind: str, scene: Scene) -> str:
    """The same as a file."""
    return pictures.svg_of(draw(kind, scene), f"{scene.edition.title} · {TITLES[kind]}")


def _timeline(scene: Scene) -> Drawing:
    by_day = Counter(one.day for one in scene.mine)
    meals = {one.meal for one in scene.mine}
    lines = [one for one in scene.lines if one.meal in meals]
    there = {one.day for one in lines}
    asked = [turn[0] for pair in _told(scene)[:1] for turn in pair if turn[0] in there]
    ranked = [day for day, _ in sorted(by_day.items(), key=lambda pair: (-pair[1], pair[0]))]
    chosen = sorted(list(dict.fromkeys([*asked, *ranked]))[:MOST_STRIPS])
    strips = []
    for day in chosen:
        found, others = scene.split(one for one in lines if one.day == day)
        strips.append(
            pictures.Strip(
                _short(day), [one.second for one in found], [one.second for one in others]
            )
        )
    return pictures.timeline(strips, _hours(scene.point, meals))


def _hours(point: MealPoint | None, meals: Collection[str]) -> list[tuple[int, int]]:
    written = hours_of(point) if point is not None else {}
    spans = []
    for text in (text for meal, text in written.items() if meal in meals):
        opens, _, closes = text.partition("-")
        if opens and closes:
            spans.append((_seconds(opens), _seconds(closes)))
    return spans


def _seconds(clock: str) -> int:
    at = time.fromisoformat(clock)
    return at.hour * 3600 + at.minute * 60


def _order(scene: Scene) -> Drawing:
    queues = _queues(scene)
    first, second = _pair(scene, queues)
    places = [
        {who: at for at, (who, _) in enumerate(queues.get(day, ()), 1)} for day in (first, second)
    ]
    taken = dict(queues.get(first, ())), dict(queues.get(second, ()))
    pairs = [
        (places[0][who], places[1][who], any(one[who] in scene.found for one in taken))
        for who in places[0]
        if who in places[1]
    ]
    return pictures.order(pairs, _turn_words(first), _turn_words(second))


def _turn_words(turn: Turn) -> str:
    return f"{_short(turn[0])}{MEALS[turn[1]]}"


def _queues(scene: Scene) -> dict[Turn, list[tuple[int, int]]]:
    queues: dict[Turn, list[tuple[int, int]]] = defaultdict(list)
    for one in scene.lines:
        queues[one.day, one.meal].append((one.resident, one.sequence))
    return queues


def _pair(scene: Scene, queues: Mapping[Turn, Queue]) -> tuple[Turn, Turn]:
    """The copied queue and its template: as the evidence says, else the two most alike."""
    mine = Counter(
        (one.day, one.meal) for one in scene.mine if "A07" in scene.found[one.sequence]
    ) or Counter((one.day, one.meal) for one in scene.mine)
    nothing: Turn = (scene.month.first_day, "lunch")
    copied = max(mine, key=lambda turn: (mine[turn], turn), default=nothing)
    for pair in _told(scene):
        if pair[0] in queues and pair[1] in queues:
            return min(pair), max(pair)
    others = [turn for turn in queues if turn != copied and turn[1] == copied[1]]
    template = max(others, key=lambda turn: _alike(queues[copied], queues[turn]), default=nothing)
    return min(copied, template), max(copied, template)


def _alike(one: Queue, other: Queue) -> float:
    """Rank correlation of those who are in both, weighted by how many they are."""
    theirs = {who: at for at, (who, _) in enumerate(other)}
    common = [theirs[who] for who, _ in one if who in theirs]
    number = len(common)
    if number < LEAST_COMMON:
        return -1.0
    ranks = {value: at for at, value in enumerate(sorted(common))}
    apart = sum((at - ranks[value]) ** 2 for at, value in enumerate(common))
    return (1 - 6 * apart / (number * (number * number - 1))) * number**0.5


def _map(scene: Scene) -> Drawing:
    here = scene.point or _busiest(scene)
    if here is None or here.lon is None or here.lat is None:
        return pictures.places("（没有登记经纬度）", [], [], [])
    points = {one.id: one for one in db.session.scalars(select(MealPoint))}
    others = {
        one.id: _metres(one.lon, one.lat, here)
        for one in points.values()
        if one.lon is not None and one.lat is not None and one.id != here.id
    }
    met = _elsewhere(scene, here.id)
    seconds = [
        pictures.Mark(
            others[point_id], f"{points[point_id].name} {len(gaps)}次，最短隔{min(gaps)}分钟"
        )
        for point_id, gaps in sorted(met.items(), key=lambda pair: -len(pair[1]))[:5]
        if point_id in others
    ]
    rest = [at for point_id, at in others.items() if point_id not in met]
    return pictures.places(
        here.name, seconds, rest, _homes({one.resident for one in scene.mine}, here)
    )


def _busiest(scene: Scene) -> MealPoint | None:
    rows = (
        select(Serving.point_id)
        .where(Serving.sequence.in_(list(scene.found)[:1_000]))
        .group_by(Serving.point_id)
        .order_by(func.count().desc())
        .limit(1)
    )
    return db.session.get(MealPoint, db.session.scalar(rows) or 0)


def _elsewhere(scene: Scene, here: int) -> dict[int, list[int]]:
    """Minutes between each of the lead's lines and the same elder's serving elsewhere that day."""
    mine: dict[tuple[date, int], list[datetime]] = defaultdict(list)
    for one in scene.mine[:1_000]:
        mine[one.day, one.resident].append(one.at)
    rows = select(
        Serving.point_id, Serving.served_on, Serving.resident_id, Serving.served_at
    ).where(
        Serving.served_on.in_({day for day, _ in mine}),
        Serving.resident_id.in_({who for _, who in mine}),
        Serving.point_id != here,
        Serving.reverses.is_(None),
    )
    met: dict[int, list[int]] = defaultdict(list)
    for point_id, day, who, at in db.session.execute(rows):
        for when in mine.get((day, who), ()):
            met[point_id].append(round(abs((at - when).total_seconds()) / 60))
    return met


def _homes(residents: Collection[int], here: MealPoint) -> list[tuple[float, float]]:
    """Where these elders live, moved onto a grid so that no house is shown."""
    rows: Any = select(Resident.lon, Resident.lat).where(
        Resident.id.in_(list(residents)[:500]), Resident.lon.is_not(None), Resident.lat.is_not(None)
    )
    spots = set()
    for row in db.session.execute(rows):
        east, north = _metres(row.lon, row.lat, here)
        spots.add((round(east / HOME_GRID) * HOME_GRID, round(north / HOME_GRID) * HOME_GRID))
    return sorted(spots)


def _metres(lon: float, lat: float, here: MealPoint) -> tuple[float, float]:
    assert here.lon is not None and here.lat is not None
    east = (lon - here.lon) * METRES_A_DEGREE * cos(radians(here.lat))
    return east, (lat - here.lat) * METRES_A_DEGREE


def _counts(scene: Scene) -> Drawing:
    found, others = scene.split(scene.lines)
    mine, rest = (Counter(one.day.day for one in lines) for lines in (found, others))
    bars = [
        pictures.Bar(f"{day}日", mine[day], rest[day])
        for day in range(1, scene.month.last_day.day + 1)
    ]
    point = scene.point
    return pictures.counts(bars, point.daily_capacity if point else None, _usual(scene))


def _usual(scene: Scene) -> float | None:
    """The mean of the days with servings in the month before."""
    if scene.point is None:
        return None
    before = scene.month.previous
    a_day = (
        select(func.sum(DailyTally.lines - DailyTally.reversals).label("servings"))
        .where(
            DailyTally.settle_month >= before.key,
            DailyTally.point_id == scene.point.id,
            DailyTally.served_on.between(before.first_day, before.last_day),
        )
        .group_by(DailyTally.served_on)
        .subquery()
    )
    usual = db.session.scalar(select(func.avg(a_day.c.servings)))
    return float(usual) if usual else None


def _people(scene: Scene) -> Drawing:
    counts = Counter(one.resident for one in scene.mine)
    chosen = [who for who, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    chosen = chosen[:MOST_PEOPLE]
    names: dict[int, str] = {
        row.id: row.name
        for row in db.session.execute(
            select(Resident.id, Resident.name).where(Resident.id.in_(chosen))
        )
    }
    rows = []
    for who in chosen:
        found, others = scene.split(one for one in scene.lines if one.resident == who)
        days = {one.day.day for one in found}
        rest = {one.day.day for one in others} - days
        rows.append(pictures.Row(mask_name(names.get(who, "")), sorted(days), sorted(rest)))
    return pictures.people(rows, scene.month.last_day.day)


def _told(scene: Scene) -> list[tuple[Turn, Turn]]:
    """The copied queues that the evidence of an order names, each with its template."""
    chains = by_rule(scene.edition.evidence).get("A07", {}).get("chains", [])
    found = []
    for one in chains if isinstance(chains, list) else ():
        copied = _turn(one.get("day"), one.get("meal"))
        template = _turn(one.get("like_day"), one.get("like_meal"))
        if copied and template:
            found.append((copied, template))
    return found


def _turn(day: Any, meal: Any) -> Turn | None:
    meals = list(MEALS)
    if not (isinstance(day, str) and _DAY.fullmatch(day) and isinstance(meal, int)):
        return None
    return (date.fromisoformat(day), meals[meal]) if 0 <= meal < len(meals) else None


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"
