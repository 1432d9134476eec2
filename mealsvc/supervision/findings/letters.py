"""What goes out and who was there: referrals with receipts, interviews, delivery receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.signatures import is_signature
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.supervision.findings import refusals, rules
from mealsvc.supervision.findings.acts import end, next_number, note
from mealsvc.supervision.findings.models import (
    DeliveryReceipt,
    Finding,
    FindingAct,
    Interview,
    Referral,
    ReferralFinding,
)
from mealsvc.trail.services import record


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to a competent body; `copy_only` tells it (抄告), else it hands over (移送)."""

    body: str
    facts: str
    evidence: str
    contact: str
    copy_only: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """An interview as it was held."""

    held_at: datetime
    place: str
    hosts: str
    attendees: str
    matters: str
    commitments: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a paper (by its number) reached its receiver; `strokes` of her signature, if she drew one."""

    paper: str
    title: str
    method: str
    receiver: str
    delivered_at: datetime
    place: str = ""
    witness: str = ""
    note: str = ""
    strokes: str = ""


def refer(
    point: MealPoint, finding_ids: Sequence[int], letter: Letter, by: Actor, now: datetime
) -> Referral:
    """Sends a letter to the competent body: findings without an order end by being handed over."""
    if letter.body not in rules.BODIES:
        raise refusals.UnknownBody()
    rows = select(Finding).where(Finding.id.in_(finding_ids), Finding.point_id == point.id)
    findings = db.session.scalars(rows.order_by(Finding.item, Finding.id)).all()
    if not findings or len(findings) != len(set(finding_ids)):
        raise refusals.NothingChosen()
    day = local_date(now)
    referral = Referral(
        number=next_number("referral", day),
        point_id=point.id,
        body=letter.body,
        copy_only=letter.copy_only,
        facts=letter.facts,
        evidence=letter.evidence,
        contact=letter.contact,
        sent_on=day,
        sent_at=now,
        by=str(by),
    )
    db.session.add(referral)
    db.session.flush()
    _hand_over(referral, findings, by, now)
    db.session.flush()
    told = {
        "point": point.code,
        "body": letter.body,
        "copy_only": letter.copy_only,
        "items": [one.item for one in findings],
    }
    record(by, "referrals.send", referral.number, told)
    return referral


def note_receipt(
    referral_id: int, receipt_no: str, receipt_on: date, by: Actor, now: datetime
) -> None:
    """Notes the receipt slip of a letter; once."""
    referral = db.session.get_one(Referral, referral_id)
    if referral.receipt_on is not None:
        raise refusals.AlreadyReceipted()
    if not referral.sent_on <= receipt_on <= local_date(now):
        raise refusals.ReceiptDay()
    referral.receipt_no, referral.receipt_on = receipt_no, receipt_on
    told = {"referral": referral.number, "receipt": receipt_no}
    note(_findings_of(referral_id), "receipted", told, by, now)
    db.session.flush()
    record(by, "referrals.receipt", referral.number, {"receipt": receipt_no, "on": str(receipt_on)})


def note_answer(referral_id: int, answer: str, by: Actor, now: datetime) -> None:
    """Notes what the competent body did and answered; once."""
    referral = db.session.get_one(Referral, referral_id)
    if referral.answer:
        raise refusals.AlreadyAnswered()
    referral.answer = answer
    note(_findings_of(referral_id), "answered", {"referral": referral.number}, by, now)
    db.session.flush()
    record(by, "referrals.answer", referral.number, {"length": len(answer)})


def hold_interview(
    point: MealPoint, held: Held, by: Actor, now: datetime, finding_id: int | None = None
) -> Interview:
    """Records an interview of the person in charge (约谈) that was held."""
    if held.held_at > now:
        raise refusals.HeldLater()
    if finding_id is not None:
        finding = db.session.get_one(Finding, finding_id)
        if finding.point_id != point.id:
            raise refusals.NothingChosen()
    interview = Interview(
        number=next_number("interview", local_date(held.held_at)),
        point_id=point.id,
        finding_id=finding_id,
        held_at=held.held_at,
        place=held.place,
        hosts=held.hosts,
        attendees=held.attendees,
        matters=held.matters,
        commitments=held.commitments,
        recorded_at=now,
        by=str(by),
    )
    db.session.add(interview)
    if finding_id is not None:
        note([finding_id], "interview", {"interview": interview.number}, by, now)
    db.session.flush()
    record(by, "interviews.hold", interview.number, {"point": point.code})
    return interview


def note_delivery(point: MealPoint, receipt: Receipt, by: Actor, now: datetime) -> DeliveryReceipt:
    """Notes how a paper was delivered (送达回证); the number has to be that of a paper of the point."""
    if receipt.method == "left" and not receipt.witness.strip():
        raise refusals.WitnessMissing()
    if receipt.delivered_at > now:
        raise refusals.DeliveredLater()
    if receipt.strokes and not is_signature(receipt.strokes):
        raise refusals.BadStrokes()
    row = DeliveryReceipt(
        number=next_number("receipt", local_date(now)),
        paper=receipt.paper,
        title=receipt.title,
        point_id=point.id,
        method=receipt.method,
        place=receipt.place,
        receiver=receipt.receiver,
        witness=receipt.witness,
        note=receipt.note,
        strokes=vault().seal(receipt.strokes) if receipt.strokes else None,
        delivered_at=receipt.delivered_at,
        recorded_at=now,
        by=str(by),
    )
    db.session.add(row)
    db.session.flush()
    told = {"point": point.code, "paper": receipt.paper, "method": receipt.method}
    record(by, "receipts.note", row.number, told)
    return row


def _hand_over(referral: Referral, findings: Sequence[Finding], by: Actor, now: datetime) -> None:
    decided = set(
        db.session.scalars(
            select(FindingAct.finding_id).where(
                FindingAct.act == "referral_decided",
                FindingAct.finding_id.in_([one.id for one in findings]),
            )
        )
    )
    for one in findings:
        db.session.add(ReferralFinding(referral_id=referral.id, finding_id=one.id))
        told = {"referral": referral.number, "body": referral.body}
        if one.critical and one.id not in decided and not referral.copy_only:
            why = f"移送函 {referral.number}"
            note([one.id], "referral_decided", {"refer": True, "why": why}, by, now)
        note([one.id], "copied" if referral.copy_only else "refer", told, by, now)
        if rules.ends_by_referral(one.outcome, one.critical, one.state, referral.copy_only):
            end(one, "referred", now)


def _findings_of(referral_id: int) -> list[int]:
    rows = select(ReferralFinding.finding_id).where(ReferralFinding.referral_id == referral_id)
    return list(db.session.scalars(rows))
