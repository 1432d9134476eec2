"""The acts on a complaint: taken down, assigned, answered, sent back, closed; and one answer of stars.

What was said and how to reach who said it are sealed; the trail tells of every act, never of words.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.accounts.persons import together_since
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.papers.numbering import WORD, take_number
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.settings.calendar import add_working_days
from mealsvc.settings.services import value_on
from mealsvc.supervision.complaints import refusals, rules
from mealsvc.supervision.complaints.models import Complaint, ComplaintAct, Rating
from mealsvc.trail.services import record

DAYS = "complaint.days"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody brings forward: of what kind, how it came, the words, and how to answer."""

    kind: str
    channel: str
    words: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Stars:
    """An answer: 1 to 5 stars, and if asked for dish, price and service on their own."""

    stars: int
    dish: int | None = None
    price: int | None = None
    service: int | None = None


def receive(
    point: MealPoint, said: Said, key: str, by: Actor, now: datetime, visitor: str = ""
) -> Complaint:
    """Takes a complaint down under the next number; the same key again gives the same complaint."""
    known = db.session.scalar(select(Complaint).filter_by(key=key))
    if known is not None:
        return known
    today = local_date(now)
    row = Complaint(
        key=key,
        number=take_number("complaint", today.year, value_on(WORD, today)),
        point_id=point.id,
        channel=said.channel,
        kind=said.kind,
        words=vault().seal(said.words),
        contact=vault().seal(said.contact) if said.contact else None,
        received_on=today,
        received_at=now,
        received_by=str(by),
        visitor=visitor,
        due_on=add_working_days(today, int(value_on(DAYS, today))),
        state="new",
    )
    db.session.add(row)
    db.session.flush()
    detail = {"point": point.code, "kind": said.kind, "channel": said.channel, "due_on": row.due_on}
    record(by, "complaints.receive", row.number, detail)
    return row


def assign(complaint_id: int, level: str, words: str, by: Actor, now: datetime) -> Complaint:
    """Says who is to answer: `level` is one of `rules.LEVELS`; again for somebody else."""
    row = _ready(complaint_id, "assigned")
    row.assigned_to = level
    return _act(row, "assigned", words, by, now, {"level": level})


def answer(complaint_id: int, words: str, level: str, by: Actor, now: datetime) -> Complaint:
    """What was found and done; `level` is the one that answers. Raises `NotYours`."""
    row = _ready(complaint_id, "answered")
    if row.assigned_to != level:
        raise refusals.NotYours(whom=rules.LEVELS[row.assigned_to])
    return _act(row, "answered", words, by, now)


def send_back(complaint_id: int, why: str, by: Actor, now: datetime) -> Complaint:
    """The answer does not do: whoever gave it answers again."""
    return _act(_ready(complaint_id, "returned"), "returned", why, by, now)


def close(complaint_id: int, upheld: bool, words: str, by: Actor, now: datetime) -> Complaint:
    """The end: whether it was right (属实), by another person than who answered. Raises `OwnAnswer`."""
    row = _ready(complaint_id, "closed")
    if _same_person(_last_answer_by(row.id), str(by), row.received_at):
        raise refusals.OwnAnswer()
    row.upheld, row.closed_on, row.closed_at = upheld, local_date(now), now
    return _act(row, "closed", words, by, now, {"upheld": upheld, "due_on": row.due_on})


def note_call(complaint_id: int, words: str, by: Actor, now: datetime) -> Complaint:
    """What somebody said when called back; changes nothing else."""
    return _act(_ready(complaint_id, "called"), "called", words, by, now)


def reveal_contact(complaint_id: int, by: Actor) -> str:
    """How to reach who complained, in clear; the trail tells who asked. Raises `NoContact`."""
    row = complaint_of(complaint_id)
    if row.contact is None:
        raise refusals.NoContact()
    record(by, "complaints.reveal", row.number, {})
    return vault().open(row.contact)


def rate(
    point: MealPoint, given: Stars, channel: str, visitor: str, by: Actor, now: datetime
) -> Rating:
    """Counts one answer; the same visitor again that day at that point is the same answer."""
    today = local_date(now)
    key = {"point_id": point.id, "rated_on": today, "visitor": visitor}
    known = db.session.scalar(select(Rating).filter_by(**key))
    if known is not None:
        return known
    row = Rating(
        **key,
        channel=channel,
        stars=given.stars,
        dish=given.dish,
        price=given.price,
        service=given.service,
        rated_at=now,
    )
    db.session.add(row)
    db.session.flush()
    record(by, "complaints.rate", point.code, {"stars": given.stars, "channel": channel})
    return row


def complaint_of(complaint_id: int) -> Complaint:
    """The complaint of this row. Raises `UnknownComplaint`."""
    row = db.session.get(Complaint, complaint_id)
    if row is None:
        raise refusals.UnknownComplaint()
    return row


def _ready(complaint_id: int, act: str) -> Complaint:
    row = complaint_of(complaint_id)
    if not rules.may_start(act, row.state):
        raise refusals.WrongStep(state=rules.STATES[row.state], act=rules.ACTS[act])
    return row


def _act(
    row: Complaint, act: str, words: str, by: Actor, now: datetime, detail: dict | None = None
) -> Complaint:
    row.state = rules.state_after(act, row.state)
    kept = vault().seal(words) if words else None
    db.session.add(ComplaintAct(complaint_id=row.id, act=act, words=kept, at=now, by=str(by)))
    db.session.flush()
    record(by, f"complaints.{act}", row.number, detail or {})
    return row


def _same_person(actor: str, other: str, since: datetime) -> bool:
    """Whether both acted for one person, by whichever account, at any time since then."""
    if actor == other:
        return True
    logins = [one.removeprefix("user:") for one in (actor, other) if one.startswith("user:")]
    found = select(Account.id).where(Account.login.in_(logins))
    ids = db.session.scalars(found).all()
    return len(ids) > 1 and ids[1] in together_since(ids, since)[ids[0]]


def _last_answer_by(complaint_id: int) -> str:
    rows = select(ComplaintAct.by).filter_by(complaint_id=complaint_id, act="answered")
    return db.session.scalar(rows.order_by(ComplaintAct.id.desc()).limit(1)) or ""
