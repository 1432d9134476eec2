"""The thresholds of a scan, as set for the month's last day; the defaults are the settings' own."""

from dataclasses import dataclass

STATISTICAL_RULES = 20  # that share the false alarms a district puts up with


@dataclass(frozen=True, slots=True)
class Limits:
    """What the rules compare with. `points` is how many points the scan looks at."""

    false_leads: float = 1.0  # expected number of false leads a month in the district, all rules
    points: int = 10

    grace: int = 600  # A08: seconds before opening and after closing
    burst_seconds: int = 60  # A06: so many lines within so many seconds
    burst_lines: int = 10
    gap_seconds: int = 4  # A06: or a median gap below this over so many lines
    gap_lines: int = 20
    replay: float = 0.9  # A07: rank correlation above this over so many in common
    replay_common: int = 30
    manual_share: float = 0.03  # A09: of the month's lines
    manual_a_day: int = 10
    every_day: int = 60  # A12: opening days without one missed
    clock_error: int = 300  # A24: seconds
    batch_age: int = 86_400  # A24: seconds from the meal to its recording

    @property
    def false_chance(self) -> float:
        """The false alarms that one statistical rule may raise at one point in a month."""
        return self.false_leads / (STATISTICAL_RULES * max(self.points, 1))

    def in_district(self, chance: float) -> float:
        """The chance of something at one point, as that of seeing it anywhere in the district."""
        return float(min(1.0, chance * max(self.points, 1)))
