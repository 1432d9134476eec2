"""A district with everything that counting who is reached can get wrong: a town run by others, points
that are suspended, closed or only cook, communities and elders without a position, people who live
elsewhere than their hukou, moved, or died."""

from datetime import date

from mealsvc.kernel.resident_id import normalise
from mealsvc.places.services import point_by_code, put_division, put_point, suspend_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.departures import Departure, record_departure_batch
from mealsvc.residents.enrolment import Enrolment, enrol_batch
from mealsvc.residents.services import NewFact, add_fact
from mealsvc.servings.services import reverse_serving
from mealsvc.settings.models import Setting
from tests.factories.tills import COMMUNITY, SHELL, TOWN, a_day, id_number, serve, small_district

NOWHERE, FAR_TOWN, FAR, CITY = "320412100002", "320412101", "320412101001", "320412001"
CENTRE = (119.957, 31.71)
NEAR, KILOMETRE = (119.957, 31.7115), (119.957, 31.7195)  # of P01: 56 m and 945 m
ELDERS = (
    # name, birth, serial, card, hukou, residence, position
    ("王秀英", "19500101", "201", "N001", COMMUNITY, "", NEAR),
    ("王桂芳", "19430101", "202", "N002", COMMUNITY, COMMUNITY, KILOMETRE),
    ("王建国", "19430101", "203", "N003", COMMUNITY, FAR, (119.7, 31.6)),
    ("王淑珍", "19500101", "204", "N004", f"{CITY}001", "", CENTRE),
    ("王福生", "19430101", "205", "N005", COMMUNITY, "", NEAR),
    ("王玉兰", "19500101", "206", "N006", COMMUNITY, "", NEAR),
    ("王春梅", "19500101", "207", "N007", NOWHERE, "", None),
)
CATEGORIES = {"201": "DJ", "203": "DB", "204": "DB", "205": "SN", "207": "TK"}


DEAD, MOVED = 4, 10  # the place of the one in `ELDERS`, the row of the other in the register


def reached() -> None:
    """Meals of May 2024 at P01: 28 by C001, one each by C002, N001, N003 and N005, one taken back."""
    small_district()
    with writing():
        _places()
        _points()
        enrol_batch([_elder(*one) for one in ELDERS], SHELL, clock.now(), source="测试")
        start = date(2024, 1, 1)
        meals = Setting(key="point.effective_meals", effective_from=start, value="1", basis="测试")
        db.session.add(meals)
    for day in range(1, 29):
        serve(f"S{day}", "C001", served_at=a_day(day))
    for card in ("C002", "N001", "N003", "N005", "C004"):
        serve(f"{card}-6", card, served_at=a_day(6))
    with writing() as connection:
        reverse_serving(connection, "C004-R", "C004-6", "误操作", None, SHELL, clock.now())
        _, birth, serial, *_ = ELDERS[DEAD]
        died = Departure(normalise(id_number(birth, serial)), "deceased", date(2024, 5, 20))
        record_departure_batch([died], SHELL, clock.now())
        add_fact(MOVED, NewFact("residence", FAR, date(2024, 5, 15), None, "测试"), SHELL)


def _points() -> None:
    """Only P01 serves on 31 May: P02 is suspended, P03 closed, P04 cooks for others."""
    put_point(
        {"code": "P01", "lon": 119.957, "lat": 31.711, "seats": 40, "daily_capacity": 100}, SHELL
    )
    there = {"division": FAR, "lon": 119.7, "lat": 31.6, "kind": "community_canteen", "seats": 20}
    put_point({**there, "code": "P02"}, SHELL)
    put_point({**there, "code": "P03", "name": "三号点", "closed_on": date(2024, 5, 30)}, SHELL)
    kitchen = {"kind": "central_kitchen", "seats": None}
    put_point({**there, "code": "P04", "name": "中央厨房", **kitchen}, SHELL)
    suspend_point(point_by_code("P02"), date(2024, 5, 20), "整修", SHELL)


def _elder(
    name: str,
    birth: str,
    serial: str,
    card: str,
    hukou: str,
    residence: str,
    position: tuple[float, float] | None,
) -> Enrolment:
    lon, lat = position or (None, None)
    held = [(CATEGORIES[serial], None, None)] if serial in CATEGORIES else []
    number = normalise(id_number(birth, serial))
    row = Enrolment(number, name, hukou, residence, card_no=card, categories=held)
    return row._replace(lon=lon, lat=lat)


def _places() -> None:
    lon, lat = CENTRE
    put_division({"code": COMMUNITY, "pop60": 400, "lon": lon, "lat": lat}, SHELL)
    put_division({"code": NOWHERE, "name": "无名村", "level": "community", "pop60": 300}, SHELL)
    put_division({"code": FAR_TOWN, "name": "湟里镇", "level": "town"}, SHELL)
    far = {"code": FAR, "name": "西村", "level": "community", "pop60": 600}
    put_division({**far, "lon": 119.7, "lat": 31.6}, SHELL)
    city = {"code": CITY, "name": "戚墅堰街道", "level": "town", "managed_by": "经开区"}
    put_division(city, SHELL)
    other = {"code": f"{CITY}001", "name": "城东社区", "level": "community", "pop60": 9000}
    put_division({**other, "lon": lon, "lat": lat}, SHELL)
    put_division({"code": TOWN, "pop60": 700}, SHELL)
