"""A threshold's new value has the shape of the old one."""

import pytest

from mealsvc.settings.rules import wanted_shape
from mealsvc.settings.values import DEFAULTS


@pytest.mark.parametrize(
    ("value", "like", "fits"),
    [
        ("200", "125", True),
        ("12.5", "125", False),
        ("-18", "-12", True),
        ("冷", "-12", False),
        ("0-4", "0-8", True),
        ("4", "0-8", False),
        ("60,30", "90,30,15", True),
        ("60，30", "90,30,15", False),
        ("1,1.25,10", "0.8,1.3,15", True),
        ("0.8,1.3", "0.8,1.3,15", False),
        ("0.8,0,15", "0.8,1.3,15", False),
        ("0.8,1.3,-15", "0.8,1.3,15", False),
    ],
)
def test_a_value_must_have_the_shape_of_the_first_one(value, like, fits):
    assert (wanted_shape(value, like) is None) is fits


def test_every_threshold_starts_with_a_value_of_its_own_shape():
    assert not [one.key for one in DEFAULTS if wanted_shape(one.value, one.value)]
