"""Runs all rules and makes of what they find one anomaly for each rule and point. Pure.

False alarms are held for the whole month: every statistical rule states the chance that an honest
month shows its finding anywhere in the district, all tests counted, and what is likelier than the
rule's share of the false leads put up with is dropped here, whatever the rule thought of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from mealsvc.auditing.scanning.rules.catalogue import DISTRICT_RULES, RULES
from mealsvc.auditing.scanning.rules.district import District
from mealsvc.auditing.scanning.rules.limits import STATISTICAL_RULES, Limits
from mealsvc.auditing.scanning.rules.view import SEVERITIES, Anomaly, PointMonth

Failed = Callable[[Exception], None]
OTHERS = 3  # so many further findings of a rule are told in its evidence


def scan_point(seen: PointMonth, limits: Limits, failed: Failed | None = None) -> list[Anomaly]:
    """What the rules of one point find in its month.

    A rule that breaks down is told to `failed`, and the others go on; without it, it raises.
    """
    return _found_by(RULES, seen, limits, failed)


def scan_district(seen: District, limits: Limits, failed: Failed | None = None) -> list[Anomaly]:
    """What the rules that compare points find; `failed` as in `scan_point`."""
    return _found_by(DISTRICT_RULES, seen, limits, failed)


def _found_by(
    rules: Sequence[tuple[str, str, Callable[[Any, Limits], Iterator[Anomaly]]]],
    seen: Any,
    limits: Limits,
    failed: Failed | None,
) -> list[Anomaly]:
    found: list[Anomaly] = []
    for _, _, rule in rules:
        try:
            found += rule(seen, limits)
        except Exception as error:
            if failed is None:
                raise
            failed(error)
    return found


def finish(anomalies: Iterable[Anomaly], limits: Limits) -> list[Anomaly]:
    """One anomaly for each rule and point, the gravest first; what chance explains is dropped."""
    found: dict[tuple[str, str], list[Anomaly]] = {}
    for anomaly in anomalies:
        if _beyond_chance(anomaly, limits):
            found.setdefault((anomaly.rule, anomaly.point), []).append(anomaly)
    merged = [_merged(sorted(parts, key=_strength)) for parts in found.values()]
    return sorted(merged, key=lambda one: (SEVERITIES.index(one.severity), one.rule, one.point))


def expected_false(limits: Limits, rules: int | None = None) -> float:
    """The number of false leads to expect in a month of honest points, at most."""
    tests = STATISTICAL_RULES if rules is None else rules
    return limits.false_leads * tests / STATISTICAL_RULES


def _beyond_chance(anomaly: Anomaly, limits: Limits) -> bool:
    return anomaly.chance is None or anomaly.chance <= limits.false_leads / STATISTICAL_RULES


def _strength(anomaly: Anomaly) -> tuple[Any, ...]:
    """Orders parts of one anomaly: the gravest, the least likely, the largest first."""
    return (
        SEVERITIES.index(anomaly.severity),
        anomaly.chance or 0.0,
        -len(anomaly.sequences),
        anomaly.summary,
    )


def _merged(parts: list[Anomaly]) -> Anomaly:
    first = parts[0]
    evidence: dict[str, Any] = dict(first.evidence)
    if len(parts) > 1:
        evidence["also"] = [part.summary for part in parts[1 : 1 + OTHERS]]
    chances = [part.chance for part in parts]
    return Anomaly(
        rule=first.rule,
        severity=first.severity,
        point=first.point,
        sequences=_united(part.sequences for part in parts),
        days=_united(part.days for part in parts),
        residents=_united(part.residents for part in parts),
        summary=first.summary,
        honest=first.honest,
        evidence=evidence,
        chance=None if None in chances else min(c for c in chances if c is not None),
    )


def _united(parts: Iterable[Iterable[int]]) -> tuple[int, ...]:
    return tuple(sorted({one for part in parts for one in part}))


def counts_of(anomalies: Iterable[Anomaly]) -> Mapping[str, int]:
    """How many anomalies each rule found."""
    counts: dict[str, int] = {}
    for anomaly in anomalies:
        counts[anomaly.rule] = counts.get(anomaly.rule, 0) + 1
    return dict(sorted(counts.items()))
