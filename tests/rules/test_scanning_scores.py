"""The scan finds known frauds in made-up months and leaves the honest look-alikes alone.

A bounded version of `python -m tests.fraud`, whose scores docs/audit.md records.
"""

import pytest

from tests.fraud.plot import plot_of
from tests.fraud.scoring import Score, score

pytestmark = pytest.mark.only("sqlite")  # no database is used
FRAUDULENT, HONEST = (6, 16, 24), (36, 38, 47)


@pytest.fixture(scope="module")
def found() -> Score:
    """Three months with frauds in them."""
    total = Score()
    for seed in FRAUDULENT:
        total += score(plot_of(seed))
    return total


def test_most_injected_servings_are_found(found: Score) -> None:
    assert found.injected.total() > 4000
    assert found.recall >= 0.85


def test_few_honest_servings_are_accused(found: Score) -> None:
    assert found.precision >= 0.9


def test_a_district_reads_tens_of_anomalies(found: Score) -> None:
    assert found.most <= 60
    assert found.leads <= found.anomalies


def test_honest_months_make_no_leads_but_telephone_samples() -> None:
    accused = Score()
    for seed in HONEST:
        accused += score(plot_of(seed, ()))

    assert accused.injected.total() == 0
    assert accused.accused.total() == 0
