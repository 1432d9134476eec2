"""A district for the benches, through the services: one point, one policy, any number of elders."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from mealsvc.accounts.services import add_device
from mealsvc.kernel.resident_id import check_digit, normalise
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.policies.services import import_policy
from mealsvc.residents.enrolment import Enrolment, enrol_batch
from tests.factories.policies import SAMPLE
from tests.factories.tills import COMMUNITY, SHELL, TOWN

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "国丰秀英桂芳建华玉兰志强淑珍福生春梅德明金凤永康"


def cards(number: int) -> list[str]:
    """The card numbers of so many elders."""
    return [f"C{person:06d}" for person in range(number)]


def id_number(person: int) -> str:
    """The ID number of this elder: born on some day of 1935–1955 in a made-up area."""
    born = date(1935, 1, 1) + timedelta(days=person % 7000)
    first17 = f"320499{born:%Y%m%d}{person // 7000:03d}"
    return first17 + check_digit(first17)


def name(person: int) -> str:
    """A name of three characters."""
    one, two = divmod(person, len(GIVEN))
    return SURNAMES[person % 20] + GIVEN[two] + GIVEN[one % len(GIVEN)]


def register(number: int) -> str:
    """Divisions, point P01, the sample policy and the elders; returns the token of a till."""
    now = clock.now()
    with writing():
        for code, title, level in (
            ("320412", "武进区", "district"),
            (TOWN, "湖塘镇", "town"),
            (COMMUNITY, "丰乐社区", "community"),
        ):
            put_division({"code": code, "name": title, "level": level}, SHELL)
        point = {"code": "P01", "name": "丰乐助餐点", "kind": "community_canteen"}
        put_point(point | {"division": COMMUNITY}, SHELL)
        import_policy(SAMPLE, SHELL, now)
        token = add_device("P01", "till", SHELL, now).token
    for batch in _batches(number, 10_000):
        with writing():
            enrol_batch(batch, SHELL, now, source="测速")
    return token


def _batches(number: int, size: int) -> Iterator[Sequence[Enrolment]]:
    for start in range(0, number, size):
        yield [
            Enrolment(
                normalise(id_number(person)),
                name(person),
                COMMUNITY,
                COMMUNITY,
                card_no=f"C{person:06d}",
            )
            for person in range(start, min(start + size, number))
        ]
