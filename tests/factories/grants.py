"""A policy that pays for building points, and grants under it, made through the services."""

from datetime import UTC, date, datetime

from mealsvc.kernel.actors import Actor
from mealsvc.payments import grants
from mealsvc.payments.grant_chain import stages_of
from mealsvc.payments.grant_models import ConstructionGrant, GrantStage
from mealsvc.places.services import point_by_code, put_point
from mealsvc.plumbing.db import writing
from mealsvc.policies.services import import_policy
from tests.factories.tills import SHELL

# of 2020 only, so that it stands beside the policies that pay for meals
BUILDING = """\
[policy]
code = "JS-2020"
title = "演示：2020年建设补贴"
division = "320412"
effective_from = 2020-01-01
effective_to = 2020-12-31

[[construction]]
code = "J1"
kinds = ["community_canteen", "institution_canteen"]
percent_of_cost = 50
max_fen = 10000000
funding = { district = 2, town = 1 }
stages = [
  { name = "验收合格", percent = 60 },
  { name = "运营满一年", percent = 40, after_months = 12 },
]

[[construction]]
code = "J2"
kinds = ["community_canteen"]
divisions = ["320412100"]
amount_fen = 2000000
funding = { lottery = 1 }
"""
COMPLETED, OPENED = date(2020, 3, 1), date(2020, 3, 31)
NOW = datetime(2020, 6, 1, 4, 0, tzinfo=UTC)
A_YEAR_ON = datetime(2021, 4, 1, 4, 0, tzinfo=UTC)
CLAIM = grants.Claim(COMPLETED, 18_000_001, "竣工验收单\n工程决算")
CHAIN = (
    (grants.first_review, "town"),
    (grants.recheck, "district"),
    (grants.approve, "approver"),
)


def building_policy() -> None:
    """Puts the policy into force; P01 opened on 31 March 2020. Inside `writing()`."""
    import_policy(BUILDING, SHELL, NOW)
    put_point({"code": "P01", "opened_on": OPENED}, SHELL)


def claimed(by: Actor = SHELL, rule: str = "J1", claim: grants.Claim = CLAIM) -> ConstructionGrant:
    """A grant of P01; inside `writing()`."""
    point = point_by_code("P01")
    assert point is not None
    return grants.claim_grant(point, "JS-2020", rule, claim, by, NOW)


def one_back_and_one_waiting() -> dict[str, int]:
    """A grant of P01 that was sent back, one of P02 that waits for the town: their numbers."""
    with writing():
        building_policy()
        back = claimed()
        grants.send_back(stage(back), "first_review", "决算不清", Actor("system", "镇"), NOW)
        other = point_by_code("P02")
        assert other is not None
        waiting = grants.claim_grant(other, "JS-2020", "J1", CLAIM, SHELL, NOW)
    return {"grant_back": back.id, "grant_waiting": waiting.id}


def stage(grant: ConstructionGrant, number: int = 1) -> GrantStage:
    return stages_of(grant.id)[number - 1]


def approved(grant: ConstructionGrant, number: int = 1, now: datetime = NOW) -> GrantStage:
    """Takes a stage through its reviews, by persons without accounts."""
    one = stage(grant, number)
    for verb, who in CHAIN:
        with writing():
            verb(one, "同意", Actor("system", f"{who}{number}"), now)
    return one
