"""Calling from a list: one telephone number at a time, and what came of the call."""

from datetime import datetime

from mealsvc.coverage.outreach.models import OutreachCall
from mealsvc.coverage.outreach.queries import Listed
from mealsvc.coverage.outreach.refusals import NoPhone
from mealsvc.coverage.outreach.rules import OUTCOMES, TOPICS
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident
from mealsvc.trail.services import record


def reveal(line: Listed, by: Actor) -> str:
    """The telephone number of somebody who is on a list; the trail tells who asked. Raises `NoPhone`."""
    resident = db.session.get_one(Resident, line.row.id)
    if not resident.phone:
        raise NoPhone()
    record(by, "outreach.reveal", resident.ref, {"why": TOPICS[line.topic].name})
    return vault().open(resident.phone)


def note_call(line: Listed, outcome: str, words: str, by: Actor, now: datetime) -> OutreachCall:
    """Takes down what came of a call; the elder leaves the list for a while."""
    if outcome not in OUTCOMES:
        raise ValueError(f"no such outcome: {outcome!r}")
    resident = db.session.get_one(Resident, line.row.id)
    made = OutreachCall(
        topic=line.topic,
        resident_id=resident.id,
        outcome=outcome,
        words=vault().seal(words) if words else None,
        at=now,
        by=str(by),
    )
    db.session.add(made)
    db.session.flush()
    record(by, "outreach.call", resident.ref, {"topic": line.topic, "outcome": outcome})
    return made
