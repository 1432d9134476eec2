"""Reads what the summaries of a town and of the district show: the settlement's own figures by
point and by source, those of the month before, and the year's budget."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.months import Month
from mealsvc.papers.rules import facts_digest
from mealsvc.papers.services import Matter
from mealsvc.places.models import Division, MealPoint
from mealsvc.plumbing.db import db
from mealsvc.plumbing.pages import fen
from mealsvc.reports.gathering import is_demo
from mealsvc.reports.settlement_facts import bureau
from mealsvc.settlement.acts import PREVIEW
from mealsvc.settlement.batches import held_of
from mealsvc.settlement.models import BudgetLine, SettlementBatch
from mealsvc.settlement.rules import Held
from mealsvc.settlement.services import settlement_of

NUMBERS = {"town-summary": "HZ", "district-summary": "QH"}
SUMMED = (
    "servings",
    "subsidised",
    "subsidy_fen",
    "delivery_fen",
    "operating_fen",
    "adjustment_fen",
    "held_fen",
    "payable_fen",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A point's month; `held` is what is carved out, by source, `before` the last month's payable."""

    name: str
    town: str
    figures: Mapping[str, Any]
    held: Mapping[str, int]
    line_digest: str
    before: int | None

    def by_source(self, source: str) -> tuple[int, int, int]:
        """Own lines, adjustments, held."""
        own, late = self.figures["funding"], self.figures["adjustment_funding"]
        return own.get(source, 0), late.get(source, 0), self.held.get(source, 0)


@dataclass(frozen=True, slots=True)
class Summary:
    """The points of a division in a month. `year` is what each source has paid or owes for the
    months of this year up to this one, as far as they are submitted."""

    month: Month
    division: str
    name: str
    issuer: str
    rows: tuple[Row, ...]
    towns: Mapping[str, str]
    year: Mapping[str, int]
    budget: Mapping[str, int]
    demo: bool

    @property
    def submitted(self) -> bool:
        return all(row.figures["status"] != PREVIEW for row in self.rows)


def total(rows: tuple[Row, ...]) -> dict[str, int]:
    return {name: sum(row.figures[name] for row in rows) for name in SUMMED}


def summary_of(month: Month, division: str) -> Summary:
    """The division's month, from the settlement as the interface shows it."""
    entries = settlement_of(month, within=division)["points"]
    before = settlement_of(month.previous, within=division)["points"]
    payable = {entry["point"]: entry["payable_fen"] for entry in before}
    places = {place.code: place for place in db.session.scalars(_places(division))}
    batches = {batch.point_id: batch for batch in db.session.scalars(_batches(month, division))}
    held = held_of(month, [places[entry["point"]].id for entry in entries])
    names = _names(division)
    return Summary(
        month=month,
        division=division,
        name=names.get(division, division),
        issuer=_issuer(division, names),
        rows=tuple(
            _row(entry, places[entry["point"]], batches, held, payable) for entry in entries
        ),
        towns=names,
        year=_year(month, division),
        budget=_budget(month, division),
        demo=is_demo(),
    )


def matter_of(facts: Summary, kind: str, words: str) -> Matter:
    """What is kept of the issued paper. Last month's figures and the budget are told as they were
    on the day of issue: only amounts of this month make another edition."""
    sums = total(facts.rows)
    told = [
        {**row.figures, "status": "", "held": dict(row.held), "lines": row.line_digest}
        for row in facts.rows
    ]
    return Matter(
        kind=kind,
        subject=f"{kind}/{facts.month}/{facts.division}",
        number=f"{NUMBERS[kind]}-{facts.month}-{facts.division}",
        title=f"{facts.month.chinese}{facts.name}{words}",
        issuer=facts.issuer,
        totals={
            "助餐点": f"{len(facts.rows)} 个",
            "就餐份数": f"{sums['servings']:,} 份",
            "暂缓合计": f"{fen(sums['held_fen'])} 元",
            "应付金额合计": f"{fen(sums['payable_fen'])} 元",
        },
        facts_digest=facts_digest(told),
    )


def _row(
    entry: Mapping[str, Any],
    place: MealPoint,
    batches: Mapping[int, SettlementBatch],
    held: Mapping[int, Held],
    before: Mapping[str, int],
) -> Row:
    batch = batches.get(place.id)
    carved = held.get(place.id, Held()).funding
    if batch is not None and batch.held_fen is not None:
        carved = json.loads(batch.held_funding or "{}")
    return Row(
        name=json.loads(batch.heading)["name"] if batch else place.name,
        town=place.division[:9],
        figures=entry,
        held=carved,
        line_digest=batch.line_digest if batch else "",
        before=before.get(entry["point"]),
    )


def _places(division: str) -> Any:
    return select(MealPoint).where(MealPoint.division.startswith(division, autoescape=True))


def _batches(month: Month, division: str) -> Any:
    return (
        select(SettlementBatch)
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .where(
            SettlementBatch.month == month.key,
            MealPoint.division.startswith(division, autoescape=True),
        )
    )


def _names(division: str) -> dict[str, str]:
    rows = db.session.execute(
        select(Division.code, Division.name).where(
            Division.level != "community", Division.code.startswith(division[:6], autoescape=True)
        )
    )
    return {row.code: row.name for row in rows}


def _issuer(division: str, names: Mapping[str, str]) -> str:
    if len(division) <= 6:
        return bureau()
    name = names.get(division, division)
    return f"{name}办事处" if name.endswith("街道") else f"{name}人民政府"


def _year(month: Month, division: str) -> dict[str, int]:
    """What was submitted for the year's months up to this one, less what is carved out for good."""
    sums: Counter[str] = Counter()
    rows = db.session.execute(
        select(SettlementBatch.document, SettlementBatch.held_funding)
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .where(
            SettlementBatch.month.between(month.year * 100 + 1, month.key),
            MealPoint.division.startswith(division, autoescape=True),
        )
    )
    for row in rows:
        document = json.loads(row.document)
        sums.update(document["funding"])
        sums.update(document["adjustment_funding"])
        sums.subtract(json.loads(row.held_funding or "{}"))
    return dict(sums)


def _budget(month: Month, division: str) -> dict[str, int]:
    rows = db.session.execute(
        select(BudgetLine.source, func.sum(BudgetLine.amount_fen))
        .where(
            BudgetLine.year == month.year,
            BudgetLine.division.startswith(division, autoescape=True),
        )
        .group_by(BudgetLine.source)
    )
    return {source: int(amount) for source, amount in rows}
