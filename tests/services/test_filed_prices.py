"""Filed prices: added from today on, never changed, and nobody is charged above them."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DatabaseError

from mealsvc.kernel.refusals import Refusal
from mealsvc.menus import refusals
from mealsvc.menus.filing import end_price, file_price
from mealsvc.menus.models import FiledPrice
from mealsvc.menus.prices import parts, parts_of
from mealsvc.menus.rules import Filed
from mealsvc.menus.services import put_item, set_meal_price
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.desk import Desk
from mealsvc.servings.models import Serving
from mealsvc.servings.refusals import AboveFiledPrice
from mealsvc.servings.services import preview, record_serving, reverse_serving
from tests.factories import menus, tills
from tests.factories.tills import SHELL

NOW = tills.a_day(1)
FIRST = date(2024, 5, 1)
DAY = date(2024, 5, 6)


@pytest.fixture
def district(app):
    """The small district; nothing is filed yet."""
    tills.small_district()
    return app


def end(name="标准套餐", from_on=DAY, meal="lunch"):
    with writing():
        end_price(menus.place(), meal, name, from_on, "停售", SHELL, NOW)


class Undone(Exception):
    """Rolls what was recorded back."""


def both(order):
    """What the till and the desk say of an order; nothing is kept."""
    told = []
    for record in (_till, _desk):
        with suppress(Undone), writing() as connection:
            told.append(record(connection, order))
            raise Undone
    assert told[0] == told[1]
    return told[0]


def _till(connection, order):
    try:
        record_serving(connection, order, SHELL, clock.now())
    except Refusal as refusal:
        return refusal.code, refusal.message
    return "recorded", ""


def _desk(connection, order):
    (told,) = Desk().record(connection, [order], SHELL, clock.now())
    return (told.code, told.message) if isinstance(told, Refusal) else ("recorded", "")


@pytest.mark.parametrize(
    ("price", "code"), [(1199, "recorded"), (1200, "recorded"), (1201, "bad_price")]
)
def test_nobody_is_charged_more_than_the_filed_elder_price(district, price, code):
    menus.filed(1200, FIRST, NOW)
    told, message = both(tills.order("K1", price_fen=price))
    assert told == code
    assert ("高于备案价12.00元" in message) is (code == "bad_price")


@pytest.mark.parametrize(
    "elsewhere",
    [{"point": "P02"}, {"meal": "dinner"}, {"served_at": tills.LUNCH.replace(month=4, day=30)}],
)
def test_another_point_meal_or_earlier_day_has_no_ceiling_but_the_limit(district, elsewhere):
    menus.filed(1200, FIRST, NOW)
    assert both(tills.order("K1", price_fen=20_000, **elsewhere))[0] == "recorded"
    assert both(tills.order("K1", price_fen=20_001, **elsewhere))[0] == "bad_price"


def test_the_dearest_name_in_force_is_the_ceiling_until_it_ends(district):
    menus.filed(1200, FIRST, NOW)
    menus.filed(1800, FIRST, NOW, name="豪华套餐")
    assert both(tills.order("K1", price_fen=1800))[0] == "recorded"
    end("豪华套餐")
    assert both(tills.order("K1", price_fen=1800))[0] == "bad_price"
    assert both(tills.order("K1", price_fen=1800, served_at=tills.a_day(5)))[0] == "recorded"
    end()
    assert both(tills.order("K1", price_fen=1800))[0] == "recorded"  # nothing in force any more


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"credential": "nobody"}, "unknown_resident"),
        ({"key": "used"}, "key_conflict"),
        ({"served_at": clock.now() + timedelta(days=2)}, "bad_price"),
    ],
)
def test_a_price_above_the_filed_one_stands_at_bad_price_in_the_order(district, fault, code):
    tills.serve("used", "C002")
    menus.filed(1200, FIRST, NOW)
    assert both(replace(tills.order("K1", price_fen=1300), **fault))[0] == code


def test_a_meal_recorded_before_the_filing_is_still_replayed(district):
    first = tills.serve("K1", price_fen=1500)
    menus.filed(1200, FIRST, NOW)
    again = tills.serve("K1", price_fen=1500)
    assert (again.fresh, again.body()) == (False, first.body())


def test_a_preview_refuses_alike_at_once_after_the_filing(district):
    order = tills.order("K1", price_fen=1300)
    preview(db.session.connection(), order, clock.now())
    db.session.rollback()
    menus.filed(1200, FIRST, NOW)
    with pytest.raises(AboveFiledPrice):
        preview(db.session.connection(), order, clock.now())


def test_a_filing_that_is_undone_is_no_ceiling(district):
    with pytest.raises(Undone), writing() as connection:
        price = Filed("标准套餐", 1500, 1200, FIRST)
        file_price(menus.place(), "lunch", price, "服务协议", SHELL, NOW)
        with pytest.raises(AboveFiledPrice):
            preview(connection, tills.order("K1", price_fen=1300), clock.now())
        raise Undone
    assert both(tills.order("K1", price_fen=1300))[0] == "recorded"


@pytest.mark.parametrize(
    ("price", "refused"),
    [
        (Filed("套餐", 1500, 1501, FIRST), refusals.ElderAbovePublic),
        (Filed("套餐", 20_001, 1500, FIRST), refusals.PriceOutOfRange),
        (Filed("套餐", 0, 0, FIRST), refusals.PriceOutOfRange),
        (Filed("套餐", 1500, 1200, FIRST - timedelta(days=1)), refusals.BackdatedPrice),
        (Filed("标准套餐", 1600, 1300, FIRST), refusals.AlreadyFiled),
        (Filed("标准套餐", 1500, 1200, DAY), refusals.SamePrice),
    ],
)
def test_what_may_not_be_filed_is_refused(district, price, refused):
    menus.filed(1200, FIRST, NOW)
    with pytest.raises(refused), writing():
        file_price(menus.place(), "lunch", price, "服务协议", SHELL, NOW)
    db.session.rollback()
    assert len(db.session.scalars(select(FiledPrice)).all()) == 1


def test_only_what_is_in_force_can_be_ended(district):
    with pytest.raises(refusals.NotInForce):
        end()
    menus.filed(1200, FIRST, NOW)
    end()
    with pytest.raises(refusals.NotInForce):
        end(from_on=DAY + timedelta(days=1))


@pytest.mark.parametrize(
    "statement",
    [
        update(FiledPrice).values(elder_price_fen=1),
        delete(FiledPrice),
        insert(FiledPrice.__table__).prefix_with("OR REPLACE", dialect="sqlite").values(
            id=1, point_id=1, meal="lunch", name="标准套餐", public_price_fen=9, elder_price_fen=9,
            effective_from=FIRST, ended=False, basis="", filed_at=NOW, filed_by="",
        ),
        insert(FiledPrice.__table__).values(
            id=9, point_id=1, meal="dinner", name="标准套餐", public_price_fen=8, elder_price_fen=9,
            effective_from=FIRST, ended=False, basis="", filed_at=NOW, filed_by="",
        ),
    ],
)  # fmt: skip
def test_the_database_keeps_what_was_filed(district, statement):
    menus.filed(1200, FIRST, NOW)
    with pytest.raises(DatabaseError), writing() as connection:
        connection.execute(statement)


def test_list_price_and_discount_stand_behind_the_charged_price(district):
    menus.filed(1200, FIRST, NOW, public_fen=1500)
    menus.filed(1300, DAY, NOW, public_fen=1700)
    assert parts(1, "lunch", DAY - timedelta(days=1), 1200) == (1500, 300)
    assert parts(1, "lunch", DAY, 1300) == (1700, 400)
    assert parts(1, "lunch", DAY, 1200) == (1200, 0)  # not the filed one: no discount is claimed
    assert parts(1, "dinner", DAY, 1300) == (1300, 0)


def test_the_parts_of_a_reversal_are_those_of_its_line_below_zero(district):
    menus.filed(1200, FIRST, NOW, public_fen=1500)
    line = tills.serve("K1")
    with writing() as connection:
        back = reverse_serving(connection, "R1", "K1", "登记错误", None, SHELL, clock.now())
    found = parts_of(db.session.scalars(select(Serving)))
    assert found == {line.sequence: (1500, 300), back.sequence: (-1500, -300)}
    for one in db.session.scalars(select(Serving)):
        listed, discount = found[one.sequence]
        assert listed == discount + one.subsidy_fen + one.self_pay_fen


def test_the_till_proposes_the_menus_set_meal_else_the_one_filed_price(district):
    assert set_meal_price(1, DAY, "lunch") is None
    menus.filed(1200, FIRST, NOW)
    assert set_meal_price(1, DAY, "lunch") == 1200
    with writing():
        put_item(1, "P01", menus.dish(DAY, "当日套餐", "套餐", price_fen=1100), SHELL, NOW)
    assert set_meal_price(1, DAY, "lunch") == 1100
    menus.filed(900, FIRST, NOW, name="小份")
    assert set_meal_price(1, DAY + timedelta(days=1), "lunch") is None  # two to choose from
