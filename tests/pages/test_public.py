"""Pages for everybody: what they say, to whom nothing is asked, and that caches may keep them."""

import re
from datetime import timedelta
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy import event, select, update

from mealsvc.places.models import MealPoint
from mealsvc.places.services import put_point, suspend_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.visits.models import Visit
from tests.factories import menus, publics
from tests.factories.publics import FAR, OVER, RUNNING, TODAY
from tests.factories.tills import COMMUNITY, LUNCH, SHELL, TOWN

pytestmark = [pytest.mark.ground(by=publics.open_district), pytest.mark.only("sqlite")]
STATIC = Path(__file__).parents[2] / "mealsvc" / "static"
PAGES = (
    "/public",
    f"/public?near={COMMUNITY}",
    f"/public?town={TOWN}",
    "/public?q=丰乐",
    "/public/P01",
    "/public/P02",
    "/public/places.json",
    "/public/map.svg",
    "/public/register",
    "/public/complain",
    "/public/inspections",
    "/public/notices",
    f"/public/notices/{RUNNING}",
    f"/public/notices/{RUNNING}/P01",
    f"/public/notices/{OVER}",
    "/robots.txt",
)


@pytest.fixture(autouse=True)
def at_lunch(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LUNCH)


@pytest.fixture
def stranger(app):
    return app.test_client()


@pytest.fixture
def asked(app):
    """Every statement that the database was asked since."""
    found: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def forget(app):
    """As if a minute had passed."""
    db.session.rollback()
    app.extensions["mealsvc.caches"].clear()


def text_of(page) -> str:
    return re.sub(r"\s+", "", page.find("main").get_text())


def test_a_page_needs_no_sign_in_sets_no_cookie_and_may_be_kept(stranger, asked, app):
    for url in PAGES:
        forget(app)
        asked.clear()
        stranger.get("/public")
        assert len(asked) <= 16, (
            asked
        )  # once a minute: frame, points, prices, results of all points
        asked.clear()
        answer = stranger.get(url)
        assert answer.status_code == 200 and len(asked) <= 10, (url, asked)
        assert not answer.headers.getlist("Set-Cookie"), url
        assert "Cookie" not in answer.headers.get("Vary", ""), url
        assert answer.headers["Cache-Control"] == "public, max-age=300", url
        asked.clear()
        assert stranger.head(url).data == b"", url
        again = stranger.get(url, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304 and len(asked) <= 2, (url, asked)


def test_files_of_the_look_are_kept_for_an_hour_and_missing_ones_are_not(stranger):
    kept, missing = stranger.get("/static/survey.css"), stranger.get("/static/none.css")
    assert (kept.status_code, kept.headers["Cache-Control"]) == (200, "public, max-age=3600")
    assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")


def test_only_get_is_understood(stranger):
    assert {stranger.post(url).status_code for url in PAGES} == {405}


def test_robots_read_the_public_pages_and_nothing_else_and_no_list_of_names(stranger):
    rules = stranger.get("/robots.txt").text
    assert "Allow: /public\n" in rules and rules.endswith("Disallow: /\n")
    assert stranger.get("/public").headers["X-Robots-Tag"] == "index, follow"
    names = stranger.get(f"/public/notices/{RUNNING}/P01")
    assert names.headers["X-Robots-Tag"] == "noindex, noarchive"


def test_a_first_visit_takes_less_than_a_hundred_kilobytes(stranger, app):
    with writing():
        for number in range(60):
            values = {"name": f"第{number}助餐点", "kind": "serving_point", "division": COMMUNITY}
            put_point({"code": f"Q{number:02}", "lunch_hours": "10:30-12:30", **values}, SHELL)
    forget(app)
    whole = sum(path.stat().st_size for path in (STATIC / "public").iterdir())
    assert (STATIC / "public" / "public.css").stat().st_size < 20_000
    whole += (STATIC / "icons" / "mark.svg").stat().st_size
    for url in PAGES:
        assert whole + len(stranger.get(url).data) < 100_000, url


def test_points_are_listed_with_what_matters(client_request):
    page = client_request.get("/public")
    cards = page.select(".card h3")
    assert [card.get_text(strip=True) for card in cards] == ["丰乐助餐点", "花园助餐点"]
    told = text_of(page)
    for words in (
        "正在供应午餐，到12:30",
        "湖塘镇丰乐社区演示路1号",
        "60–79岁10元起",
        "80岁以上9元起",
    ):
        assert words in told
    assert "2024年5月6日检查：" in told and "中央厨房" not in told


def test_from_a_community_the_nearest_comes_first(client_request):
    for near, names in ((COMMUNITY, ["丰乐", "花园"]), (FAR, ["花园", "丰乐"])):
        page = client_request.get(f"/public?near={near}")
        heads = [card.get_text(" ", strip=True) for card in page.select(".card h3")]
        assert [head[:2] for head in heads] == names
        assert heads[0].endswith("约100米") and heads[1].endswith("公里")


def test_the_picture_shows_points_and_nothing_of_elders(stranger):
    drawn = stranger.get("/public/map.svg")
    assert drawn.mimetype == "image/svg+xml" and len(drawn.data) < 60_000
    assert drawn.text.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    fromstring(drawn.data)  # a file of its own: it has to be well formed
    assert "花园助餐点" in drawn.text and drawn.text.count("<title") == 3
    assert not re.search("老人|覆盖|空白|中央厨房", drawn.text)


def test_a_name_finds_communities_to_choose_and_points(client_request):
    page = client_request.get("/public?q=星火")
    assert [link["href"] for link in page.select(".choices a")] == [f"/public?near={FAR}"]
    assert "没有找到" in text_of(client_request.get("/public?q=不存在的地方"))
    options = client_request.get(f"/public?town={TOWN}").select("#near-code option")
    assert [one["value"] for one in options] == [COMMUNITY, FAR]


def test_what_each_age_pays_follows_the_policy_and_the_filed_price(client_request):
    page = client_request.get("/public/P01")
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in page.select("tbody tr")]
    assert rows == [
        ["60–79岁", "3元", "10元"],
        ["80岁以上", "4元", "9元"],
        ["没有补贴的老人", "没有", "13元"],
        ["其他人", "没有", "15元"],
    ]
    assert "原价15元，老年价13元（单位优惠2元）" in text_of(page)


def test_where_the_subsidy_is_suspended_nobody_is_told_of_one(app, client_request):
    with writing():
        suspend_point(menus.place(), TODAY, "补贴有疑点：王某举报", SHELL, scope="subsidy")
    forget(app)
    page = client_request.get("/public/P01")
    rows = [row.find("th").get_text() for row in page.select("tbody tr")]
    assert rows == ["老人", "其他人"] and "补贴暂停" in text_of(page) and "举报" not in str(page)


def test_a_stopped_point_says_since_when_and_not_why(app, client_request):
    with writing():
        suspend_point(menus.place(), TODAY, "厨师王某受伤", SHELL)
    forget(app)
    for url in ("/public", "/public/P01"):
        told = text_of(client_request.get(url))
        assert "暂停供餐" in told and "王某" not in told
    assert "从2024年5月6日起暂停供餐" in told


def test_a_closed_point_leaves_the_lists_and_keeps_a_page_that_says_so(app, client_request):
    with writing():
        db.session.execute(
            update(MealPoint).where(MealPoint.code == "P01").values(closed_on=TODAY - timedelta(1))
        )
    forget(app)
    assert "丰乐助餐点" not in text_of(client_request.get("/public"))
    told = text_of(client_request.get("/public/P01"))
    assert "已停业" in told and "花园助餐点" in told
    client_request.get("/public/K01", status=404)
    missing = client_request.get("/public/P77?big=1", status=404)
    assert missing.select_one("main a[href='/public?big=1']") and "工作台" not in str(missing)


def test_only_what_was_made_public_of_a_menu_shows(client_request):
    page = client_request.get("/public/P01")
    dishes = [one.get_text(" ", strip=True) for one in page.select("details .dishes li")]
    assert dishes == [
        "标准套餐 12元",
        "红烧肉 含大豆",
        "番茄炒蛋 含蛋",
        "炒青菜",
        "冬瓜汤 取消供应",
    ]
    assert "有改动还没有公布" in text_of(page)


def test_a_menu_of_an_earlier_week_says_so(app, client_request, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LUNCH + timedelta(days=21))
    told = text_of(client_request.get("/public/P01"))
    assert "本周还没有公布菜单" in told and "2024年5月6日那一周" in told and "今天5月" not in told
    assert "还没有公布过菜单" in text_of(client_request.get("/public/P02"))


def test_results_of_authorities_show_and_own_checks_and_checks_of_the_subsidy_do_not(
    app, client_request
):
    signed = db.session.scalars(select(Visit)).one()
    values = {
        column.key: getattr(signed, column.key)
        for column in Visit.__table__.columns
        if column.key not in ("id", "key", "number", "kind", "status", "grade", "planned_on")
    }
    with writing():
        for kind, status in (
            ("self_check", "signed"),
            ("spot_audit", "signed"),
            ("joint", "under_way"),
        ):
            more = {"kind": kind, "status": status, "planned_on": TODAY + timedelta(days=1)}
            db.session.add(Visit(**values, **more, key=kind, number=kind, grade="D"))
    forget(app)
    for url in ("/public/inspections", "/public/P01", "/public"):
        told = text_of(client_request.get(url))
        assert "2024年5月6日" in told and "较差" not in told, url
    for url in ("/public/inspections", "/public/P01"):
        assert "2024年5月6日，协议履约巡查" in text_of(client_request.get(url))


def test_a_notice_shows_from_its_first_day_and_names_until_its_last(
    app, client_request, monkeypatch
):
    page = client_request.get("/public/notices")
    assert len(page.select(".card")) == 2 and page.get_text().count("正在公示") == 1
    names = client_request.get(f"/public/notices/{RUNNING}/P01")
    assert [row.get_text(" ", strip=True) for row in names.select("tbody tr")][:2]
    assert "张*丰 丰乐社区 1" in [row.get_text(" ", strip=True) for row in names.select("tbody tr")]
    assert "名单不再显示" in text_of(client_request.get(f"/public/notices/{OVER}/P01"))
    assert not client_request.get(f"/public/notices/{OVER}/P01").select("tbody tr")
    monkeypatch.setattr(clock, "now", lambda: LUNCH - timedelta(days=30))
    client_request.get(f"/public/notices/{RUNNING}", status=404)
    monkeypatch.setattr(clock, "now", lambda: LUNCH + timedelta(days=400))
    told = text_of(client_request.get("/public/notices"))
    assert "最近一次公示的是2024年4月的补贴，2024年5月6日已经结束" in told
    client_request.get(f"/public/notices/{RUNNING}", status=404)


def test_figures_of_two_elders_are_withheld_and_no_total_tells_them(client_request):
    told = text_of(client_request.get(f"/public/notices/{RUNNING}"))
    assert "丰乐助餐点就餐5份" in told and "名单，5人" in told
    assert "花园助餐点就餐老人少于3人，不在网上列出" in told and "合计" not in told
    assert not client_request.get(f"/public/notices/{RUNNING}/P02").select("tbody tr")
    client_request.get(f"/public/notices/{RUNNING}/P77", status=404)


def test_elder_mode_sticks_to_every_way_on(client_request):
    page = client_request.get("/public?big=1")
    assert page.html["class"] == ["big"]
    links = [link["href"] for link in page.select("a[href^='/public']")]
    back = [link for link in links if "big=1" not in link]
    assert len(links) > 6 and back == ["/public", "/public/map.svg"]  # the standard page, a picture
    assert all(form.find("input", {"name": "big"}) for form in page.select("main form"))


def test_odd_addresses_get_a_page_and_no_error(client_request):
    for query in (
        "near=%27",
        "town=999",
        "q=%25",
        "q=" + "长" * 300,
        "page=99",
        "page=-1",
        "near=x",
    ):
        client_request.get(f"/public?{query}")
    client_request.get("/public/notices/GS-1", status=404)
    client_request.get("/public/inspections?page=7")
    client_request.get("/public/notices?page=7")


def test_who_cannot_sign_in_finds_the_public_page_from_there(client_request):
    assert client_request.get("/login").select_one("a[href='/public']")
    assert client_request.get("/points/P01", "leader").select_one("a[href='/public/P01']")
