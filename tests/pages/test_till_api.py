"""What a till asks while it is on line: state, report, search, preview, and a promised amount."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mealsvc.accounts.models import Device
from mealsvc.menus.services import put_item
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.cards import report_lost
from mealsvc.residents.enrolment import card_digest
from mealsvc.servings.closing import Counted, close_day
from mealsvc.servings.models import RefusedAttempt, Serving
from mealsvc.trail.models import BackupMark
from tests.factories import tills
from tests.support.people import sign_in


class Till:
    """A till with its token; the server's clock stands at 11:30 of 6 May 2024."""

    def __init__(self, app):
        self.client = app.test_client()
        self.head = {"Authorization": f"Bearer {tills.till_token()}"}

    def get(self, what, point="P01"):
        return self.client.get(f"/api/v1/till/{point}/{what}", headers=self.head)

    def post(self, what, body, point="P01"):
        return self.client.post(f"/api/v1/till/{point}/{what}", json=body, headers=self.head)

    def serve(self, key, **fields):
        body = {
            "point": "P01",
            "credential": "C001",
            "served_at": "2024-05-06T11:30:00+08:00",
            "meal": "lunch",
            "mode": "dine_in",
            "price_fen": 1200,
        }
        head = self.head | {"Idempotency-Key": key}
        return self.client.post("/api/v1/servings", json=body | fields, headers=head)

    def reverse(self, key, reverses):
        head = self.head | {"Idempotency-Key": key}
        url = f"/api/v1/servings/{reverses}/reversal"
        return self.client.post(url, json={"reason": "登错人"}, headers=head)


@pytest.fixture
def till(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH)
    tills.small_district()
    return Till(app)


def line_of(key):
    db.session.rollback()
    return db.session.scalar(select(Serving).where(Serving.key == key))


def test_the_state_tells_the_day_as_it_stands(till):
    tills.serve("K1")
    tills.serve("K2")  # the same elder again: at full price
    state = till.get("state").json
    assert state["server_time"] == "2024-05-06T11:30:00+08:00"
    assert (state["day"], state["meal"]) == ("2024-05-06", "lunch")
    assert state["point"] == {"code": "P01", "name": "丰乐助餐点"}
    assert state["count"] == {"servings": 2, "subsidised": 1}
    assert (state["epoch"], state["backed_up"]) == ("0", 0)
    assert (state["operator"], state["device"]) == (None, "till-P01")
    assert state["csrf_token"] is None
    assert (state["conflicts"], state["day_closed"]) == (0, False)
    assert [(one["key"], one["reason"]) for one in state["last"]] == [
        ("K2", "already_served"),
        ("K1", None),
    ]
    assert (state["last"][1]["name"], state["last"][1]["title"]) == ("张*丰", "张爷爷")
    assert state["last"][1]["may_undo"]


def test_the_state_never_tells_a_whole_name_or_a_number(till):
    tills.serve("K1")
    text = till.get("state").text
    assert "国丰" not in text
    assert tills.ID_NUMBERS["张国丰"] not in text


def test_the_state_is_of_the_own_point_only(till):
    assert till.get("state", "P02").json["code"] == "forbidden"
    for what, body in (
        ("report", {}),
        ("search", {"q": "张"}),
        ("preview", {"credential": "C001"}),
        ("uploads", {"entries": []}),
    ):
        assert till.post(what, body, "P02").status_code == 403, what


def test_a_signed_in_person_is_named_and_gets_a_token_against_forgery(app, till):
    client = app.test_client()
    sign_in(app, client, "manager")
    state = client.get("/api/v1/till/P01/state").json
    assert state["operator"]["login"] == "manager-p01"
    assert state["operator"]["role"] == "manager"
    url, body = "/api/v1/till/P01/search", {"q": "张国丰"}
    assert client.post(url, json=body).status_code == 400
    head = {"X-CSRFToken": state["csrf_token"]}
    assert client.post(url, json=body, headers=head).json["people"][0]["name"] == "张国丰"


def test_the_state_says_up_to_where_everything_is_backed_up(till):
    with writing():
        for kind, sequence, token in (("backup", 7, "a"), ("restore", 5, "e1"), ("backup", 6, "b")):
            mark = {"kind": kind, "sequence": sequence, "token": token}
            db.session.add(BackupMark(at=tills.LUNCH, by="shell", digest="", **mark))
            db.session.flush()
    assert (till.get("state").json["epoch"], till.get("state").json["backed_up"]) == ("e1", 7)
    roster = till.get("roster").json
    assert (roster["epoch"], roster["backed_up"]) == ("e1", 7)


def test_a_report_is_kept_on_the_device(till):
    body = {"pending": 3, "clock_offset_ms": 1500, "device_time": "2024-05-06T11:30:01+08:00"}
    answer = till.post("report", body)
    assert answer.json["backed_up"] == 0
    device = db.session.scalars(select(Device)).one()
    assert (device.pending, device.clock_offset_ms) == (3, 1500)
    assert device.reported_at == tills.LUNCH


def test_a_wrong_clock_is_flagged_by_what_we_see_ourselves(till, client_request):
    till.post(
        "report", {"pending": 0, "clock_offset_ms": 0, "device_time": "2024-05-06T11:20:00+08:00"}
    )
    device = db.session.scalars(select(Device)).one()
    assert device.clock_offset_ms == 600_000
    page = client_request.get("/devices", as_="sys_admin")
    assert "慢10分，须校准" in page.text
    assert "1台收银设备时钟偏差超过5分钟" in client_request.get("/", as_="manager").text


def test_a_report_of_a_signed_in_browser_changes_nothing(app, till):
    client = app.test_client()
    token = sign_in(app, client, "operator")
    head = {"X-CSRFToken": token}
    answer = client.post("/api/v1/till/P01/report", json={"pending": 9}, headers=head)
    assert answer.status_code == 200
    assert db.session.scalars(select(Device)).one().pending is None


@pytest.mark.parametrize("body", [{"pending": "3"}, {"device_time": "noon"}, {"pending": 10**30}])
def test_a_report_that_makes_no_sense_is_refused(till, body):
    assert till.post("report", body).json["code"] == "malformed"


def test_search_tells_people_of_one_name_apart(till):
    found = till.post("search", {"q": "z"}).json
    assert [(one["name"], one["age"], one["place"]) for one in found["people"]] == [
        ("张国丰", 72, "丰乐社区"),
        ("张桂芳", 54, "丰乐社区"),
    ]
    assert {one["method"] for one in found["people"]} == {"manual"}
    assert found["people"][0]["last4"] == tills.ID_NUMBERS[found["people"][0]["name"]][-4:]


def test_search_by_card_says_how_she_was_identified(till):
    [one] = till.post("search", {"q": "C002"}).json["people"]
    assert (one["name"], one["method"]) == ("欧阳秀英", "card")
    assert one["title"] == ("欧阳爷爷" if one["sex"] == "male" else "欧阳奶奶")


def test_nobody_found_is_an_answer_and_so_is_a_lost_card(till):
    nobody = till.post("search", {"q": "没有这人"})
    assert (nobody.status_code, nobody.json["people"]) == (200, [])
    assert "没有找到" in nobody.json["message"]
    with writing():
        report_lost(1, card_digest(vault(), "C001"), tills.SHELL, clock.now())
    assert "挂失" in till.post("search", {"q": "C001"}).json["message"]


@pytest.mark.parametrize("typed", ["x" * 65, "\ud800", None])
def test_what_nobody_could_have_typed_is_refused(till, typed):
    assert till.post("search", {"q": typed}).json["code"] == "malformed"


def test_a_preview_tells_the_four_parts_of_the_price_and_records_nothing(till):
    token = till.post("search", {"q": "C001"}).json["people"][0]["token"]
    seen = till.post("preview", {"credential": token, "price_fen": 1200, "method": "card"}).json
    assert seen["list_price_fen"] - seen["discount_fen"] == seen["price_fen"] == 1200
    assert seen["price_fen"] - seen["subsidy_fen"] == seen["self_pay_fen"] == 900
    assert seen["sources"] == [{"name": "区", "fen": 200}, {"name": "镇", "fen": 100}]
    assert (seen["meal"], seen["mode"], seen["method"]) == ("lunch", "dine_in", "card")
    assert (seen["reason"], seen["earlier"]) == (None, None)
    assert "补贴3.00元" in seen["sentence"]
    assert db.session.scalar(select(Serving.key)) is None


def test_a_preview_finds_the_price_of_the_day(till):
    assert till.post("preview", {"credential": "C001"}).json["price_fen"] is None
    tills.serve("K2", "C002", price_fen=1100)
    assert till.post("preview", {"credential": "C001"}).json["price_fen"] == 1100
    item = {"served_on": tills.LUNCH.date(), "meal": "lunch", "name": "套餐A", "kind": "套餐"}
    with writing():
        put_item(
            point_by_code("P01").id, "P01", item | {"price_fen": 1500}, tills.SHELL, clock.now()
        )
    assert till.post("preview", {"credential": "C001"}).json["price_fen"] == 1500
    assert till.get("state").json["prices"]["lunch"]["elder_fen"] == 1500


def test_a_preview_says_when_and_where_the_first_meal_was(till):
    tills.serve("K1", point="P02", served_at=tills.LUNCH - timedelta(minutes=20))
    seen = till.post("preview", {"credential": "C001", "price_fen": 1200}).json
    assert seen["reason"] == "already_served"
    assert seen["earlier"] == {"at": "2024-05-06T11:10:00+08:00", "point": "花园助餐点"}
    assert (seen["subsidy_fen"], seen["self_pay_fen"]) == (0, 1200)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"credential": "nobody"}, "unknown_resident"),
        ({"credential": "C001", "price_fen": 99999}, "bad_price"),
        ({"credential": "C001", "meal": "tea"}, "malformed"),
        ({}, "malformed"),
    ],
)
def test_a_preview_refuses_what_recording_would(till, body, code):
    assert till.post("preview", body).json["code"] == code


def test_an_amount_other_than_promised_records_nothing_and_keeps_the_key(till):
    tills.serve("K0", point="P02")
    answer = till.serve("K1", expected_self_pay_fen=900)
    assert (answer.status_code, answer.json["code"]) == (422, "amount_changed")
    assert (answer.json["self_pay_fen"], answer.json["reason"]) == (1200, "already_served")
    assert line_of("K1") is None
    assert db.session.scalar(select(RefusedAttempt.key)) is None
    assert till.serve("K1", expected_self_pay_fen=1200).status_code == 201
    assert till.serve("K1", expected_self_pay_fen=900).status_code == 200  # a replay is a replay


def test_a_till_says_who_served_and_why_it_was_typed(app, till):
    sign_in(app, app.test_client(), "operator")
    till.serve("K1", operator="operator-p01", note="忘带卡", method="manual")
    line = line_of("K1")
    assert (line.operator, line.device, line.note) == ("operator-p01", "till-P01", "忘带卡")


@pytest.mark.parametrize("login", ["nobody", "operator-p02", "district-320412", "x" * 99, 7])
def test_only_people_of_the_point_are_believed(app, till, login):
    for role in ("operator@P02", "district"):
        sign_in(app, app.test_client(), role)
    assert till.serve("K1", operator=login).status_code == 201
    assert line_of("K1").operator == ""


def test_a_signed_in_person_cannot_name_another(app, till):
    client = app.test_client()
    token = sign_in(app, client, "operator")
    sign_in(app, app.test_client(), "manager")
    till.client, till.head = client, {"X-CSRFToken": token}
    till.serve("K1", operator="manager-p01")
    assert (line_of("K1").operator, line_of("K1").device) == ("operator-p01", "")


def test_a_long_note_is_refused(till):
    assert till.serve("K1", note="x" * 101).json["code"] == "malformed"


def close():
    point = point_by_code("P01")
    with writing():
        last = db.session.scalar(select(Serving.sequence).order_by(Serving.sequence.desc()))
        close_day(point, tills.LUNCH.date(), Counted(900, 0), (1, last), tills.SHELL, clock.now())


def test_after_the_day_is_closed_only_the_manager_takes_a_meal_back(app, till, client_request):
    tills.serve("K1")
    sequence = line_of("K1").sequence
    close()
    answer = till.reverse("R1", "K1")
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert answer.json["title"] == "当天已日结，请店长处理。"
    assert line_of("R1") is None
    assert not till.get("state").json["last"][0]["may_undo"]
    page = client_request.get(f"/servings/{sequence}/reverse", as_="operator")
    assert "当天已日结，请店长处理" in page.text
    form = {"key": "R2", "why": "登错人"}
    client_request.post(f"/servings/{sequence}/reverse", form, as_="operator", status=422)
    assert line_of("R2") is None
    client_request.post(f"/servings/{sequence}/reverse", form, as_="manager")
    assert line_of("R2").reverses == sequence


def test_a_reversal_from_before_the_close_is_still_answered_as_the_first_time(till):
    tills.serve("K1")
    tills.serve("K2", "C002")
    first = till.reverse("R1", "K2")
    close()
    again = till.reverse("R1", "K2")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
