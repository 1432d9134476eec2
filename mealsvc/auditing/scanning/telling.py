"""Anomalies as commands tell them: the document that other systems read, and a table of words."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from mealsvc.auditing.scanning.rules.catalogue import DISTRICT_RULES, RULES
from mealsvc.auditing.scanning.rules.view import Anomaly, day_number, day_of
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.plumbing.lookups import look_up

SEVERITIES = {"block": "拦截", "high": "高", "case": "一般", "watch": "关注"}
_KEYS = "SELECT sequence, key FROM serving WHERE sequence IN ({these})"


def on_day(anomalies: Iterable[Anomaly], day: date | None) -> list[Anomaly]:
    """Those that concern this day; all without one."""
    wanted = None if day is None else day_number(day)
    return [one for one in anomalies if wanted is None or wanted in one.days]


def document(month: Month, anomalies: Sequence[Anomaly]) -> dict[str, Any]:
    """The anomalies as the contract has them; lines by their keys, in the ledger's order."""
    keys = _keys({sequence for one in anomalies for sequence in one.sequences})
    return {
        "month": str(month),
        "anomalies": [
            {
                "rule": one.rule,
                "severity": one.severity,
                "point": one.point,
                "dates": [day_of(day).isoformat() for day in sorted(one.days)],
                "residents": [f"R{resident:06d}" for resident in sorted(one.residents)],
                "servings": [keys[sequence] for sequence in sorted(one.sequences)],
                "summary": f"{one.summary}{one.honest}",
                "evidence": dict(one.evidence),
            }
            for one in anomalies
        ],
    }


def table(anomalies: Iterable[Anomaly]) -> Iterator[str]:
    """One paragraph an anomaly: what, where, how much, in two sentences."""
    names = {code: name for code, name, _ in reversed((*RULES, *DISTRICT_RULES))}
    for one in anomalies:
        extent = f"{len(one.residents)}人 {len(one.sequences)}笔 {_days(one.days)}"
        head = (SEVERITIES[one.severity], one.rule, names.get(one.rule, ""), one.point, extent)
        yield "  ".join(head)
        yield f"    {one.summary}"
        yield f"    {one.honest}"


def _days(days: Sequence[int]) -> str:
    if not days:
        return ""
    first, last = day_of(min(days)), day_of(max(days))
    if first == last:
        return first.isoformat()
    return f"{first} 至 {last} 的 {len(set(days))} 天"


def _keys(sequences: set[int]) -> dict[int, str]:
    return dict(tuple(row) for row in look_up(db.session.connection(), _KEYS, sorted(sequences)))
