"""The demo's complaints at every stage, and what diners said of their meals in May 2024."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from mealsvc.demo import history
from mealsvc.demo.district import POINTS
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.supervision.complaints import services
from mealsvc.supervision.complaints.models import Complaint
from mealsvc.supervision.complaints.services import Said, Stars

SEED = 20240531
ANSWERS = 300
CHANNELS = ("qr", "qr", "qr", "counter", "call")
MANAGER, TOWN, DISTRICT = (
    Actor("system", f"演示{who}") for who in ("店长", "镇街审核", "区业务管理")
)


class _Story(NamedTuple):
    """A complaint, and how far it has come: new, assigned, answered, returned, closed or called.

    `day` is a day of the demo's last month, or so many days before today (-1).
    """

    day: int
    point: str
    said: Said
    level: str
    stage: str
    upheld: bool = True


STORIES = (
    _Story(6, "WJ001", Said("portion", "counter", "（演示）今天午餐的小荤比上周少，老人说吃不饱。"), "point", "closed"),
    _Story(7, "WJ003", Said("taste", "qr", "（演示）青菜太咸了，希望少放盐。"), "point", "called"),
    _Story(8, "WJ002", Said("service", "phone", "（演示）窗口说话声音大，老人听着不舒服。", "演示家属 0519-00000000"), "point", "closed", False),
    _Story(9, "WJ005", Said("delivery", "phone", "（演示）送餐晚了四十分钟，饭菜已经凉了。", "演示老人 0519-00000001"), "town", "closed"),
    _Story(13, "WJ004", Said("price", "hotline", "（演示）刷卡的钱和菜单上写的不一样，差五角。", "演示市民"), "district", "closed"),
    _Story(15, "WJ001", Said("place", "qr", "（演示）门口台阶滑，下雨天要铺防滑垫。"), "point", "closed"),
    _Story(20, "WJ006", Said("safety", "counter", "（演示）汤里有一根头发。", "演示老人 0519-00000002"), "town", "returned"),
    _Story(-3, "WJ007", Said("subsidy", "phone", "（演示）上个月满80岁，补贴还是按原来的算。", "演示家属 0519-00000003"), "district", "answered"),
    _Story(-2, "WJ002", Said("taste", "qr", "（演示）肉炖得不够烂，牙口不好咬不动。"), "point", "answered"),
    _Story(-2, "WJ008", Said("portion", "qr", "（演示）菜单写两荤，今天只有一荤。"), "point", "assigned"),
    _Story(-1, "WJ003", Said("service", "visit", "（演示）中午排队太长，想要一个等候的地方。"), "town", "assigned"),
    _Story(-1, "WJ009", Said("other", "qr", "（演示）希望周末也开晚餐。"), "", "new"),
)  # fmt: skip


def put_complaints(by: Actor, now: datetime) -> None:
    """A dozen complaints at every stage, the open ones of these days, and 300 answers of stars."""
    random, month = Random(SEED), Month.of(history.LAST)
    for number, story in enumerate(STORIES, 1):
        begins = month.first_day - timedelta(days=1) if story.day > 0 else local_date(now)
        _tell(story, number, _at(begins + timedelta(days=story.day), 30), by)
    weights = [random.uniform(0.6, 1.6) for _ in POINTS]
    for number in range(ANSWERS):
        point = random.choices(POINTS, weights)[0]
        given = Stars(*random.choices((5, 4, 3, 2, 1), (50, 36, 9, 3, 2)), **_grades(random))
        at = _at(date(month.year, month.month, random.randint(1, 31)), random.randint(0, 120))
        key = f"demo-rating-{number:03d}"
        services.rate(_place(point.code), given, random.choice(CHANNELS), key, by, at)


def _tell(story: _Story, number: int, at: datetime, by: Actor) -> None:
    one = services.receive(_place(story.point), story.said, f"demo-complaint-{number}", by, at)
    if story.stage != "new":
        services.assign(one.id, story.level, "请核实后答复。", TOWN, at + timedelta(hours=3))
    if story.stage not in ("new", "assigned"):
        _answer(one, story, at)


def _answer(one: Complaint, story: _Story, at: datetime) -> None:
    who = {"point": MANAGER, "town": TOWN, "district": DISTRICT}[story.level]
    closes = TOWN if story.level == "point" else DISTRICT if story.level == "town" else TOWN
    services.answer(one.id, _WORDS[story.upheld], story.level, who, at + timedelta(days=1))
    if story.stage == "returned":
        services.send_back(
            one.id, "没有说明怎么防止再发生，请补充。", closes, at + timedelta(days=2)
        )
    if story.stage in ("closed", "called"):
        late = timedelta(days=9 if story.said.kind == "delivery" else 2)
        services.close(one.id, story.upheld, "情况清楚，予以办结。", closes, at + late)
    if story.stage == "called":
        services.note_call(one.id, "来人表示已经改好，没有其他意见。", TOWN, at + timedelta(days=5))


_WORDS = {
    True: "经核实情况属实，已当面说明并改正，今后每天由店长检查。",
    False: "经查看现场录像和询问当班人员，没有发现所说的情况，已向来人说明。",
}


def _grades(random: Random) -> dict[str, int | None]:
    choices: Sequence[int | None] = (5, 3, 1, None)
    return {name: random.choices(choices, (5, 2, 1, 6))[0] for name in ("dish", "price", "service")}


def _place(code: str) -> MealPoint:
    place = point_by_code(code)
    assert place is not None
    return place


def _at(day: date, minutes: int) -> datetime:
    """So long after 11:00 in Shanghai."""
    return datetime.combine(day, time(3, 0), UTC) + timedelta(minutes=minutes)
