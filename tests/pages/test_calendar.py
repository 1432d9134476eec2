"""The page of the calendar: what is known of a year, and naming a day."""

import pytest

DAY = {"day": "20990501", "working": "no", "name": "劳动节", "basis": "放假通知"}


def test_the_holidays_of_a_year_are_listed_with_their_notice(app, client_request):
    page = client_request.get("/settings/calendar?year=2024", "district")
    rows = [row.get_text(" ", strip=True) for row in page.select("tbody tr")]
    assert any(row.startswith("2024年5月11日 星期六 上班") for row in rows)
    assert any("2024年6月10日 星期一 放假 端午" in row and "国务院办公厅" in row for row in rows)
    assert page.find("button", string="保存这一天") is None


def test_a_year_nobody_announced_says_how_it_is_counted(app, client_request):
    page = client_request.get("/settings/calendar?year=2031", "sys_admin").get_text()
    assert "2031年的放假安排还没有录入" in page and "暂按周一至周五上班" in page


def test_naming_a_day_shows_it_in_its_year(app, client_request):
    client_request.post("/settings/calendar", DAY, "sys_admin", status=303)
    rows = client_request.get("/settings/calendar?year=2099", "sys_admin").select("tbody tr")
    assert [row.get_text(" ", strip=True) for row in rows] == [
        "2099年5月1日 星期五 放假 劳动节 放假通知"
    ]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("day", "20200101", "已经过去"),
        ("day", "明天", "请输入一个日期"),
        ("working", "", "放假还是上班"),
        ("name", "", "请写明"),
        ("basis", "", "请写明"),
    ],
)
def test_a_wrong_day_is_told_at_its_field(app, client_request, field, value, told):
    page = client_request.post("/settings/calendar", DAY | {field: value}, "sys_admin", status=422)
    assert told in page.find(id=f"{field}-error").get_text()


def test_odd_years_in_the_address_do_no_harm(app, client_request):
    for year in ("0", "-1", "99999", "abc"):
        client_request.get(f"/settings/calendar?year={year}", "town")
