"""The demo's inspectors, a drawn plan, visits with what they found, and how most of it was mended."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

from PIL import Image, ImageDraw

from mealsvc.demo import district
from mealsvc.demo.visit_records import CONSEQUENCE, MEASURED, SIGNED, THESE_DAYS, WRONG, Wrong
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db, writing
from mealsvc.settings.calendar import add_working_days, is_working
from mealsvc.supervision.findings import letters, orders
from mealsvc.supervision.findings.models import Finding, RectificationOrder
from mealsvc.supervision.findings.services import decide_referral
from mealsvc.supervision.inspecting.package import items_of
from mealsvc.supervision.inspecting.services import Concluded, add_photo, conclude
from mealsvc.supervision.photos.services import prepare
from mealsvc.supervision.visits import draw, inspectors, planning, services
from mealsvc.supervision.visits.models import Inspector, Visit
from mealsvc.supervision.visits.queries import served_by

SEED = 20240506
LEAD = Actor("user", "inspector")
MANAGER, CHIEF, OTHER = (Actor("system", f"演示{who}") for who in ("店长", "区审批", "区业务"))
OFFICE = "演示区民政局养老服务科"
PLAN = (date(2024, 3, 4), date(2024, 3, 29))
MADE = date(2024, 2, 26)
FIVE = 5
LATE = ("WJ008",)  # mends what was found, but after the deadline
YEAR = 2024  # of the months shown; later visits are those of these days


class Team(NamedTuple):
    """Two of the district, who inspect; the third keeps away from one point. Two of a town."""

    lead: Inspector
    second: Inspector
    third: Inspector
    town: tuple[Inspector, Inspector]


def put_visits(now: datetime) -> None:
    """Everything of the months up to May 2024, and what is going on in these days."""
    random = Random(SEED)
    team = _register()
    for number, point in enumerate(district.POINTS[:-1]):
        day = add_working_days(date(2023, 11, 10), number + 1)
        _follow(_inspect(point.code, "contract_patrol", "full", day, team, random), team)
    _planned(team, random)
    for number, point in enumerate(district.POINTS):
        day = add_working_days(date(2024, 5, 6), number + 1)
        _follow(_inspect(point.code, "contract_patrol", "patrol", day, team, random), team)
    for number, code in enumerate(("WJ001", "WJ003", "WJ005")):
        day = date(2024, 5, 22 + number)
        _follow(_inspect(code, "spot_audit", "audit", day, team, random), team)
    _these_days(team, now, random)


def _register() -> Team:
    at = _at(date(2023, 6, 5), time(9))
    people = [
        ("演示检查员甲", "演示督查001", OFFICE, district.DISTRICT, LEAD.name),
        ("演示检查员乙", "演示督查002", OFFICE, district.DISTRICT, None),
        ("演示检查员丙", "演示督查003", OFFICE, district.DISTRICT, None),
        ("演示巡查员丁", "演示湖塘001", "演示湖塘镇社会事业办公室", "320412100", "town"),
        ("演示巡查员戊", "演示湖塘002", "演示湖塘镇社会事业办公室", "320412100", None),
    ]
    with writing():
        lead, second, third, *town = [
            inspectors.add_inspector(name, card, office, division, OTHER, login)
            for name, card, office, division, login in people
        ]
        inspectors.declare_interest(third.id, "WJ003", "", "近亲属在该单位任职", OTHER, at)
    return Team(lead, second, third, (town[0], town[1]))


def _planned(team: Team, random: Random) -> None:
    """An administrative inspection of half the points, drawn, approved, noticed and made."""
    made = _at(MADE, time(9))
    risks = {
        point.code: draw.Risk(months=3, anomalies=number % 3)
        for number, point in enumerate(district.POINTS)
    }
    weights = draw.weights_of("30,20,20,15,15")
    proposal = planning.Proposal(
        kind="admin_inspection",
        mode="full",
        title="2024年第一季度老年助餐行政检查（演示）",
        source="plan",
        basis="养老机构行政检查办法；区年度检查计划（演示）",
        from_on=PLAN[0],
        to_on=PLAN[1],
        candidates=tuple(draw.candidate(code, risk, weights, 24) for code, risk in risks.items()),
        count=FIVE,
    )  # fmt: skip
    with writing():
        plan = planning.plan_visit(proposal, OTHER, made)
        planning.decide_plan(plan.id, True, "同意", CHIEF, made + timedelta(hours=3))
    assigned = planning.read_chosen(plan).assigned
    for number, (code, pair) in enumerate(assigned.items()):
        day = _working(date(2024, 3, 11) + timedelta(days=2 * number))
        with writing():
            visit = services.make_visit(
                _place(code), plan.kind, plan.mode, day, pair, pair[0], OTHER, made, plan_id=plan.id
            )
            services.notice(visit.id, OTHER, made)
        _follow(_write_down(visit, code, day, pair, random), team)


def _inspect(code: str, kind: str, mode: str, day: date, team: Team, random: Random) -> Concluded:
    """A visit without a plan, typed in from its paper; one was signed on the screen."""
    pair = (team.lead.id, team.second.id)
    at = _at(day, time(15))
    with writing():
        visit = services.make_visit(
            _place(code), kind, mode, day, pair, pair[0], LEAD, at, reason="日常巡查", late=True
        )
    return _write_down(visit, code, day, pair, random)


def _write_down(
    visit: Visit, code: str, day: date, pair: Sequence[int], random: Random
) -> Concluded:
    start = _at(day, time(10, 50 + random.randrange(10)))
    on_screen = (code, visit.mode, day.month) == SIGNED and day.year == YEAR
    wrong = (
        THESE_DAYS.get(code, ())
        if day.year > YEAR
        else WRONG.get((code, visit.mode, day.month), ())
    )
    results: dict[str, dict[str, Any]] = {
        item.code: _result(item.code, wrong) for item in items_of(visit)
    }
    photos = _photos(visit, wrong, start) if on_screen else {}
    for item, keys in photos.items():
        results[item]["photos"] = keys
    counted_at = start + timedelta(minutes=45)
    system = served_by(visit.point_id, counted_at)
    names = [_inspector_name(one) for one in pair]
    document = {
        "started_at": start.isoformat(),
        "ended_at": (start + timedelta(minutes=70 + random.randrange(30))).isoformat(),
        "present": "演示店长　店长",
        "cards_shown": True,
        "recusal": "已告知，未申请回避",
        "results": results,
        "headcount": {"counted": system, "till": system, "at": counted_at.isoformat()},
        "statement": "情况属实，按要求整改。" if wrong else "情况属实。",
        "paper": not on_screen,
        "signatures": {
            "lead": {"name": names[0], "strokes": _scribble(0) if on_screen else ""},
            "second": {"name": names[1], "strokes": _scribble(1) if on_screen else ""},
            "unit": {"name": "演示店长", "strokes": _scribble(2) if on_screen else ""},
        },
    }
    with writing():
        return conclude(visit.id, document, LEAD, start + timedelta(hours=2))


def _result(item: str, wrong: Sequence[Wrong]) -> dict[str, Any]:
    found = next((one for one in wrong if one.item == item), None)
    values = MEASURED.get(item, {})
    if found is None:
        return {"result": "PASS", "measured": values}
    return {
        "result": found.result,
        "note": found.note,
        "measured": {**values, **found.measured},
        "outcome": found.outcome,
    }


def _photos(visit: Visit, wrong: Sequence[Wrong], at: datetime) -> Mapping[str, list[str]]:
    """A made-up picture for each thing that was wrong."""
    kept: dict[str, list[str]] = {}
    for number, one in enumerate(wrong):
        ready = prepare(_picture(number), taken_at=at, lon=119.957, lat=31.71)
        key = f"demo-visit-{visit.id}-{number}"
        with writing():
            add_photo(visit.id, ready, key, LEAD, at + timedelta(minutes=5), "演示手机")
        kept[one.item] = [key]
    return kept


def _follow(done: Concluded, team: Team) -> None:
    """What was found in May: ordered the same day, answered, looked at again."""
    demanded = [one for one in done.findings if one.state == "open"]
    if not demanded:
        return
    order = _order(done.findings, done.visit.signed_at)
    point = _place_of(done.visit)
    late = point.code in LATE
    replied = _at(add_working_days(order.issued_on, 12 if late else 2), time(16))
    _reply(order, demanded, replied)
    checked = add_working_days(local_date(replied), 2)
    left = {one.id: ("done", "现场核对，已按要求整改。") for one in demanded}
    with writing():
        orders.re_inspect(
            order.id,
            orders.Checked(checked, team.lead.id, team.second.id, "演示店长", left, "纳入下月巡查"),
            LEAD,
            _at(checked, time(16)),
        )


def _order(findings: Sequence[Finding], at: datetime | None) -> RectificationOrder:
    assert at is not None
    issued = at + timedelta(hours=1)
    demands = {one.id: _demand(one.item) for one in findings if one.state == "open"}
    with writing():
        order = orders.issue_order(demands, 5, CONSEQUENCE, LEAD, issued)
        for one in findings:
            if one.critical:
                decide_referral(
                    one.id, False, "当场停止供应并销毁，未造成后果，不移送。", OTHER, issued
                )
        letters.note_delivery(
            _place_of(order),
            letters.Receipt(order.number, "整改通知书", "direct", "演示店长", issued, "助餐点"),
            LEAD,
            issued,
        )
    return order


def _reply(order: RectificationOrder, findings: Sequence[Finding], at: datetime) -> None:
    done = orders.Done(
        "岗位交接时疏漏", "重新培训，专人复核并每日记录。", local_date(at), "演示店长"
    )
    for one in findings:
        with writing():
            orders.reply(order.id, one.id, done, (), MANAGER, at)


def _these_days(team: Team, now: datetime, random: Random) -> None:
    """A visit for today and one to come, an order that runs and one that is overdue."""
    today = local_date(now)
    for code, ago, days in (("WJ006", 6, 10), ("WJ009", 12, 5)):
        day = _before(today, ago)
        done = _inspect(code, "contract_patrol", "patrol", day, team, random)
        at = done.visit.signed_at
        demanded = {one.id: _demand(one.item) for one in done.findings if one.state == "open"}
        if demanded and at is not None:
            with writing():
                orders.issue_order(demanded, days, CONSEQUENCE, LEAD, at)
    with writing():
        for code, ahead in (("WJ002", 0), ("WJ007", 2)):
            pair = (team.lead.id, team.second.id)
            services.make_visit(
                _place(code), "contract_patrol", "patrol", today + timedelta(days=ahead),
                pair, pair[0], LEAD, now, reason="日常巡查",
            )  # fmt: skip
        town = [one.id for one in team.town]
        services.make_visit(
            _place("WJ001"), "contract_patrol", "full", today, town, town[0], LEAD, now,
            reason="镇级巡查",
        )  # fmt: skip


def _demand(item: str) -> str:
    return f"按检查项{item}的要求立即整改，保存整改记录和照片备查。"


def _place(code: str) -> MealPoint:
    place = point_by_code(code)
    assert place is not None
    return place


def _place_of(row: Visit | RectificationOrder) -> MealPoint:
    return db.session.get_one(MealPoint, row.point_id)


def _inspector_name(inspector_id: int) -> str:
    return db.session.get_one(Inspector, inspector_id).name


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LOCAL).astimezone(UTC)


def _working(day: date) -> date:
    return day if is_working(day) else add_working_days(day, 1)


def _before(today: date, working_days: int) -> date:
    return add_working_days(today, -working_days)


def _scribble(who: int) -> str:
    """Three strokes of a made-up signature, different for each person."""
    strokes = []
    for stroke in range(3):
        left = 70 + 160 * stroke
        points = [
            f"{left + 18 * step},{50 + (37 * (step + stroke + who)) % 140}" for step in range(8)
        ]
        strokes.append(" ".join(points))
    return ";".join(strokes)


def _picture(number: int) -> bytes:
    """A plain picture of a plate, so that nobody takes it for a real one."""
    picture = Image.new("RGB", (1200, 900), (228, 226, 220))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((300, 200, 900, 800), fill=(250, 250, 248), outline=(160, 160, 155), width=12)
    pen.ellipse((420, 320, 780, 680), fill=((150 + 30 * number) % 255, 90, 60))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
