"""What can be printed, by whom, and the trail row that printing leaves."""

import pytest
from sqlalchemy import select

from mealsvc.kernel.months import Month
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.settlement.services import submit
from mealsvc.trail.models import TrailEvent
from tests.factories.tills import SHELL, a_day, serve, small_district
from tests.support.papers import words_of

MAY = "?month=2024-05"
SHEET, REPORT = f"/reports/settlement.pdf{MAY}", f"/reports/supervision.pdf{MAY}"


@pytest.fixture(autouse=True)
def district(app):
    small_district()
    with writing():
        put_division({"code": "320412101", "name": "湟里镇", "level": "town"}, SHELL)
        kind = {"kind": "community_canteen", "division": "320412101"}
        put_point({"code": "Q01", "name": "湟里助餐点", **kind}, SHELL)
    serve("S1", "C001", served_at=a_day(6))
    serve("S2", "C002", served_at=a_day(6), point="Q01")


def pdf(client_request, url, as_):
    response = client_request.client(as_).get(url)
    assert response.status_code == 200
    assert response.mimetype == "application/pdf"
    return response


def printed():
    rows = select(TrailEvent.subject).where(TrailEvent.action == "reports.print")
    return db.session.scalars(rows.order_by(TrailEvent.seq)).all()


def test_the_page_opens_on_the_latest_month_and_lists_what_can_be_printed(client_request):
    page = client_request.get("/reports", as_="district")
    assert page.h1.get_text() == "2024年5月 报告"
    assert "督查报告 1 份、结算表 2 份" in page.find(class_="state").get_text()
    links = [link["href"] for link in page.select("main a[href*='.pdf']")]
    assert "/reports/supervision.pdf?month=2024-05" in links
    assert "/reports/settlement.pdf?month=2024-05&point=Q01" in links


def test_a_kind_a_point_and_a_month_can_be_chosen(client_request):
    page = client_request.get(f"/reports{MAY}&kind=settlement&point=P01", as_="district")
    links = {link["href"] for link in page.select("main a[href*='.pdf']")}
    assert "/reports/settlement.pdf?month=2024-05&point=P01" in links
    assert not [href for href in links if "supervision" in href or "Q01" in href]


def test_a_month_without_anything_says_so(client_request):
    page = client_request.get("/reports?month=2022-01&kind=settlement", as_="district")
    assert "这个月没有可以打印的报告" in page.get_text()


def test_a_town_sees_its_own_points_and_no_district_report(client_request):
    page = client_request.get("/reports", as_="town@320412101")
    text = page.find("main").get_text()
    assert "湟里助餐点" in text
    assert "丰乐助餐点" not in text
    assert "下载督查报告" not in text
    words = words_of(pdf(client_request, SHEET, "town@320412101").data)
    assert "JS-2024-05-Q01" in words
    assert "P01" not in words


def test_a_point_prints_its_own_sheet_only(client_request):
    words = words_of(pdf(client_request, SHEET, "manager@P01").data)
    assert "JS-2024-05-P01" in words
    assert "Q01" not in words


@pytest.mark.parametrize(
    ("as_", "url", "status"),
    [
        ("manager@P01", f"{SHEET}&point=Q01", 403),
        ("town@320412101", f"{SHEET}&point=P01", 403),
        ("town@320412101", f"{SHEET}&town=320412100", 403),
        ("town@320412101", f"{REPORT}&place=320412", 403),
        ("town@320412101", f"{REPORT}&place=P01", 403),
        ("manager@P01", f"{REPORT}&place=Q01", 403),
        ("manager@P01", f"{REPORT}&place=320412100", 403),
        ("district", f"{REPORT}&place=XX", 404),
        ("district", f"{REPORT}&form=card", 422),
        ("district", "/reports/supervision.pdf?from=20240101&to=20250131", 422),
        ("operator@P01", SHEET, 403),
        ("sys_admin", REPORT, 403),
        ("district", f"{SHEET}&point=XX", 404),
        ("district", "/reports/settlement.pdf", 404),
        ("district", "/reports/supervision.pdf?month=x", 404),
        ("district", "/reports/settlement.pdf?month=2022-01", 422),
    ],
)
def test_nobody_prints_beyond_the_scope(client_request, as_, url, status):
    client_request.get(url, as_=as_, status=status)
    assert printed() == []


def test_a_paper_is_named_in_chinese_and_printing_leaves_a_trail_row(client_request):
    response = pdf(client_request, REPORT, "district")
    assert (
        "filename*=UTF-8''%E8%80%81%E5%B9%B4%E5%8A%A9%E9%A4%90%E7%9D%A3%E6%9F%A5"
        "%E6%8A%A5%E5%91%8A_2024-05.pdf"
    ) in response.headers["Content-Disposition"]
    pdf(client_request, f"{SHEET}&point=P01", "district")
    assert printed() == ["supervision/2024-05", "settlement/2024-05/P01"]


def test_summaries_and_opinions_can_be_printed_once_there_is_something_to_say(client_request):
    page = client_request.get(f"/reports{MAY}", as_="district")
    links = {link["href"] for link in page.select("main a[href*='.pdf']")}
    assert "/reports/district.pdf?month=2024-05" in links
    assert "/reports/town.pdf?month=2024-05&town=320412101" in links
    assert not [href for href in links if "opinions" in href]
    with writing():
        submit(Month(2024, 5), None, SHELL, clock.now())
    page = client_request.get(f"/reports{MAY}", as_="town@320412101")
    links = {link["href"] for link in page.select("main a[href*='.pdf']")}
    assert "/reports/opinions.pdf?month=2024-05&point=Q01" in links
    assert "/reports/town.pdf?month=2024-05&town=320412101" in links
    assert not [href for href in links if "district.pdf" in href]
    for url in sorted(links):
        pdf(client_request, url, "town@320412101")
    words = words_of(pdf(client_request, f"/reports/town.pdf{MAY}", "town@320412101").data)
    assert "HZ-2024-05-320412101" in words
    assert printed()[-1] == "town-summary/2024-05/320412101"


@pytest.mark.parametrize(
    ("url", "as_", "status"),
    [
        ("/reports/town.pdf?month=2024-05&town=320412100", "town@320412101", 403),
        ("/reports/town.pdf?month=2024-05&town=320412101", "manager@Q01", 403),
        ("/reports/town.pdf?month=2024-05&town=320412", "district", 404),
        ("/reports/district.pdf?month=2024-05", "town@320412101", 403),
        ("/reports/opinions.pdf?month=2024-05&point=P01", "town@320412101", 403),
        ("/reports/opinions.pdf?month=2024-05", "district", 404),
        ("/reports/opinions.pdf?month=2024-05&point=P01", "district", 422),
    ],
)
def test_the_papers_of_a_month_keep_to_the_scope(client_request, url, as_, status):
    client_request.get(url, as_=as_, status=status)
    assert printed() == []


def test_a_submitted_sheet_is_no_preview(client_request):
    assert "预览件" in words_of(pdf(client_request, SHEET, "finance").data)
    with writing():
        submit(Month(2024, 5), None, SHELL, clock.now())
    assert "预览件" not in words_of(pdf(client_request, SHEET, "finance").data)
