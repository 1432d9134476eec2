"""A small district with two meal points, a policy and four elders, made through the services."""

from datetime import UTC, date, datetime

from mealsvc.accounts.services import add_device
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.resident_id import check_digit, normalise
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.policies.services import import_policy
from mealsvc.residents.enrolment import Enrolment, enrol_batch
from mealsvc.servings.rules import Order
from mealsvc.servings.services import record_serving
from tests.factories.policies import SAMPLE

SHELL = Actor("command", "tests")
TOWN, COMMUNITY = "320412100", "320412100001"
LUNCH = datetime(2024, 5, 6, 3, 30, tzinfo=UTC)  # 11:30 in Shanghai
ELDERS = (
    # name, birth, serial, card
    ("张国丰", "19520301", "001", "C001"),
    ("欧阳秀英", "19410512", "002", "C002"),
    ("张桂芳", "19700101", "003", "C003"),
    ("单于福", "19480229", "004", "C004"),
)


def id_number(birth: str, serial: str) -> str:
    """A right ID number of a made-up area."""
    first17 = f"320499{birth}{serial}"
    return first17 + check_digit(first17)


CARDS = [f"K{number:03d}" for number in range(30)]
ID_NUMBERS = {name: id_number(birth, serial) for name, birth, serial, _ in ELDERS}


def small_district() -> None:
    """Points P01 and P02 in Hutang, the sample policy, and the four elders of `ELDERS`."""
    now = clock.now()
    with writing():
        put_division({"code": "320412", "name": "武进区", "level": "district"}, SHELL)
        put_division({"code": TOWN, "name": "湖塘镇", "level": "town"}, SHELL)
        put_division({"code": COMMUNITY, "name": "丰乐社区", "level": "community"}, SHELL)
        for code, name in (("P01", "丰乐助餐点"), ("P02", "花园助餐点")):
            kind = {"kind": "community_canteen", "division": COMMUNITY}
            put_point({"code": code, "name": name, **kind}, SHELL)
        import_policy(SAMPLE, SHELL, now)
        enrol_batch([enrolment(*elder) for elder in ELDERS], SHELL, now, source="测试")


def lunchroom() -> None:
    """Thirty more elders, born in 1950, who hold the cards of `CARDS`."""
    elders = [
        enrolment(
            f"李{'秀桂玉'[at % 3]}{'英兰珍华芳红萍梅'[at % 8]}", "19500101", f"{100 + at}", card
        )
        for at, card in enumerate(CARDS)
    ]
    with writing():
        enrol_batch(elders, SHELL, clock.now(), source="测试")


def enrolment(name: str, birth: str, serial: str, card: str) -> Enrolment:
    return Enrolment(normalise(id_number(birth, serial)), name, COMMUNITY, COMMUNITY, card_no=card)


def till_token(point: str = "P01") -> str:
    """The bearer token of a new till at this point."""
    with writing():
        made = add_device(point, f"till-{point}", SHELL, clock.now())
    return made.token


def order(key: str, card: str = "C001", **fields) -> Order:
    """A lunch of 12 yuan at P01 on 6 May 2024."""
    usual = {
        "point": "P01",
        "served_at": LUNCH,
        "meal": "lunch",
        "mode": "dine_in",
        "price_fen": 1200,
        "method": "card",
    }
    return Order(key, credential=card, **(usual | fields))


def serve(key: str, card: str = "C001", **fields):
    """Records a lunch; returns its receipt."""
    with writing() as connection:
        return record_serving(connection, order(key, card, **fields), SHELL, clock.now())


def a_day(day: int) -> datetime:
    """11:30 on that day of May 2024."""
    return LUNCH.replace(day=day)


def birthday(name: str) -> date:
    """When one of the elders was born."""
    return normalise(ID_NUMBERS[name]).birth_on
