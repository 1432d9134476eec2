"""Made-up elders: names put together at random, ID numbers of an area code that does not exist."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from mealsvc.kernel.resident_id import ResidentId, check_digit, normalise
from mealsvc.residents.enrolment import Enrolment
from mealsvc.residents.rules import Spell

AREA = "320499"  # no such area: no real person's number can come out
RESIDENTS = 12_000
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文单仇区查解朴"
DOUBLE = ("欧阳", "司马", "上官", "诸葛", "尉迟")
GIVEN = "国建华明志文秀英桂兰玉珍凤芳美荣福生根宝林海洪全金银山水土木春夏秋冬松柏梅菊兰莲红霞云月星德义仁礼信忠孝和平安康泰顺利昌盛富贵祥瑞庆喜欢乐䶮𬀩"
BANDS = ((60, 69, 46), (70, 79, 34), (80, 89, 16), (90, 99, 3), (100, 104, 1))
CATEGORIES = (
    ("TK", 12),
    ("DB", 30),
    ("DBB", 20),
    ("ZCX", 6),
    ("SN", 30),
    ("CJ", 18),
    ("JS", 4),
    ("YF", 10),
    ("DJ", 70),
    ("KC", 150),
    ("LS", 12),
    ("LM", 3),
)  # fmt: skip  (of a thousand)


class Elder(NamedTuple):
    """A made-up elder: what the register takes, and what happens to her later."""

    enrolment: Enrolment
    departure: tuple[str, date, date | None] | None


def elders(
    count: int, communities: list[dict[str, Any]], outside: list[str], random: Random
) -> Iterator[Elder]:
    """`count` people spread over the communities by population, a few from elsewhere."""
    homes = random.choices(communities, [home["pop60"] for home in communities], k=count)
    born_on: Counter[date] = Counter()
    for number, home in enumerate(homes):
        age, born = _age_and_birth(random)
        born_on[born] += 1
        first17 = f"{AREA}{born:%Y%m%d}{born_on[born]:03d}"
        identity = normalise(first17 + check_digit(first17))
        yield _elder(number, age, identity, home, outside, random)


def _age_and_birth(random: Random) -> tuple[int, date]:
    low, high, _ = random.choices(BANDS, [band[2] for band in BANDS])[0]
    age = random.randint(low, high) if random.random() > 0.004 else random.randint(57, 59)
    return age, date(2024, 5, 31) - timedelta(days=int(age * 365.2425) + random.randint(0, 364))


def _elder(
    number: int,
    age: int,
    identity: ResidentId,
    home: dict[str, Any],
    outside: list[str],
    random: Random,
) -> Elder:
    elsewhere = random.random() < 0.012
    located = number % 10 < 7  # the rest never told where they live
    enrolled = max(date(2023, 4, 1), date(2023, 3, 20) + timedelta(days=random.randint(0, 400)))
    enrolment = Enrolment(
        id_number=identity,
        name=_name(random),
        hukou_division=random.choice(outside) if elsewhere else home["code"],
        residence_division=home["code"],
        address=f"{home['name']}演示新村{random.randint(1, 60)}幢{random.randint(1, 30)}室",
        phone=f"1{random.choice('3578')}{random.randint(0, 999_999_999):09d}",
        categories=_categories(enrolled, random),
        card_no=f"8{number:09d}" if random.random() < 0.93 else None,
        enrolled_on=enrolled,
        lon=_near(home["lon"], located, random),
        lat=_near(home["lat"], located, random),
    )
    return Elder(enrolment, _departure(age, random))


def _near(degrees: float, located: bool, random: Random) -> float | None:
    """Somewhere around the middle of the community; None where nobody wrote it down."""
    found = round(degrees + random.uniform(-0.004, 0.004), 6)
    return found if located else None


def _name(random: Random) -> str:
    surname = random.choice(DOUBLE) if random.random() < 0.01 else random.choice(SURNAMES)
    length = 1 if random.random() < 0.12 else 2
    common = GIVEN[:-2]
    given = "".join(random.choice(common) for _ in range(length))
    return surname + (random.choice("䶮𬀩") if random.random() < 0.001 else given)


def _categories(enrolled: date, random: Random) -> tuple[Spell, ...]:
    found = []
    for code, per_thousand in CATEGORIES:
        if random.random() * 1000 < per_thousand:
            since = enrolled + timedelta(days=random.randint(0, 200))
            until = since + timedelta(days=365) if random.random() < 0.15 else None
            found.append((code, None if random.random() < 0.6 else since, until))
    return tuple(found)


def _departure(age: int, random: Random) -> tuple[str, date, date | None] | None:
    day = date(2023, 6, 1) + timedelta(days=random.randint(0, 360))
    chance = random.random()
    if chance < (0.045 if age >= 85 else 0.008):
        return "deceased", day, None
    if chance > 0.996:
        return "moved_out", day, None
    if chance > 0.990:
        return "institution", day, day + timedelta(days=60) if random.random() < 0.3 else None
    return None
