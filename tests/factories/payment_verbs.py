"""The verbs of payees, payment orders, public notices and clawbacks."""

import io
from datetime import timedelta

from sqlalchemy import select

from mealsvc.exchange import payment_files
from mealsvc.kernel.meals import local_date
from mealsvc.payments import orders, payees
from mealsvc.payments.models import Payee, PaymentOrder
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.settlement import clawbacks, notices
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.clawback_models import Clawback
from tests.factories.claim_verbs import DISTRICT, MAKER, MAY, OTHER, line, reach
from tests.factories.menus import place
from tests.factories.payments import ACCOUNT
from tests.factories.verb import BY, Verb


def _propose(by=OTHER) -> Payee:
    return payees.propose_payee(place(), "某公司", "某银行", ACCOUNT, "", by, clock.now())


def _payee() -> Payee:
    return db.session.scalars(select(Payee)).one()


def _approved() -> None:
    reach("order")
    _propose()
    payees.confirm_payee(_payee().id, DISTRICT, clock.now())


def _make(by=MAKER) -> PaymentOrder:
    return orders.order_payment([batch_at(MAY, "P01").id], [], "", None, by, clock.now())


def _ordered() -> None:
    _approved()
    _make()


def _order() -> PaymentOrder:
    return db.session.scalars(select(PaymentOrder)).one()


def _post() -> None:
    first = local_date(clock.now())
    last = first + timedelta(days=19)  # long enough over any holiday
    notices.post_notice(MAY, "320412100", ["P01"], first, last, "公告栏", BY, clock.now())


def _claw(by=OTHER, mode: str = "offset") -> Clawback:
    return clawbacks.propose_clawback(place(), [line()], "not_eaten", "", mode, by, clock.now())


def _proposed() -> None:
    reach("close")
    _claw()


def _taken_back() -> None:
    reach("close")
    clawbacks.approve_clawback(_claw(mode="cash").id, "", DISTRICT, clock.now())


def _clawback() -> int:
    return db.session.scalars(select(Clawback.id)).one()


PAYMENT_VERBS = {
    "payments.payees.propose_payee": Verb(("payees.propose",), lambda: _propose(BY)),
    "payments.payees.confirm_payee": Verb(
        ("payees.confirm",), lambda: payees.confirm_payee(_payee().id, BY, clock.now()), _propose
    ),
    "payments.payees.reject_payee": Verb(
        ("payees.reject",),
        lambda: payees.reject_payee(_payee().id, "不符", BY, clock.now()),
        _propose,
    ),
    "payments.payees.reveal_account": Verb(
        ("payees.reveal",), lambda: payees.reveal_account(_payee().id, BY), _propose, reads=True
    ),
    "payments.orders.order_payment": Verb(
        ("settlement.order", "payments.order"), lambda: _make(BY), _approved
    ),
    "payments.orders.recall_order": Verb(
        ("settlement.recall", "payments.recall"),
        lambda: orders.recall_order(_order().id, "有误", BY, clock.now()),
        _ordered,
    ),
    "payments.orders.record_payment": Verb(
        ("settlement.pay", "payments.pay"),
        lambda: orders.record_payment(
            _order().id, local_date(clock.now()), "ZF-1", BY, clock.now()
        ),
        _ordered,
    ),
    "exchange.payment_files.export_payment": Verb(
        ("exchange.export",),
        lambda: payment_files.export_payment(_order(), io.BytesIO(), "csv", BY),
        _ordered,
        alone=True,
        reads=True,
    ),
    "settlement.notices.post_notice": Verb(
        ("settlement.notice", "notices.post"), _post, lambda: reach("notice")
    ),
    "settlement.clawbacks.propose_clawback": Verb(
        ("clawbacks.propose",), lambda: _claw(BY), lambda: reach("close")
    ),
    "settlement.clawbacks.approve_clawback": Verb(
        ("servings.reverse", "clawbacks.approve"),
        lambda: clawbacks.approve_clawback(_clawback(), "", BY, clock.now()),
        _proposed,
    ),
    "settlement.clawbacks.reject_clawback": Verb(
        ("clawbacks.reject",),
        lambda: clawbacks.reject_clawback(_clawback(), "证据不足", BY, clock.now()),
        _proposed,
    ),
    "settlement.clawbacks.record_repaid": Verb(
        ("settlement.adjust", "clawbacks.repaid"),
        lambda: clawbacks.record_repaid(
            _clawback(), local_date(clock.now()), "YH-1", BY, clock.now()
        ),
        _taken_back,
    ),
}
