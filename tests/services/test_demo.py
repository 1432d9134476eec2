"""The demo district is what its description says, and went through the same services as real data."""

import json
import stat
from datetime import date

import pytest
from sqlalchemy import func, select

from mealsvc.accounts.permissions import ROLES
from mealsvc.auditing.proof import verify
from mealsvc.cli import main
from mealsvc.demo import counter, load
from mealsvc.demo.district import POP60, TOWNS
from mealsvc.demo.history import TOTAL
from mealsvc.home.frame import frame
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.places.models import Division, MealPoint
from mealsvc.places.services import put_division
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.models import Resident
from mealsvc.servings import closing
from mealsvc.servings.models import DailyTally, DayClose, UploadConflict
from mealsvc.settlement.services import settlement_of
from mealsvc.trail.services import record

BY = Actor("system", "演示")
APRIL = Month(2024, 4)


def test_a_load_that_was_cut_off_says_how_to_start_over(app, capsys):
    with writing():
        record(BY, "demo.load", "demo", {})
        put_division({"code": "320412", "name": "演示区", "level": "district"}, BY)
    db.session.remove()
    for words in (["demo", "--if-empty", "--json"], ["demo"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        out, err = capsys.readouterr()
        assert (ended.value.code, out, "没有装完" in err) == (1, "", True)


@pytest.mark.only("sqlite")
def test_the_demo_district_is_complete_consistent_and_loaded_once(app, instance):
    logins = load.load_demo(BY, clock.now(), lambda *_: None)
    _has_its_places_and_people()
    _served_as_described()
    _settled_up_to_april()
    _left_the_counters_as_on_an_evening()
    _gave_every_role_a_sign_in(logins, instance / load.LOGINS_FILE)
    assert frame()["demo_data"]
    assert verify().events > TOTAL
    with pytest.raises(load.NotEmpty):
        load.load_demo(BY, clock.now(), lambda *_: None)


def _has_its_places_and_people():
    towns = select(func.sum(Division.pop60)).where(Division.code.in_([town.code for town in TOWNS]))
    assert db.session.scalar(towns) == POP60
    communities = select(func.sum(Division.pop60)).where(Division.level == "community")
    assert db.session.scalar(communities) == POP60
    fed = select(func.count()).select_from(MealPoint).where(MealPoint.supplier == "WJ900")
    assert (db.session.scalar(select(func.count()).select_from(MealPoint)), 3) == (
        11,
        db.session.scalar(fed),
    )
    assert db.session.scalar(select(func.count()).select_from(Resident)) == 12_000


def _served_as_described():
    net = func.sum(DailyTally.lines - DailyTally.reversals)
    assert db.session.scalar(select(net)) == TOTAL
    may = select(net).where(DailyTally.served_on >= date(2024, 5, 1))
    counts = db.session.scalars(may.group_by(DailyTally.served_on)).all()
    assert len(counts) == 31
    assert all(700 <= count <= 1_200 for count in counts)
    first, last = db.session.execute(
        select(func.min(DailyTally.served_on), func.max(DailyTally.served_on))
    ).one()
    assert (Month.of(first), last) == (Month(2023, 4), date(2024, 5, 31))


def _settled_up_to_april():
    at_desks = {one["status"] for one in settlement_of(APRIL)["points"]}
    assert at_desks == {"submitted", "town_review", "returned", "district_review"}
    month = Month(2023, 4)
    while month != Month(2024, 5):
        assert settlement_of(month)["status"] == ("returned" if month == APRIL else "closed")
        month = month.next
    assert settlement_of(month)["status"] == "preview"


def _left_the_counters_as_on_an_evening():
    closes = db.session.scalars(select(DayClose)).all()
    assert len(closes) == 10 * counter.DAYS
    differing = [one for one in closes if one.drawer_fen + one.other_fen != one.self_pay_fen]
    assert [one.explanation for one in differing] == ["找零误差"]
    assert all(closing.after_close(one).lines == 0 for one in closes)
    waiting = db.session.scalars(select(UploadConflict.outcome)).all()
    assert sorted(waiting) == ["clock", "refused"]


def _gave_every_role_a_sign_in(logins, path):
    assert {account["role"] for account in logins["accounts"]} == set(ROLES)
    for account in logins["accounts"]:
        assert bool(account["totp"]) == ROLES[account["role"]].second_factor
    assert len(logins["devices"]) == 10
    assert json.loads(path.read_text("utf-8")) == logins
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
