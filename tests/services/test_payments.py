"""Payees and payment orders: to the fen, carried balances, and one person one step."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from mealsvc.payments import refusals
from mealsvc.payments.dues import balances_of, dues_of
from mealsvc.payments.models import Payee, PaymentLine, PaymentOrder
from mealsvc.payments.orders import order_payment, recall_order, record_payment
from mealsvc.payments.payees import (
    confirm_payee,
    payees_of,
    propose_payee,
    reject_payee,
    reveal_account,
    shared_by,
)
from mealsvc.payments.rules import Money, account_number, pay_out
from mealsvc.places.services import point_by_code, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement import refusals as chain
from mealsvc.settlement.acts import ACTS
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.services import settlement_of
from mealsvc.settlement.steps import take
from mealsvc.trail.models import TrailEvent
from tests.factories import payments as made
from tests.factories.payments import ACCOUNT, DIGITS, JULY, JUNE, MAY, NOW, staff
from tests.factories.tills import LUNCH, SHELL, serve, small_district

LATER = NOW.replace(month=7)
LATEST = NOW.replace(month=8)


@pytest.fixture
def may(app, monkeypatch):
    """Two subsidised servings of May at P01; it is June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    small_district()
    serve("a", "C001")
    serve("b", "C002", served_at=LUNCH.replace(day=7))


def point(code="P01"):
    return point_by_code(code)


def lines_of(order):
    return db.session.query(PaymentLine).filter_by(order_id=order.id).order_by("id").all()


def payable(month):
    return settlement_of(month, "P01")["points"][0]["payable_fen"]


def take_back(key, now):
    with writing() as connection:
        reverse_serving(connection, f"{key}-", key, "登错人", None, SHELL, now)


def test_an_order_pays_the_month_to_the_fen(may):
    made.payee()
    batch = made.approved()
    order = made.ordered(batch)
    (line,) = lines_of(order)
    raw = db.session.execute(
        text("SELECT SUM(subsidy_fen + delivery_fen) FROM serving WHERE settle_month = 202405")
    ).scalar_one()
    assert order.number == "BF-2024-0001"
    assert order.total_fen == line.amount_fen == payable(MAY) == raw + 2 * 50
    assert sum(json.loads(line.funding).values()) == line.amount_fen
    assert batch_at(MAY, "P01").status == "payment_ordered"
    made.paid(order)
    assert (order.state, order.voucher, order.paid_on) == ("paid", "ZF-001", date(2024, 6, 3))
    assert batch_at(MAY, "P01").status == "paid"


def test_what_a_month_lacks_is_carried_over_three_months(may, monkeypatch):
    made.payee()
    made.paid(made.ordered(made.approved()))
    lost = payable(MAY)
    take_back("a", NOW)
    take_back("b", NOW)
    monkeypatch.setattr(clock, "now", lambda: LATER)
    second = made.ordered(made.approved(JUNE, now=LATER), now=LATER)
    (line,) = lines_of(second)
    assert (line.payable_fen, line.carried_fen, line.amount_fen) == (-lost, 0, 0)
    assert (second.total_fen, line.funding) == (0, "{}")
    made.paid(second, now=LATER)
    assert batch_at(JUNE, "P01").status == "paid"

    monkeypatch.setattr(clock, "now", lambda: LATEST)
    serve("c", "C001", served_at=LUNCH.replace(month=7))
    serve("d", "C002", served_at=LUNCH.replace(month=7))
    serve("e", "C004", served_at=LUNCH.replace(month=7))
    third = made.ordered(made.approved(JULY, now=LATEST), now=LATEST)
    (line,) = lines_of(third)
    assert (line.carried_fen, line.amount_fen) == (-lost, payable(JULY) - lost)
    assert line.amount_fen > 0
    assert sum(json.loads(line.funding).values()) == line.amount_fen
    assert balances_of([point().id])[point().id] == Money()
    whole = db.session.execute(text("SELECT SUM(amount_fen) FROM payment_line")).scalar_one()
    assert whole == sum(payable(month) for month in (MAY, JUNE, JULY))


def test_one_order_over_two_months_sets_the_first_off_against_the_second(may, monkeypatch):
    made.payee()
    made.paid(made.ordered(made.approved()))
    take_back("a", NOW)
    monkeypatch.setattr(clock, "now", lambda: LATEST)
    serve("c", "C001", served_at=LUNCH.replace(month=7))
    serve("d", "C002", served_at=LUNCH.replace(month=7))
    batches = [made.approved(month, now=LATEST) for month in (JUNE, JULY)]
    first, second = lines_of(made.ordered(*batches, now=LATEST))
    assert (first.amount_fen, second.carried_fen) == (0, first.payable_fen)
    assert second.amount_fen == second.payable_fen + first.payable_fen > 0


def test_a_recalled_order_is_ordered_again_with_the_same_amounts(may):
    made.payee()
    batch = made.approved()
    order = made.ordered(batch)
    maker, other = staff("pay1"), staff("pay2")
    with writing():
        recall_order(order.id, "账户有误", maker, NOW)
    assert (order.state, batch_at(MAY, "P01").status) == ("recalled", "approved")
    again = made.ordered(batch)
    assert (again.number, again.total_fen) == ("BF-2024-0002", order.total_fen)
    with pytest.raises(refusals.OrderEnded), writing():
        recall_order(order.id, "再撤", maker, NOW)
    with pytest.raises(refusals.OrderEnded), writing():
        record_payment(order.id, NOW.date(), "Z", other, NOW)


def test_what_was_carried_on_holds_the_earlier_order_fast(may, monkeypatch):
    made.payee()
    made.paid(made.ordered(made.approved()))
    take_back("a", NOW)
    monkeypatch.setattr(clock, "now", lambda: LATEST)
    serve("c", "C001", served_at=LUNCH.replace(month=7))
    first = made.ordered(made.approved(JUNE, now=LATEST), now=LATEST)
    second = made.ordered(made.approved(JULY, now=LATEST), now=LATEST)
    maker = staff("pay1")
    with pytest.raises(refusals.LaterOrder, match=second.number), writing():
        recall_order(first.id, "撤回", maker, LATEST)
    with writing():
        recall_order(second.id, "撤回", maker, LATEST)
        recall_order(first.id, "撤回", maker, LATEST)
    assert balances_of([point().id])[point().id] == Money()


def test_nothing_is_ordered_without_a_confirmed_account(may):
    batch = made.approved()
    maker, clerk = staff("pay1"), staff("clerk")
    with pytest.raises(refusals.PayeeMissing, match="丰乐助餐点"):
        made.ordered(batch)
    with writing():
        propose_payee(point(), "某公司", "某银行", ACCOUNT, "", clerk, NOW)
    with pytest.raises(refusals.PayeeMissing):
        made.ordered(batch)
    with pytest.raises(refusals.NothingToPay), writing():
        order_payment([], [], "", None, maker, NOW)
    assert db.session.query(PaymentOrder).count() == 0
    assert batch_at(MAY, "P01").status == "approved"


def test_only_approved_months_are_ordered_and_only_what_was_seen(may):
    made.payee()
    made.reviewed()
    maker = staff("pay1")
    with pytest.raises(chain.NotItsTurn), writing():
        order_payment([batch_at(MAY, "P01").id], [], "", None, maker, NOW)
    clerk, chief = staff("clerk"), staff("chief")
    with writing():
        take(ACTS["notice"], batch_at(MAY, "P01"), clerk, NOW)
        take(ACTS["approve"], batch_at(MAY, "P01"), chief, NOW)
    with pytest.raises(refusals.TotalChanged), writing():
        order_payment([batch_at(MAY, "P01").id], [], "", payable(MAY) + 1, maker, NOW)


def test_each_place_wants_another_person(may):
    made.payee()
    batch = made.approved()
    clerk, town, chief = staff("clerk"), staff("town"), staff("chief")
    with pytest.raises(refusals.MakerIsProposer), writing():
        order_payment([batch], [], "", None, clerk, NOW)
    for earlier in (town, chief):
        with pytest.raises(chain.SamePerson), writing():
            order_payment([batch], [], "", None, earlier, NOW)
    order = made.ordered(batch, by="pay1")
    twin = staff("pay1b")
    with writing():
        db.session.execute(
            text(
                "UPDATE account SET person = (SELECT id FROM account WHERE login = 'pay1')"
                " WHERE login = 'pay1b'"
            )
        )
    db.session.expire_all()
    first = staff("pay1")
    for same in (first, twin):
        with pytest.raises(refusals.OwnOrder), writing():
            record_payment(order.id, NOW.date(), "Z", same, NOW)
    with pytest.raises(chain.SamePerson), writing():
        record_payment(order.id, NOW.date(), "Z", chief, NOW)


def test_a_payment_needs_its_voucher_and_a_day_that_was(may):
    made.payee()
    order, other = made.ordered(made.approved()), staff("pay2")
    for day in (NOW.date() - timedelta(days=1), NOW.date() + timedelta(days=1)):
        with pytest.raises(refusals.BadPaymentDay), writing():
            record_payment(order.id, day, "Z", other, NOW)
    with pytest.raises(refusals.VoucherMissing), writing():
        record_payment(order.id, NOW.date(), "", other, NOW)


def test_the_confirmed_account_counts_until_a_change_is_confirmed(may):
    first = made.payee()
    batch, clerk, money = made.approved(), staff("clerk"), staff("money")
    with writing():
        change = propose_payee(point(), "某公司", "另一银行", "6222000011112222", "", clerk, NOW)
    assert dues_of([batch])[0].payee == first
    with pytest.raises(refusals.OwnPayee), writing():
        confirm_payee(change.id, clerk, NOW)
    with writing():
        confirm_payee(change.id, money, NOW)
    (line,) = lines_of(made.ordered(batch))
    assert line.payee_id == change.id
    with pytest.raises(refusals.PayeeDecided), writing():
        reject_payee(change.id, "不符", money, NOW)


def test_a_rejected_or_replaced_account_never_counts(may):
    clerk, money = staff("clerk"), staff("money")
    with writing():
        one = propose_payee(point(), "某公司", "某银行", "11112222333", "", clerk, NOW)
        two = propose_payee(point(), "某公司", "某银行", "11112222334", "", clerk, NOW)
    assert one.outcome == "replaced"
    with pytest.raises(refusals.PayeeDecided), writing():
        confirm_payee(one.id, money, NOW)
    with writing():
        reject_payee(two.id, "账号与开户证明不符", money, NOW)
    assert payees_of([point().id]) == {}
    with pytest.raises(refusals.BadAccount), writing():
        propose_payee(point(), "某公司", "某银行", "无账号", "", clerk, NOW)


def test_the_account_lies_nowhere_in_clear(may, instance):
    payee, money = made.payee(), staff("money")
    with writing():
        assert reveal_account(payee.id, money) == DIGITS
    db.session.rollback()
    rows = db.session.execute(text("SELECT * FROM payee")).all()
    kept = repr([tuple(bytes(x) if isinstance(x, memoryview) else x for x in row) for row in rows])
    trail = [(one.action, one.subject, one.detail) for one in db.session.query(TrailEvent)]
    assert DIGITS not in kept
    assert DIGITS not in repr(trail)
    assert "某餐饮" not in repr(trail)
    assert ("payees.reveal", "P01") in [(action, subject) for action, subject, _ in trail]
    for file in instance.rglob("*"):
        if file.is_file():
            assert DIGITS.encode() not in file.read_bytes()


def test_an_account_of_two_units_is_seen(may):
    with writing():
        for code, unit in (("P01", "甲餐饮"), ("P02", "乙餐饮")):
            row = {"code": code, "name": point(code).name, "kind": "community_canteen"}
            put_point(row | {"division": "320412100001", "operator": unit}, SHELL)
    mine, theirs = made.payee("P01"), made.payee("P02")
    assert shared_by([mine]) == {mine.id: ["花园助餐点"]}
    clerk, money = staff("clerk"), staff("money")
    with writing():
        other = propose_payee(point("P02"), "某公司", "某银行", "99998888777", "", clerk, NOW)
        confirm_payee(other.id, money, NOW)
    assert shared_by([mine, theirs]) == {}


@pytest.mark.only("sqlite")
def test_an_account_copied_from_another_points_row_is_not_paid(may):
    made.payee("P01")
    made.payee("P02", "99998888777")
    batch = made.approved()
    with writing() as connection:
        for guard in ("decided", "proposed"):
            connection.execute(text(f"DROP TRIGGER payee_{guard}"))
        connection.execute(
            text(
                "UPDATE payee SET (account, account_index) = (SELECT b.account, b.account_index"
                " FROM payee b WHERE b.account_last4 = '8777') WHERE account_last4 = '7889'"
            )
        )
    db.session.expire_all()
    with pytest.raises(refusals.PayeeDamaged):
        made.ordered(batch)


def test_arithmetic_of_a_line():
    less = Money(-50, {"district": -60, "town": 10})
    more = Money(80, {"district": 80})
    assert pay_out(less, Money()) == Money()
    assert pay_out(more, less) == Money(30, {"district": 20, "town": 10})
    assert less + more - pay_out(more, less) == Money()
    even = Money(60, {"town": 60}) + Money(-60, {"district": -60})
    assert (pay_out(even, Money()), even.funding) == (Money(), {"district": -60, "town": 60})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("3201 2233-4455", "320122334455"),
        ("１２３４５６７８", "12345678"),
        ("1234567", None),
        ("=1+1", None),
    ],
)
def test_account_numbers_as_people_write_them(written, read):
    assert account_number(written) == read


def test_a_line_of_an_order_never_changes(may):
    made.payee()
    order = made.ordered(made.approved())
    for change in (
        "UPDATE payment_line SET amount_fen = 0",
        "DELETE FROM payment_line",
        f"UPDATE payment_order SET total_fen = 0 WHERE id = {order.id}",
        "UPDATE payee SET bank = 'x'",
        "DELETE FROM payee",
    ):
        with pytest.raises(Exception, match=r"payment_line|payment_order|payee"), writing():
            db.session.execute(text(change))
    assert db.session.query(Payee).count() == 1
