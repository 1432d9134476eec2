"""Facts of the papers of payments: notice, payment order, clawback; drafts ready to be issued.

What makes another edition is the money; a name that is corrected later changes no issued paper.
"""

import json
from datetime import date

from flask import current_app
from sqlalchemy import true

from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.papers.rules import facts_digest
from mealsvc.papers.services import Draft, Matter, draft
from mealsvc.payments import queries
from mealsvc.payments.models import PaymentOrder
from mealsvc.places.models import MealPoint, Operator
from mealsvc.places.queries import division_names
from mealsvc.plumbing.db import db
from mealsvc.plumbing.pages import fen
from mealsvc.reports import clawback_notice, payment_order, public_notice
from mealsvc.reports.clawback_notice import ClawbackFacts, TakenLine
from mealsvc.reports.gathering import is_demo
from mealsvc.reports.payment_order import OrderFacts, OrderLine
from mealsvc.reports.public_notice import NoticeFacts, NoticePoint
from mealsvc.reports.settlement_facts import bureau
from mealsvc.settings.services import value_on
from mealsvc.settlement.batches import held_of
from mealsvc.settlement.clawback_models import Clawback
from mealsvc.settlement.clawback_queries import lines_shown
from mealsvc.settlement.models import PublicNotice
from mealsvc.settlement.notice_roster import diners_of
from mealsvc.settlement.notices import batches_in
from mealsvc.settlement.reasons import REASONS
from mealsvc.settlement.rules import Held

UNSET = "（"  # the contact as a new installation has it: nobody has set it yet


def notice_draft(notice: PublicNotice) -> Draft:
    """The public notice as it stands; a line held meanwhile makes another edition."""
    facts = notice_facts(notice)
    payable = sum(one.payable_fen for one in facts.points)
    matter = Matter(
        kind="notice",
        subject=f"notice/{notice.id}",
        number=notice.number,
        title=f"{facts.month.chinese}{public_notice.TITLE}（{facts.division}）",
        issuer=facts.issuer,
        totals={
            "助餐点": f"{len(facts.points):,} 个",
            "公示期": f"{facts.from_on}至{facts.to_on}",
            "公示金额": f"{fen(payable)} 元",
        },
        facts_digest=facts_digest(
            facts.number,
            facts.from_on,
            facts.to_on,
            [(one.code, one.subsidised, one.held_fen, one.payable_fen) for one in facts.points],
        ),
    )
    return draft(matter, lambda stamp: public_notice.draw(facts, stamp, current_app.config))


def order_draft(order: PaymentOrder) -> Draft:
    """The payment order; a recalled one says so in another edition."""
    facts = order_facts(order)
    matter = Matter(
        kind="payment-order",
        subject=f"payment/{order.id}",
        number=order.number,
        title=payment_order.TITLE,
        issuer=facts.issuer,
        totals={
            "笔数": f"{len(facts.lines):,} 笔",
            "拨付合计": f"{fen(facts.total_fen)} 元",
            **({"状态": payment_order.RECALLED} if facts.recalled else {}),
        },
        facts_digest=facts_digest(
            facts.number,
            facts.recalled,
            [(one.payable_fen, one.carried_fen, one.amount_fen) for one in facts.lines],
        ),
    )
    return draft(matter, lambda stamp: payment_order.draw(facts, stamp, current_app.config))


def clawback_draft(clawback: Clawback) -> Draft:
    """The notice of an approved clawback."""
    facts = clawback_facts(clawback)
    matter = Matter(
        kind="clawback",
        subject=f"clawback/{clawback.id}",
        number=facts.number,
        title=clawback_notice.TITLE,
        issuer=facts.issuer,
        totals={
            "追回笔数": f"{len(facts.lines):,} 笔",
            "追回金额": f"{fen(facts.amount_fen)} 元",
        },
        facts_digest=facts_digest(facts.number, [(one.key, one.amount_fen) for one in facts.lines]),
    )
    return draft(matter, lambda stamp: clawback_notice.draw(facts, stamp, current_app.config))


def notice_facts(notice: PublicNotice) -> NoticeFacts:
    """What a public notice shows: frozen claims, less what is held; diners by point."""
    month, rows = Month.from_key(notice.month), batches_in(notice, true())
    held = held_of(month, [point.id for _, point in rows])
    diners = diners_of(month, [point.id for _, point in rows])
    points = []
    for batch, point in rows:
        claim = json.loads(batch.document)
        carved = held.get(point.id, Held()).fen if batch.held_fen is None else batch.held_fen
        points.append(
            NoticePoint(
                point.code,
                json.loads(batch.heading)["name"],
                claim["servings"],
                claim["subsidised"],
                carved,
                batch.payable_fen - carved,
                diners.get(point.id, ()),
            )
        )
    names = division_names([notice.division])
    return NoticeFacts(
        month=month,
        number=notice.number,
        division=names.get(notice.division, notice.division),
        from_on=notice.from_on,
        to_on=notice.to_on,
        contact=_contact(local_date(notice.posted_at)),
        issuer=bureau(),
        points=tuple(points),
        demo=is_demo(),
    )


def order_facts(order: PaymentOrder) -> OrderFacts:
    """What a payment order shows, line by line."""
    lines = queries.lines_in(order, true())
    return OrderFacts(
        number=order.number,
        made_on=local_date(order.made_at),
        note=order.note,
        issuer=bureau(),
        total_fen=order.total_fen,
        sources=tuple(queries.by_source(one.line for one in lines).items()),
        lines=tuple(_order_line(one) for one in lines),
        recalled=order.state == "recalled",
        demo=is_demo(),
    )


def clawback_facts(clawback: Clawback) -> ClawbackFacts:
    """What a clawback notice shows; only an approved one has a number."""
    point = db.session.get_one(MealPoint, clawback.point_id)
    unit = db.session.get(Operator, point.operator_id) if point.operator_id else None
    if clawback.number is None or clawback.due_on is None or clawback.decided_at is None:
        raise ValueError("not approved")
    decided_on = local_date(clawback.decided_at)
    return ClawbackFacts(
        number=clawback.number,
        point=point.name,
        unit=unit.name if unit else "",
        reason=REASONS[clawback.reason].partition("（")[0].removeprefix("疑似"),
        note=clawback.note,
        cash=clawback.mode == "cash",
        due_on=clawback.due_on,
        decided_on=decided_on,
        amount_fen=clawback.amount_fen,
        contact=_contact(decided_on),
        issuer=bureau(),
        lines=tuple(
            TakenLine(
                line.key,
                line.served_on,
                line.meal,
                mask_name(line.name),
                line.amount_fen,
                Month.from_key(line.paid_month),
            )
            for line in lines_shown(clawback)
        ),
        demo=is_demo(),
    )


def _order_line(one: queries.Line) -> OrderLine:
    payee = one.payee if one.line.amount_fen else None
    return OrderLine(
        point=one.point.name,
        purpose=one.line.purpose,
        payable_fen=one.line.payable_fen,
        carried_fen=one.line.carried_fen,
        amount_fen=one.line.amount_fen,
        holder=payee.holder if payee else "",
        bank=payee.bank if payee else "",
        last4=payee.account_last4 if payee else "",
    )


def _contact(day: date) -> str:
    value = value_on("notice.contact", day)
    return "" if value.startswith(UNSET) else value
