"""What a coverage map shows and where: projection, states, circles, names that never overlap."""

from dataclasses import replace
from datetime import date
from itertools import combinations
from math import dist, pi

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mealsvc.coverage.mapping import symbols
from mealsvc.coverage.mapping.placing import Wanted, place
from mealsvc.coverage.mapping.rules import (
    Community,
    MapView,
    Outline,
    Planned,
    Site,
    shapes,
    state_of,
)
from mealsvc.kernel.distance import great_circle_m

HERE = (119.95, 31.70)


def _community(number, pop60=500, lon=HERE[0], lat=HERE[1], nearest_m=100.0):
    return Community(f"320412100{number:03d}", f"村{number}", pop60, lon, lat, nearest_m, "点")


def _view(*communities, sites=(), **more):
    facts = {"radius_m": 1000.0, "walk_m": 550.0, "gap_pop60": 200, **more}
    return MapView(date(2024, 5, 31), communities=communities, sites=tuple(sites), **facts)


SITE = Site("P01", "丰乐助餐点", "serving_point", *HERE)


@pytest.mark.parametrize(
    ("nearest", "radius", "state"),
    [
        (550.0, 1000, "walked"),
        (550.1, 1000, "reached"),
        (1000.0, 1000, "reached"),
        (1000.01, 1000, "outside"),
        (500.0, 500, "walked"),
        (520.0, 500, "outside"),
        (None, 1000, "outside"),
    ],
)
def test_a_community_is_called_by_its_distance(nearest, radius, state):
    assert state_of(nearest, radius, 550.0) == state


def test_only_many_elders_out_of_reach_make_a_blank_spot():
    few, many, near = (
        _community(1, 199, nearest_m=None),
        _community(2, 200, nearest_m=5e3),
        _community(3, 900),
    )
    view = _view(few, many, near)
    assert view.blanks == [many]
    assert (view.covered, view.eligible) == (900, 1299)


def test_a_distance_beyond_the_radius_never_reads_as_within():
    assert _community(1, nearest_m=1000.2).metres == 1001


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.floats(119.6, 120.2), st.floats(31.4, 31.8)),
        min_size=2,
        max_size=8,
        unique=True,
    )
)
def test_distances_on_the_sheet_are_those_over_the_ground(spots):
    sheet = shapes(
        _view(*(_community(at, lon=x, lat=y) for at, (x, y) in enumerate(spots)), sites=[SITE]),
        1000,
    )
    ring = sheet.rings[0]
    per_metre = ring.r / 1000
    for one, other in combinations(sheet.dots, 2):
        metres = great_circle_m(
            one.community.lon, one.community.lat, other.community.lon, other.community.lat
        )
        drawn = dist((one.x, one.y), (other.x, other.y)) / per_metre
        assert drawn == pytest.approx(metres, rel=0.005, abs=1)


def test_nothing_that_is_drawn_leaves_the_sheet():
    far = replace(SITE, lon=120.2)
    sheet = shapes(
        _view(_community(1), sites=[SITE, far], planned=(Planned(1, "房", 119.6, 31.5),)), 800
    )
    for ring in sheet.rings:
        assert ring.r <= ring.x <= sheet.width - ring.r
        assert ring.r <= ring.y <= sheet.height - ring.r
    for label in sheet.labels:
        assert label.x >= 0 and label.x + label.width <= sheet.width


def test_the_area_of_a_circle_grows_with_its_elders():
    sheet = shapes(_view(_community(1, 400), _community(2, 1600, lon=120.0)), 1000)
    large, small = sheet.dots
    assert large.community.pop60 == 1600
    assert pi * large.r**2 == pytest.approx(4 * pi * small.r**2)


def test_a_map_without_a_position_is_none():
    view = _view(_community(1, lon=None, lat=None))
    assert shapes(view, 500) is None
    assert symbols.left_out(view) == "另有 1 个村社区没有坐标，未画出"


def test_layers_that_are_off_are_not_drawn_nor_in_the_legend():
    ring = (((119.9, 31.6), (120.0, 31.6), (120.0, 31.8)),)
    view = _view(_community(1), sites=[SITE], outlines=(Outline("320412100", "镇", (ring,)),))
    bare = view.with_layers({"communities", "nonsense"})
    sheet = shapes(bare, 500)
    assert (sheet.areas, sheet.rings, sheet.marks, sheet.labels) == ((), (), (), ())
    assert [key.symbol for key in symbols.legend(bare)] == ["walked"]
    assert {"walked", "serving_point", "radius", "outline"} == {
        key.symbol for key in symbols.legend(view)
    }


def test_blank_spots_are_named_in_words():
    sheet = shapes(_view(_community(1, nearest_m=None), sites=[SITE]), 900)
    assert "空白·村1" in [label.text for label in sheet.labels]


@settings(max_examples=40)
@given(
    st.lists(
        st.builds(
            Wanted,
            st.floats(0, 400),
            st.floats(0, 300),
            st.floats(0, 9),
            st.text("村庄ab", min_size=1, max_size=8),
            st.just(12.0),
            st.sampled_from(["point", "town", "blank", "planned"]),
        ),
        max_size=25,
    )
)
def test_no_name_lies_over_another_or_over_what_is_taken(wanted):
    taken = [(100.0, 100.0, 180.0, 160.0)]
    boxes = taken + [
        (one.x, one.y - one.size * 0.93, one.x + one.width, one.y + one.size * 0.22)
        for one in place(wanted, taken, [], 400, 300)
    ]
    for a, b in combinations(boxes, 2):
        apart = (
            a[2] <= b[0] + 0.01 or b[2] <= a[0] + 0.01 or a[3] <= b[1] + 0.01 or b[3] <= a[1] + 0.01
        )
        assert apart, (a, b)


def test_hatching_stays_within_its_circle():
    lines = list(symbols.hatching(50, 40, 10, 3))
    assert len(lines) > 4
    for a, b, c, d in lines:
        assert dist((50, 40), (a, b)) <= 10.001
        assert dist((50, 40), (c, d)) <= 10.001
