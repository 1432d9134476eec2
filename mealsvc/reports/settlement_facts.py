"""Reads what a point's settlement sheet shows; a submitted month reads what was stored then."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.papers.rules import facts_digest
from mealsvc.places.models import Division, MealPoint
from mealsvc.plumbing.db import db
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.summary import earned_in_words, rule_rows
from mealsvc.reports.gathering import is_demo
from mealsvc.servings.models import DailyTally, Decision, Serving
from mealsvc.settlement.area import district
from mealsvc.settlement.batches import batch_of
from mealsvc.settlement.models import SettlementAdjustment
from mealsvc.settlement.services import digest_of_lines, earned_of, heading_of, settlement_of
from mealsvc.trail.models import TrailEvent


@dataclass(frozen=True, slots=True)
class LateLine:
    """A line of an earlier month that settles now; `corrects` is the key that it takes back."""

    key: str
    served_on: date
    meal: str
    amount_fen: int
    corrects: str | None
    why: str


@dataclass(frozen=True, slots=True)
class ExtraLine:
    """Money beside the ledger's lines (`SettlementAdjustment`): the original line, and why."""

    key: str
    served_on: date
    meal: str
    amount_fen: int
    why: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One point's month: the settlement's own figures, and the lines that they rest on."""

    month: Month
    figures: Mapping[str, Any]
    heading: Mapping[str, str]
    tiers: Mapping[str, tuple[str, str]]
    late: tuple[LateLine, ...]
    extras: tuple[ExtraLine, ...]
    lines: int
    digest: str
    as_of: datetime | None
    submitted_on: date | None
    demo: bool
    operating: tuple[tuple[str, str, int], ...] = ()
    anchor: str = ""

    @property
    def point(self) -> str:
        return self.figures["point"]

    @property
    def number(self) -> str:
        """That of its first edition; a preview has no other."""
        return f"JS-{self.month}-{self.point}"

    @property
    def submitted(self) -> bool:
        return self.submitted_on is not None

    @property
    def told(self) -> str:
        """The digest of what the sheet tells: its amounts, its lines, its names; not how far the
        batch has got."""
        figures = {name: value for name, value in self.figures.items() if name != "status"}
        return facts_digest(figures, self.heading, self.lines, self.digest, self.submitted_on)


def sheets_of(month: Month, point: str | None = None, within: str = "") -> list[Sheet]:
    """The sheets of the points with lines or adjustments in the month, in order of code."""
    document = settlement_of(month, point, within)
    demo = is_demo()
    return [_sheet(month, figures, demo) for figures in document["points"]]


def _sheet(month: Month, figures: Mapping[str, Any], demo: bool) -> Sheet:
    place = db.session.scalars(select(MealPoint).filter_by(code=figures["point"])).one()
    batch = batch_of(month, place.id)
    if batch is None:
        lines, digest, _ = digest_of_lines(month, place.id)
        heading, submitted_on = heading_of(place), None
    else:
        lines, digest = batch.line_count, batch.line_digest
        heading, submitted_on = json.loads(batch.heading), local_date(batch.submitted_at)
    here = (Serving.point_id == place.id, Serving.settle_month == month.key)
    return Sheet(
        month=month,
        figures=figures,
        heading=heading,
        tiers=_tiers(month, place.id),
        late=_late(month, place.id),
        extras=_extras(month, place.id),
        lines=lines,
        digest=digest,
        as_of=db.session.scalar(select(func.max(Serving.recorded_at)).where(*here)),
        submitted_on=submitted_on,
        demo=demo,
        operating=tuple(
            (one.rule.code, earned_in_words(one), one.fen) for one in earned_of(month, place, batch)
        ),
        anchor="" if batch is None else _anchor(f"{month}/{place.code}"),
    )


def _anchor(subject: str) -> str:
    """The end of the trail's chain when the month was submitted: it stands for everything recorded
    until then, and a paper at somebody else's keeps it."""
    row = db.session.execute(
        select(TrailEvent.seq, TrailEvent.mac).where(
            TrailEvent.action == "settlement.submit", TrailEvent.subject == subject
        )
    ).first()
    return "" if row is None else f"操作留痕第 {row.seq} 行　{bytes(row.mac).hex()}"


def _tiers(month: Month, point_id: int) -> dict[str, tuple[str, str]]:
    """Layer and conditions of the rules of those policies under which the lines were recorded:
    these never change, whatever comes into force later."""
    contents = db.session.scalars(
        select(Decision.content)
        .join(DailyTally, DailyTally.decision_id == Decision.id)
        .where(
            DailyTally.settle_month == month.key,
            DailyTally.point_id == point_id,
            ~DailyTally.late,
        )
        .distinct()
    )
    used = {json.loads(content)["policy"] for content in contents}
    found: dict[str, tuple[str, list[str]]] = {}
    for policy in policies_in_force():
        for row in rule_rows(policy) if policy.code in used else ():
            words = found.setdefault(row.code, (row.kind, []))[1]
            told = f"{row.when}；{row.amount}"
            if told not in words:
                words.append(told)
    return {code: (layer, "／".join(words)) for code, (layer, words) in found.items()}


def _late(month: Month, point_id: int) -> tuple[LateLine, ...]:
    original = aliased(Serving)
    rows = db.session.execute(
        select(
            Serving.key,
            Serving.served_on,
            Serving.meal,
            Serving.subsidy_fen + Serving.delivery_fen,
            original.key,
            Serving.note,
        )
        .outerjoin(original, original.sequence == Serving.reverses)
        .where(Serving.settle_month == month.key, Serving.point_id == point_id, Serving.late)
        .order_by(Serving.sequence)
    )
    return tuple(LateLine(*row) for row in rows)


def _extras(month: Month, point_id: int) -> tuple[ExtraLine, ...]:
    rows = db.session.execute(
        select(
            Serving.key,
            Serving.served_on,
            Serving.meal,
            SettlementAdjustment.amount_fen,
            SettlementAdjustment.why,
        )
        .join(Serving, Serving.sequence == SettlementAdjustment.sequence)
        .where(
            SettlementAdjustment.settle_month == month.key,
            SettlementAdjustment.point_id == point_id,
        )
        .order_by(SettlementAdjustment.id)
    )
    return tuple(ExtraLine(*row) for row in rows)


def bureau() -> str:
    """Who issues the district's papers."""
    here = district()
    name = db.session.scalar(select(Division.name).where(Division.code == here))
    return f"{name or here}民政局"
