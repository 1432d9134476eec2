"""A point's menu of the week: composing, copying, publishing, and what stays on show afterwards."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mealsvc.menus.models import MenuDay, MenuItem
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from tests.factories import menus, tills
from tests.support.papers import words_of

MONDAY = date(2024, 5, 6)
LUNCH = "/menus/day/P01/2024-05-06/lunch"
PORK = {"name": "红烧肉", "kind": "大荤", "portion_g": "90", "salt_g": "0.6", "allergens": "大豆"}


@pytest.fixture
def point(app, monkeypatch):
    """P01 on Monday, 6 May 2024, at noon."""
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH)
    tills.small_district()


def cooked(day=MONDAY, **more):
    with writing():
        menus.cook(day, tills.LUNCH, **more)


def text(page):
    return page.get_text(" ", strip=True)


def items(**where):
    db.session.rollback()
    return db.session.scalars(select(MenuItem).filter_by(**where)).all()


def publish(client_request, week="20240506", status=303, **more):
    return client_request.post(
        f"/menus/week/P01/publish?week={week}", {}, "manager", status=status, **more
    )


def later(monkeypatch, **ahead):
    now = clock.now() + timedelta(**ahead)
    monkeypatch.setattr(clock, "now", lambda: now)


def test_an_empty_week_says_what_to_do(point, client_request):
    page = client_request.get("/menus", "manager")
    assert "可以复制上周的菜单" in text(page)
    assert page.select_one("a[href*='/copy']")
    assert "还没有排" in text(client_request.get("/menus", "town"))


def test_a_dish_is_added_with_its_marks_and_changed(point, client_request):
    form = PORK | {"allergens": ["大豆", "麸质"], "other_allergens": "芹菜", "diet": ["soft"]}
    client_request.post(LUNCH, form, "manager", status=303)
    (pork,) = items()
    assert (pork.allergens, pork.diet, pork.portion_g) == ("大豆;麸质;芹菜", "soft", 90.0)
    form = client_request.get(f"/menus/items/{pork.id}/edit", "manager")
    assert [one["value"] for one in form.select("[name=allergens][checked]")] == ["大豆", "麸质"]
    assert form.find(id="other_allergens")["value"] == "芹菜"
    client_request.post(
        f"/menus/items/{pork.id}/edit", PORK | {"salt_g": "2.5"}, "manager", status=303
    )
    page = text(client_request.get(LUNCH, "operator"))
    assert "用盐合计 2.5 克" in page and "午餐不超过2克" in page


@pytest.mark.parametrize(
    ("form", "field", "told"),
    [
        (PORK | {"name": " "}, "name", "请输入菜名"),
        (PORK | {"kind": "套餐"}, "price", "请输入套餐的老年价"),
        (PORK | {"price": "0"}, "price", "大于0"),
        (PORK | {"salt_g": "一点"}, "salt_g", "请输入克数"),
        (PORK | {"allergens": ["无", "蛋"]}, "allergens", "不能和其他过敏原一起选"),
        (PORK | {"name": "米饭"}, "name", "这一餐已有“米饭”"),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_typed_is_lost(
    point, client_request, form, field, told
):
    cooked()
    page = client_request.post(LUNCH, form, "manager", status=422)
    assert told in page.find(id=f"{field}-error").get_text()
    assert page.find(id="portion_g")["value"] == "90"


def test_the_set_meal_says_what_it_lacks(point, client_request):
    cooked(dishes=menus.DISHES[:3])
    page = text(client_request.get(LUNCH, "manager"))
    assert "现在还缺 素、汤、主食" in page
    assert "套餐缺素、汤、主食" in text(client_request.get("/menus", "manager"))


def test_publishing_warns_first_and_is_seen_by_everybody(point, client_request):
    cooked(dishes=(("炒青菜", "素", None, ""),))
    cooked(MONDAY + timedelta(days=1))
    shown = text(client_request.get("/menus/week/P01/publish?week=20240506", "manager"))
    assert "2024年5月6日午餐没有套餐" in shown and "没有标过敏原：炒青菜" in shown
    assert "将公布 2 餐的菜单" in shown
    publish(client_request)
    assert "已公布" in text(client_request.get("/menus", "leader").select_one(".state"))
    assert len(db.session.scalars(select(MenuDay)).all()) == 2
    assert "没有可以公布的菜单" in text(publish(client_request, status=422))


def test_one_meal_can_be_published_alone(point, client_request):
    cooked()
    cooked(meal="dinner")
    client_request.post(
        "/menus/week/P01/publish?week=20240506&meal=dinner", {}, "manager", status=303
    )
    assert [row.meal for row in db.session.scalars(select(MenuDay))] == ["dinner"]


def test_a_price_above_the_filed_one_is_not_published(point, client_request):
    cooked()
    menus.filed(1100, MONDAY, tills.LUNCH)
    page = publish(client_request, status=422)
    assert "价格12.00元，高于备案价11.00元" in text(page)
    assert not page.select("form.confirm")
    assert not db.session.scalars(select(MenuDay)).all()


def test_changes_after_publication_stay_visible(point, client_request, monkeypatch):
    cooked()
    publish(client_request)
    later(monkeypatch, minutes=30)
    rice, soup = items(name="米饭")[0].id, items(name="冬瓜汤")[0].id
    client_request.post(
        f"/menus/items/{rice}/edit", {"name": "软饭", "kind": "主食"}, "manager", status=303
    )
    client_request.post(f"/menus/items/{soup}/remove", {}, "manager", status=303)
    page = client_request.get("/menus", "inspector")
    assert "有改动没有重新公布" in text(page)
    assert page.find("s").get_text() == "冬瓜汤" and "软饭 改于5月6日 12:00" in text(page)
    client_request.get(f"/menus/items/{soup}/edit", "manager", status=404)
    later(monkeypatch, minutes=1)
    publish(client_request)
    page = text(client_request.get("/menus", "inspector"))
    assert "已公布" in page and "改于5月6日 12:00" in page
    client_request.post(LUNCH, {"name": "冬瓜汤", "kind": "汤"}, "manager", status=303)
    assert items(name="冬瓜汤")[0].withdrawn_at is None  # on it again


def test_before_publication_a_dish_is_simply_taken_off(point, client_request):
    cooked()
    client_request.post(
        f"/menus/items/{items(name='冬瓜汤')[0].id}/remove", {}, "manager", status=303
    )
    assert not items(name="冬瓜汤")


def test_days_past_cannot_be_changed(point, client_request, monkeypatch):
    cooked()
    number = items(name="米饭")[0].id
    later(monkeypatch, days=1)
    page = client_request.get(LUNCH, "manager")
    assert "不能再改" in text(page) and not page.find(id="name")
    told = "已经过去，当天的菜单留作检查依据"
    for path, form in (
        (LUNCH, PORK),
        (f"/menus/items/{number}/edit", {"name": "软饭", "kind": "主食"}),
        (f"/menus/items/{number}/remove", {}),
    ):
        assert told in text(client_request.post(path, form, "manager", status=422)), path
    assert len(items()) == len(menus.DISHES)
    publish(client_request, status=422)


def test_last_week_is_copied_onto_days_without_dishes(point, client_request):
    cooked()
    cooked(MONDAY + timedelta(days=1))
    cooked(MONDAY + timedelta(days=8), dishes=menus.DISHES[:1])
    path = "/menus/week/P01/copy?week=20240513"
    page = text(client_request.get(path, "manager"))
    assert "5月14日：已有菜单，或已经过去" in page
    assert "将复制 6 道菜" in page
    client_request.post(path, {}, "manager", status=303)
    assert len(items(served_on=date(2024, 5, 13))) == 6
    assert len(items(served_on=date(2024, 5, 14))) == 1
    assert "没有可以复制的菜" in text(client_request.get(path, "manager"))


def test_somebody_of_the_district_chooses_the_point(point, client_request):
    cooked(code="P02")
    page = client_request.get("/menus?point=P02&week=2024-05-08", "district")
    assert "花园助餐点 一周菜单" in text(page) and "红烧肉" in text(page)
    assert page.select_one("#filter-point [selected]")["value"] == "P02"
    client_request.get("/menus?point=P02", "manager", status=403)


@pytest.mark.parametrize(
    "path", ["P01/nonsense/lunch", "P01/2024-05-06/supper", "P01/2030-01-01/lunch"]
)
def test_a_meal_that_cannot_be_is_not_there(point, client_request, path):
    client_request.get(f"/menus/day/{path}", "manager", status=404)


@pytest.mark.parametrize("size", ["A4", "A3"])
def test_the_poster_is_one_page_with_dishes_prices_and_what_each_age_pays(
    point, client_request, size
):
    menus.filed(1200, MONDAY, tills.LUNCH)
    cooked()
    client = client_request.client("operator")
    answer = client.get(f"/menus/poster.pdf?week=2024-05-06&size={size}")
    words = words_of(answer.data)
    for said in ("丰乐助餐点", "红烧肉", "含大豆", "15.00", "3.00", "12.00", "草稿"):
        assert said in words, said
    assert "60–79岁" in words and "补贴3.00实付9.00" in words
    assert "80岁以上" in words and "补贴4.00实付8.00" in words
    assert "监督电话：12345" in words
    publish(client_request)
    assert "草稿" not in words_of(client.get("/menus/poster.pdf?week=2024-05-06").data)
    assert client.get("/menus/poster.pdf?week=nonsense").status_code == 404
