"""What a till needs to go on without us: residents as opaque tokens, what each would pay today.

No ID number, phone or address leaves the house, and card numbers only as keyed digests. 200,000
residents are 100 pages, so what is equal for many is worked out once a page.
"""

import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from mealsvc.api.refusals import UnknownTill
from mealsvc.api.safety import safety
from mealsvc.kernel.ages import age_on
from mealsvc.kernel.masking import mask_name, polite
from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.kernel.months import Month
from mealsvc.menus.services import set_meal_price
from mealsvc.places.queries import division_names, stopped_on
from mealsvc.places.rules import POINT, SUBSIDY
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import (
    Meal,
    Policy,
    ResidentFacts,
    Usage,
    decide_under,
    governing,
    withheld,
)
from mealsvc.residents.models import Credential, NameKey, Resident, ResidentFact
from mealsvc.residents.rules import count_of_initials
from mealsvc.servings.lookup import person_on
from mealsvc.servings.models import Serving, ServingSlot
from mealsvc.servings.refusals import Malformed
from mealsvc.trail.models import TrailEvent

PAGE = 2_000
REFERENCE_PRICE_FEN = 1_500
MOST_CHANGES = 20_000  # after more than that, the whole roster is less work for both
AFTER_LETTERS = "{"  # sorts after all that pinyin is written with, and before all Chinese
FULL, CHANGES = "F", "C"

_PEOPLE = select(
    Resident.id.label("resident_id"),
    Resident.name,
    Resident.sex,
    Resident.birth_on,
    Resident.hukou_division,
    Resident.residence_division,
)
_FACTS = select(
    ResidentFact.resident_id,
    ResidentFact.kind.label("fact"),
    ResidentFact.value,
    ResidentFact.from_on,
    ResidentFact.to_on,
)
Within = Callable[[Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Day:
    """What is the same for everybody at this point today; `told` keeps what was worked out.

    `stopped`: the point may not serve (`point`), or serves at full price (`subsidy`).
    """

    today: date
    prices: dict[str, int]
    policies: tuple[Policy, ...]
    stopped: str | None = None
    told: dict[Any, Any] = field(default_factory=dict)


class Kept(NamedTuple):
    """One resident's row with her facts, as `person_on` reads them."""

    resident_id: int
    name: str
    birth_on: date
    hukou_division: str
    residence_division: str
    fact: str | None = None
    value: str = ""
    from_on: date | None = None
    to_on: date | None = None


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
        stopped_on(place, today),
    )
    mode, start = _cursor(after)
    changed = None if mode == FULL else _changed(point, _number(since), head, today)
    ids, more = _ids(changed, start)
    salt = vault().mac("roster", point.encode())
    within = _within(ids, changed is None)
    return {
        "point": point,
        **safety(),
        "day": today.isoformat(),
        "sequence": head,
        "full": changed is None,
        "stopped": day.stopped,
        "residents": _residents(ids, within, day, salt),
        "slots": [
            {"token": vault().token(resident_id), "meal": meal}
            for resident_id, meal in _slots(
                within, [today], ServingSlot.resident_id, ServingSlot.meal
            )
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

    A new day, policy, price or suspension changes everybody's amounts.
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
        if room == "places" and subject == point:  # suspended, resumed, closed
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


def _within(ids: Sequence[int], whole: bool) -> Within:
    """The page's residents as a condition: of the whole roster one stretch of numbers."""
    if whole and ids:
        return lambda column: column.between(ids[0], ids[-1])
    return lambda column: column.in_(ids)


def _residents(ids: Sequence[int], within: Within, day: Day, salt: bytes) -> list[dict[str, Any]]:
    people = db.session.execute(_PEOPLE.where(within(Resident.id)).order_by(Resident.id)).all()
    cards, initials, facts = _cards(within, salt), _initials(within, people), _facts(within)
    days, months = _counts(within, day)
    tokens = vault().tokens([one.resident_id for one in people])
    places = division_names({_home(one) for one in people})
    nobody: list[str] = []
    return [
        {
            "token": token,
            "name": mask_name(one.name),
            "title": polite(one.name, one.sex),
            "age": age_on(one.birth_on, day.today),
            "place": places.get(_home(one), ""),
            "initials": initials.get(one.resident_id, nobody),
            "cards": cards.get(one.resident_id, nobody),
            "meals": _meals(
                _facts_on(one, facts.get(one.resident_id), day),
                day,
                Usage(False, days[one.resident_id], months[one.resident_id]),
            ),
        }
        for token, one in zip(tokens, people, strict=True)
    ]


def _home(one: Any) -> str:
    return one.residence_division or one.hukou_division


def _facts_on(one: Any, facts: list[Any] | None, day: Day) -> ResidentFacts:
    if facts is None:  # most people
        return ResidentFacts(one.birth_on, one.hukou_division, one.residence_division or None)
    own = (one.resident_id, one.name, one.birth_on, one.hukou_division, one.residence_division)
    rows = [Kept(*own, fact.fact, fact.value, fact.from_on, fact.to_on) for fact in facts]
    return person_on(day.today, rows).facts


def _meals(facts: ResidentFacts, day: Day, usage: Usage) -> dict[str, dict[str, Any]]:
    """What each meal of today would give, as long as its slot is free.

    A policy sees of a person her age, her categories and whether a cap is reached: equals get the
    same.
    """
    policy = _governing(facts, day)
    dead = any(one.event == "deceased" and one.from_on <= day.today for one in facts.departures)
    if isinstance(policy, str):
        seen: tuple[Any, ...] = (policy, dead)
    else:
        age = age_on(facts.birth_on, day.today, policy.age_counts_from)
        held = frozenset(facts.categories_on(day.today))
        day_full = policy.per_day is not None and usage.day_count >= policy.per_day
        month_full = policy.per_month is not None and usage.month_count >= policy.per_month
        seen = (policy.code, dead, age, held, day_full, month_full)
    told = day.told.get(seen)
    if told is None:
        told = day.told[seen] = {
            meal: _meal(policy, Meal(day.today, meal, "dine_in", price), facts, usage, dead, day)
            for meal, price in day.prices.items()
        }
    return told


def _governing(facts: ResidentFacts, day: Day) -> Policy | str:
    where = ("governing", facts.hukou_division, facts.residence_division, facts.departures)
    policy = day.told.get(where)
    if policy is None:
        policy = day.told[where] = governing(day.policies, facts, day.today)
    return policy


def _meal(
    policy: Policy | str, meal: Meal, facts: ResidentFacts, usage: Usage, dead: bool, day: Day
) -> dict[str, Any]:
    if dead or day.stopped == POINT:
        refused = "point_not_operating" if day.stopped == POINT else "resident_deceased"
        return {"tier": None, "subsidy_fen": 0, "reason": refused}
    found = decide_under(policy, meal, facts, usage)
    if day.stopped == SUBSIDY:
        found = withheld(found)
    return {"tier": found.tier, "subsidy_fen": found.subsidy_fen, "reason": found.reason}


def _facts(within: Within) -> dict[int, list[Any]]:
    facts: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(_FACTS.where(within(ResidentFact.resident_id))):
        facts[row.resident_id].append(row)
    return facts


def _initials(within: Within, people: Sequence[Any]) -> dict[int, list[str]]:
    """The short keys of each name: what its pinyin begins with, in every reading."""
    lengths = {one.resident_id: count_of_initials(one.name) for one in people}
    found: dict[int, list[str]] = defaultdict(list)
    short = select(NameKey.resident_id, NameKey.key).where(
        within(NameKey.resident_id),
        NameKey.key < AFTER_LETTERS,
        func.length(NameKey.key) <= max(lengths.values(), default=0),
    )
    for resident_id, key in db.session.execute(short):
        if len(key) == lengths[resident_id]:
            found[resident_id].append(key)
    return found


def _cards(within: Within, salt: bytes) -> dict[int, list[str]]:
    """The active cards as hex HMAC-SHA256 under the point's salt, by resident."""
    digests: dict[int, list[str]] = defaultdict(list)
    statement = select(Credential.resident_id, Credential.number).where(
        within(Credential.resident_id),
        Credential.kind == "card",
        Credential.status == "active",
    )
    keys = vault()
    for resident_id, sealed in db.session.execute(statement):
        if sealed is not None:
            number = keys.open(sealed).encode()
            digests[resident_id].append(hmac.digest(salt, number, "sha256").hex())
    return digests


def _counts(within: Within, day: Day) -> tuple[dict[int, int], dict[int, int]]:
    """Subsidised meals of today and of this month, where a policy caps them."""
    month = Month.of(day.today)
    days = [day.today.replace(day=one) for one in range(1, month.last_day.day + 1)]
    capped_day = any(policy.per_day is not None for policy in day.policies)
    capped_month = any(policy.per_month is not None for policy in day.policies)
    return (
        _tally(within, [day.today] if capped_day else []),
        _tally(within, days if capped_month else []),
    )


def _tally(within: Within, days: list[date]) -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for (resident_id,) in _slots(within, days, ServingSlot.resident_id):
        counts[resident_id] += 1
    return counts


def _slots(within: Within, days: list[date], *columns: Any) -> Iterable[Any]:
    """Used slots of these residents, found by the key's own order: date, meal, resident."""
    if not days:
        return []
    return db.session.execute(
        select(*columns).where(
            ServingSlot.served_on.in_(days),
            ServingSlot.meal.in_(tuple(MEALS)),
            within(ServingSlot.resident_id),
        )
    ).all()
