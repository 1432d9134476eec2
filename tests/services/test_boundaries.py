"""Boundaries are kept once, and the map shows those of what it shows."""

from dataclasses import replace
from random import Random

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from mealsvc.cli import cli
from mealsvc.coverage.mapping import boundaries
from mealsvc.coverage.mapping.models import DivisionBoundary
from mealsvc.coverage.mapping.refusals import BadBoundaries, NoBoundary
from mealsvc.coverage.mapping.rules import Planned
from mealsvc.coverage.mapping.services import map_on
from mealsvc.coverage.services import coverage_summary
from mealsvc.kernel.distance import great_circle_m
from mealsvc.places.services import put_division
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.trail.models import TrailEvent
from tests.factories import contacts
from tests.factories.tills import SHELL, TOWN

pytestmark = pytest.mark.ground(by=contacts.scene)
DAY = contacts.date(2024, 5, 28)


def _put(source="区划图"):
    outlines, read = boundaries.read_boundaries(contacts.outline())
    with writing():
        return boundaries.keep(outlines, read, source, SHELL, clock.now())


def _rows():
    db.session.rollback()
    trail = TrailEvent.action == "coverage.put_boundaries"
    return (
        db.session.scalar(select(func.count()).select_from(DivisionBoundary)),
        db.session.scalar(select(func.count()).select_from(TrailEvent).where(trail)),
    )


def test_the_same_file_again_changes_nothing(app):
    assert (_put().changed, _rows()) == (1, (1, 1))
    again = _put()
    assert (again.changed, again.same, _rows()) == (0, 1, (1, 1))
    assert _put("另一张图").changed == 1


def test_a_boundary_of_another_district_is_not_for_us(app):
    _, report = boundaries.read_boundaries(contacts.outline(), "320413")
    assert "不在本区" in report.bad[0].reason


def test_a_file_of_no_use_is_refused(app):
    with pytest.raises(BadBoundaries, match="读不懂"):
        boundaries.read_boundaries(b"{")


def test_a_boundary_can_be_taken_out_once(app):
    _put()
    with writing():
        boundaries.drop_boundary(TOWN, SHELL)
    with pytest.raises(NoBoundary), writing():
        boundaries.drop_boundary(TOWN, SHELL)


def test_the_map_covers_whom_the_summary_covers(app):
    _put()
    view, told = map_on(DAY), coverage_summary(None, DAY)
    assert (view.covered, view.eligible) == (told["covered"], told["eligible"]) == (300, 700)
    assert [one.name for one in view.blanks] == ["远村"]
    assert [one.code for one in view.outlines] == [TOWN]


def test_a_site_of_a_plan_counts_as_a_point(app):
    view = map_on(DAY, extra_sites=[Planned(1, "闲置用房", 119.99, 31.79)])
    assert view.covered == 700
    assert [one.nearest for one in view.communities] == ["丰乐助餐点", "闲置用房"]


def test_what_the_district_does_not_run_is_not_on_the_map(app):
    _put()
    with writing():
        town = {"code": TOWN, "name": "湖塘镇", "level": "town", "managed_by": "经开区"}
        put_division(town, SHELL)
    view = map_on(DAY)
    assert (view.communities, view.outlines) == ((), ())


def test_the_map_of_a_part_shows_the_points_that_reach_it(app):
    view = map_on(DAY, contacts.FAR)
    assert (view.area, view.sites) == ("远村", ())
    assert view.communities[0].nearest in ("丰乐助餐点", "花园助餐点")


def test_the_nearest_of_many_points_is_the_nearest_over_the_ground(app):
    dice = Random(7)
    sites = [Planned(at, f"{at}", dice.uniform(118, 122), dice.uniform(30, 33)) for at in range(60)]
    far = [replace(one, lat=one.lat + 8) for one in sites[:5]]
    for community in map_on(DAY, extra_sites=[*sites, *far]).communities:
        assert community.lon is not None and community.lat is not None
        known = [(one.lon, one.lat) for one in (*sites, *far)] + [(119.95, 31.75), (119.951, 31.75)]
        here = (community.lon, community.lat)
        assert community.nearest_m == min(great_circle_m(*here, *spot) for spot in known)


def test_the_command_takes_a_file_in_and_says_what_it_did(app, tmp_path):
    file = tmp_path / "wujin.geojson"
    file.write_bytes(contacts.outline().replace(b"]}]", b']}, {"type": "x"}]'))
    done = CliRunner().invoke(cli, ["coverage", "boundaries", str(file)])
    assert done.exit_code == 0, done.output
    assert "新增或更新 1 个边界，0 个与原来相同" in done.stdout
    db.session.rollback()
    assert db.session.get_one(DivisionBoundary, TOWN).source == "wujin.geojson"
