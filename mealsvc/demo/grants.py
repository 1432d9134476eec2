"""The demo's star grades, and two construction grants: one paid in full, one at the district's desk."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from mealsvc.demo import claims, district
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.payments import grants, orders
from mealsvc.payments.grant_chain import stages_of
from mealsvc.payments.grant_models import ConstructionGrant, GrantStage
from mealsvc.places.grades import give_grade
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import writing
from mealsvc.policies.services import import_policy
from mealsvc.settlement import budget_lines

# of the half-year before the first meal, so that it stands beside the policy that pays for meals
POLICY = """\
[policy]
code = "DEMO-JS-2022"
title = "演示：武进区助餐点建设补贴（参照温州标准）"
division = "320412"
exclude = ["320412001", "320412002", "320412003", "320412104", "320412105", "320412106"]
effective_from = 2022-10-01
effective_to = 2023-03-31

[[construction]]
code = "J1"
kinds = ["community_canteen", "institution_canteen"]
percent_of_cost = 50
max_fen = 10000000
funding = { lottery = 1 }
stages = [
  { name = "验收合格", percent = 60 },
  { name = "运营满一年", percent = 40, after_months = 12 },
]

[[construction]]
code = "J2"
kinds = ["serving_point", "neighbour_table", "partner_restaurant"]
amount_fen = 2000000
funding = { lottery = 1 }
"""
STARS = (5, 4, 3, 3, 4, 2, 4, 3, 3, 2)
GRADED_FROM = date(2024, 1, 1)
DONE = ("WJ001", date(2023, 3, 20), 19_800_000)
RUNNING = ("WJ002", date(2023, 3, 28), 16_543_210)
MORE_BUDGET = ((2023, 11_000_000), (2024, 8_000_000))


class People(NamedTuple):
    """Who does what: every step another person."""

    manager: Actor
    town: Actor
    district: Actor
    approver: Actor
    maker: Actor
    payer: Actor


PEOPLE = People(
    Actor("system", "演示店长"),
    claims.TOWN,
    claims.DISTRICT,
    claims.CHIEF,
    claims.MAKER,
    claims.PAYER,
)


def put_grants(people: People, now: datetime) -> None:
    """Grades every point, and takes two grants on their way; after the points' accounts are there."""
    with writing():
        import_policy(POLICY, people.district, now)
        for year, more_fen in MORE_BUDGET:
            line = budget_lines.line_of(year, "lottery", district.DISTRICT)
            whole = more_fen + (line.amount_fen if line else 0)
            basis = "演示：追加建设补贴"
            budget_lines.put_budget(year, "lottery", whole, people.district, basis=basis)
        for point, stars in zip(district.POINTS, STARS, strict=True):
            found = _point(point.code)
            basis = "区民政局2023年度星级评定（演示）"
            give_grade(found, stars, GRADED_FROM, basis, people.district, _noon(GRADED_FROM))
    first, second = date(2023, 4, 24), date(2024, 4, 22)
    done = _claimed(DONE, people, first)
    _approved(done, 1, people, first)
    running = _claimed(RUNNING, people, first)
    _approved(running, 1, people, first)
    _paid([done, running], 1, people, first + timedelta(days=21))
    for grant in (done, running):
        with writing():
            papers = "全年运营台账\n年度考核结果"
            grants.apply_stage(_stage(grant, 2), papers, people.manager, _noon(second))
    _approved(done, 2, people, second)
    _paid([done], 2, people, second + timedelta(days=21))
    with writing():
        later = _noon(second + timedelta(days=7))
        grants.first_review(_stage(running, 2), "现场查看，正常运营", people.town, later)


def _claimed(works: tuple[str, date, int], people: People, day: date) -> ConstructionGrant:
    code, completed_on, cost_fen = works
    claim = grants.Claim(completed_on, cost_fen, "竣工验收单\n工程决算审核报告\n发票汇总")
    with writing():
        return grants.claim_grant(
            _point(code), "DEMO-JS-2022", "J1", claim, people.manager, _noon(day)
        )


def _approved(grant: ConstructionGrant, number: int, people: People, day: date) -> None:
    def on(days: int) -> datetime:
        return _noon(day + timedelta(days=days))

    stage = _stage(grant, number)
    with writing():
        grants.first_review(stage, "现场查看，与材料一致", people.town, on(3))
        grants.recheck(stage, "决算已审核", people.district, on(7))
        grants.approve(stage, "同意", people.approver, on(14))


def _paid(paid: Sequence[ConstructionGrant], number: int, people: People, day: date) -> None:
    stages = [_stage(grant, number).id for grant in paid]
    with writing():
        order = orders.order_payment((), stages, "建设补贴", None, people.maker, _noon(day))
    with writing():
        later = _noon(day + timedelta(days=3))
        voucher = f"演{order.number}"
        orders.record_payment(order.id, local_date(later), voucher, people.payer, later)


def _stage(grant: ConstructionGrant, number: int) -> GrantStage:
    return stages_of(grant.id)[number - 1]


def _point(code: str) -> MealPoint:
    point = point_by_code(code)
    assert point is not None
    return point


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)
