"""A lead that a case follows from now on."""

from datetime import datetime

from mealsvc.auditing.scanning.models import Lead
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db
from mealsvc.trail.services import record


def set_cased(lead_id: int, by: Actor, now: datetime) -> None:
    """Notes that a case was opened for a lead; repeating it changes nothing."""
    lead = db.session.get_one(Lead, lead_id)
    if lead.state == "cased":
        return
    lead.state, lead.settled_at, lead.settled_by, lead.settled_why = "cased", now, str(by), ""
    db.session.flush()
    record(by, "leads.cased", f"lead/{lead.id}", {"month": lead.month})
