"""The pages of inspecting: who opens a visit, what is sent and answered, the long form without a script."""

import io
import json

import pytest
from sqlalchemy import func, select, update

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.inspecting import plain_views, queries
from mealsvc.supervision.inspecting.queries import draft_of, to_do
from mealsvc.supervision.photos.models import Photo
from mealsvc.supervision.visits.models import Visit, VisitSignature
from mealsvc.supervision.visits.services import cancel, recuse
from tests.factories import inspections, pictures, tills
from tests.factories import visits as made
from tests.factories.tills import SHELL

LEAD, STRANGER = "inspector", "town"


@pytest.fixture
def visit(app) -> Visit:
    tills.small_district()
    return inspections.visit_today()


def post(client_request, path, body, as_=LEAD):
    """JSON with this person's token, as the phone sends it."""
    client = client_request.client(as_)
    head = {"X-CSRFToken": client_request._tokens[as_]}
    return client.post(path, data=json.dumps(body), headers=head, content_type="application/json")


def send_photo(client_request, visit, key="photo-0001", content=b"", **more):
    file = (io.BytesIO(content or pictures.jpeg(120, 90)), "photo.jpg")
    data = {"key": key, "file": file, **more}
    return client_request.send(f"/inspect/{visit.id}/photos", data, as_=LEAD)


def refresh(visit):
    db.session.rollback()
    return db.session.get_one(Visit, visit.id, populate_existing=True)


def test_an_inspector_sees_her_visits_and_others_do_not(visit, client_request):
    assert "丰乐助餐点" in client_request.get("/inspect", as_=LEAD).text
    assert "没有您的检查" in client_request.get("/inspect", as_=STRANGER).text
    client_request.get(f"/inspect/{visit.id}", as_=STRANGER, status=403)
    client_request.get("/inspect/99", as_=LEAD, status=404)


def test_what_a_phone_keeps_holds_no_token_and_no_name_of_a_person(visit, client_request):
    for path in ("/inspect", f"/inspect/{visit.id}", "/inspect/shell"):
        page = client_request.get(path, as_=LEAD)
        assert "csrf" not in str(page) and inspections.LEAD not in page.text, path


def test_the_worker_keeps_every_module_of_the_phone(visit, client_request):
    client = client_request.client(None)
    answer = client.get("/inspect/sw.js")
    head = json.loads(answer.text.split("\n", 1)[0].removeprefix("const SHELL = ").rstrip(";"))
    assert answer.headers["Service-Worker-Allowed"] == "/inspect"
    names = {url.rpartition("/")[2] for url in head["files"]}
    assert {"app.js", "sync.js", "inspect.css", "dom.js"} <= names and "sw.js" not in names
    assert all(client.get(url).status_code == 200 for url in head["files"])


def test_who_keeps_away_neither_inspects_nor_types_the_record_in(visit, client_request):
    with writing():
        recuse(visit.id, queries.people_of(visit.id)[0].id, "亲属", SHELL, clock.now())
    for page in ("", "/plain", "/data"):
        client_request.get(f"/inspect/{visit.id}{page}", as_=LEAD, status=403)
    client_request.get(f"/inspect/{visit.id}/plain", as_=STRANGER)


def test_a_draft_without_the_token_of_the_session_is_refused(visit, client_request):
    client_request.get("/inspect", as_=LEAD)
    forged = client_request.client(LEAD).post(f"/inspect/{visit.id}/draft", json={"revision": 0})
    assert forged.status_code == 400
    assert draft_of(visit.id) is None


def test_a_conflict_brings_the_other_document_along(visit, client_request):
    path = f"/inspect/{visit.id}/draft"
    first = {"document": {"present": "甲"}, "revision": 0, "device": "手机A1"}
    assert post(client_request, path, first).json == {"revision": 1}
    answer = post(client_request, path, {**first, "document": {"present": "乙"}})
    assert answer.status_code == 409
    assert answer.json["draft"]["document"] == {"present": "甲"}
    assert answer.json["draft"]["device"] == "手机A1"


@pytest.mark.parametrize(
    "body", [{}, {"document": []}, {"document": {}, "revision": "1"}, [1], "text"]
)
def test_a_malformed_draft_is_refused_in_words(visit, client_request, body):
    answer = post(client_request, f"/inspect/{visit.id}/draft", body)
    assert (answer.status_code, answer.json["code"]) == (422, "malformed")


def test_more_than_a_megabyte_of_json_is_not_read(visit, client_request):
    body = {"document": {"statement": "x" * 1024 * 1024}, "revision": 0}
    assert post(client_request, f"/inspect/{visit.id}/draft", body).status_code == 413


def test_a_photo_above_12_mb_is_refused_by_itself_and_below_it_comes_in(visit, client_request):
    big = pictures.jpeg(64, 48) + b"\0" * (12 * 1024 * 1024)
    answer = send_photo(client_request, visit, content=big)
    assert (answer.status_code, answer.json["code"]) == (422, "photo_too_big")
    taken = {"taken_at": "2024-05-06T11:40:00+08:00", "lon": "119.95", "lat": "31.71"}
    answer = send_photo(client_request, visit, content=big[: 11 * 1024 * 1024], **taken)
    assert answer.status_code == 200
    photo = db.session.get_one(Photo, answer.json["id"])
    assert (photo.subject, photo.taken_from, photo.lon) == (f"visit/{visit.id}", "device", 119.95)


def test_a_photo_is_shown_to_its_point_once_signed_and_to_nobody_elses(visit, client_request):
    photo = send_photo(client_request, visit).json["id"]
    client_request.get(f"/photos/{photo}.jpg", as_="manager@P01", status=404)
    assert client_request.client("inspector").get(f"/photos/{photo}.jpg").status_code == 200
    with writing():
        db.session.execute(update(Visit).values(status="signed"))
    answer = client_request.client("manager@P01").get(f"/photos/{photo}.jpg")
    assert answer.mimetype == "image/jpeg" and answer.data[:2] == b"\xff\xd8"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    client_request.get(f"/photos/{photo}.jpg", as_="manager@P02", status=403)
    client_request.get(f"/photos/{photo}.jpg", as_="operator@P01", status=403)  # a visit's photo
    client_request.get("/photos/999.jpg", as_="manager@P01", status=404)


def test_problems_are_told_at_their_items_and_the_visit_stays_open(visit, client_request):
    document = made.document(visit, results={"COK-02": {"result": "FAIL", "measured": {}}})
    answer = post(client_request, f"/inspect/{visit.id}/conclude", {"document": document})
    assert answer.status_code == 422
    told = {(one["item"], one["field"]) for one in answer.json["problems"]}
    assert {("COK-02", "note"), ("COK-02", "photos"), ("COK-02", "core_temp_c")} <= told
    assert refresh(visit).status == "planned"


def test_a_conclusion_sent_again_answers_with_what_was_signed(visit, client_request):
    begun = clock.now()
    names = {"lead": inspections.LEAD, "second": inspections.SECOND, "unit": "王店长"}
    signatures = {part: {"name": name, "strokes": "1,1 9,9"} for part, name in names.items()}
    times = {"started_at": begun.isoformat(), "ended_at": begun.isoformat()}
    document = made.document(visit, **times, signatures=signatures)
    path = f"/inspect/{visit.id}/conclude"
    first = post(client_request, path, {"document": document})
    assert first.status_code == 200, first.json
    again = post(client_request, path, {"document": document})
    assert again.json == first.json
    assert first.json["result"]["grade"] == "A"
    data = client_request.client(LEAD).get(f"/inspect/{visit.id}/data").json
    assert data["result"]["number"] == first.json["result"]["number"] and data["draft"] is None


def test_the_count_is_that_of_this_minute(visit, client_request):
    told = client_request.client(LEAD).get(f"/inspect/{visit.id}/count").json
    assert told["served"] == 0 and told["meal"] in ("breakfast", "lunch", "dinner")


def test_due_visits_stand_on_the_list_of_work(visit, app, client_request):
    client_request.get("/inspect", as_=LEAD)
    with app.test_request_context():
        today = visit.planned_on
        for as_, expected in (("inspector-320412", 1), ("town-320412100", 0)):
            me = principal(as_)
            assert to_do(me, today) == expected


def principal(login):
    from mealsvc.plumbing.guards import Principal

    return Principal(1, login, "", "inspector", "320412", frozenset({"visits.conduct"}))


# The long form ------------------------------------------------------------------------------------


def form_of(page):
    """What a browser would send of the form as it stands."""
    form = page.find("form", class_="plain-record")
    sent = {}
    for field in form.find_all(["input", "textarea", "select"]):
        name, kind = field.get("name"), field.get("type", "")
        if (
            not name
            or kind == "file"
            or (kind in ("radio", "checkbox") and "checked" not in field.attrs)
        ):
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            sent[name] = chosen.get("value", chosen.text)
        else:
            sent[name] = (
                field.text.strip("\n") if field.name == "textarea" else field.get("value", "")
            )
    return sent


def typed_record(visit):
    day = f"{visit.planned_on:%Y%m%d}"
    return {
        "day": day, "start": "0:05", "end": "00:06", "present": "王某 店长", "cards_shown": "on",
        "lead": inspections.LEAD, "second": inspections.SECOND, "unit": "王某", "act": "fill",
    }  # fmt: skip


def test_a_paper_record_is_typed_in_and_locked(visit, client_request):
    path = f"/inspect/{visit.id}/plain"
    typed = form_of(client_request.get(path, as_=LEAD)) | typed_record(visit)
    typed |= {"COK-02.result": "FAIL", "COK-02.note": "中心温度61℃", "COK-02.m.core_temp_c": "61"}
    page = client_request.post(path, typed, as_=LEAD, status=200)
    typed = form_of(page)
    assert typed["SMP-01.result"] == "PASS" and typed["COK-02.result"] == "FAIL"
    scan = {"scans": [(io.BytesIO(pictures.jpeg(90, 120)), "page1.jpg")], "act": "sign"}
    client_request.post(path, typed | scan, as_=LEAD)
    done = refresh(visit)
    assert (done.status, done.grade, done.score) == ("signed", "D", 848)
    signatures = db.session.scalars(select(VisitSignature)).all()
    assert [one.strokes for one in signatures] == [None] * 3
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 1
    page = client_request.get(path, as_=LEAD)
    assert done.number in page.text and page.find("form", class_="plain-record") is None
    client_request.post(path, typed, as_=LEAD)  # leads back to the locked page
    assert refresh(visit).signed_at == done.signed_at


def test_what_was_typed_is_kept_whatever_is_wrong_with_it(visit, client_request):
    path = f"/inspect/{visit.id}/plain"
    odd = {
        "day": "昨天", "start": "25:99", "present": "王某 <b>店长</b>", "counted": "三十五",
        "COK-02.m.core_temp_c": "六十一", "COK-02.note": "备注“一”", "unit": "王某", "act": "sign",
    }  # fmt: skip
    typed = form_of(client_request.get(path, as_=LEAD)) | odd
    page = client_request.post(path, typed, as_=LEAD, status=422)
    shown = form_of(page)
    assert {name: shown[name] for name in odd if name != "act"} == {
        name: value for name, value in odd.items() if name != "act"
    }
    assert "请填写开始时间。" in page.text and "还没有检查" in page.text
    again = form_of(client_request.get(path, as_=LEAD))
    assert again["present"] == odd["present"], "and it is a draft that comes back tomorrow"


def test_a_scan_that_is_no_picture_is_named_and_the_others_are_kept(visit, client_request):
    path = f"/inspect/{visit.id}/plain"
    files = [(io.BytesIO(b"%PDF-1.7"), "scan.pdf"), (io.BytesIO(pictures.jpeg(70, 90)), "a.jpg")]
    typed = form_of(client_request.get(path, as_=LEAD)) | {"scans": files, "present": "王某"}
    page = client_request.post(path, typed, as_=LEAD, status=422)
    assert "“scan.pdf”：这不是照片" in page.text and "已收下 1 张" in page.text
    assert form_of(page)["present"] == "王某"


def test_scans_come_up_to_the_limit_and_not_one_more(visit, client_request, monkeypatch):
    monkeypatch.setattr(plain_views, "MOST_SCANS", 2)
    path = f"/inspect/{visit.id}/plain"
    for count, status in ((2, 303), (3, 422)):
        files = [(io.BytesIO(pictures.jpeg(60 + at, 60)), f"{at}.jpg") for at in range(count)]
        typed = form_of(client_request.get(path, as_=LEAD)) | {"scans": files}
        client_request.post(path, typed, as_=LEAD, status=status)
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 2


def test_a_phone_that_saved_meanwhile_is_told_before_its_content_is_replaced(visit, client_request):
    path = f"/inspect/{visit.id}/plain"
    typed = form_of(client_request.get(path, as_=LEAD)) | {"present": "从纸上抄的"}
    body = {"document": {"present": "手机填的"}, "revision": 0, "device": "手机A1"}
    post(client_request, f"/inspect/{visit.id}/draft", body)
    page = client_request.post(path, typed, as_=LEAD, status=422)
    assert "手机A1" in page.text and form_of(page)["present"] == "从纸上抄的"
    client_request.post(path, form_of(page), as_=LEAD)
    found = draft_of(visit.id)
    assert found is not None and found[1]["present"] == "从纸上抄的"


def test_a_cancelled_visit_says_so_and_takes_nothing(visit, client_request):
    with writing():
        cancel(visit.id, "改期", SHELL, clock.now())
    page = client_request.get(f"/inspect/{visit.id}/plain", as_=LEAD)
    assert "已取消：改期" in page.text
    body = {"document": {}, "revision": 0}
    answer = post(client_request, f"/inspect/{visit.id}/draft", body)
    assert (answer.status_code, answer.json["code"]) == (422, "visit_not_open")
