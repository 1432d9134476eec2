"""Words that the papers of a supervision report share: titles, as-of, deadlines, definitions."""

from dataclasses import asdict
from datetime import date, timedelta

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.reports.facts import Facts
from mealsvc.reports.measures import Indicator
from mealsvc.reports.point_facts import DISTRICT, TOWN


def title(facts: Facts) -> str:
    """武进区湖塘镇老年助餐服务督查报告"""
    return f"{subject(facts)}老年助餐服务督查报告"


def subject(facts: Facts) -> str:
    """Whom it is about: the district, a town of it, a point of it."""
    place = facts.place
    return facts.district_name if place.level == DISTRICT else f"{facts.district_name}{place.name}"


def scope(facts: Facts) -> str:
    """全区, 全镇（街道）, 本点"""
    return {DISTRICT: "全区", TOWN: "全镇（街道）"}.get(facts.place.level, "本点")


def as_of(facts: Facts) -> str:
    """When the last record was made, local time; says so where there is none."""
    if facts.as_of is None:
        return f"{chinese_date(facts.last_day)}（{facts.period.noun}没有就餐流水）"
    local = facts.as_of.astimezone(LOCAL)
    return f"{chinese_date(local.date())}{local.hour}时{local.minute:02d}分"


def deadline(facts: Facts) -> date:
    """The day by which findings are put right: so many days after the data were taken."""
    start = facts.last_day if facts.as_of is None else local_date(facts.as_of)
    return start + timedelta(days=facts.limits.rectify_days)


def clipped(words: str, most: int) -> str:
    """As much as a page of one sheet has room for; the whole stands in the report."""
    return words if len(words) <= most else f"{words[: most - 1]}…"


def definition(indicator: Indicator, facts: Facts) -> str:
    """What it is, with the thresholds and the words of this time."""
    limits = asdict(facts.limits).items()
    values = {name: value if isinstance(value, str) else f"{value:g}" for name, value in limits}
    words = {"noun": facts.period.noun, "end": facts.period.end}
    return indicator.definition.format_map(values | words)
