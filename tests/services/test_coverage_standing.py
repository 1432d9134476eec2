"""Who is reached: the right denominator, the right day, and the same numbers as contract and report."""

from datetime import date, timedelta

import pytest

from mealsvc.coverage.queries import Which, elders_of
from mealsvc.coverage.services import coverage_summary
from mealsvc.coverage.standing import Group, Standing, standing
from mealsvc.kernel.months import Month
from mealsvc.places.services import point_by_code, put_division, put_point, resume_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.reports.gathering import gather
from mealsvc.reports.indicators import readings
from mealsvc.reports.period import Period
from mealsvc.settlement.services import submit
from tests.factories.reach import CENTRE, CITY, FAR, FAR_TOWN, MOVED, NOWHERE, reached
from tests.factories.tills import COMMUNITY, SHELL, TOWN, a_day, serve

MAY, LAST = Month(2024, 5), date(2024, 5, 31)
pytestmark = pytest.mark.ground(by=reached)


def may(**asked) -> Standing:
    return standing(LAST, MAY, **asked)


@pytest.fixture(autouse=True)
def on_the_app(app):
    return app


def test_only_what_the_district_runs_itself_counts_and_what_is_left_out_is_named():
    here = may()
    assert [row.division for row in here.rows] == [COMMUNITY, NOWHERE, FAR]
    assert here.total.eligible == 1300
    assert [(one.division, one.name, one.managed_by) for one in here.left_out] == [
        (CITY, "戚墅堰街道", "经开区")
    ]
    assert here.elsewhere.registered == 1
    assert here.elsewhere.groups["DB"] == Group(1, 0)


def test_elders_count_where_they_live_on_the_day_by_their_own_home_or_else_the_centre():
    home = may().row(COMMUNITY)
    assert (home.registered, home.active, home.servings) == (6, 4, 31)  # one who ate died since
    assert (home.own_known, home.own_near, home.own_walked, home.own_reached) == (2, 1, 1, 2)
    assert (home.reg_near, home.reg_walked, home.reg_reached) == (5, 5, 6)
    away = may().row(
        FAR
    )  # one by residence, one moved there; her own position is still the old one
    assert (away.registered, away.active, away.own_reached, away.reg_reached) == (2, 1, 1, 1)
    unknown = may().row(NOWHERE)
    assert (unknown.registered, unknown.nearest_m, unknown.reg_reached) == (1, None, 0)
    assert may().located_share == 4 / 9


def test_groups_in_need_are_known_and_served():
    groups = may().total.groups
    assert groups["DJ"] == Group(1, 1)
    assert groups["DB"] == Group(1, 1)
    assert groups["TK"] == Group(1, 0)
    assert groups["SN"] == Group(0, 0)  # dead
    assert groups["80+"] == Group(3, 2)


def test_it_says_the_same_as_the_contract():
    for day in (LAST, date(2024, 5, 30), date(2024, 5, 19)):
        here, told = standing(day, MAY), coverage_summary(None, day)
        assert here.total.eligible == told["eligible"]
        assert here.total.reached == told["covered"]
        assert [(row.division, row.eligible, row.reached) for row in here.towns] == [
            (town["code"], town["eligible"], town["covered"]) for town in told["towns"]
        ]
        spots = {row.division: row.nearest_m for row in here.rows if row.is_spot}
        assert spots.keys() == {gap["division"] for gap in told["gaps"]}
        for gap in told["gaps"]:
            nearest = spots[gap["division"]]
            assert gap["nearest_m"] == (None if nearest is None else round(nearest, 1))
    assert standing(date(2024, 5, 19), MAY).total.reached == 1000  # P02 and P03 served then


def test_it_says_the_same_as_the_supervision_report():
    here, facts = may(), gather(Period.of(MAY))
    total, read = here.total, readings(facts, facts)
    assert (facts.limits.near_m, facts.limits.radius_m) == (here.near_m, here.radius_m)
    assert (facts.limits.walk_m, facts.limits.walk) == (here.walk_m, here.walk_words)
    shown = {code: reading.now.shown for code, reading in read.items() if reading.now}
    assert shown["P13-1"] == f"{100 * total.near / total.eligible:.1f}%"
    assert shown["P13-2"] == f"{100 * total.reached / total.eligible:.1f}%"
    assert shown["P13-3"] == f"{100 * total.walked / total.eligible:.1f}%"
    assert shown["P14"] == f"{total.effective * 10_000 / total.eligible:.2f}个"
    assert shown["P15-1"] == f"{total.seats * 1000 / total.eligible:.2f}个"
    assert shown["P15-2"] == f"{total.capacity * 1000 / total.eligible:.2f}份"
    assert shown["P16"] == f"{100 * total.active / total.eligible:.2f}%"
    assert shown["P17"] == f"{total.servings / total.active:.1f}份"
    assert shown["P21"] == f"{total.spots}个" == "2个"
    assert (facts.active_elders, facts.subsidised) == (total.active, total.servings) == (5, 32)
    for kind, group in total.groups.items():
        everywhere = facts.group(kind)
        outside = here.elsewhere.groups[kind]
        assert everywhere.known == group.known + outside.known, kind
        assert everywhere.served == group.served + outside.served, kind


def test_seats_and_capacity_are_those_of_points_that_work_often_enough():
    home = may().row(COMMUNITY)
    assert (home.points, home.effective, home.seats, home.capacity) == (1, 1, 40, 100)
    early = standing(date(2024, 5, 6), MAY).row(COMMUNITY)  # 20 days a month are 4 by the 6th
    assert early.effective == 1
    assert standing(LAST, MAY.next).total.effective == 0


def test_late_lines_settle_elsewhere_and_stay_out():
    with writing():
        submit(MAY, None, SHELL, clock.now())
    before = may(fresh=True).total
    serve("L1", "N002", served_at=a_day(20))
    assert may(fresh=True).total == before


def test_a_part_is_the_sum_of_its_communities_and_points_of_others_count():
    town = may(within=TOWN)
    assert [row.division for row in town.rows] == [COMMUNITY, NOWHERE]
    assert (town.total.name, town.total.eligible, town.total.reached) == ("湖塘镇", 700, 400)
    assert town.elsewhere.registered == 0
    assert may(within=COMMUNITY).towns == ()
    with writing():
        theirs = {"code": "P09", "name": "城东助餐点", "kind": "community_canteen"}
        put_point({**theirs, "division": f"{CITY}001", "lon": 119.7, "lat": 31.6}, SHELL)
    assert may(within=FAR_TOWN).total.reached == 600
    assert may(within=FAR_TOWN).total.points == 0


def test_what_is_kept_gives_way_at_once_to_a_change_and_soon_to_the_till(monkeypatch):
    first = may()
    assert may() is first
    serve("N2-20", "N002", served_at=a_day(20))
    assert may() is first  # a meal alone waits
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert may().total.active == first.total.active + 1
    with writing():
        resume_point(point_by_code("P02"), date(2024, 5, 25), SHELL)
    assert may().row(FAR).reached == 600
    with writing():
        put_division({"code": NOWHERE, "lon": CENTRE[0], "lat": CENTRE[1]}, SHELL)
    assert may().row(NOWHERE).reached == 300


def test_the_elders_behind_a_figure_are_exactly_those_it_counts():
    here = may()
    for row in (*here.rows, *here.towns):
        asked = (LAST, MAY, row.division)
        everybody = elders_of(*asked, Which())
        assert len(everybody) == row.registered
        assert len(elders_of(*asked, Which(reach="in"))) == row.reg_reached
        assert sum(one.own for one in everybody) == row.own_known
        for kind, group in row.groups.items():
            assert len(elders_of(*asked, Which(group=kind))) == group.known
            assert len(elders_of(*asked, Which(group=kind, served="yes"))) == group.served
    away = elders_of(LAST, MAY, FAR, Which())
    assert [one.resident_id for one in away] == [7, MOVED]  # the farthest first
    assert [one.nearest_m for one in elders_of(LAST, MAY, NOWHERE, Which())] == [None]
