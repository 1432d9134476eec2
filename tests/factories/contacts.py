"""A community with a point in it, another far from any, and elders of each list to call."""

import json
from datetime import date

from sqlalchemy import select

from mealsvc.coverage.mapping.boundaries import keep, read_boundaries
from mealsvc.coverage.outreach import queries
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.enrolment import Enrolment, enrol_batch
from mealsvc.residents.models import Resident
from mealsvc.residents.services import NewFact, add_fact
from tests.factories import tills
from tests.factories.tills import COMMUNITY, SHELL, TOWN

FAR = "320412100002"
PHONE = "13900001234"
LAST = 28  # May: the last day with records
MORE = (
    # name, birth, serial, card, home, enrolled
    ("空白翁", "19400101", "301", "X1", FAR, None),
    ("满龄婆", "19640515", "302", "X2", COMMUNITY, None),
    ("新登记", "19500101", "303", "X3", COMMUNITY, date(2024, 5, 10)),
    ("常客公", "19500101", "304", "X4", COMMUNITY, None),
    ("低保婆", "19550101", "305", "X5", COMMUNITY, None),
)
SQUARE = [[119.9, 31.7], [120.0, 31.7], [120.0, 31.8], [119.9, 31.8], [119.9, 31.7]]


def scene() -> None:
    """Elders of `tills.ELDERS` and `MORE`; somebody ate on 28 May 2024, the regular until the 20th."""
    tills.small_district()
    with writing():
        put_division(_place(COMMUNITY, "丰乐社区", 300, 119.95, 31.75), SHELL)
        put_division(_place(FAR, "远村", 400, 119.99, 31.79), SHELL)
        put_point({"code": "P01", "lon": 119.95, "lat": 31.75}, SHELL)
        put_point({"code": "P02", "lon": 119.951, "lat": 31.75}, SHELL)
        elders = [
            Enrolment(
                tills.normalise(tills.id_number(birth, serial)),
                name,
                home,
                home,
                card_no=card,
                enrolled_on=enrolled,
            )
            for name, birth, serial, card, home, enrolled in MORE
        ]
        enrol_batch(elders, SHELL, clock.now(), source="测试")
        add_fact(who("低保婆").id, NewFact("category", "DB", date(2024, 1, 1), None, "测试"), SHELL)
        for one in db.session.scalars(select(Resident)):
            one.phone = vault().seal(PHONE)
    for day in range(8, 21):
        tills.serve(f"R{day}", "X4", served_at=tills.a_day(day))
    tills.serve("L", "C001", served_at=tills.a_day(LAST))


def on_the_map() -> dict[str, str]:
    """Positions and a boundary for `tills.small_district`, and an elder on the first list."""
    with writing():
        put_division(_place(COMMUNITY, "丰乐社区", 300, 119.95, 31.75), SHELL)
        put_division(_place(FAR, "远村", 400, 119.99, 31.79), SHELL)
        put_point({"code": "P01", "lon": 119.95, "lat": 31.75}, SHELL)
        alone = NewFact("category", "DJ", date(2024, 1, 1), None, "测试")
        add_fact(who("单于福").id, alone, SHELL)
    return {**boundary(TOWN), "topic": "quiet", "ref": who("单于福").ref}


def who(name: str) -> Resident:
    return db.session.scalars(select(Resident).where(Resident.name == name)).one()


def frame(scope: str = "320412") -> queries.Frame:
    return queries.frame_of(scope, clock.now())


def line(topic: str = "quiet", name: str = "欧阳秀英") -> queries.Listed:
    return queries.listed(topic, who(name).id, frame())


def boundary(code: str = TOWN) -> dict[str, str]:
    """The boundary of a division, kept; its code as addresses name it."""
    outlines, read = read_boundaries(outline(code))
    with writing():
        keep(outlines, read, "测试", SHELL, clock.now())
    return {"division": code}


def outline(code: str = TOWN) -> bytes:
    """A file with one square."""
    feature = {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def _place(code: str, name: str, pop60: int, lon: float, lat: float) -> dict[str, object]:
    return {
        "code": code,
        "name": name,
        "level": "community",
        "pop60": pop60,
        "lon": lon,
        "lat": lat,
    }
