"""One meal at the till: what is refused, what is recorded, and what the line says. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from mealsvc.kernel.meals import MEALS, METHODS, MODES, local_date
from mealsvc.kernel.money import display
from mealsvc.kernel.months import Month
from mealsvc.kernel.text import is_storable, tidy
from mealsvc.policies.rules import Decision, Departure
from mealsvc.servings import refusals

CLOCK_TOLERANCE = timedelta(minutes=5)
KEY_LENGTH = 64
CREDENTIAL_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Order:
    """A serving as a till asks for it. `price_fen` is None when what was written is no price;
    `day` is the local date (Asia/Shanghai) on which the meal was eaten.
    """

    key: str
    point: str
    credential: str
    served_at: datetime
    meal: str
    mode: str
    price_fen: int | None
    method: str
    operator: str = ""
    device: str = ""
    note: str = ""
    day: date = field(init=False, compare=False)
    """The local date (Asia/Shanghai) on which the meal was eaten."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "day", local_date(self.served_at))

    def content(self) -> str:
        """What makes two requests under one key the same request."""
        return orjson.dumps(
            [
                self.point,
                self.credential,
                self.served_at.timestamp(),
                self.meal,
                self.mode,
                str(self.price_fen),  # a wrong one may have any number of digits
                self.method,
            ]
        ).decode()


Periods = tuple[tuple[date, date | None], ...]


@dataclass(frozen=True, slots=True)
class PointFacts:
    """What the till has to know of a meal point.

    Inclusive periods: `suspensions`, in which it may not serve, and `withheld`, in which it serves
    at full price.
    """

    id: int
    code: str
    opened_on: date | None
    closed_on: date | None
    suspensions: Periods = ()
    withheld: Periods = ()

    def operates_on(self, day: date) -> bool:
        return (
            (self.opened_on is None or self.opened_on <= day)
            and (self.closed_on is None or day <= self.closed_on)
            and not (self.suspensions and _covered(self.suspensions, day))
        )

    def subsidises_on(self, day: date) -> bool:
        """Whether meals of that day are subsidised here as the policy says."""
        return not (self.withheld and _covered(self.withheld, day))


def _covered(periods: Periods, day: date) -> bool:
    return any(start <= day and (end is None or day <= end) for start, end in periods)


def check_form(order: Order) -> None:
    """Refuses what no till could mean (`malformed`), before anything is looked up."""
    for name, value, longest in (
        ("流水号", order.key, KEY_LENGTH),
        ("凭证", order.credential, CREDENTIAL_LENGTH),
    ):
        check_text(name, value, longest)
    for name, value, allowed in (
        ("餐次", order.meal, MEALS),
        ("方式", order.mode, MODES),
        ("核验方式", order.method, METHODS),
    ):
        if value not in allowed:
            raise refusals.Malformed(what=f"{name}“{value}”无法识别，可用：{'、'.join(allowed)}")


def check_text(name: str, value: str, longest: int) -> None:
    """Any 1 to `longest` characters that a database can keep; they are compared by code point."""
    if not 1 <= len(value) <= longest or not is_storable(value):
        raise refusals.Malformed(what=f"{name}应为1至{longest}个字")


def check(
    order: Order,
    point: PointFacts | None,
    departures: tuple[Departure, ...] | None,
    key_used: bool,
    now: datetime,
    price_limit_fen: int,
    ceiling_fen: int | None = None,
) -> None:
    """Refuses in the contract's order; `departures` is None when nobody has this credential.

    `ceiling_fen` is the highest price for elders that the point has filed for that meal and day.
    """
    day = order.day
    if point is None:
        raise refusals.UnknownPoint(point=order.point)
    if departures is None:
        raise refusals.UnknownResident()
    if not point.operates_on(day):
        raise refusals.PointNotOperating()
    if departures and any(fact.event == "deceased" and fact.from_on <= day for fact in departures):
        raise refusals.ResidentDeceased()
    if key_used:
        raise refusals.KeyConflict(key=order.key)
    if order.price_fen is None or not 0 < order.price_fen <= price_limit_fen:
        raise refusals.BadPrice()
    if ceiling_fen is not None and order.price_fen > ceiling_fen:
        raise refusals.AboveFiledPrice(filed=display(ceiling_fen))
    if order.served_at - now > CLOCK_TOLERANCE:
        raise refusals.InFuture(server_time=now.isoformat(timespec="seconds"))


def decision_content(decision: Decision) -> str:
    """The decision as canonical JSON: equal decisions are one row, whoever got them."""
    content: dict[str, Any] = {"policy": decision.policy_code, "reason": decision.reason}
    if decision.reason is None:
        content |= {
            "tier": decision.tier,
            "tier_name": decision.tier_name,
            "cut_fen": decision.cut_fen,
            "rules": [[paid.code, paid.fen, [*map(list, paid.funding)]] for paid in decision.rules],
        }
        if decision.delivery:
            paid = decision.delivery
            content["delivery"] = [paid.code, paid.fen, [*map(list, paid.funding)]]
    elif decision.limit is not None:
        content["limit"] = decision.limit
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()


def settling_month(day: date, frozen: frozenset[int]) -> tuple[int, bool]:
    """The month (202405) in which a meal of this day settles, and whether that makes it late.

    `frozen` holds the months that the point has submitted: what comes after settles in the next
    month that is still open.
    """
    own = day.year * 100 + day.month
    if own not in frozen:
        return own, False
    month = Month.of(day)
    while month.key in frozen:
        month = month.next
    return month.key, True


def plain(text: str) -> str:
    """A key or credential as it counts: trimmed, full-width letters and digits made half-width."""
    return tidy(text)
