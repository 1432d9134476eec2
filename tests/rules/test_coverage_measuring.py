"""Distances by unit vectors count as the great circle does, on the border too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mealsvc.coverage.measuring import nearest_for, nearest_m
from mealsvc.kernel.distance import great_circle_m

PLACES = st.tuples(st.floats(119.6, 120.2), st.floats(31.3, 31.9))
HERE = (119.957, 31.71)


def plain(home, sites):
    return min(great_circle_m(*home, *site) for site in sites)


def measured(homes, sites, *borders):
    lon, lat = np.array(homes).T
    return nearest_for(lon, lat, sites, borders)


@settings(max_examples=40)
@given(
    st.lists(PLACES, min_size=1, max_size=30),
    st.lists(PLACES, min_size=1, max_size=12),
    st.data(),
)
def test_counts_are_those_of_the_great_circle_even_where_a_home_lies_on_the_border(
    homes, sites, data
):
    exact = [plain(home, sites) for home in homes]
    border = data.draw(st.one_of(st.sampled_from(exact), st.sampled_from([500.0, 1000.0, 550.0])))
    for radius in (border, np.nextafter(border, 0), np.nextafter(border, np.inf)):
        inside = measured(homes, sites, radius, 800.0) <= radius
        assert inside.tolist() == [metres <= radius for metres in exact]


@settings(max_examples=25)
@given(st.lists(PLACES, min_size=1, max_size=20), st.lists(PLACES, min_size=1, max_size=12))
def test_every_distance_is_exact_where_it_is_shown(homes, sites):
    lon, lat = np.array(homes).T
    assert nearest_m(lon, lat, sites) == [plain(home, sites) for home in homes]


@pytest.mark.parametrize("step", [0.0, 1e-9, 1e-7, 1e-6])
def test_a_home_next_to_or_at_a_point_is_told_right(step):
    home = (HERE[0] + step, HERE[1])
    assert measured([home], [HERE], 500.0)[0] <= 0.5
    assert nearest_m(np.array([home[0]]), np.array([home[1]]), [HERE]) == [plain(home, [HERE])]


def test_nothing_is_near_where_there_is_no_point():
    assert np.isinf(measured([HERE], [], 500.0)).all()
    assert nearest_m(np.array([HERE[0]]), np.array([HERE[1]]), []) == [None]
    assert nearest_for(np.array([]), np.array([]), [HERE], (500.0,)).tolist() == []
