"""Drawing a sample, keeping it, and proving that it is the one that its seed draws."""

import json
import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from mealsvc.auditing.sampling import reading
from mealsvc.auditing.sampling.models import AuditSample, SampleItem
from mealsvc.auditing.sampling.refusals import BadShare, NothingToDraw, NotTheSame, UnknownSample
from mealsvc.auditing.sampling.rules import drawing
from mealsvc.auditing.sampling.rules.drawing import Drawn, Line
from mealsvc.auditing.sampling.rules.quantiles import least_size
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.papers.numbering import WORD, take_number
from mealsvc.plumbing.db import db
from mealsvc.residents.enrolment import ref_of
from mealsvc.servings.models import Serving
from mealsvc.settings.services import value_on
from mealsvc.trail.services import record

METHODS = {"stratified": "按助餐点分层", "mus": "按补贴金额"}
AT_ONCE = 500
LEAST_CONFIDENCE, MOST_CONFIDENCE, LONGEST_SEED = 50, 99, 64


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. Empty: a fresh seed, the size and confidence that the settings say."""

    month: Month
    division: str
    method: str = "stratified"
    seed: str = ""
    confidence: int | None = None
    size: int | None = None
    point: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A sample that was drawn and not kept: `population` and `plan` as they would be stored."""

    month: Month
    division: str
    method: str
    seed: str
    confidence: int
    population: dict[str, Any]
    plan: dict[str, Any]
    drawn: Drawn
    lines: list[Line]


def fresh_seed() -> str:
    """A seed that nobody could foresee."""
    return secrets.token_hex(8)


def look(order: Order) -> Drawing:
    """Draws without keeping: reads the month once. Raises `NothingToDraw`, `BadShare`."""
    day = order.month.last_day
    percent, usual = value_on("audit.sample", day).split(",")
    confidence = int(usual) if order.confidence is None else order.confidence
    size = order.size
    if not LEAST_CONFIDENCE <= confidence <= MOST_CONFIDENCE or (size is not None and size < 1):
        raise BadShare()
    upto = reading.last_sequence()
    lines = reading.population_of(order.month, order.division, order.point, upto)
    if not lines:
        raise NothingToDraw(month=order.month.chinese)
    leads = reading.grave_leads(order.month)
    must = reading.lines_of_leads(leads)
    tolerable = Decimal(value_on("audit.tolerable", day))
    plan: dict[str, Any] = {"tolerable": str(tolerable), "leads": [list(one) for one in leads]}
    if order.method == "mus":
        plan["size"] = size or least_size(float(tolerable) / 100, confidence / 100)
    else:
        plan |= {"percent": percent, "least": int(value_on("audit.sample_least", day))}
        counts = {code: len(own) for code, own in drawing.by_point(lines, must).items()}
        share = size / max(sum(counts.values()), 1) if size else float(percent) / 100
        least = 1 if size else plan["least"]
        plan |= {"size": size, "wanted": drawing.wanted_by_share(counts, share, least)}
    population = {
        "servings": len(lines),
        "subsidy_fen": sum(one.fen for one in lines),
        "digest": drawing.digest_of(lines),
        "last_sequence": upto,
        "point": order.point,
    }
    seed = order.seed or fresh_seed()
    return _drawn(order, seed, confidence, population, plan, lines, must)


def keep(made: Drawing, by: Actor, now: datetime) -> AuditSample:
    """Stores the sample under the next number."""
    today = local_date(now)
    row = AuditSample(
        number=take_number("sample", today.year, value_on(WORD, today)),
        month=made.month.key,
        division=made.division,
        method=made.method,
        seed=made.seed,
        confidence=made.confidence,
        population_fen=made.population["subsidy_fen"],
        population=_canonical(made.population),
        plan=_canonical(made.plan),
        drawn_at=now,
        drawn_by=str(by),
    )
    db.session.add(row)
    db.session.flush()
    items = [
        {
            "sample_id": row.id,
            "sequence": one.line.sequence,
            "place": place,
            "stratum": one.stratum,
            "why": one.why,
            "hits": one.hits,
            "subsidy_fen": one.line.fen,
        }
        for place, one in enumerate(made.drawn.items, 1)
    ]
    db.session.execute(insert(SampleItem), items)
    detail = {
        "month": str(made.month),
        "method": made.method,
        "seed": made.seed,
        "items": len(items),
        "population": made.population["digest"],
        "last_sequence": made.population["last_sequence"],
    }
    record(by, "samples.draw", row.number, detail)
    return row


def redraw(row: AuditSample) -> Drawing:
    """The kept sample drawn again from its seed; raises `NotTheSame` if anything differs."""
    population, plan = json.loads(row.population), json.loads(row.plan)
    month = Month.from_key(row.month)
    order = Order(month, row.division, row.method, point=population["point"])
    lines = reading.population_of(month, row.division, order.point, population["last_sequence"])
    if drawing.digest_of(lines) != population["digest"]:
        raise NotTheSame(number=row.number, what="当时的流水和现在读到的不同")
    must = reading.lines_of_leads([(lead, edition) for lead, edition in plan["leads"]])
    made = _drawn(order, row.seed, row.confidence, population, plan, lines, must)
    kept = db.session.execute(
        select(
            SampleItem.sequence,
            SampleItem.stratum,
            SampleItem.why,
            SampleItem.hits,
            SampleItem.subsidy_fen,
        )
        .where(SampleItem.sample_id == row.id)
        .order_by(SampleItem.place)
    ).all()
    again = [
        (one.line.sequence, one.stratum, one.why, one.hits, one.line.fen)
        for one in made.drawn.items
    ]
    if again != [tuple(one) for one in kept] or _canonical(made.plan) != row.plan:
        raise NotTheSame(number=row.number, what="抽出的流水不同")
    return made


def document_of(made: Drawing, number: str | None) -> dict[str, Any]:
    """The sample as one JSON document; `number` of a kept one. Nobody is named in it."""
    items: list[dict[str, Any]] = []
    for start in range(0, len(made.drawn.items), AT_ONCE):
        some = made.drawn.items[start : start + AT_ONCE]
        known = _lines_told([one.line.sequence for one in some])
        items += [
            {
                "place": start + at,
                "key": one.line.key,
                "sequence": one.line.sequence,
                "point": one.line.point,
                **known[one.line.sequence],
                "subsidy_fen": one.line.fen,
                "stratum": one.stratum,
                "why": one.why,
                "hits": one.hits,
            }
            for at, one in enumerate(some, 1)
        ]
    return {
        "month": str(made.month),
        **({"number": number} if number else {}),
        "method": made.method,
        "seed": made.seed,
        "confidence": made.confidence,
        "population": made.population,
        "plan": made.plan,
        "items": items,
    }


def _lines_told(sequences: list[int]) -> dict[int, dict[str, Any]]:
    rows = db.session.execute(
        select(Serving.sequence, Serving.served_on, Serving.meal, Serving.resident_id).where(
            Serving.sequence.in_(sequences)
        )
    )
    return {
        row.sequence: {
            "date": str(row.served_on),
            "meal": row.meal,
            "resident": ref_of(row.resident_id),
        }
        for row in rows
    }


def sample_by_number(number: str) -> AuditSample:
    """The kept sample. Raises `UnknownSample`."""
    row = db.session.scalar(select(AuditSample).where(AuditSample.number == number))
    if row is None:
        raise UnknownSample(number=number)
    return row


def _drawn(
    order: Order,
    seed: str,
    confidence: int,
    population: dict[str, Any],
    plan: dict[str, Any],
    lines: list[Line],
    must: Collection[int],
) -> Drawing:
    if order.method == "mus":
        drawn = drawing.draw_units(seed, lines, must, plan["size"])
    else:
        drawn = drawing.draw_points(seed, lines, must, plan["wanted"])
    plan = {**plan, "strata": [asdict(one) for one in drawn.strata]}
    return Drawing(
        order.month, order.division, order.method, seed, confidence, population, plan, drawn, lines
    )


def _canonical(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
