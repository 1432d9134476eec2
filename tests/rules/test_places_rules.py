"""Whether a point operates on a day, and how its licence stands."""

from datetime import date

import pytest

from mealsvc.places.rules import is_hours, licence_state, status_on

DAY = date(2024, 5, 6)


@pytest.mark.parametrize(
    ("opened", "closed", "suspended", "wanted"),
    [
        (None, None, False, "operating"),
        (DAY, None, False, "operating"),
        (date(2024, 5, 7), None, False, "not_opened"),
        (None, DAY, False, "operating"),
        (None, date(2024, 5, 5), False, "point_closed"),
        (None, None, True, "suspended"),
        (None, date(2024, 5, 5), True, "point_closed"),
    ],
)
def test_the_status_of_a_point_on_a_day(opened, closed, suspended, wanted):
    assert status_on(DAY, opened, closed, suspended) == wanted


@pytest.mark.parametrize(
    ("expires", "wanted"),
    [
        (None, None),
        (date(2024, 5, 5), "expired"),
        (DAY, "due"),
        (date(2024, 6, 5), "due"),
        (date(2024, 6, 6), "valid"),
    ],
)
def test_a_licence_is_due_thirty_days_before_its_last(expires, wanted):
    assert licence_state(expires, DAY) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [("10:30-12:30", True), ("10:30", False), ("12:30-10:30", False), ("25:00-26:00", False)],
)
def test_hours_end_after_they_begin(written, wanted):
    assert is_hours(written) is wanted
