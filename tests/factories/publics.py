"""A small district as citizens see it: prices, a week's menu, an inspection, two notices of April."""

from datetime import date, timedelta

from mealsvc.kernel.months import Month
from mealsvc.menus.queries import week_menus
from mealsvc.menus.rules import monday_of
from mealsvc.menus.services import publish, put_item, remove_dish
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing.db import db, writing
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.models import NoticeBatch, PublicNotice
from mealsvc.settlement.services import submit
from tests.factories import complaints, menus, papers, tills, visits
from tests.factories.tills import COMMUNITY, LUNCH, SHELL, TOWN
from tests.support import people

TODAY = LUNCH.date()
APRIL = Month(2024, 4)
FAR = "320412100002"
RUNNING, OVER = f"GS-{APRIL}-{TOWN}", f"GS-2024-03-{TOWN}"
DINERS = {"P01": ("K000", "K001", "K002", "C001", "C002"), "P02": ("K003", "K004")}


def open_district() -> None:
    """P01 with all that can be known, P02 two kilometres on with two diners in April, a kitchen; and
    what must not show: a complaint, accounts, whoever issued a paper."""
    tills.small_district()
    tills.lunchroom()
    with writing():
        put_division({"code": COMMUNITY, "lon": 119.94, "lat": 31.70}, SHELL)
        far = {"code": FAR, "name": "星火社区", "level": "community", "lon": 119.96, "lat": 31.70}
        put_division(far, SHELL)
        here = {"lon": 119.941, "lat": 31.70, "address": "演示路1号", "seats": 40}
        put_point({"code": "P01", "lunch_hours": "10:30-12:30", **here}, SHELL)
        put_point({"code": "P02", "lon": 119.961, "lat": 31.70}, SHELL)
        kitchen = {"name": "中央厨房", "kind": "central_kitchen", "division": COMMUNITY}
        put_point({"code": "K01", **kitchen}, SHELL)
    _menu()
    with writing():
        visits.inspectors()
    visits.signed()
    _april()
    with writing():
        people.account_of("district@320412")
    complaints.brought_to("closed")
    papers.issued(number="JS-2024-01-P01")


def _menu() -> None:
    """Today's lunch is public; afterwards one dish was changed, one added and one cancelled."""
    menus.filed(1300, TODAY, LUNCH, public_fen=1500)
    with writing():
        menus.cook(TODAY, LUNCH)
        public = list(week_menus(menus.place().id, monday_of(TODAY)).values())
        publish(menus.place(), public, SHELL, LUNCH)
    later = LUNCH + timedelta(minutes=5)
    with writing():
        one = menus.place()
        put_item(one.id, one.code, menus.dish(TODAY, "米饭", "主食", portion_g=9.0), SHELL, later)
        put_item(one.id, one.code, menus.dish(TODAY, "还没公布的鱼"), SHELL, later)
        meal = week_menus(one.id, monday_of(TODAY))[TODAY, "lunch"]
        soup = next(item for item in meal.items if item.name == "冬瓜汤")
        remove_dish(soup, one, SHELL, later)


def _april() -> None:
    """April of both points, posted for this week, and a notice of March that was over yesterday."""
    at = LUNCH.replace(month=4, day=8)
    for code, cards in DINERS.items():
        for card in cards:
            tills.serve(f"A-{card}", card, point=code, served_at=at)
    with writing():
        submit(APRIL, None, SHELL, LUNCH)
        for number, month, to_on in (
            (RUNNING, APRIL, TODAY),
            (OVER, APRIL.previous, TODAY - timedelta(days=1)),
        ):
            notice = posted(number, month, to_on - timedelta(days=7), to_on)
            for code in DINERS:
                batch = batch_at(APRIL, code)
                db.session.add(NoticeBatch(notice_id=notice.id, batch_id=batch.id))


def posted(number: str, month: Month, from_on: date, to_on: date) -> PublicNotice:
    """A notice as a row alone; inside `writing()`."""
    notice = PublicNotice(
        number=number,
        month=month.key,
        division=TOWN,
        from_on=from_on,
        to_on=to_on,
        place="公告栏",
        posted_by="user:poster-login",
        posted_at=LUNCH,
    )
    db.session.add(notice)
    db.session.flush()
    return notice
