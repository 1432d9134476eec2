"""A simulation that somebody asked for on the page."""

from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.simulation import runs
from tests.factories.policies import SAMPLE

DEARER = (
    SAMPLE.replace("TN-2022", "DEARER")
    .replace("amount_fen = 300", "amount_fen = 400")
    .replace("{ district = 200, town = 100 }", "{ district = 300, town = 100 }")
)


def dearer(first: Month, last: Month) -> str:
    """The sample policy with one yuan more for everybody under 80; the name of the run."""
    return runs.start(DEARER, first, last, "320412", "测试", clock.now())
