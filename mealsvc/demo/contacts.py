"""A few calls from the demo's lists, as a clerk would have made them in the last days."""

from datetime import datetime, timedelta

from mealsvc.coverage.outreach import queries, rules, services
from mealsvc.coverage.outreach.queries import Listed
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db, writing
from mealsvc.settlement.area import district

CALLER = Actor("system", "演示联系人")
CALLS = {
    rules.QUIET: (
        ("will_come", "（演示）不知道家门口就有，说下周来看看。"),
        ("wants_delivery", "（演示）腿脚不便，想一天送一顿午饭。"),
        ("no_answer", ""),
        ("declined", "（演示）女儿每天送饭。"),
        ("reached", ""),
    ),
    rules.REGULAR: (("reached", "（演示）去儿子家住几天，月底回来。"),),
    rules.BLANK: (
        ("wants_delivery", "（演示）平时自己煮面，想一星期送三次。"),
        ("wrong_number", ""),
    ),
}


def put_contacts(by: Actor, now: datetime) -> None:
    """Opens its own transactions; the ledger must be there."""
    for days, (topic, calls) in enumerate(CALLS.items(), 1):
        frame = queries.frame_of(district(), now)
        rows = db.session.execute(queries.list_of(topic, frame).limit(len(calls))).all()
        with writing():
            for row, (outcome, words) in zip(rows, calls, strict=False):
                line = Listed(topic, row)
                services.note_call(line, outcome, words, CALLER, now - timedelta(days=days))
