"""How well a scan finds what a plot holds: recall by pattern, precision, who was accused wrongly."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mealsvc.auditing.scanning.rules.catalogue import DISTRICT_RULES, RULES
from mealsvc.auditing.scanning.rules.leads import leads_of
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.scan import finish, scan_district, scan_point
from mealsvc.auditing.scanning.rules.view import Anomaly
from tests.fraud.book import column
from tests.fraud.plot import Plot
from tests.fraud.reading import district_of, lines_of, point_months


@dataclass
class Score:
    """Of one month, or of several added up."""

    injected: Counter = field(default_factory=Counter)  # lines by pattern
    found: Counter = field(default_factory=Counter)
    accused: Counter = field(default_factory=Counter)  # honest lines flagged, by look-alike
    wrong: Counter = field(default_factory=Counter)  # honest lines flagged, by rule
    right: Counter = field(default_factory=Counter)  # fraudulent lines flagged, by rule
    false_anomalies: Counter = field(default_factory=Counter)  # mostly honest, by rule
    servings: int = 0
    anomalies: int = 0
    leads: int = 0
    months: int = 0
    seconds: float = 0.0
    most: int = 0  # anomalies of the month with the most

    def __iadd__(self, other: "Score") -> "Score":
        self.most = max(self.most, other.anomalies, other.most)
        for name in ("injected", "found", "accused", "wrong", "right", "false_anomalies"):
            getattr(self, name).update(getattr(other, name))
        for name in ("servings", "anomalies", "leads", "months", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    @property
    def recall(self) -> float:
        """The share of injected lines that were flagged."""
        return self.found.total() / max(self.injected.total(), 1)

    @property
    def precision(self) -> float:
        """The share of flagged lines that were injected."""
        return self.found.total() / max(self.found.total() + self.accused.total(), 1)

    def by_pattern(self) -> dict[str, float]:
        """Recall of each pattern, the worst first."""
        shares = {name: self.found[name] / n for name, n in self.injected.items()}
        return dict(sorted(shares.items(), key=lambda item: item[1]))

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "months": self.months,
            "servings": self.servings,
            "injected": self.injected.total(),
            "recall": round(self.recall, 4),
            "precision": round(self.precision, 4),
            "patterns": {name: round(share, 3) for name, share in self.by_pattern().items()},
            "anomalies_a_month": round(self.anomalies / max(self.months, 1), 1),
            "most_anomalies": max(self.most, self.anomalies if self.months == 1 else 0),
            "leads_a_month": round(self.leads / max(self.months, 1), 1),
            "false_anomalies": dict(self.false_anomalies.most_common()),
            "accused": dict(self.accused.most_common()),
            "wrong_by_rule": dict(self.wrong.most_common()),
            "right_by_rule": dict(self.right.most_common()),
            "seconds_a_month": round(self.seconds / max(self.months, 1), 3),
        }


def scanned(plot: Plot) -> list[Anomaly]:
    """What the scan finds in a plot."""
    months = list(point_months(plot))
    limits = Limits(points=len(months))
    found = [anomaly for seen in months for anomaly in scan_point(seen, limits)]
    return finish([*found, *scan_district(district_of(plot, months), limits)], limits)


def raw(plot: Plot) -> list[tuple[str, Anomaly]]:
    """Every finding with the function that made it, before merging."""
    months = list(point_months(plot))
    limits = Limits(points=len(months))
    found = []
    for _, _, rule in RULES:
        found += [(rule.__name__, one) for seen in months for one in rule(seen, limits)]
    district = district_of(plot, months)
    for _, _, rule in DISTRICT_RULES:
        found += [(rule.__name__, one) for one in rule(district, limits)]
    return found


def score(plot: Plot) -> Score:
    """The scan's score on one plot."""
    started = time.perf_counter()
    anomalies = scanned(plot)
    took = time.perf_counter() - started
    lines = lines_of(plot, plot.judged())
    money = dict(zip(lines.sequence.tolist(), lines.subsidy.tolist(), strict=True))
    return scored(plot, anomalies, len(leads_of(anomalies, money)), took)


def scored(plot: Plot, anomalies: list[Anomaly], leads: int, took: float) -> Score:
    """The score of these anomalies, whose sequences are the plot's keys."""
    judged = plot.judged()
    fraud, look = column(plot.table, "fraud"), column(plot.table, "look")
    names = np.array(plot.names)
    result = Score(months=1, servings=int(judged.sum()), anomalies=len(anomalies), leads=leads)
    result.seconds = took
    result.injected.update(names[fraud[judged & (fraud > 0)]].tolist())
    rows = np.array(sorted({s for one in anomalies for s in one.sequences}), np.int64) - 1
    result.found.update(names[fraud[rows[fraud[rows] > 0]]].tolist())
    result.accused.update(names[look[rows[fraud[rows] == 0]]].tolist())
    for one in anomalies:
        truth = fraud[np.array(one.sequences, np.int64) - 1]
        result.wrong[one.rule] += int((truth == 0).sum())
        result.right[one.rule] += int((truth > 0).sum())
        result.false_anomalies[one.rule] += int(len(truth) > 0 and (truth > 0).mean() < 0.5)
    return result
