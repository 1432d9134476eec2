"""Great-circle distance on the contract's sphere."""

from math import acos, cos, pi, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.kernel.distance import EARTH_RADIUS_M, great_circle_m

LONS, LATS = st.floats(-180, 180), st.floats(-90, 90)


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        # Nowhere to go.
        ((119.94, 31.70), (119.94, 31.70), 0.0),
        # A degree of latitude, anywhere, and of longitude at the equator.
        ((119.94, 31.0), (119.94, 32.0), EARTH_RADIUS_M * pi / 180),
        ((0.0, 0.0), (1.0, 0.0), EARTH_RADIUS_M * pi / 180),
        # The other side of the world.
        ((0.0, 0.0), (180.0, 0.0), EARTH_RADIUS_M * pi),
        ((0.0, 90.0), (77.0, -90.0), EARTH_RADIUS_M * pi),
        # Over the date line, not around the world.
        ((179.5, 0.0), (-179.5, 0.0), EARTH_RADIUS_M * pi / 180),
    ],
)
def test_known_distances(a, b, metres):
    assert great_circle_m(*a, *b) == pytest.approx(metres, abs=1e-6)


@given(LONS, LATS, LONS, LATS)
def test_the_way_back_is_as_long_and_agrees_with_the_law_of_cosines(lon_a, lat_a, lon_b, lat_b):
    there = great_circle_m(lon_a, lat_a, lon_b, lat_b)
    assert there == pytest.approx(great_circle_m(lon_b, lat_b, lon_a, lat_a), abs=1e-6)
    p, q = radians(lat_a), radians(lat_b)
    cosine = sin(p) * sin(q) + cos(p) * cos(q) * cos(radians(lon_b - lon_a))
    # The law of cosines is blunt for near and opposite places: some metres.
    expected = EARTH_RADIUS_M * acos(max(-1.0, min(1.0, cosine)))
    assert there == pytest.approx(expected, abs=2.0)
