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
    manual_share: float = 0.03  # A09: of the month's lines
    manual_a_day: int = 10
    every_day: int = 60  # A12: opening days without one missed
    clock_error: int = 300  # A24: seconds
    batch_age: int = 86_400  # A24: seconds from the meal to its recording
    travel_seconds: int = 1800  # A05: closer in time than this …
    travel_metres: int = 3000  # … at points further apart than this
    turns: int = 3  # A10: how often a seat is taken in a meal
    price_rise: float = 0.10  # A14, A15: a list price up by more than this share …
    price_days: int = 7  # … within so many days before a policy starts or a month is claimed
    purchase_band: float = 0.40  # A16: food per serving off the usual by more than this share
    till_share: float = 0.01  # A18: of the day's self-pay …
    till_fen: int = 10_000  # … or more than this
    phone_elders: int = 3  # A19: elders that one phone may stand for
    newcomers_least: int = 5  # A20: a cohort is at least so many
    count_deviation: float = 0.05  # A28: of what an inspector counted

    @property
    def false_chance(self) -> float:
        """The false alarms that one statistical rule may raise at one point in a month."""
        return self.false_leads / (STATISTICAL_RULES * max(self.points, 1))

    def in_district(self, chance: float) -> float:
        """The chance of something at one point, as that of seeing it anywhere in the district."""
        return float(min(1.0, chance * max(self.points, 1)))
