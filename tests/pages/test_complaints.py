"""Pages of complaints: the public one behind the code, the staff's, and satisfaction."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mealsvc.places.services import put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.reports.feedback_poster import sheet_of
from mealsvc.supervision.complaints import queries
from mealsvc.supervision.complaints.models import Complaint, Rating
from mealsvc.trail.models import TrailEvent
from tests.factories import complaints, tills
from tests.factories.complaints import CONTACT, WORDS
from tests.factories.menus import place
from tests.support.papers import words_of

TODAY = tills.LUNCH.date()
MAY = (TODAY.replace(day=1), TODAY.replace(day=31))
SAID = {"words": "汤太咸", "kind": "taste", "contact": "13800000000"}


@pytest.fixture
def district(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH)
    tills.small_district()


def counted(table):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table))


def scan(client_request, status=303, code="P01", key="F-00000001", **fields):
    return client_request.post(f"/c/{code}", {"key": key, **fields}, None, status=status)


def step(client_request, name, who, status=303, **fields):
    """Takes a step with complaint 1."""
    form = {f"{name}-{field}": value for field, value in fields.items()}
    return client_request.post(f"/complaints/1/{name}", form, who, status=status)


def test_a_stranger_gives_stars_and_complains_without_signing_in(district, client_request):
    page = client_request.get("/c/P01")
    assert "丰乐助餐点" in page.get_text() and len(page.select("input[name=stars]")) == 5
    scan(client_request, stars="4", dish="1", **SAID)
    assert "武民助诉〔2024〕0001号" in client_request.get("/c/P01?thanks=1").get_text()
    one, given = (
        db.session.scalars(select(Complaint)).one(),
        db.session.scalars(select(Rating)).one(),
    )
    assert (one.channel, one.kind, one.received_by) == ("qr", "taste", "system:扫码")
    assert vault().open(one.words) == "汤太咸" and vault().open(one.contact) == "13800000000"
    assert (given.stars, given.dish, given.price, given.channel) == (4, 1, None, "qr")
    origins = select(TrailEvent.origin).where(TrailEvent.action.startswith("complaints."))
    assert set(db.session.scalars(origins)) == {""}  # no address of whoever scanned


def test_the_public_page_shows_nothing_of_what_others_said(district, client_request):
    complaints.brought_to("closed")
    page = client_request.get("/c/P01").get_text()
    assert not [word for word in (WORDS, CONTACT, "0001", "已经改了") if word in page]


def test_one_telephone_rates_once_a_day_and_may_still_complain(district, client_request):
    scan(client_request, stars="5")
    assert not client_request.get("/c/P01").select("input[name=stars]")
    scan(client_request, key="F-00000002", stars="1", words="汤太咸", kind="taste")
    assert (counted(Rating), counted(Complaint)) == (1, 1)


def test_the_same_form_sent_twice_is_one_answer(district, client_request):
    for _ in range(2):
        client_request.client(None).delete_cookie("mealsvc")
        client_request._clients.clear()
        scan(client_request, stars="5", **SAID)
    assert (counted(Rating), counted(Complaint)) == (1, 1)


def test_an_address_is_stopped_after_ten_answers_at_a_point(district, client_request):
    for number in range(11):
        client_request._clients.clear()  # another telephone behind the same address
        status = 303 if number < 10 else 422
        page = scan(client_request, status, key=f"F-{number:08}", stars="5", words=f"第{number}条")
    assert "太多了" in page.get_text() and "第10条" in page.get_text()
    assert (counted(Rating), counted(Complaint)) == (10, 10)
    scan(client_request, code="P02", key="F-99999999", stars="5")


def test_a_program_that_fills_the_trap_is_thanked_and_nothing_is_kept(district, client_request):
    scan(client_request, stars="5", website="http://example.org", **SAID)
    assert (counted(Rating), counted(Complaint)) == (0, 0)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "请点一个星"),
        ({"words": "长" * 501}, "不要超过500个字"),
        ({"words": "汤太咸", "contact": "长" * 61}, "不要超过60个字"),
        ({"stars": "6"}, ""),
        ({"words": "汤太咸", "kind": "nothing"}, ""),
        ({"stars": "5", "key": "short"}, ""),
    ],
)
def test_a_form_that_makes_no_sense_is_refused_and_what_was_typed_stays(
    district, client_request, fields, told
):
    page = scan(client_request, 422, **fields)
    assert told in page.get_text()
    assert page.find("textarea", {"name": "words"}).get_text().strip() == fields.get("words", "")
    assert (counted(Rating), counted(Complaint)) == (0, 0)


def test_a_point_that_is_not_there_or_closed_has_no_page(district, client_request):
    client_request.get("/c/P77", status=404)
    with writing():
        put_point({"code": "P02", "closed_on": TODAY}, tills.SHELL)
    client_request.get("/c/P02")  # its last day
    with writing():
        put_point({"code": "P02", "closed_on": TODAY - timedelta(days=1)}, tills.SHELL)
    client_request.get("/c/P02", status=404)
    scan(client_request, 404, "P02", stars="5")


def test_a_complaint_goes_from_the_counter_to_its_end(district, client_request):
    form = {"key": "F-00000001", "point": "P01", "channel": "counter", "kind": "taste", **SAID}
    client_request.post("/complaints/new", form, "operator")
    assert "待分派" in client_request.get("/complaints", "town").get_text()
    step(client_request, "assign", "town", level="point", words="")
    step(client_request, "answer", "manager", words="已经改了")
    step(client_request, "return", "town", words="请补充")
    step(client_request, "answer", "manager", words="补充说明")
    step(client_request, "close", "town", upheld="yes", words="同意")
    step(client_request, "call", "district", words="表示满意")
    page = client_request.get("/complaints/1", "leader").get_text()
    for words in ("已办结", "属实", "已经改了", "请补充", "补充说明", "同意", "表示满意"):
        assert words in page
    assert db.session.scalars(select(Complaint.state)).one() == "closed"
    for who, offered in (("town", True), ("inspector", True), ("leader", False)):
        hrefs = {
            link["href"] for link in client_request.get("/complaints/1", who).select("a[href]")
        }
        assert ("/findings/from-complaint/1" in hrefs) is offered, who


@pytest.mark.parametrize(
    ("state", "who", "name", "fields", "told"),
    [
        ("new", "town", "close", {"upheld": "yes", "words": "同意"}, "待分派"),
        ("assigned", "town", "answer", {"words": "已经改了"}, "助餐点"),
        ("assigned", "manager", "answer", {"words": ""}, "请写明"),
        ("answered", "town", "close", {"words": "同意"}, "请选择是否属实"),
        ("closed", "town", "assign", {"level": "town", "words": ""}, "已办结"),
    ],
)
def test_a_step_that_cannot_be_taken_says_why_and_keeps_the_words(
    district, client_request, state, who, name, fields, told
):
    complaints.brought_to(state)
    page = step(client_request, name, who, 422, **fields)
    typed = page.find("textarea", {"name": f"{name}-words"}).get_text().strip()
    assert told in page.get_text() and typed == fields["words"]
    assert db.session.scalars(select(Complaint.state)).one() == state


@pytest.mark.parametrize(
    ("who", "state", "status"),
    [
        ("town", "new", 200),
        ("district", "closed", 200),
        ("manager", "assigned", 200),
        ("manager", "new", 403),  # not assigned to the point
        ("manager", "closed", 403),  # no longer
        ("operator", "assigned", 403),
        ("inspector", "assigned", 403),
        ("leader", "assigned", 403),
    ],
)
def test_the_contact_shows_only_on_demand_to_who_handles_the_complaint(
    district, client_request, who, state, status
):
    complaints.brought_to(state)
    assert CONTACT not in client_request.get("/complaints/1", who).get_text()
    page = client_request.post("/complaints/1/contact", {}, who, status=status)
    assert (CONTACT in page.get_text()) is (status == 200)
    asked = select(TrailEvent.seq).where(TrailEvent.action == "complaints.reveal")
    assert (db.session.scalar(asked) is not None) is (status == 200)


def test_people_at_a_point_see_their_own_complaints_only(district, client_request):
    complaints.brought_to("new", "P01")
    complaints.brought_to("new", "P02", key="K-00000002")
    own = client_request.get("/complaints", "operator").get_text()
    assert "0001号" in own and "0002号" not in own
    client_request.get("/complaints/2", "operator", status=403)
    client_request.get("/complaints/99", "operator", status=404)
    form = {"key": "F-00000001", "point": "P02", "channel": "counter", "kind": "taste", **SAID}
    client_request.post("/complaints/new", form, "operator", status=422)


def test_the_list_is_filtered_and_late_ones_are_marked(district, client_request, monkeypatch):
    complaints.brought_to("closed", "P01")
    complaints.brought_to("assigned", "P02", key="K-00000002")
    for query, numbers in (
        ("", {"0001", "0002"}),
        ("?state=open", {"0002"}),
        ("?state=closed", {"0001"}),
        ("?point=P01", {"0001"}),
        ("?kind=price", set()),
        ("?month=2024-05", {"0001", "0002"}),
        ("?month=2024-06", set()),
        ("?overdue=1", set()),
    ):
        page = client_request.get(f"/complaints{query}", "town")
        assert {link.get_text()[-5:-1] for link in page.select("tbody th a")} == numbers, query
    later = tills.LUNCH + timedelta(days=10)
    monkeypatch.setattr(clock, "now", lambda: later)
    page = client_request.get("/complaints?overdue=1", "district")
    assert [link.get_text()[-5:-1] for link in page.select("tbody th a")] == ["0002"]
    assert "已逾期" in page.select_one("tbody").get_text()


def test_staff_note_stars_and_the_page_of_satisfaction_says_how_many(district, client_request):
    tills.serve("S1")
    form = {"key": "F-00000001", "point": "P01", "channel": "call", "stars": "5", "dish": "3"}
    client_request.post("/complaints/rate", form, "operator")
    client_request.post("/complaints/rate", form, "operator")  # pressed twice
    assert queries.ratings(*MAY).n == 1
    client_request.post("/complaints/rate", form | {"stars": ""}, "operator", status=422)
    complaints.rated("5" * 8 + "2" * 2, "P02")
    page = client_request.get("/complaints/satisfaction?month=2024-05", "leader")
    rows = {row.th.get_text(): row.get_text(" ", strip=True) for row in page.select("tbody tr")}
    assert "100.0%（1人，太少）" in rows["丰乐助餐点"]
    assert "80.0%（10人） 未达标" in rows["花园助餐点"]
    assert "11 人评价" in page.get_text()


def test_the_sheet_for_the_table_leads_to_the_public_page(district, client_request):
    url = sheet_of(place(), TODAY).url
    assert url == "http://127.0.0.1:8000/c/P01"
    for size in ("", "&size=A4"):
        answer = client_request.client("operator").get(f"/complaints/poster.pdf?{size}")
        told = words_of(answer.data).replace("\n", "")
        assert "丰乐助餐点" in told and url in told and "5个工作日" in told
    client_request.get("/complaints/poster.pdf?size=A9", "operator", status=404)
    client_request.get("/complaints/poster.pdf?point=P02", "operator", status=403)
