"""The page from kitchen to plate: what does not fit first, one point day by day, the file to take home."""

import csv
import io

import pytest
from sqlalchemy import event

from mealsvc.plumbing.db import db, writing
from tests.factories import bookings as made
from tests.factories import logs, tills

MAY = "/reconcile?month=2024-05"
HEAD = ("发出", "收到", "预订", "就餐")


def kitchen():
    """K01 sends 30 lunches to S01 on 8 May, 28 arrive, 29 are served; S02 serves two on each of
    four days and checks nothing; P01 cooks and keeps a sample on one of two days."""
    tills.small_district()
    tills.lunchroom()
    with writing():
        made.supplied_points()
        sent = made.send("S01", 30)
        made.receive(sent, "S01", portions=28, measures=("reduced",))
    for at in range(29):
        tills.serve(f"S{at}", tills.CARDS[at], point="S01", served_at=tills.a_day(8))
    for day in (6, 7, 9, 10):
        for at in (0, 1):
            tills.serve(f"T{day}-{at}", tills.CARDS[at], point="S02", served_at=tills.a_day(day))
    for day in (6, 7):
        tills.serve(f"P{day}", "C001", point="P01", served_at=tills.a_day(day))
    with writing():
        logs.old_sample(logs.the_point(), tills.a_day(6).date(), made.NOW)


pytestmark = pytest.mark.ground(by=kitchen)


def rows(page, place):
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in page.select("table")[place].select("tbody tr")
    ]


def test_what_cannot_be_explained_comes_first_and_what_repeats_is_told_once(client_request):
    page = client_request.get(MAY, as_="district")
    told = [(one[1], one[2], one[3].split(" ")[0]) for one in rows(page, 0)]
    assert told == [
        ("发出和收到不一致", "2", "午餐发出30份，收到28份，差2份。"),
        ("就餐多于到餐", "1", "午餐收到28份，却登记就餐29份，多1份。"),
        (
            "有就餐、没有收餐记录",
            "8",
            "全月4天这样，共8份。最多的一次：午餐就餐2份，没有收餐验收记录。",
        ),
        ("有就餐、没有留样", "1", "午餐就餐1份，没有留样记录。"),
    ]
    assert "7 处对不上，其中 2 处说不通" in page.select_one(".state").get_text()


def test_every_figure_of_a_point_is_a_link_to_its_records(client_request):
    page = client_request.get(MAY, as_="district")
    addresses = {one["href"] for one in page.select("main a[href]")}
    assert "/servings?day=2024-05-08&point=S01" in addresses
    assert "/bookings/receiving?day=2024-05-08" in addresses
    assert "/logs/day/P01?day=2024-05-07" in addresses
    assert "/servings?month=2024-05&point=S01" in addresses
    [kitchens] = rows(page, 2)
    assert kitchens == ["中央厨房（K01）", "1", "30", "28", "2"]


def test_one_point_is_shown_day_by_day_with_the_ways_of_eating(client_request):
    page = client_request.get(f"{MAY}&point=S02", as_="district")
    assert len(rows(page, 0)) == 4  # not told together here
    assert rows(page, 1)[0] == ["5月6日", "—", "—", "0", "2", "0", "0", "2", "0", "0", "6.00", "1"]


def test_the_list_is_narrowed_to_one_kind(client_request):
    page = client_request.get(f"{MAY}&kind=no_sample", as_="district")
    assert [one[1] for one in rows(page, 0)] == ["有就餐、没有留样"]


def test_a_town_reconciles_its_own_points_only(client_request):
    page = client_request.get(MAY, as_="town@320412102")
    assert "这个月没有记录" in page.select_one(".empty").get_text()
    client_request.get(f"{MAY}&point=S01", as_="town@320412102", status=403)
    for role in ("operator", "manager", "finance"):
        client_request.get(MAY, as_=role, status=403)


def test_the_month_is_taken_home_as_a_file_by_those_who_may_export(client_request):
    answer = client_request.client("district").get("/reconcile.csv?month=2024-05")
    sheet = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    [one] = [row for row in sheet if row["助餐点编号"] == "S01"]
    assert [one[name] for name in HEAD] == ["30", "28", "0", "29"]
    assert one["说明"].startswith("午餐发出30份，收到28份")
    client_request.get("/reconcile.csv?month=2024-05", as_="town", status=403)
    client_request.get("/reconcile.csv", as_="district", status=404)


def test_a_month_is_read_with_a_dozen_queries_however_many_points(client_request):
    client = client_request.client("district")
    client.get(MAY)
    asked = []

    def note(conn, cursor, statement, parameters, context, executemany):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        client.get(MAY)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    about = [one for one in asked if "served_on" in one or "purchase" in one or "log_entry" in one]
    assert 0 < len(about) <= 12


def test_a_month_without_anything_says_so(app, client_request):
    tills.small_district()
    page = client_request.get("/reconcile?month=2023-01", as_="leader")
    assert "这个月没有记录" in page.select_one(".empty").get_text()
