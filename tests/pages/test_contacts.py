"""Pages of contacts: masked lists, one number at a time, papers without numbers."""

import pytest
from sqlalchemy import func, select

from mealsvc.coverage.outreach.models import OutreachCall
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db
from mealsvc.reports.contact_notice import KINDS, draw, neighbours, notice_of
from mealsvc.trail.models import TrailEvent
from tests.factories import contacts
from tests.factories.contacts import PHONE, who
from tests.support.papers import words_of

pytestmark = [pytest.mark.ground(by=contacts.scene), pytest.mark.only("sqlite")]
DAY = contacts.date(2024, 5, 28)


@pytest.fixture
def desk(app):
    return f"/contacts/quiet/{who('欧阳秀英').ref}"


def test_a_list_is_masked_and_says_from_which_day(client_request):
    page = client_request.get("/contacts", as_="town").text
    assert "欧阳**" in page
    assert "2024年5月28日（有就餐记录的最后一天）" in page
    assert "欧阳秀英" not in page
    assert PHONE not in page


@pytest.mark.parametrize("topic", ["quiet", "new", "closure", "regular", "blank", "nonsense"])
def test_every_list_opens(client_request, topic):
    assert "联系名单" in client_request.get(f"/contacts?topic={topic}", as_="district").text


def test_a_number_is_shown_once_and_traced(client_request, desk):
    assert PHONE not in client_request.get(desk, as_="town").text
    shown = client_request.send(f"{desk}/phone", as_="town")
    assert PHONE in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    db.session.rollback()
    traced = TrailEvent.action == "outreach.reveal"
    assert db.session.scalar(select(func.count()).select_from(TrailEvent).where(traced)) == 1


def test_an_outcome_is_taken_down_and_the_next_one_comes(client_request, desk):
    sent = {"outcome": "wants_delivery", "words": "想送餐"}
    answer = client_request.send(f"{desk}/call", sent, as_="town")
    assert answer.headers["Location"] == f"/contacts/quiet/{who('低保婆').ref}"
    db.session.rollback()
    assert db.session.scalars(select(OutreachCall.outcome)).all() == ["wants_delivery"]
    left = client_request.get(desk, as_="town").text
    assert "已不在名单上" in left
    assert "想送餐" in left
    again = client_request.send(f"{desk}/call", sent, as_="town")
    assert again.headers["Location"] == "/contacts?topic=quiet"
    db.session.rollback()
    assert len(db.session.scalars(select(OutreachCall.id)).all()) == 1


def test_an_outcome_is_asked_for_and_words_are_not_lost(client_request, desk):
    answer = client_request.send(f"{desk}/call", {"words": "想一想"}, as_="town")
    assert answer.status_code == 422
    assert "请选择联系结果。" in answer.text
    assert "想一想" in answer.text


@pytest.mark.parametrize(
    "address", ["/contacts/quiet/R999999", "/contacts/quiet/x", "/contacts/no/R000001"]
)
def test_who_is_not_there_is_not_found(client_request, address):
    client_request.get(address, as_="town", status=404)


def test_the_sheet_has_no_number_and_no_full_name(client_request):
    words = words_of(client_request.client("district").get("/contacts/sheet.pdf?topic=quiet").data)
    assert "欧阳**" in words
    assert "欧阳秀英" not in words
    assert PHONE not in words


def test_a_printed_list_is_nobody_elses_and_traced(client_request):
    sheet = client_request.client("town").get("/contacts/sheet.pdf?topic=quiet")
    assert sheet.headers["Cache-Control"] == "no-store"
    db.session.rollback()
    printed = select(TrailEvent.subject).where(TrailEvent.action == "reports.print")
    assert db.session.scalars(printed).all() == ["contacts/quiet/320412100"]


def test_categories_are_told_on_the_page_of_one_elder_only(client_request):
    words = client_request.get("/contacts?topic=quiet", as_="town").select_one("tbody").get_text()
    assert "重点老人" in words
    assert not any(name in words for name in ("特困", "最低生活保障", "失能", "独居"))
    desk = f"/contacts/quiet/{who('低保婆').ref}"
    one = client_request.get(desk, as_="town").select_one(".call").get_text()
    assert "最低生活保障" in one


@pytest.mark.parametrize("kind", KINDS)
def test_each_notice_is_one_large_page(app, kind):
    place = point_by_code("P01")
    notice = notice_of(kind, place, DAY, None, "湖塘镇", DAY)
    made = draw(notice)
    words = words_of(made)
    assert notice.title in words
    assert "湖塘镇" in words
    assert made.count(b"/Type /Page\n") == 1


def test_a_stop_sends_to_the_neighbours(client_request):
    place = point_by_code("P01")
    assert [(one.name, one.metres) for one in neighbours(place, DAY, False)] == [("花园助餐点", 90)]
    page = client_request.get(
        "/contacts/notices?kind=stop&point=P01&from_on=20240601&to_on=20240603", as_="town"
    ).text
    assert "丰乐助餐点从2024年6月1日到2024年6月3日停餐" in page
    assert "花园助餐点，约 90 米" in page


def test_wrong_days_are_told_at_the_field(client_request):
    address = "/contacts/notices?point=P01&from_on=20240605&to_on=20240601"
    page = client_request.client("town").get(address).text
    assert "结束日期不能早于开始日期。" in page
    assert 'value="20240605"' in page
