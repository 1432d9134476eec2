"""The pages of the supervision indicators: what is shown to whom, and what stands behind it."""

import pytest

from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing.db import writing
from tests.factories import visits
from tests.factories.tills import SHELL, a_day, serve, small_district
from tests.support.papers import words_of

MAY = "?period=2024-05"


@pytest.fixture(autouse=True)
def district(app):
    small_district()
    with writing():
        put_division({"code": "320412101", "name": "湟里镇", "level": "town"}, SHELL)
        kind = {"kind": "community_canteen", "division": "320412101"}
        put_point({"code": "Q01", "name": "湟里助餐点", **kind}, SHELL)
    for day in (6, 7, 8):
        serve(f"S{day}", "C001", served_at=a_day(day))
    serve("Q", "C002", served_at=a_day(6), point="Q01")


def row_of(page, code):
    """The row of an indicator, as words."""
    [row] = [one for one in page.select("main tbody tr") if f" {code} " in f" {one.get_text(' ')} "]
    return row


def test_the_landing_page_tells_every_indicator_of_the_latest_month(client_request):
    page = client_request.get("/supervision", as_="district")
    assert "2024年5月" in page.find(class_="state").get_text()
    assert "缺少留样记录" in row_of(page, "N14").get_text()
    row = row_of(page, "N22-1")
    assert row.select_one("td a").get_text() == "12.00元"
    assert "截至" in row.select_one("details").get_text()
    assert "来源：就餐流水" in row.select_one("details").get_text()


def test_a_quarter_and_free_days_can_be_chosen(client_request):
    page = client_request.get("/supervision?period=2024-Q2", as_="district")
    assert "2024年第二季度" in page.find(class_="state").get_text()
    page = client_request.get("/supervision?from=20240507&to=20240531", as_="district")
    assert "2024年5月7日至5月31日" in page.find(class_="state").get_text()
    assert (
        "日期要两个都写"
        in client_request.get("/supervision?from=20240507", as_="district").find("main").get_text()
    )
    long = client_request.get("/supervision?from=20230101&to=20240531", as_="district")
    assert "最长366天" in long.find("main").get_text()


@pytest.mark.parametrize(
    ("as_", "told"),
    [("district", True), ("inspector", True), ("town@320412100", False), ("manager@P01", False)],
)
def test_only_the_district_is_shown_which_visits_are_still_to_come(client_request, as_, told):
    with writing():
        visits.inspectors()
        visits.visit(unannounced=True, reason="线索")
    for listed in ("", "&list=visits_planned"):
        page = client_request.get(f"/supervision/indicators/Z41{MAY}{listed}", as_=as_)
        assert ("计划在期内的检查" in page.get_text()) is told
        assert ("未编号" in page.get_text()) is told  # unasked, the first list with rows


def test_a_town_and_a_manager_see_their_own_place_first(client_request):
    town = client_request.get(f"/supervision{MAY}", as_="town@320412101")
    assert "湟里镇 2024年5月" in town.find(class_="state").get_text()
    own = client_request.get(f"/supervision{MAY}", as_="manager@P01")
    assert "丰乐助餐点 2024年5月" in own.find(class_="state").get_text()
    assert "P13-2" not in own.find("main").get_text()
    assert "湟里" not in own.get_text()


@pytest.mark.parametrize(
    ("as_", "place", "status"),
    [
        ("town@320412101", "P01", 403),
        ("town@320412101", "320412", 403),
        ("manager@P01", "Q01", 403),
        ("district", "XX", 404),
        ("operator@P01", "P01", 403),
    ],
)
def test_nobody_looks_beyond_the_scope(client_request, as_, place, status):
    for page in ("", "/indicators/Z34", "/indicators/Z34/trend.svg"):
        client_request.get(f"/supervision{page}{MAY}&place={place}", as_=as_, status=status)


def test_a_figure_opens_down_to_its_records(client_request):
    page = client_request.get(f"/supervision/indicators/N22-1{MAY}", as_="district")
    rows = {row.th.get_text(): row for row in page.select("main tbody tr")}
    assert set(rows) == {"丰乐助餐点", "湟里助餐点"}
    assert rows["丰乐助餐点"].select("td")[1].get_text() == "3份"
    assert rows["丰乐助餐点"].select("td")[1].a["href"] == "/servings?point=P01&month=2024-05"
    narrowed = client_request.get(f"/supervision/indicators/N22-1{MAY}&place=Q01", as_="district")
    assert [row.th.get_text() for row in narrowed.select("main tbody tr")] == ["湟里助餐点"]


@pytest.mark.parametrize("code", ["N11", "N14", "Z14-1"])
def test_an_indicator_without_records_says_what_is_missing(client_request, code):
    text = client_request.get(f"/supervision/indicators/{code}{MAY}", as_="district").find("main")
    assert "暂无记录，缺少" in text.get_text()
    assert "口径" in text.get_text()


def test_the_same_drawing_serves_the_screen(client_request):
    for name in ("trend.svg", "places.svg?level=point", "places.svg?level=town"):
        path = f"/supervision/indicators/N22-1/{name}"
        url = f"{path}{'&' if '?' in path else '?'}period=2024-05"
        answer = client_request.client("district").get(url)
        assert answer.mimetype == "image/svg+xml"
    drawing = answer.get_data(as_text=True)
    assert "湖塘镇" in drawing
    client_request.get(
        "/supervision/indicators/P11/places.svg?level=town", as_="district", status=404
    )


def test_an_indicator_that_a_point_has_not_is_no_page(client_request):
    client_request.get(f"/supervision/indicators/P11{MAY}&place=P01", as_="district", status=404)
    client_request.get("/supervision/indicators/X99", as_="district", status=404)


def test_papers_of_a_place_carry_its_name(client_request):
    url = f"/reports/supervision.pdf{MAY}&place=Q01"
    for form in ("", "&form=brief", "&form=card"):
        answer = client_request.client("district").get(url + form)
        assert "湟里助餐点" in words_of(answer.data)
