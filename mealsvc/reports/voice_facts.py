"""Reads what meals cost beside what was filed, and what people said: counts by point."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from mealsvc.plumbing.db import db
from mealsvc.reports.oversight_facts import PriceFacts, VoiceFacts
from mealsvc.reports.period import Period
from mealsvc.supervision.complaints.models import Complaint
from mealsvc.supervision.complaints.queries import counts, ratings
from mealsvc.supervision.complaints.rules import Rated
from mealsvc.supervision.prices.queries import price_facts
from mealsvc.supervision.prices.rules import PriceFact, deviations, undeclared_changes

Codes = Mapping[int, str]


def prices_part(period: Period, codes: Codes) -> dict[str, Any]:
    """What each point charged without or above a filing, and elder prices against public ones."""
    by_point: dict[int, list[PriceFact]] = defaultdict(list)
    for fact in price_facts(period.first_day, period.last_day):
        by_point[fact.point_id].append(fact)
    prices = {codes[point]: _price(facts) for point, facts in by_point.items()}
    filed = any(fact.elder_fen for facts in by_point.values() for fact in facts)
    return {"prices": prices, "kept": frozenset({"filed"} if filed else ())}


def _price(facts: list[PriceFact]) -> PriceFacts:
    pairs = [fact for fact in facts if fact.public_fen]
    return PriceFacts(
        undeclared=undeclared_changes(deviations(facts)),
        elder_fen=sum(fact.price_fen * fact.servings for fact in pairs),
        public_fen=sum((fact.public_fen or 0) * fact.servings for fact in pairs),
        above=sum(
            fact.servings
            for fact in facts
            if fact.top_public_fen is not None and fact.price_fen > fact.top_public_fen
        ),
        pairs=sum(fact.servings for fact in pairs),
    )


def voices_part(period: Period, codes: Codes) -> dict[str, Any]:
    """Complaints received and due in the time, and ratings given in it."""
    said = counts(period.first_day, period.last_day)
    rated = ratings(period.first_day, period.last_day).by_point
    voices = {
        codes[point]: VoiceFacts(
            *((one.received, one.due, one.in_time) if (one := said.get(point)) else (0, 0, 0)),
            rated.get(point, Rated()),
        )
        for point in said.keys() | rated.keys()
    }
    taken = db.session.scalar(select(Complaint.id).limit(1))
    return {"voices": voices, "kept": frozenset({"voices"} if taken else ())}
