"""What a till needs to go on without us: residents as opaque tokens, what each would pay today.

No ID number, phone or address leaves the house, and card numbers only as keyed digests.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from mealsvc.api.refusals import UnknownTill
from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.kernel.months import Month
from mealsvc.menus.services import set_meal_price
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import Meal, Policy, Usage, decide_under, governing
from mealsvc.residents.models import Credential, Resident
from mealsvc.servings.lookup import PEOPLE, Person, person_on
from mealsvc.servings.models import Serving, ServingSlot
from mealsvc.servings.refusals import Malformed
from mealsvc.trail.models import TrailEvent

PAGE = 2_000
REFERENCE_PRICE_FEN = 1_500
MOST_CHANGES = 20_000  # after more than that, the whole roster is less work for both
FULL, CHANGES = "F", "C"

_PEOPLE = PEOPLE.order_by(Resident.id)


class Day(NamedTuple):
    """What is the same for everybody at this point today."""

    today: date
    prices: dict[str, int]
    policies: tuple[Policy, ...]


def roster_page(point: str, since: str, after: str, now: datetime) -> dict[str, Any]:
    """One page of the roster: all residents, or those that changed after trail number `since`.

    `after` is the cursor of the page before. The till keeps `sequence` of the first page, and asks
    with it the next time. Raises `UnknownTill`, and `Malformed` for numbers that are none.
    """
    place = point_by_code(point)
    if place is None:
        raise UnknownTill(point=point)
    head = db.session.scalar(select(func.max(TrailEvent.seq))) or 0
    today = local_date(now)
    prices = {meal: set_meal_price(place.id, today, meal) for meal in MEALS}
    day = Day(
        today,
        {meal: fen or REFERENCE_PRICE_FEN for meal, fen in prices.items()},
        policies_in_force(),
    )
    mode, start = _cursor(after)
    changed = None if mode == FULL else _changed(point, _number(since), head, today)
    ids, more = _ids(changed, start)
    salt = vault().mac("roster", point.encode())
    return {
        "point": point,
        "day": today.isoformat(),
        "sequence": head,
        "full": changed is None,
        "residents": _residents(ids, day, salt),
        "slots": [
            {"token": vault().token(resident_id), "meal": meal}
            for resident_id, meal in _slots(ids, [today], ServingSlot.resident_id, ServingSlot.meal)
        ],
        "salt": salt.hex(),
        "prices": day.prices,
        "reference_price_fen": REFERENCE_PRICE_FEN,
        "next": (FULL if changed is None else CHANGES) + vault().token(ids[-1]) if more else None,
    }


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Malformed(what="since 应为上次名单的 sequence（整数）", field="since")
    return int(text)


def _cursor(after: str) -> tuple[str, int]:
    """Whether the pages before were of the whole roster, and their last resident."""
    if not after:
        return "", 0
    last = vault().number_of(after[1:])
    if last is None or after[0] not in (FULL, CHANGES):
        raise Malformed(what="after 应为上一页给出的 next", field="after")
    return after[0], last


def _changed(point: str, since: int, head: int, today: date) -> set[int] | None:
    """The residents that changed after `since`; None when everybody may have.

    A new day, policy or price changes everybody's amounts.
    """
    before = db.session.scalar(select(TrailEvent.at).where(TrailEvent.seq == since))
    if before is None or local_date(before) != today or head - since > MOST_CHANGES:
        return None
    events = db.session.execute(
        select(TrailEvent.action, TrailEvent.subject).where(
            TrailEvent.seq > since, TrailEvent.seq <= head
        )
    ).all()
    changed = set(
        db.session.scalars(
            select(Serving.resident_id).where(Serving.sequence > since, Serving.sequence <= head)
        )
    )
    for action, subject in events:
        room = action.partition(".")[0]
        if room == "policies" or (room == "menus" and subject.startswith(f"{point}/")):
            return None
        if room in ("residents", "cards") and subject[:1] == "R" and subject[1:].isdigit():
            changed.add(int(subject[1:]))
    return changed


def _ids(changed: set[int] | None, after: int) -> tuple[list[int], bool]:
    """The residents of this page, and whether there are more."""
    if changed is not None:
        found = sorted(one for one in changed if one > after)
    else:
        everybody = select(Resident.id).where(Resident.id > after).order_by(Resident.id)
        found = list(db.session.scalars(everybody.limit(PAGE + 1)))
    return found[:PAGE], len(found) > PAGE


def _residents(ids: Sequence[int], day: Day, salt: bytes) -> list[dict[str, Any]]:
    cards, keys = _cards(ids, salt), vault()
    days, months = _counts(ids, day)
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(_PEOPLE.where(Resident.id.in_(ids))):
        rows[row.resident_id].append(row)
    people = (person_on(day.today, facts) for facts in rows.values())
    return [
        {
            "token": keys.token(person.id),
            "name": mask_name(person.name),
            "cards": cards[person.id],
            "meals": _meals(person, day, Usage(False, days[person.id], months[person.id])),
        }
        for person in people
    ]


def _meals(person: Person, day: Day, usage: Usage) -> dict[str, dict[str, Any]]:
    """What each meal of today would give, as long as its slot is free."""
    dead = any(
        fact.event == "deceased" and fact.from_on <= day.today for fact in person.facts.departures
    )
    policy = governing(day.policies, person.facts, day.today)
    told = {}
    for meal, price in day.prices.items():
        decision = decide_under(
            policy, Meal(day.today, meal, "dine_in", price), person.facts, usage
        )
        told[meal] = {
            "tier": None if dead else decision.tier,
            "subsidy_fen": 0 if dead else decision.subsidy_fen,
            "reason": "resident_deceased" if dead else decision.reason,
        }
    return told


def _cards(ids: Sequence[int], salt: bytes) -> dict[int, list[str]]:
    """The active cards as hex HMAC-SHA256 under the point's salt, by resident."""
    digests: dict[int, list[str]] = defaultdict(list)
    statement = select(Credential.resident_id, Credential.number).where(
        Credential.resident_id.in_(ids),
        Credential.kind == "card",
        Credential.status == "active",
    )
    keys = vault()
    for resident_id, sealed in db.session.execute(statement):
        if sealed is not None:
            number = keys.open(sealed).encode()
            digests[resident_id].append(hmac.new(salt, number, hashlib.sha256).hexdigest())
    return digests


def _counts(ids: Sequence[int], day: Day) -> tuple[dict[int, int], dict[int, int]]:
    """Subsidised meals of today and of this month, where a policy caps them."""
    month = Month.of(day.today)
    days = [day.today.replace(day=one) for one in range(1, month.last_day.day + 1)]
    capped_day = any(policy.per_day is not None for policy in day.policies)
    capped_month = any(policy.per_month is not None for policy in day.policies)
    return (
        _tally(ids, [day.today] if capped_day else []),
        _tally(ids, days if capped_month else []),
    )


def _tally(ids: Sequence[int], days: list[date]) -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for (resident_id,) in _slots(ids, days, ServingSlot.resident_id):
        counts[resident_id] += 1
    return counts


def _slots(ids: Sequence[int], days: list[date], *columns: Any) -> Iterable[Any]:
    """Used slots of these residents, found by the key's own order: date, meal, resident."""
    if not days:
        return []
    return db.session.execute(
        select(*columns).where(
            ServingSlot.served_on.in_(days),
            ServingSlot.meal.in_(tuple(MEALS)),
            ServingSlot.resident_id.in_(ids),
        )
    ).all()
