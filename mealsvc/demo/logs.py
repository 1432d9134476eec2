"""The demo's daily logs: May 2024 and the days before it at every point, with a few gaps and faults."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import select

from mealsvc.demo import history
from mealsvc.demo.menus import DISHES, PARTS
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import LOCAL
from mealsvc.menus.models import MenuItem
from mealsvc.menus.rules import SET_MEAL
from mealsvc.places.models import MealPoint
from mealsvc.places.units.models import StaffMember
from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.logs import rules
from mealsvc.supervision.logs.judging import Draft
from mealsvc.supervision.logs.kinds import DISPOSALS, OK
from mealsvc.supervision.logs.served import served
from mealsvc.supervision.logs.services import CREATED, Row, log_batch

SEED = 20240501
FIRST = date(2024, 4, 26)
KEPT = timedelta(days=2)
CARELESS = {"WJ008": 0.10, "WJ003": 0.05}  # share of logs that are missing
USUAL, FAULTS = 0.015, 0.012
COOLERS = (("冷藏柜1", "chiller"), ("冷冻柜1", "freezer"), ("留样柜", "sample_fridge"))
GOODS = (("大米", 100), ("菜籽油", 40), ("猪肉", 30), ("青菜", 45), ("鸡蛋", 20), ("豆腐", 25))
SUPPLIER = "演示农产品配送"
KEEPER = "演示食品安全员"
TIMES = {"lunch": (time(10, 20), time(10, 50)), "dinner": (time(16, 5), time(16, 25))}


class _Day(NamedTuple):
    """One point's day while its entries are made up."""

    point: MealPoint
    day: date
    random: Random

    def row(
        self, kind: str, at: time, subject: str = "", meal: str = "", action: str = "", **facts: Any
    ) -> Row:
        """An entry at a local time, under a key of its own."""
        key = f"DEMO-L-{self.point.code}-{self.day:%m%d}-{kind}-{meal[:1]}{at:%H%M}-{subject}"
        instant = datetime.combine(self.day, at, LOCAL).astimezone(UTC)
        return Row(self.point, Draft(kind, self.day, meal, subject, instant, facts, action), key)

    def slips(self) -> bool:
        """Whether somebody forgot this log."""
        return self.random.random() < CARELESS.get(self.point.code, USUAL)

    def goes_wrong(self) -> bool:
        return self.random.random() < FAULTS


def put_logs(by: Actor, now: datetime) -> int:
    """Logs every day as of its evening; returns how many entries were made."""
    random = Random(SEED)
    points = db.session.scalars(select(MealPoint).order_by(MealPoint.code)).all()
    open_days = served(points, FIRST, history.LAST)
    menus, staff = _menus(), _staff()
    kept: dict[date, list[Row]] = {}
    done, day = 0, FIRST
    while day <= history.LAST:
        rows: list[Row] = []
        for point in points:
            if meals := open_days.on(point.id, day):
                one = _Day(point, day, random)
                rows += _entries(one, list(meals), menus, staff.get(point.id, ()))
        kept[day] = [row for row in rows if row.draft.kind == "sample"]
        rows += [_disposed(row, day) for row in kept.get(day - KEPT, ())]
        evening = datetime.combine(day, time(20, 30), LOCAL).astimezone(UTC)
        with writing():
            outcomes = log_batch(rows, by, evening, any_day=True)
        done += outcomes.count(CREATED)
        day += timedelta(days=1)
    return done


def _disposed(sample: Row, day: date) -> Row:
    """Its sample was kept long enough and is thrown away."""
    draft = sample.draft
    at = datetime.combine(day, time(17, 30), LOCAL).astimezone(UTC)
    facts = {"how": DISPOSALS[0], "person": KEEPER}
    gone = Draft("sample_disposed", draft.day, draft.meal, draft.subject, at, facts)
    return Row(sample.point, gone, f"{sample.key}-X"[-64:])


def _entries(
    one: _Day,
    meals: Sequence[str],
    menus: dict[tuple[int, date, str], list[str]],
    staff: Sequence[str],
) -> Iterator[Row]:
    cooks = rules.cooks(one.point.kind)
    for meal in meals:
        if cooks:
            names = menus.get((one.point.id, one.day, meal)) or _made_up(one.random)
            yield from _kitchen(one, meal, names)
        if not one.slips():
            yield _disinfection(one, meal)
    if cooks:
        yield from _day_of_a_kitchen(one, staff)
    if not one.slips():
        items = dict.fromkeys(rules.control_items(one.point.kind), OK)
        yield one.row("daily_control", time(18, 30), items=items, person=KEEPER)
    yield from _now_and_then(one, cooks)


def _kitchen(one: _Day, meal: str, names: Sequence[str]) -> Iterator[Row]:
    """Samples of all dishes, two core temperatures and two of dishes kept hot."""
    first, second = TIMES.get(meal, TIMES["lunch"])
    for name in names:
        if not one.slips():
            wrong = one.goes_wrong()
            grams = one.random.randint(90, 120) if wrong else one.random.randint(126, 160)
            action = "当场补足留样量" if wrong else ""
            yield one.row(
                "sample", second, name, meal, action, grams=grams,
                temp_c=round(one.random.uniform(2, 6), 1), place="留样柜", person=KEEPER,
            )  # fmt: skip
    for kind, at, low, high, bad, action in (
        ("core_temp", first, 74, 92, 64, "继续加热到 75 ℃ 以上再出锅"),
        ("hold_temp", second, 61, 72, 52, "重新加热到 72 ℃，当餐供应完"),
    ):
        if one.slips():
            continue
        for name in names[:2]:
            wrong = one.goes_wrong()
            temp = bad if wrong else round(one.random.uniform(low, high), 1)
            yield one.row(kind, at, name, meal, action if wrong else "", temp_c=temp, person=KEEPER)


def _disinfection(one: _Day, meal: str) -> Row:
    at = time(13, 30) if meal == "lunch" else time(18, 10)
    wrong = one.goes_wrong()
    action = "重新消毒一遍，时间加到 15 分钟" if wrong else ""
    minutes = 6 if wrong else one.random.randint(12, 20)
    return one.row(
        "disinfection", at, "餐饮具", meal, action, method="steam", temp_c=100, minutes=minutes
    )


def _day_of_a_kitchen(one: _Day, staff: Sequence[str]) -> Iterator[Row]:
    """The morning check and the devices, morning and afternoon."""
    if not one.slips():
        for name in staff or (KEEPER,):
            if one.random.random() < 0.003:
                facts = {"result": "throat", "off_duty": True}
                yield one.row(
                    "morning_check", time(7, 10), name, action="已离岗，回家休息", **facts
                )
            else:
                yield one.row("morning_check", time(7, 10), name, result="normal")
    for at in (time(7, 30), time(15, 30)):
        if one.slips():
            continue
        for name, device in COOLERS:
            wrong = one.goes_wrong()
            usual = {"freezer": (-20, -15)}.get(device, (2, 6))
            temp = 11 if wrong else round(one.random.uniform(*usual), 1)
            action = "调低温度，食品移到备用柜，一小时后复测合格" if wrong else ""
            yield one.row("cold_store", at, name, action=action, device=device, temp_c=temp)


def _now_and_then(one: _Day, cooks: bool) -> Iterator[Row]:
    """Purchases on Mondays and Thursdays, waste, Friday's check, the meeting of the 28th."""
    weekday = one.day.weekday()
    if cooks and weekday in (0, 3):
        for item, kg in one.random.sample(GOODS, 3):
            yield one.row(
                "purchase_check", time(6, 40), item, quantity_kg=kg, supplier=SUPPLIER,
                batch=f"{one.day:%Y%m%d}", licence=True, certificate=True, sound=True,
                result="accepted", person=KEEPER,
            )  # fmt: skip
    if cooks and weekday == 5:
        kg = one.random.randint(8, 30)
        yield one.row("waste", time(18, 40), "厨余垃圾", quantity_kg=kg, collector="演示收运单位")
    if weekday == 4 and not one.slips():
        yield one.row(
            "weekly_check", time(17, 0), result=OK, found="查看仓库、加工间和餐厅", person=KEEPER
        )
    if one.day.day == 28:
        yield one.row(
            "monthly_meeting", time(17, 30), people="店长、食品安全员、厨师",
            found="通报本月日管控和周排查情况", decided="加强留样登记", person="演示店长",
        )  # fmt: skip


def _made_up(random: Random) -> list[str]:
    """Dishes of a day whose menu the demo does not have."""
    return [random.choice([dish.name for dish in DISHES if dish.kind == part]) for part in PARTS]


def _menus() -> dict[tuple[int, date, str], list[str]]:
    """The dishes of the demo's menus, a kitchen's being those of its points."""
    points = {point.code: point for point in db.session.scalars(select(MealPoint))}
    homes = {
        point.id: [point.id, *([points[point.supplier].id] if point.supplier in points else [])]
        for point in points.values()
    }
    rows = select(MenuItem).where(
        MenuItem.served_on.between(FIRST, history.LAST), MenuItem.kind != SET_MEAL
    )
    found: dict[tuple[int, date, str], list[str]] = {}
    for item in db.session.scalars(rows.order_by(MenuItem.id)):
        for home in homes[item.point_id]:
            names = found.setdefault((home, item.served_on, item.meal), [])
            if item.name not in names:
                names.append(item.name)
    return found


def _staff() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = select(StaffMember).where(
        StaffMember.joined_on <= FIRST, StaffMember.volunteer.is_(False)
    )
    for person in db.session.scalars(rows.order_by(StaffMember.id)):
        if person.left_on is None or person.left_on >= history.LAST:
            found.setdefault(person.point_id, []).append(person.name)
    return found
