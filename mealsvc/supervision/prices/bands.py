"""What a meal costs whom at a point on a day: filed prices under the policy in force."""

from datetime import date

from mealsvc.kernel.meals import MEALS
from mealsvc.menus.register import filed_prices
from mealsvc.menus.rules import prices_on
from mealsvc.places.models import MealPoint
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.tiers import PriceRow, tiers_for


def price_rows(places: list[MealPoint], day: date) -> dict[int, tuple[PriceRow, ...]]:
    """The filed prices of each point (by id) that hold on the day, meal by meal, the dearest first,
    with what elders of each age who live and are registered there pay."""
    register, policies = filed_prices(), policies_in_force()
    return {
        place.id: tuple(
            PriceRow(
                meal,
                filed.name,
                filed.public_fen,
                filed.elder_fen,
                tiers_for(policies, place.division, day, meal, filed.elder_fen),
            )
            for meal in MEALS
            for filed in prices_on(register.get((place.id, meal), ()), day)
        )
        for place in places
    }
