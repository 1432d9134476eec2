"""The pages of coverage: what they show, how they narrow, and that figures open their records."""

import csv
import io

import pytest
from sqlalchemy import event

from mealsvc.plumbing.db import db
from tests.factories.reach import FAR, NOWHERE, reached
from tests.factories.tills import COMMUNITY, TOWN

MAY = "month=2024-05"
pytestmark = [pytest.mark.ground(by=reached), pytest.mark.only("sqlite")]


def rows(page, place=0):
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in page.select("table")[place].select("tbody tr")
    ]


def tiles(page):
    return {
        one.select_one(".label").get_text(strip=True): one.select_one(".value").get_text(
            " ", strip=True
        )
        for one in page.select(".figure")
    }


def test_blank_spots_come_first_and_the_denominator_is_told(client_request):
    page = client_request.get(f"/coverage?{MAY}", as_="district")
    shown = rows(page)
    assert [row[0] for row in shown] == ["西村", "无名村", "丰乐社区"]
    assert shown[0][2:8] == ["600", "0.0%", "0.0%", "0.0%", "600", "2"]
    assert "空白点" in shown[0][-1]
    assert shown[2][3:6] == ["100.0%", "100.0%", "100.0%"]
    assert tiles(page)["60岁以上户籍老人"] == "1,300 人"
    assert tiles(page)["1,000米以内"] == "30.8%"
    assert tiles(page)["空白点"] == "2 个"
    text = page.get_text(" ", strip=True)
    assert "戚墅堰街道" in text
    assert "由经开区管理" in text
    assert "另有1名登记老人" in text
    assert "按步速0.8米/秒、绕行1.3倍、15分钟折算为直线550米" in text
    assert "占76.9%" in text  # one community has no position: 1,000 of 1,300
    assert "2024年5月31日运营的助餐点" in page.select_one(".state").get_text()


def test_the_list_narrows_and_sorts_by_its_address(client_request):
    def names(query):
        return [
            row[0] for row in rows(client_request.get(f"/coverage?{MAY}&{query}", as_="district"))
        ]

    assert names("town=320412101") == ["西村"]
    assert names("spots=1") == ["西村", "无名村"]
    assert names("text=丰乐") == ["丰乐社区"]
    assert names("sort=-eligible") == ["西村", "丰乐社区", "无名村"]
    assert names("sort=nearest") == ["丰乐社区", "西村", "无名村"]
    assert names("level=town&sort=code") == ["湖塘镇", "湟里镇"]
    assert names("per_page=50&page=1&sort=code") == ["丰乐社区", "无名村", "西村"]


def test_another_day_shows_the_points_of_that_day(client_request):
    page = client_request.get(f"/coverage?{MAY}&day=20240519", as_="district")
    assert tiles(page)["1,000米以内"] == "76.9%"
    assert tiles(page)["运营助餐点"] == "3 个"


def test_groups_and_people_stand_beside_each_other(client_request):
    page = client_request.get(f"/coverage?{MAY}&shown=people&sort=code", as_="district")
    home = rows(page)[0]
    assert home[2:7] == ["400", "6", "4", "1.00%", "7.8"]
    groups = {row[0]: row[1:] for row in rows(page, 1)}
    assert groups["独居"] == ["1", "1", "100.0%", "0"]
    assert groups["失能失智"] == ["0", "0", "—", "0"]


def test_a_figure_opens_the_elders_behind_it_masked_and_the_farthest_first(client_request):
    page = client_request.get(f"/coverage/{COMMUNITY}/elders?{MAY}", as_="community")
    shown = rows(page)
    assert len(shown) == 6
    assert shown[0][2:4] == ["945米", "本人住址"]
    assert "王*芳" in page.get_text()
    assert "王桂芳" not in page.get_text()
    inside = client_request.get(f"/coverage/{COMMUNITY}/elders?{MAY}&served=yes", as_="community")
    assert len(rows(inside)) == 3  # the fourth who ate has died
    none = client_request.get(f"/coverage/{NOWHERE}/elders?{MAY}&group=DB", as_="district")
    assert "没有符合条件的老人" in none.get_text()


def test_a_list_by_category_is_for_those_who_keep_the_register(client_request):
    address = f"/coverage/{COMMUNITY}/elders?{MAY}"
    alone = client_request.get(f"{address}&group=DJ", as_="community")
    assert len(rows(alone)) == 1 and alone.select_one('select[name="group"]')
    whole = client_request.get(f"{address}&group=DJ", as_="inspector")
    assert len(rows(whole)) == 6 and not whole.select_one('select[name="group"]')
    place = client_request.get(f"/coverage/{COMMUNITY}?{MAY}", as_="inspector")
    listed = client_request.get(f"/coverage?{MAY}&shown=people", as_="inspector")
    assert not place.select('a[href*="group="]') and not listed.select('a[href*="group="]')


def test_one_community_shows_the_points_around_it_and_where_they_are(client_request):
    page = client_request.get(f"/coverage/{COMMUNITY}?{MAY}", as_="district")
    near = rows(page)
    assert near[0][0].startswith("丰乐助餐点")
    assert near[0][2:4] == ["111米", "500米内"]
    assert near[0][-1] == "32"
    spot = client_request.get(f"/coverage/{FAR}?{MAY}", as_="district")
    assert "空白点" in spot.select_one(".state").get_text()
    client_request.get("/coverage/320412001001", as_="district", status=404)  # others run it
    for nothing in ("320412", "3204121", "320412999", "32041210000１"):
        client_request.get(f"/coverage/{nothing}", as_="district", status=404)
    client_request.get(f"/coverage/{FAR}?day=00010101&month=9999-99", as_="district")
    client_request.get(f"/coverage/{FAR}", as_=f"town@{TOWN}", status=403)


def test_a_town_sees_its_own_communities_whatever_the_address_says(client_request):
    page = client_request.get(f"/coverage?{MAY}&town=320412101", as_=f"town@{TOWN}")
    assert [row[0] for row in rows(page)] == ["无名村", "丰乐社区"]
    assert tiles(page)["60岁以上户籍老人"] == "700 人"


def test_the_file_holds_every_row_of_the_list(client_request):
    answer = client_request.client("district").get(f"/coverage.csv?{MAY}&sort=code")
    table = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [row["名称"] for row in table] == ["丰乐社区", "无名村", "西村"]
    home = table[0]
    assert (home["户籍老人"], home["1000米内"], home["登记老人1000米内"]) == ("400", "400", "6")
    assert (home["80岁以上登记"], home["80岁以上就餐"]) == ("2", "1")
    assert table[1]["最近助餐点（米）"] == ""
    assert client_request.client("leader").get("/coverage.csv").status_code == 403


def test_a_page_asks_few_questions_and_the_next_one_fewer(client_request, app):
    asked = []
    client_request.client("leader")
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    client_request.get(f"/coverage?{MAY}", as_="leader")
    first = len(asked)
    asked.clear()
    client_request.get(f"/coverage?{MAY}", as_="leader")
    assert first <= 26
    assert len(asked) <= 8


def test_nothing_served_yet_still_shows_where_the_points_are(client_request):
    page = client_request.get("/coverage?month=2023-01", as_="district")
    assert tiles(page)["就餐老人"] == "0 人"
    assert tiles(page)["人均就餐"] == "— 份"
