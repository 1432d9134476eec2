"""The ledger as the database keeps it: one slot a meal, lines that add up, reversals that fit."""

import pytest
import sqlalchemy as sa
from sqlalchemy import inspect, select
from sqlalchemy.exc import DatabaseError

from mealsvc.auditing.proof import verify
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import DailyTally, Serving, ServingSlot
from mealsvc.servings.services import freeze_month, reverse_serving
from mealsvc.settlement.services import settlement_of
from tests.factories import tills


@pytest.fixture
def line(app):
    """One subsidised lunch: 12 yuan, of which 3 are paid by the district and the town."""
    tills.small_district()
    return tills.serve("K1")


def insert(**changes):
    """Adds a copy of the line K1 by raw SQL, under other numbers, with these columns changed."""
    with writing() as connection:
        found = connection.execute(sa.text("SELECT * FROM serving WHERE key = 'K1'"))
        row = dict(found.mappings().one()) | {"sequence": 9000, "key": "raw"} | changes
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        connection.execute(sa.text(f"INSERT INTO serving ({names}) VALUES ({marks})"), row)


def refusal(**changes) -> str:
    with pytest.raises(DatabaseError) as caught:
        insert(**changes)
    return str(caught.value.orig)


def reverse(key="R1", line="K1"):
    with writing() as connection:
        return reverse_serving(connection, key, line, "登记错误", None, tills.SHELL, clock.now())


def slots() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(ServingSlot.sequence)))


DINNER = {"meal": "dinner"}
FULL_PRICE = {"subsidy_fen": 0, "self_pay_fen": 1200, "reason": "no_rule"}
BACK = {"price_fen": -1200, "subsidy_fen": -300, "self_pay_fen": -900}


def test_raw_sql_may_add_a_line_that_is_right(line):
    """The statement that the refusals below vary is a good one."""
    insert(**DINNER)
    insert(**FULL_PRICE, sequence=9001, key="full")
    assert len(slots()) == 2


def test_the_database_refuses_a_second_subsidised_line_for_resident_date_and_meal(line):
    assert "serving_slot" in refusal()
    insert(**FULL_PRICE)
    assert slots() == [line.sequence]


def test_a_meal_elsewhere_does_not_give_a_second_slot(line):
    assert "serving_slot" in refusal(point_id=2)


@pytest.mark.parametrize(
    "other", [{"served_on": "2024-05-07"}, {"meal": "dinner"}, {"resident_id": 2}]
)
def test_another_date_meal_or_resident_has_a_slot_of_its_own(line, other):
    insert(**other)
    assert len(slots()) == 2


def test_the_unique_key_of_slots_goes_by_date_meal_and_resident_in_this_order(app):
    found = inspect(db.engine).get_pk_constraint("serving_slot")
    assert found["constrained_columns"] == ["served_on", "meal", "resident_id"]


def test_no_index_of_the_ledger_starts_with_the_resident(app):
    for table in ("serving", "serving_slot", "daily_tally", "serving_key"):
        for index in inspect(db.engine).get_indexes(table):
            assert index["column_names"][0] != "resident_id", index["name"]


def test_a_reversal_frees_the_slot_and_touches_no_other_row(line):
    assert slots() == [line.sequence]
    reverse()
    assert slots() == []
    again = tills.serve("K2")
    assert again.reason is None
    assert slots() == [again.sequence]


@pytest.mark.parametrize(
    ("named", "changes"),
    [
        # price = subsidy + self-pay
        ("price_parts", DINNER | {"price_fen": 1300}),
        ("price_parts", DINNER | {"self_pay_fen": 1000}),
        ("price_parts", DINNER | {"subsidy_fen": 400}),
        # a reason, if and only if there is no subsidy
        ("reason", DINNER | {"reason": "no_rule"}),
        ("reason", FULL_PRICE | {"reason": None}),
        # a line has a price; only a reversal is negative
        ("signs", FULL_PRICE | {"price_fen": 0, "self_pay_fen": 0}),
        ("signs", BACK),
        ("signs", DINNER | {"subsidy_fen": 1300, "self_pay_fen": -100}),
        ("signs", FULL_PRICE | {"subsidy_fen": -100, "self_pay_fen": 1300, "reason": None}),
        ("signs", DINNER | {"delivery_fen": -100}),
        # a reversal is never positive
        ("signs", DINNER | {"reverses": 1}),
        # words
        ("meal", {"meal": "supper"}),
        ("mode", DINNER | {"mode": "drone"}),
        ("key", DINNER | {"key": ""}),
        ("key", DINNER | {"key": "k" * 65}),
    ],
)
def test_a_line_that_breaks_a_check_is_refused_under_its_name(line, named, changes):
    assert f"ck_serving_{named}" in refusal(**changes)


def test_the_longest_key_is_kept(line):
    insert(**DINNER, key="k" * 64)
    assert len(slots()) == 2


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    ("named", "changes"),
    [
        ("price_fen", {"price_fen": 1200.5, "self_pay_fen": 900.5}),
        ("subsidy_fen", {"subsidy_fen": 300.5, "self_pay_fen": 899.5}),
        ("self_pay_fen", {"self_pay_fen": 899.5, "subsidy_fen": 300.5}),
        ("delivery_fen", {"delivery_fen": 0.5}),
        ("delivery_fen", {"delivery_fen": "1 yuan"}),
    ],
)
def test_sqlite_keeps_whole_fen_only(line, named, changes):
    said = refusal(**DINNER, **changes)
    assert "ck_serving_" in said
    assert "_whole" in said
    if len(changes) == 1:
        assert named in said


@pytest.mark.parametrize(
    ("named", "statement"),
    [
        (
            "ck_resident_fact_period",
            "INSERT INTO resident_fact (resident_id, kind, value, from_on, to_on, source)"
            " VALUES (1, 'category', 'TK', '2024-05-06', '2024-05-05', '')",
        ),
        (
            "ck_point_suspension_period",
            "INSERT INTO point_suspension (point_id, from_on, to_on, reason)"
            " VALUES (1, '2024-05-06', '2024-05-05', '')",
        ),
        (
            "ck_subsidy_policy_status",
            "UPDATE subsidy_policy SET status = 'perhaps'",
        ),
    ],
)
def test_a_period_that_ends_before_it_starts_and_an_unknown_status_are_refused(
    line, named, statement
):
    with pytest.raises(DatabaseError, match=named), writing() as connection:
        connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("column", "value"),
    [("point_id", 99), ("resident_id", 99), ("decision_id", 99)],
)
def test_a_line_names_a_point_a_resident_and_a_decision_that_exist(line, column, value):
    assert "foreign key" in refusal(**(DINNER | {column: value})).lower()


@pytest.mark.parametrize(
    "changes",
    [
        {"subsidy_fen": -200, "self_pay_fen": -1000},
        {"price_fen": -1100, "self_pay_fen": -800},
        {"delivery_fen": -1},
        {"point_id": 2},
        {"resident_id": 2},
        {"served_on": "2024-05-07"},
        {"meal": "dinner"},
    ],
)
def test_a_reversal_that_is_not_the_negative_of_its_line_is_refused(line, changes):
    assert "serving_reversal" in refusal(**(BACK | {"reverses": line.sequence} | changes))


def test_a_reversal_of_nothing_is_refused(line):
    said = refusal(**BACK, reverses=8000)
    assert "serving_reversal" in said or "foreign key" in said.lower()


def test_a_reversal_of_a_reversal_is_refused(line):
    back = reverse()
    said = refusal(**BACK, reverses=back.sequence)
    assert "serving_reversal" in said


def test_a_second_reversal_of_a_line_is_refused(line):
    reverse()
    said = refusal(**BACK, reverses=line.sequence)
    assert "serving.reverses" in said or "uq_serving_reverses" in said


def test_a_reversal_by_raw_sql_that_fits_is_taken_and_frees_the_slot(line):
    insert(**BACK, reverses=line.sequence)
    assert slots() == []


def test_a_key_is_used_once_over_lines_and_reversals(line):
    assert "serving_key" in refusal(**DINNER, key="K1")
    assert "serving_key" in refusal(**BACK, reverses=line.sequence, key="K1")


def test_the_daily_tally_is_the_sum_of_its_lines(line):
    tills.serve("K2", "C002")
    tills.serve("K3", point="P02")
    reverse()
    db.session.rollback()
    names = ("price_fen", "subsidy_fen", "self_pay_fen", "delivery_fen")
    for name in names:
        of_lines = db.session.scalar(select(sa.func.sum(getattr(Serving, name))))
        of_tallies = db.session.scalar(select(sa.func.sum(getattr(DailyTally, name))))
        assert of_lines == of_tallies
    counted = select(sa.func.sum(DailyTally.lines), sa.func.sum(DailyTally.reversals))
    assert tuple(db.session.execute(counted).one()) == (3, 1)
    verify()


# --- late lines ---------------------------------------------------------------------------------


def freeze(*months: int) -> None:
    with writing():
        for month in months:
            freeze_month(1, "P01", month, tills.SHELL)


def settles(key: str) -> tuple[int, bool]:
    db.session.rollback()
    statement = select(Serving.settle_month, Serving.late).where(Serving.key == key)
    return tuple(db.session.execute(statement).one())


@pytest.mark.parametrize(
    ("frozen", "expected"),
    [
        ((), (202405, False)),
        ((202404,), (202405, False)),
        ((202405,), (202406, True)),
        ((202405, 202406), (202407, True)),
        ((202405, 202407), (202406, True)),
    ],
)
def test_a_line_settles_in_the_first_month_that_is_open_for_its_point(app, frozen, expected):
    tills.small_district()
    freeze(*frozen)
    tills.serve("K1")
    assert settles("K1") == expected
    tills.serve("elsewhere", "C002", point="P02")
    assert settles("elsewhere") == (202405, False)


def test_a_late_reversal_settles_as_an_adjustment_and_its_month_never_changes(line):
    before = settlement_of(Month(2024, 5))
    freeze(202405)
    reverse()
    assert settles("R1") == (202406, True)
    may, june = settlement_of(Month(2024, 5)), settlement_of(Month(2024, 6))
    assert may == before
    (point,) = june["points"]
    assert (point["late"], point["adjustment_fen"], point["servings"]) == (1, -350, 0)
    assert point["adjustment_funding"] == {"district": -250, "town": -100}
    assert slots() == []
    verify()


def test_a_reversal_settles_in_the_month_and_at_the_point_of_its_line(line):
    reverse()
    assert settles("R1") == (202405, False)
    (point,) = settlement_of(Month(2024, 5))["points"]
    assert (point["point"], point["servings"], point["reversed"]) == ("P01", 0, 1)
    assert point["payable_fen"] == 0
