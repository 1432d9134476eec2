"""What is refused and what is recorded, in the order of the contract; the desk and the till agree."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.resident_id import normalise
from mealsvc.places.services import point_by_code, suspend_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.departures import Departure, record_departure_batch
from mealsvc.servings.desk import Desk, Recorded
from mealsvc.servings.models import Decision, RefusedAttempt, Serving
from mealsvc.servings.services import log_refusal, record_serving, reverse_serving
from tests.factories import menus, tills

# Each way of being wrong, in the order in which the contract asks; `malformed` before all.
WRONG = {
    "malformed": {"meal": "supper"},
    "unknown_point": {"point": "P99"},
    "unknown_resident": {"credential": "nobody"},
    "point_not_operating": {"point": "P02"},
    "resident_deceased": {"credential": "C004"},
    "key_conflict": {"key": "used"},
    "bad_price": {"price_fen": 20_001},
    "in_future": {"served_at": clock.now() + timedelta(days=2)},
}
CANNOT_MEET = {
    # a point that is not known cannot be closed; nobody cannot be dead
    frozenset({"unknown_point", "point_not_operating"}),
    frozenset({"unknown_resident", "resident_deceased"}),
}


@pytest.fixture
def district(app):
    """P02 is suspended, 单于福 (C004) has died, and one key is used."""
    tills.small_district()
    with writing():
        point = point_by_code("P02")
        suspend_point(point, date(2024, 5, 1), "装修", tills.SHELL)
        number = normalise(tills.ID_NUMBERS["单于福"])
        died = Departure(number, "deceased", date(2024, 5, 1), None, "测试")
        record_departure_batch([died], tills.SHELL, clock.now())
    tills.serve("used", "C002")
    return app


def outcome(order) -> str:
    """The code of the refusal, or `recorded`."""
    with writing() as connection:
        try:
            record_serving(connection, order, tills.SHELL, clock.now())
        except Refusal as refusal:
            return refusal.code
    return "recorded"


def by_desk(order) -> str:
    with writing() as connection:
        (told,) = Desk().record(connection, [order], tills.SHELL, clock.now())
    return told.code if isinstance(told, Refusal) else "recorded"


@pytest.mark.parametrize("code", WRONG)
def test_each_fault_is_refused_by_its_own_code_and_writes_no_line(district, code):
    order = replace(tills.order("K1"), **WRONG[code])
    assert outcome(order) == by_desk(order) == code
    db.session.rollback()
    assert db.session.scalars(select(Serving.key)).all() == ["used"]


@pytest.mark.parametrize(
    "codes", [pair for pair in combinations(WRONG, 2) if frozenset(pair) not in CANNOT_MEET]
)
def test_of_two_faults_the_earlier_is_told(district, codes):
    first, second = codes
    order = replace(tills.order("K1"), **(WRONG[second] | WRONG[first]))
    assert outcome(order) == by_desk(order) == first


def test_a_meal_that_has_none_of_the_faults_is_recorded(district):
    assert outcome(tills.order("K1")) == "recorded"


def test_a_replay_is_recognised_before_every_other_fault(district):
    """The point closed and the elder died since; the first answer still holds."""
    order = tills.order("K1", "C001")
    first = tills.serve("K1", "C001")
    with writing():
        point = point_by_code("P01")
        suspend_point(point, date(2024, 5, 1), "装修", tills.SHELL)
        number = normalise(tills.ID_NUMBERS["张国丰"])
        died = Departure(number, "deceased", date(2024, 5, 1), None, "测试")
        record_departure_batch([died], tills.SHELL, clock.now())
    with writing() as connection:
        again = record_serving(connection, order, tills.SHELL, clock.now())
    assert again.body() == first.body()
    assert (first.fresh, again.fresh) == (True, False)
    assert by_desk(order) == "recorded"


@pytest.mark.parametrize(
    "changes",
    [
        {"point": "P02"},
        {"credential": tills.ID_NUMBERS["张国丰"]},
        {"served_at": tills.LUNCH + timedelta(seconds=1)},
        {"meal": "dinner"},
        {"mode": "delivery"},
        {"price_fen": 1201},
        {"method": "qr"},
    ],
)
def test_every_part_of_the_content_tells_two_requests_apart(app, changes):
    tills.small_district()
    tills.serve("K1")
    order = replace(tills.order("K1"), **changes)
    assert outcome(order) == by_desk(order) == "key_conflict"


@pytest.mark.parametrize("changes", [{"operator": "李四"}, {"device": "till-2"}, {"note": "x"}])
def test_who_sent_it_is_no_part_of_the_content(app, changes):
    tills.small_district()
    tills.serve("K1")
    order = replace(tills.order("K1"), **changes)
    assert outcome(order) == by_desk(order) == "recorded"
    db.session.rollback()
    assert len(db.session.scalars(select(Serving)).all()) == 1


def test_a_refused_attempt_leaves_its_key_free_and_a_row_without_the_number(app):
    tills.small_district()
    number = tills.id_number("19500202", "077")
    order = tills.order("K1", number)
    with writing() as connection:
        try:
            record_serving(connection, order, tills.SHELL, clock.now())
        except Refusal as refusal:
            log_refusal(connection, order, refusal, clock.now())
    db.session.rollback()
    (logged,) = db.session.scalars(select(RefusedAttempt))
    assert (logged.key, logged.code, logged.point) == ("K1", "unknown_resident", "P01")
    assert number.encode() not in logged.credential
    assert outcome(tills.order("K1")) == "recorded"


def test_the_refusal_of_a_time_ahead_tells_the_servers_time(app):
    tills.small_district()
    now = clock.now()
    for ahead, told in ((timedelta(minutes=5), "recorded"), (timedelta(minutes=6), "in_future")):
        order = replace(tills.order(told), served_at=now + ahead)
        with writing() as connection:
            try:
                record_serving(connection, order, tills.SHELL, now)
                said = "recorded"
            except Refusal as refusal:
                said = refusal.code
                assert datetime.fromisoformat(refusal.facts["server_time"]) <= now
        assert said == told


REVERSALS = [
    # sent under this key, of this line: what is told
    ("R9", "K1", "recorded"),
    ("R9", "nothing", "unknown_serving"),
    ("R9", "R1", "not_reversible"),
    ("R9", "K2", "already_reversed"),
    ("K1", "K1", "key_conflict"),
    ("R1", "K1", "key_conflict"),
    ("R1", "K2", "recorded"),  # the same reversal again
    # of two faults the earlier
    ("K1", "nothing", "unknown_serving"),
    ("K1", "K2", "already_reversed"),
    ("", "K1", "malformed"),
]


@pytest.mark.parametrize(("key", "line", "told"), REVERSALS)
def test_a_reversal_is_recorded_or_refused_by_its_code(app, key, line, told):
    tills.small_district()
    tills.serve("K1")
    tills.serve("K2", "C002")
    with writing() as connection:
        reverse_serving(connection, "R1", "K2", "登记错误", None, tills.SHELL, clock.now())
    with writing() as connection:
        try:
            reverse_serving(connection, key, line, "登记错误", None, tills.SHELL, clock.now())
            said = "recorded"
        except Refusal as refusal:
            said = refusal.code
    assert said == told


# --- the desk and the till ----------------------------------------------------------------------

ORDERS = st.lists(
    st.builds(
        lambda number, card, day, meal, mode, price, point: (
            number, card, day, meal, mode, price, point
        ),
        st.integers(1, 25),
        st.sampled_from(["C001", "C002", "C003", "C004", "nobody"]),
        st.integers(1, 3),
        st.sampled_from(["breakfast", "lunch", "lunch", "dinner"]),
        st.sampled_from(["dine_in", "delivery"]),
        st.sampled_from([80, 100, 350, 1200, 0]),
        st.sampled_from(["P01", "P02", "P03"]),
    ),
    min_size=1,
    max_size=30,
)  # fmt: skip
COMPARED = [
    name
    for name in (column.name for column in Serving.__table__.columns)
    if name not in ("sequence", "decision_id", "recorded_at")
]


def as_orders(drawn):
    return [
        tills.order(
            f"K{number}",
            card,
            served_at=tills.a_day(day),
            meal=meal,
            mode=mode,
            price_fen=price,
            point=point,
        )
        for number, card, day, meal, mode, price, point in drawn
    ]


def all_lines():
    statement = select(Serving, Decision.content).join(Decision, Decision.id == Serving.decision_id)
    return [
        (*(getattr(line, name) for name in COMPARED), content)
        for line, content in db.session.execute(statement.order_by(Serving.sequence))
    ]


class Undone(Exception):
    """Rolls an example back."""


def by_the_till(connection, orders, now):
    told = []
    for order in orders:
        try:
            receipt = record_serving(connection, order, tills.SHELL, now)
            told.append((receipt.subsidy_fen if receipt.fresh else 0, receipt.fresh))
        except Refusal as refusal:
            told.append(refusal.code)
    return told


def by_the_desk(connection, orders, now, size):
    desk, told = Desk(), []
    for start in range(0, len(orders), size):
        told += desk.record(connection, orders[start : start + size], tills.SHELL, now)
    return [(one.subsidy_fen, one.fresh) if isinstance(one, Recorded) else one.code for one in told]


@given(drawn=ORDERS, size=st.integers(1, 12))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_desk_writes_the_lines_that_the_till_would_have_written(capped, drawn, size):
    orders, now = as_orders(drawn), clock.now()
    results = []
    for record in (by_the_till, lambda *given: by_the_desk(*given, size)):
        try:
            with writing() as connection:
                told = record(connection, orders, now)
                db.session.expire_all()
                results.append((told, all_lines()))
                raise Undone
        except Undone:
            pass
    assert results[0] == results[1]


@pytest.fixture
def capped(app):
    """The small district under a policy with two meals a day and three a month."""
    original = tills.SAMPLE
    tills.SAMPLE = original.replace("per_month = 40", "per_month = 3")
    try:
        tills.small_district()
    finally:
        tills.SAMPLE = original
    may = tills.a_day(1)
    menus.filed(350, may.date(), may, meal="dinner")  # the till and the desk know the ceiling
    return app
