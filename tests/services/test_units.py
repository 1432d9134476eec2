"""Papers and people of units: renewed, withdrawn, one truth about the licence, states set-based."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from mealsvc.places.services import put_point
from mealsvc.places.units import queries, reading, refusals, services, staffing
from mealsvc.places.units.models import StaffPaper, UnitDocument
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.outlook import outlook
from mealsvc.settings.calendar import add_working_days
from mealsvc.settings.services import change_setting
from tests.factories import units
from tests.factories.tills import LUNCH, SHELL, serve, small_district

DAY = date(2024, 5, 6)


@pytest.fixture
def place(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock_at(DAY))
    return units.point("P50", "community_canteen", opened_on=date(2023, 1, 1))


def clock_at(day):
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def state(place, day=DAY):
    return queries.states_on(day, [place.id])[place.id]


def test_a_new_point_lacks_everything_and_is_flagged(place):
    found = state(place)
    missing = {kind for kind, _ in found.missing}
    assert {"licence", "agreement", "liability", "fire", "staff", "drill"} <= missing
    assert found.flagged and found.key_missing == ["licence", "agreement"]


def test_a_point_in_order_lacks_nothing(place):
    units.in_order(place, DAY)
    assert state(place).settled, state(place)


def test_points_that_do_not_operate_lack_nothing(place):
    for values in ({"opened_on": DAY + timedelta(days=1)}, {"opened_on": None, "closed_on": DAY}):
        with writing():
            put_point({"code": "P50", **values}, SHELL)
        assert state(place, DAY + timedelta(days=bool(values.get("closed_on")))).settled
    assert state(place, DAY).flagged  # it still serves on the day on which it closes


def test_a_renewed_paper_is_one_more_row_and_warnings_count_working_days(place):
    units.in_order(place, DAY)
    last = add_working_days(DAY, 90)
    with writing():
        services.withdraw_document(_document(place, "fire"), "录错", SHELL, clock.now())
    units.hold(place, "fire", last)
    assert state(place).expiring == [("fire", last)]
    with writing():
        change_setting("licence.warn_workdays", "60,30,15", "测试", DAY, True, SHELL, DAY)
    assert state(place).expiring == []
    later = last + timedelta(days=1)
    assert state(place, later).lapsed == [("fire", last)]
    units.hold(place, "fire", first=later, number="N2")
    assert ("fire", last) not in state(place, later).lapsed
    assert len(_all(place, "fire")) == 3


def test_a_licence_entered_becomes_the_points_own_and_the_old_one_is_kept(place):
    with writing():
        put_point(
            {"code": "P50", "licence_no": "JY1", "licence_expires_on": DAY + timedelta(days=9)},
            SHELL,
        )
    assert state(place).expiring == [("licence", DAY + timedelta(days=9))]
    new = units.hold(place, "licence", units.LONG, DAY, "JY2")
    assert (place.licence_no, place.licence_expires_on) == ("JY2", units.LONG)
    assert [one.number for one in _all(place, "licence")] == ["JY1", "JY2"]
    older = units.hold(place, "licence", DAY - timedelta(days=400), number="JY0")
    assert place.licence_no == "JY2"
    with writing():
        services.withdraw_document(older, "无关", SHELL, clock.now())
    assert place.licence_no == "JY2"
    with writing():
        services.withdraw_document(new, "录错", SHELL, clock.now())
    assert (place.licence_no, place.licence_expires_on) == ("JY1", DAY + timedelta(days=9))
    with pytest.raises(refusals.AlreadyWithdrawn), writing():
        services.withdraw_document(new, "再撤", SHELL, clock.now())


def test_the_points_record_bounds_what_its_licence_papers_say(place):
    units.hold(place, "licence", units.LONG)
    assert ("licence", units.LONG) in state(place).held
    shorter = DAY - timedelta(days=1)
    with writing():
        put_point({"code": "P50", "licence_expires_on": shorter}, SHELL)
    assert ("licence", shorter) in state(place).lapsed
    with writing():
        put_point({"code": "P50", "licence_expires_on": None}, SHELL)
    assert "licence" in state(place).key_missing


def test_a_gap_between_two_licences_is_seen_on_its_days_only(place):
    units.hold(place, "licence", DAY, date(2020, 1, 1), "JY1")
    units.hold(place, "licence", units.LONG, DAY + timedelta(days=3), "JY2")
    states = [state(place, DAY + timedelta(days=at)) for at in (0, 1, 2, 3)]
    assert [("licence" in one.key_lapsed) for one in states] == [False, True, True, False]


def test_a_serving_point_goes_by_its_suppliers_licence(place):
    served = units.point("P51", "serving_point", supplier="P50")
    assert "supplier_licence" in state(served).key_missing
    units.hold(place, "licence", DAY)
    assert "supplier_licence" not in state(served).key_missing + state(served).key_lapsed
    assert "supplier_licence" in state(served, DAY + timedelta(days=1)).key_lapsed
    outside = units.point("P52", "serving_point", supplier="某餐饮公司")
    units.hold(outside, "supplier_licence", DAY)
    assert "supplier_licence" not in state(outside).key_missing


def test_one_handler_without_a_certificate_flags_the_point(place):
    units.in_order(place, DAY)
    with_paper = units.work(place, "演示乙", "helper", DAY)
    units.certify(with_paper, "training", DAY)
    assert state(place).key_missing == ["health"]
    units.certify(with_paper, "health", date(2023, 5, 6))
    assert state(place).lapsed == [("health", date(2024, 5, 5))]
    units.certify(with_paper, "health", DAY)
    assert ("health", date(2025, 5, 4)) in state(place).held
    cashier = units.work(place, "演示丙", "cashier", DAY, handles_food=False)
    assert state(place).lapsed == []
    volunteer = units.work(place, "演示丁", "courier", DAY, volunteer=True)
    assert state(place).key_missing == ["health"]
    with writing():
        staffing.change_member(volunteer, {"left_on": DAY}, SHELL)
    assert state(place, DAY).key_missing == ["health"]
    assert state(place, DAY + timedelta(days=1)).key_missing == []
    assert cashier.left_on is None


def test_specific_caterers_train_every_half_year_others_every_year(place):
    special = units.point("P53", "institution_canteen")
    for one in (place, special):
        units.certify(units.work(one), "training", DAY - timedelta(days=200))
    assert ("training", DAY - timedelta(days=200)) not in state(place).lapsed
    assert [kind for kind, _ in state(special).lapsed] == ["training"]
    assert "training" in [kind for kind, _ in state(place).held]


def test_a_director_is_needed_from_the_rules_day_at_the_threshold(place):
    units.in_order(place, DAY)
    served = units.point("P54", "serving_point", supplier="P50")
    since = date(2025, 4, 15)

    def lacks(day, diners):
        found = queries.states_on(day, [place.id, served.id], diners)[place.id]
        return "director" in [kind for kind, _ in found.missing]

    assert lacks(since, {place.id: 300.0})
    assert not lacks(since, {place.id: 299.9})
    assert lacks(since, {place.id: 200.0, served.id: 100.0})
    assert not lacks(since - timedelta(days=1), {place.id: 900.0})
    assert not lacks(since, {})


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"kind": "nothing"}, refusals.UnknownKind),
        ({"kind": "agreement"}, refusals.NeedsLastDay),
        (
            {"kind": "agreement", "valid_from": DAY, "valid_to": DAY - timedelta(days=1)},
            refusals.PeriodBackwards,
        ),
    ],
)
def test_a_document_that_cannot_be_is_refused(place, values, refusal):
    with pytest.raises(refusal), writing():
        services.enter_document(place, values, SHELL, clock.now())
    assert _all(place, values["kind"]) == []


def test_the_district_has_rules_only_and_the_same_paper_is_entered_once(place):
    with pytest.raises(refusals.NotForPoints), writing():
        services.enter_document(None, {"kind": "fire", "valid_to": DAY}, SHELL, clock.now())
    with writing():
        services.enter_document(None, {"kind": "rule_price"}, SHELL, clock.now())
    with pytest.raises(refusals.SameDocument), writing():
        services.enter_document(None, {"kind": "rule_price"}, SHELL, clock.now())
    units.hold(place, "fire")
    with pytest.raises(refusals.SameDocument):
        units.hold(place, "fire")


def test_people_and_papers_that_cannot_be_are_refused(place):
    cook = units.work(place)
    with pytest.raises(refusals.SamePerson):
        units.work(place)
    with pytest.raises(refusals.LeftBeforeJoining), writing():
        staffing.change_member(cook, {"left_on": date(2023, 4, 30)}, SHELL)
    with pytest.raises(refusals.IssuedLater):
        units.certify(cook, "health", DAY + timedelta(days=1))
    with pytest.raises(refusals.PeriodBackwards):
        units.certify(cook, "officer", DAY, DAY - timedelta(days=1))
    with pytest.raises(refusals.UnknownKind):
        units.certify(cook, "diploma", DAY)
    with pytest.raises(refusals.InTheFuture):
        units.drill(place, DAY + timedelta(days=1))
    with pytest.raises(refusals.NeedsHours), writing():
        values = {"kind": "volunteer_hours", "held_on": DAY, "hours": 0}
        services.note_event(place, values, SHELL, clock.now())


def test_a_withdrawn_certificate_counts_no_more(place):
    cook = units.work(place)
    units.certify(cook, "health", DAY)
    assert queries.handlers_on(DAY)[place.id] == (1, 1)
    with writing():
        paper = db.session.scalars(select(StaffPaper)).one()
        staffing.withdraw_paper(paper, "录错", SHELL, clock.now())
    assert queries.handlers_on(DAY)[place.id] == (0, 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE unit_document SET valid_to = '2099-01-01'",
        "DELETE FROM unit_document",
        "UPDATE staff_paper SET issued_on = '2020-01-01'",
        "DELETE FROM staff_paper",
        "UPDATE unit_event SET hours = 8",
        "DELETE FROM unit_event",
    ],
)
def test_what_was_entered_can_only_be_withdrawn(place, statement):
    units.one_of_each("P50")
    with pytest.raises(DBAPIError), writing():
        db.session.execute(text(statement))


def test_states_take_the_same_few_queries_for_any_number_of_points(place):
    def queries_for(points):
        seen, ids = [], [one.id for one in points]

        def listen(*_):
            seen.append(1)

        event.listen(db.engine, "before_cursor_execute", listen)
        queries.states_on(DAY, ids)
        event.remove(db.engine, "before_cursor_execute", listen)
        return len(seen)

    one = queries_for([place])
    more = [units.point(f"P6{at}", "community_canteen") for at in range(6)]
    for each in more:
        units.work(each)
    assert queries_for([place, *more]) == one <= 12


def _document(place, kind):
    return _all(place, kind)[-1]


def _all(place, kind):
    rows = select(UnitDocument).filter_by(point_id=place.id, kind=kind).order_by(UnitDocument.id)
    return db.session.scalars(rows).all()


def test_what_is_to_do_counts_each_point_once_by_its_worst(place):
    units.in_order(place, DAY)
    fine = [place]
    empty = units.point("P55", "neighbour_table")
    expiring = units.point("P56", "neighbour_table")
    for kind in ("agreement", "health_declaration"):
        units.hold(expiring, kind, add_working_days(DAY, 30 if kind == "agreement" else 200))
    later = units.point("P57", "neighbour_table")
    for kind in ("agreement", "health_declaration"):
        units.hold(later, kind, add_working_days(DAY, 31))
    lapsed = units.point("P58", "community_canteen")
    units.in_order(lapsed, DAY)
    with writing():
        services.withdraw_document(_document(lapsed, "fire"), "录错", SHELL, clock.now())
    units.hold(lapsed, "fire", DAY - timedelta(days=1))
    counts = reading.to_do([*fine, empty, expiring, later, lapsed], DAY)
    assert counts == {"key": 1, "lapsed": 1, "missing": 0, "soon": 1}


def test_diners_of_a_meal_are_averaged_over_the_three_months_before(app):
    small_district()
    for key, card, day in (("a", "C001", 6), ("b", "C002", 6), ("c", "C003", 7)):
        serve(key, card, served_at=LUNCH.replace(day=day))
    found = units.point("P01")
    for day, expected in ((date(2024, 6, 1), {found.id: 1.5}), (date(2024, 9, 1), {})):
        assert outlook().diners_a_meal(day, [found.id]) == expected
    assert outlook().diners_a_meal(date(2024, 5, 31), [found.id]) == {}
