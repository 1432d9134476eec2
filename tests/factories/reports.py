"""A time's facts as the supervision report reads them, with everything that a test leaves out."""

from datetime import UTC, date, datetime
from typing import Any

from mealsvc.coverage.rules import Home, Reach
from mealsvc.kernel.months import Month
from mealsvc.reports.facts import Facts, Limits
from mealsvc.reports.oversight_facts import LogFacts, Money, VisitFacts
from mealsvc.reports.period import Period
from mealsvc.reports.point_facts import DISTRICT, Place, PointFacts, Slice

MAY = Period.of(Month(2024, 5))
HERE = Place(DISTRICT, "320412", "武进区")
TOWN, COMMUNITY = "320412100", "320412100001"
LIMITS = Limits(20, 5, 1000, 550, 200, 3.0, 15, 30, 20.0, 100.0)  # one kitchen may do it all


def point(code: str = "P01", **fields: Any) -> PointFacts:
    """A community canteen with a licence for years to come."""
    usual = {
        "name": f"助餐点{code}",
        "kind": "community_canteen",
        "division": COMMUNITY,
        "unit": f"单位{code}",
        "seats": 40,
        "daily_capacity": 100,
        "opened_on": None,
        "closed_on": None,
        "licence_no": "JY23204120000017",
        "licence_expires_on": date(2027, 1, 1),
        "supplier": "",
    }
    return PointFacts(code, **(usual | fields))


def served(code: str = "P01", servings: int = 1, price_fen: int = 1200, **fields: Any) -> Slice:
    """Lunches of 72-year-olds with 3 yuan of subsidy."""
    usual = {"age": 72, "tier": "普惠60档", "mode": "dine_in", "method": "card"}
    subsidy = 300 * servings if (usual | fields)["tier"] else 0
    return Slice(
        code,
        **(usual | fields),
        price_fen=price_fen,
        servings=servings,
        subsidy_fen=subsidy,
        self_pay_fen=price_fen * servings - subsidy,
    )


def home(code: str = COMMUNITY, pop60: int = 500, nearest_m: float | None = 300.0) -> Reach:
    return Reach(Home(code, pop60, (120.0, 31.7)), nearest_m)


def every_day(count: int, days: int = 31) -> dict[date, int]:
    """So many servings on each of the month's first days."""
    return {date(2024, 5, day): count for day in range(1, days + 1)}


def visit(code: str = "P01", **fields: Any) -> VisitFacts:
    """An inspection of the 9th that was planned, done by two and graded A."""
    usual = {
        "id": 1,
        "point": code,
        "number": "武民助检〔2024〕0001号",
        "kind": "admin_inspection",
        "due": True,
        "signed_on": date(2024, 5, 9),
        "done": True,
        "grade": "A",
        "score": 925,
        "signatures": 2,
        "inspectors": ("张一", "李二"),
    }
    return VisitFacts(**(usual | fields))


def logged(**fields: Any) -> dict[str, LogFacts]:
    """The logs of the usual point."""
    return {"P01": LogFacts(**fields)}


def facts(**fields: Any) -> Facts:
    """May 2024 of a district with one busy point and one community, all in order."""
    slices = fields.get("slices", (served(servings=310),))
    usual = {
        "period": MAY,
        "place": HERE,
        "district": "320412",
        "district_name": "武进区",
        "as_of": datetime(2024, 5, 31, 12, 30, tzinfo=UTC),
        "demo": False,
        "limits": LIMITS,
        "names": {TOWN: "湖塘镇", COMMUNITY: "丰乐社区", "P01": "丰乐助餐点"},
        "managed_towns": (TOWN,),
        "points": (point(),),
        "slices": slices,
        "days": {"P01": every_day(10)},
        "reaches": (home(),),
        "elders": {"320412": 31, TOWN: 31, "P01": 31},
        "money": {"P01": cost(slices)},
        "purchases": {"P01": 1},
    }
    return Facts(**(usual | fields))


def cost(slices: tuple[Slice, ...], **fields: Any) -> Money:
    """What these servings cost: the subsidy, and what the elders paid."""
    usual = {
        "servings": sum(piece.servings for piece in slices),
        "subsidy_fen": sum(piece.subsidy_fen for piece in slices),
        "self_pay_fen": sum(piece.self_pay_fen for piece in slices),
    }
    return Money(**(usual | fields))
