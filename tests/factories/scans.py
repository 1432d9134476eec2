"""What a look at a month found, made up: stories for the services that keep them."""

from collections.abc import Sequence

from mealsvc.auditing.scanning.looking import Scanned
from mealsvc.auditing.scanning.rules.leads import Story
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.view import Anomaly, day_number
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from tests.factories.tills import LUNCH

MAY = Month(2024, 5)


def story(
    key: str = "P01:entered", lines: Sequence[int] = (), rules: Sequence[str] = ("A06",), **values
) -> Story:
    """A story of P01 about these lines, told by each of these rules."""
    day = day_number(LUNCH.date())
    anomalies = tuple(
        Anomaly(
            rule=rule,
            severity="case",
            point="P01",
            sequences=tuple(lines),
            days=(day,),
            residents=(1,),
            summary=f"{rule}：{len(lines)}笔集中登记。",
            honest="也可能是网络恢复后补传。",
            evidence={"lines": len(lines)},
        )
        for rule in rules
    )
    usual = {
        "key": key,
        "point": key.partition(":")[0],
        "title": "登记方式异常",
        "severity": "case",
        "weight": 20_000,
        "summary": anomalies[0].summary,
        "honest": anomalies[0].honest,
        "rules": tuple(rules),
        "anomalies": anomalies,
        "sequences": tuple(lines),
        "days": (day,),
        "residents": (1,),
        "subsidy_fen": 300 * len(lines),
    }
    return Story(**usual | values)


def scanned(*stories: Story, last: int = 1, servings: int = 1, limits: Limits | None = None):
    """A look at May that found these."""
    anomalies = tuple(one for told in stories for one in told.anomalies)
    return Scanned(
        MAY, last, servings, 1, limits or Limits(), anomalies, tuple(stories), clock.now()
    )
