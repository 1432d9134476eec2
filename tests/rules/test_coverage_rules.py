"""Who lives within reach, by the contract's words."""

import pytest

from mealsvc.coverage.rules import Home, Reach, gaps, managed, reaches, summary, walk_of

CITY = "常州经济开发区"
TOWN, COMMUNITY = "320412100", "320412100001"


@pytest.mark.parametrize(
    ("divisions", "counts"),
    [
        # An empty managed_by inherits, from the town first and the district then.
        ({"320412": "武进区", TOWN: "", COMMUNITY: ""}, True),
        ({"320412": "武进区", TOWN: CITY, COMMUNITY: ""}, False),
        # One's own word counts before that of the division above.
        ({"320412": "武进区", TOWN: CITY, COMMUNITY: "武进区"}, True),
        ({"320412": "武进区", TOWN: "武进区", COMMUNITY: CITY}, False),
        # A district that names nobody runs itself.
        ({"320412": "", TOWN: "", COMMUNITY: ""}, True),
        ({"320412": "", TOWN: "武进区", COMMUNITY: ""}, True),
        ({"320412": "", TOWN: CITY, COMMUNITY: ""}, False),
        # A division above that is not in the list is passed over.
        ({"320412": "武进区", COMMUNITY: ""}, True),
        ({COMMUNITY: ""}, True),
    ],
)
def test_a_community_counts_when_its_district_runs_it(divisions, counts):
    known = {code: ("武进区" if len(code) == 6 else code, by) for code, by in divisions.items()}
    assert (COMMUNITY in managed(known)) is counts


def test_distance_is_to_the_nearest_site():
    home = Home(COMMUNITY, 300, (120.0, 31.7))
    [found] = reaches([home], [(120.1, 31.7), (120.01, 31.7)])
    assert found.nearest_m == pytest.approx(946, abs=1)


@pytest.mark.parametrize(("position", "sites"), [(None, [(120.0, 31.7)]), ((120.0, 31.7), [])])
def test_without_a_position_or_a_site_nobody_is_covered(position, sites):
    [found] = reaches([Home(COMMUNITY, 300, position)], sites)
    assert (found.nearest_m, found.within(1e9)) == (None, False)


def test_the_radius_itself_is_covered():
    reach = Reach(Home(COMMUNITY, 300, (0.0, 0.0)), 1000.0)
    assert reach.within(1000)
    assert not reach.within(999.999)


def _reach(code, pop60, nearest_m):
    return Reach(Home(code, pop60, (0.0, 0.0)), nearest_m)


def test_a_summary_adds_up_by_town():
    found = [
        _reach("320412101001", 100, 500.0),
        _reach("320412100002", 300, 1500.04),
        _reach("320412100001", 200, 900.0),
    ]
    assert summary(found, 1000, 200) == {
        "radius_m": 1000,
        "eligible": 600,
        "covered": 300,
        "rate": 0.5,
        "towns": [
            {"code": "320412100", "eligible": 500, "covered": 200},
            {"code": "320412101", "eligible": 100, "covered": 100},
        ],
        "gaps": [{"division": "320412100002", "pop60": 300, "nearest_m": 1500.0}],
    }


def test_nobody_at_all_is_a_rate_of_nought():
    assert summary([], 1000, 200)["rate"] == 0.0


def test_gaps_are_large_communities_outside_the_largest_first():
    found = [
        _reach("320412100001", 200, None),
        _reach("320412100002", 199, None),
        _reach("320412100004", 900, 1000.5),
        _reach("320412100003", 900, 5000.0),
        _reach("320412100005", 900, 1000.0),
    ]
    listed = [reach.home.division for reach in gaps(found, 1000, 200)]
    assert listed == ["320412100003", "320412100004", "320412100001"]


@pytest.mark.parametrize(
    ("setting", "metres"),
    [
        ("0.8,1.3,15", 550),  # 553.8, rounded down to 10 m
        ("1,1,15", 900),
        ("1.2,1.2,10", 600),  # exactly, though 1.2 is no binary number
        ("0.8,1.3,1", 30),
    ],
)
def test_the_walk_is_speed_times_minutes_over_the_detour(setting, metres):
    walk = walk_of(setting)
    assert walk.metres == metres
    speed, detour, minutes = setting.split(",")
    for part in (f"{speed}米/秒", f"{detour}倍", f"{minutes}分钟", f"{metres}米"):
        assert part in walk.words
