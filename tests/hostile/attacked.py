"""A record that has something of everything, sealed twice, with a few rows after the last seal."""

from datetime import date, timedelta

from mealsvc.auditing.sealing.services import seal
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement import clawbacks, holding, returning
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.services import submit
from tests.factories import (
    cases,
    claims,
    complaints,
    findings,
    menus,
    papers,
    payments,
    tills,
    visits,
)
from tests.factories.claims import MAY, NOW, act, bind, person, reach
from tests.factories.tills import SHELL

LATER = NOW + timedelta(days=40)


def record_a_month() -> None:
    """A month that went all its way, visits, complaints, a case; two seals and what came after."""
    tills.small_district()
    tills.lunchroom()
    for day in (6, 7):
        for card in ("C001", "C002", "C004", *tills.CARDS[:4]):
            tills.serve(f"{card}-{day}", card, served_at=tills.a_day(day))
    tills.serve("beside", "C001", point="P02", served_at=tills.a_day(8))
    with writing():
        submit(MAY, None, SHELL, NOW)
    _sent_back_and_paid()
    _looked_after()
    seal(SHELL, NOW)
    for day in (10, 11):
        for card in tills.CARDS[4:7]:
            tills.serve(f"{card}-{day}", card, point="P02", served_at=tills.a_day(day))
    with writing() as connection:
        reverse_serving(connection, "back", "K005-10", "登记错误", None, SHELL, NOW)
    person("late", "inspector")
    seal(SHELL, LATER)
    for card in tills.CARDS[7:9]:
        tills.serve(f"{card}-12", card, point="P02", served_at=tills.a_day(12))
    db.session.remove()


def _sent_back_and_paid() -> None:
    town, manager, chief = person("town", "town"), person("boss", "manager"), person("chief")
    with writing():
        objections = [returning.Objection(claims.sequence_of("C001-6"), "by_hand", "请说明")]
        returning.return_batch(MAY, "P01", objections, "退回", town, NOW)
        (one,) = returning.objections_of(batch_at(MAY, "P01"))
        returning.answer(one.id, "agreed", "同意", manager, NOW)
    act("resubmit", manager)
    with writing():
        lines = [claims.sequence_of("C001-7"), claims.sequence_of("C002-7")]
        point_id = batch_at(MAY, "P01").point_id
        refused, _ = holding.hold_lines(MAY, point_id, lines, "not_eaten", "回访", town, NOW)
        holding.refuse(refused.id, "未就餐", chief, NOW)
    reach("approved")
    payments.payee()
    order = payments.ordered(batch_at(MAY, "P01").id)
    payments.paid(order)
    clerk = payments.staff("clerk")
    lines = [claims.sequence_of("K000-6"), claims.sequence_of("K001-6")]
    with writing():
        taken = clawbacks.propose_clawback(
            cases.place(), lines, "not_eaten", "回访", "cash", clerk, LATER
        )
        clawbacks.approve_clawback(taken.id, "同意", chief, LATER)
    bind("clerk", "chief")
    papers.issued()


def _looked_after() -> None:
    with writing():
        visits.inspectors()
    findings.one_of_each(NOW)
    complaints.brought_to("closed", now=NOW)
    complaints.rated("554", now=NOW)
    menus.filed(900, date(2024, 7, 1), NOW)
    cases.opened([claims.sequence_of("K002-6"), claims.sequence_of("K003-6")])
