"""An assessment (研判): what follows from its ground. Pure; every table that pages and report show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from mealsvc.kernel.money import share
from mealsvc.policies.rules import SOURCES
from mealsvc.survey.assessing.ground import Cell, Ground, Trial
from mealsvc.survey.assessing.risk_words import risks_of
from mealsvc.survey.assessing.rules import demand as demands
from mealsvc.survey.assessing.rules import supply
from mealsvc.survey.assessing.rules.breakeven import BELOW, HOPELESS, Economics
from mealsvc.survey.assessing.rules.demand import BANDS, Range
from mealsvc.survey.assessing.rules.risks import Risk
from mealsvc.survey.assessing.rules.sites import Ranked, ranked
from mealsvc.survey.assessing.rules.supply import Catchment, Spot, TownRow

YEAR = 365
NOBODY = Range(Fraction(0), Fraction(0), Fraction(0))


@dataclass(frozen=True, slots=True)
class DemandRow:
    """A town's elders of a band: meals a day that they want, by the questionnaire."""

    town: str
    town_name: str
    band: str
    eligible: int
    answered: int
    borrowed: str
    meals_week: Range
    a_day: Range
    paying_day: Range


@dataclass(frozen=True, slots=True)
class Blank:
    """A community outside every radius."""

    division: str
    name: str
    town_name: str
    eligible: int
    nearest_m: int | None
    resources: int


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A tariff that was tried, beside the policies in force (fen; a year at the replayed pace)."""

    id: int
    name: str
    months: tuple[str, ...]
    servings: int
    base_year_fen: int
    trial_year_fen: int
    base_self_pay_fen: Fraction
    trial_self_pay_fen: Fraction
    base_cost_fen: Fraction
    trial_cost_fen: Fraction
    winners: int
    losers: int
    sources: tuple[tuple[str, int, int], ...]
    points_below: int
    trial_points_below: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that follows. `basis` says whose demand the towns' table uses: D, A or none.

    `by_survey` and `by_sheets` are what all who wish want; `paying` is what those want who would pay
    what elders pay now, `paying_near` its expected part within the radius.
    """

    basis: str
    demand: tuple[DemandRow, ...]
    by_survey: Range | None
    by_sheets: Range | None
    paying: Range | None
    paying_near: Fraction | None
    towns: tuple[TownRow, ...]
    catchments: tuple[Catchment, ...]
    blanks: tuple[Blank, ...]
    points: tuple[Economics, ...]
    candidates: tuple[Ranked, ...]
    trials: tuple[TrialRow, ...]
    risks: tuple[Risk, ...]

    @property
    def wanted(self) -> Range:
        """Meals a day in the district, by the questionnaire where there is one."""
        return self.by_survey or self.by_sheets or NOBODY

    @property
    def gaps(self) -> list[TownRow]:
        return supply.rank_gaps(self.towns)

    @property
    def overloaded(self) -> list[Catchment]:
        return sorted(
            (one for one in self.catchments if one.overloaded),
            key=lambda one: (-(one.load or 0), one.point),
        )


def assess_ground(ground: Ground) -> Assessment:
    """What follows from the ground."""
    eligible, told = eligible_by_band(ground), ground.survey.told
    cells = demands.cells_of(eligible, told)
    payers = demands.cells_of(eligible, ground.survey.paying)
    counted = ground.counted()
    part = demands.paying_part(counted, ground.self_pay_fen)
    by_survey = demands.total_of(cells, told) if cells else None
    by_sheets = demands.counted_demand(counted, ground.eligible)
    wished = _by_town(ground, cells, told, Fraction(1))
    by_town = _by_town(ground, payers, ground.survey.paying, part)
    spots = _spots(ground, by_town)
    sites = [point.site() for point in ground.serving]
    found = supply.catchments(spots, sites, ground.limits.radius_m)
    resources = [
        code
        for code, sheet in (ground.survey.resources or {}).items()
        for row in sheet.get("C01") or ()
        if row.get("C17") != "no"
    ]
    points = tuple(_months(ground))
    return Assessment(
        basis="D" if cells else "A" if by_sheets else "",
        demand=tuple(
            _demand_row(ground, cell, payer) for cell, payer in zip(cells, payers, strict=True)
        ),
        by_survey=by_survey,
        by_sheets=by_sheets,
        paying=demands.total_of(payers, ground.survey.paying)
        if payers
        else demands.counted_demand(counted, ground.eligible, part),
        paying_near=sum((one.demand for one in found.points), Fraction(0)) if by_town else None,
        towns=_towns(ground, wished, by_town, spots),
        catchments=found.points,
        blanks=tuple(_blank(ground, spot, found.nearest, resources) for spot in found.outside),
        points=points,
        candidates=tuple(
            ranked(ground.candidates, found.outside, resources, ground.limits.radius_m)
        ),
        trials=tuple(_trial_row(ground, one) for one in ground.trials),
        risks=tuple(risks_of(ground)),
    )


def eligible_by_band(ground: Ground) -> dict[Cell, int]:
    """Each managed town's elders shared out over the bands as the register has them; the whole
    district's shares where a town has nobody registered."""
    whole = [sum(n for (_, of), n in ground.register.bands.items() if of == b) for b in BANDS]
    found: dict[Cell, int] = {}
    for row in ground.standing.towns:
        own = [ground.register.bands.get((row.division, band), 0) for band in BANDS]
        weights = own if sum(own) else whole
        parts = share(row.eligible, weights) if sum(weights) else [row.eligible, 0, 0, 0]
        found |= {(row.division, band): n for band, n in zip(BANDS, parts, strict=True)}
    return found


def _by_town(
    ground: Ground,
    cells: list[demands.Cell],
    told: Mapping[demands.Key, demands.Told],
    part: Fraction,
) -> dict[str, Range]:
    """Meals a day by town: by the questionnaire, else `part` of what the villages' sheets give."""
    if cells:
        return {
            row.division: demands.total_of(
                [cell for cell in cells if cell.town == row.division], told
            )
            for row in ground.standing.towns
        }
    counted = ground.counted()
    found = {
        row.division: demands.counted_demand(
            [one for one in counted if one.division.startswith(row.division)], row.eligible, part
        )
        for row in ground.standing.towns
    }
    return {town: one for town, one in found.items() if one is not None}


def _spots(ground: Ground, by_town: Mapping[str, Range]) -> list[Spot]:
    """The communities with their part of the town's demand, in proportion to their elders."""
    elders = {row.division: row.eligible for row in ground.standing.towns}
    found = []
    for row in ground.standing.rows:
        town = row.division[:9]
        wanted = by_town.get(town, NOBODY).mid
        part = wanted * Fraction(row.eligible, elders[town]) if elders.get(town) else Fraction(0)
        position = None if row.lon is None or row.lat is None else (row.lon, row.lat)
        found.append(Spot(row.division, row.name, town, row.eligible, part, position))
    return found


def _towns(
    ground: Ground,
    wished: Mapping[str, Range],
    by_town: Mapping[str, Range],
    spots: list[Spot],
) -> tuple[TownRow, ...]:
    sites = [point.site() for point in ground.serving]
    near = supply.reaching(spots, sites, ground.limits.radius_m)
    rows = []
    for row in ground.standing.towns:
        own = [site for site in sites if site.town == row.division]
        wanted, seats = by_town.get(row.division, NOBODY), sum(site.seats for site in own)
        rows.append(
            TownRow(
                town=row.division,
                name=row.name,
                eligible=row.eligible,
                wish=wished.get(row.division, NOBODY).mid,
                low=wanted.low,
                demand=wanted.mid,
                high=wanted.high,
                capacity=sum(site.capacity for site in own),
                reaching=near.get(row.division, 0),
                seats=seats,
                turned=seats * ground.limits.seat_turns,
                served=sum((site.servings_day for site in own), Fraction(0)),
            )
        )
    return tuple(rows)


def _demand_row(ground: Ground, cell: demands.Cell, payer: demands.Cell) -> DemandRow:
    own = cell.source == (cell.town, cell.band)
    everybody = "全区全部答卷" if cell.source == ("", "") else "全区同年龄段答卷"
    return DemandRow(
        cell.town,
        ground.names.get(cell.town, cell.town),
        BANDS[cell.band],
        cell.eligible,
        cell.answered,
        "" if own else everybody,
        cell.meals_week,
        cell.a_day,
        payer.a_day,
    )


def _blank(
    ground: Ground, spot: Spot, nearest: Mapping[str, tuple[str, float]], resources: list[str]
) -> Blank:
    found = nearest.get(spot.division)
    return Blank(
        spot.division,
        spot.name,
        ground.names.get(spot.town, spot.town),
        spot.eligible,
        None if found is None else round(found[1]),
        resources.count(spot.division),
    )


def _trial_row(ground: Ground, trial: Trial) -> TrialRow:
    told = trial.outcome
    base, new, days = told["base"], told["trial"], told["days"]
    lines, price = told["lines"], Fraction(told["price_fen"], told["price_servings"] or 1)

    def year(fen: int) -> int:
        return int(Fraction(fen * YEAR, days) + Fraction(1, 2))

    def a_serving(fen: int) -> Fraction:
        return Fraction(fen, lines) if lines else Fraction(0)

    sources = [name for name in SOURCES if name in base["funding"] or name in new["funding"]]
    return TrialRow(
        trial.id,
        trial.name,
        tuple(told["months"]),
        lines,
        year(base["total_fen"]),
        year(new["total_fen"]),
        price - a_serving(base["subsidy_fen"]),
        price - a_serving(new["subsidy_fen"]),
        a_serving(base["total_fen"]),
        a_serving(new["total_fen"]),
        told["winners"],
        told["losers"],
        tuple(
            (name, year(base["funding"].get(name, 0)), year(new["funding"].get(name, 0)))
            for name in sources
        ),
        sum(loses(one) for one in _months(ground)),
        sum(loses(one) for one in _tried(ground, told["points"])),
    )


def loses(one: Economics) -> bool:
    """Whether a point's month lost money, as far as that is known."""
    return one.state in (BELOW, HOPELESS)


def _months(ground: Ground) -> list[Economics]:
    return [point.month for point in ground.serving]


def _tried(ground: Ground, rows: list[Mapping[str, int]]) -> list[Economics]:
    """The points' month under a trial: a subsidy only moves what elders pay themselves, so delivery
    and operating money are all that a point notices."""
    by_point = {str(row["point"]): row for row in rows}
    found = []
    for one in _months(ground):
        row = by_point.get(one.point)
        if row is None or not row["servings"]:
            found.append(one)
            continue
        more = sum(row[f"trial_{name}"] - row[f"base_{name}"] for name in _NOTICED)
        delta = round(Fraction(more * one.servings, row["servings"]))
        found.append(replace(one, delivery_fen=one.delivery_fen + delta))
    return found


_NOTICED = ("delivery_fen", "operating_fen")
