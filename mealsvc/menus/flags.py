"""Price changes that look like raising the price just before a discount (明码标价规定第十七条)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select

from mealsvc.kernel.dates import chinese_date
from mealsvc.menus.models import FiledPrice
from mealsvc.menus.register import filed_prices
from mealsvc.menus.rules import Change, Filed, change_of, policies_near
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.plumbing.outlook import outlook
from mealsvc.settings.services import value_on

FLAG_DAYS = "price.flag_days"


@dataclass(frozen=True, slots=True)
class Flag:
    """A change that took effect at most so many days before a policy began."""

    place: MealPoint
    meal: str
    change: Change
    policy: str
    starts: date

    @property
    def sentence(self) -> str:
        """Why it is worth a look."""
        days = (self.starts - self.change.price.effective_from).days
        when = "与政策同一天生效" if days == 0 else f"在政策生效前{days}天调整"
        return f"{when}（{self.policy}，{chinese_date(self.starts)}起），请核对是否先提价后补贴。"


def flagged(seen: ColumnElement[bool], today: date) -> list[Flag]:
    """All flags of the points that somebody sees, the latest change first."""
    places = {place.id: place for place in db.session.scalars(select(MealPoint).where(seen))}
    near = _Near(places.values(), today)
    found = [
        flag
        for (point_id, meal), filed in filed_prices().items()
        if point_id in places
        for price in filed
        for flag in near.flags(places[point_id], meal, filed, price)
    ]
    return sorted(
        found,
        key=lambda flag: (flag.change.price.effective_from, flag.place.code, flag.meal),
        reverse=True,
    )


def flags_of(place: MealPoint, rows: Iterable[FiledPrice], today: date) -> dict[int, list[Flag]]:
    """The flags of these rows of one point, by row; rows without any are left out."""
    register, near = filed_prices(), _Near([place], today)
    found = {}
    for row in rows:
        filed = register.get((place.id, row.meal), ())
        own = (row.name, row.effective_from)
        for price in filed:
            if (price.name, price.effective_from) == own:
                found[row.id] = near.flags(place, row.meal, filed, price)
    return {number: flags for number, flags in found.items() if flags}


class _Near:
    """The policies that begin where these points stand, and how many days before them count."""

    def __init__(self, places: Iterable[MealPoint], today: date) -> None:
        self._days = int(value_on(FLAG_DAYS, today))
        self._policies = outlook().policy_starts({place.division for place in places})

    def flags(
        self, place: MealPoint, meal: str, filed: Sequence[Filed], price: Filed
    ) -> list[Flag]:
        change = change_of(filed, price)
        if change.before is None:
            return []  # the first price of all is no change
        policies = self._policies[place.division]
        near = policies_near((start for start, _ in policies), price.effective_from, self._days)
        return [
            Flag(place, meal, change, title, start) for start, title in policies if start in near
        ]
