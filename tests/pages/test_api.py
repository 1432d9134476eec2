"""The JSON interface as a till meets it: statuses, codes, replays, and its own description."""

import json
import threading
from urllib.parse import quote

import pytest
from sqlalchemy import func, select, text

from mealsvc.api import health, work
from mealsvc.api.openapi import DOCUMENT
from mealsvc.plumbing.db import db
from mealsvc.servings.models import RefusedAttempt, Serving
from tests.factories import tills

URL = "/api/v1/servings"
LUNCH = {
    "point": "P01",
    "credential": "C001",
    "served_at": "2024-05-06T11:30:00+08:00",
    "meal": "lunch",
    "mode": "dine_in",
    "price_fen": 1200,
    "method": "card",
}


class Till:
    """A till with its token: `till.record("K1", price_fen=1500)`."""

    def __init__(self, app, point="P01"):
        self.client = app.test_client()
        self.head = {"Authorization": f"Bearer {tills.till_token(point)}"}

    def post(self, url, body=None, key=None, **more):
        head = self.head | ({} if key is None else {"Idempotency-Key": key})
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post(url, data=data, headers=head, **more)

    def record(self, key, **changes):
        return self.post(URL, LUNCH | changes, key)

    def reverse(self, line, key, reason="登记错误", **more):
        return self.post(f"{URL}/{line}/reversal", {"reason": reason}, key, **more)

    def batch(self, items):
        return self.post(f"{URL}/batch", {"servings": items})


@pytest.fixture
def till(app):
    tills.small_district()
    return Till(app)


def lines():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Serving))


def is_problem(answer, status, code):
    body = answer.json
    return (
        answer.mimetype == "application/problem+json"
        and (answer.status_code, body["status"], body["code"]) == (status, status, code)
        and bool(body["title"])
    )


def test_a_serving_is_answered_with_who_pays_what_and_why(till):
    answer = till.record("K1")
    assert answer.status_code == 201
    body = answer.json
    assert body.pop("sequence") > 0
    assert body == {
        "key": "K1",
        "resident": {"name": "张*丰", "tier": "U60"},
        "price_fen": 1200,
        "subsidy_fen": 300,
        "self_pay_fen": 900,
        "reason": None,
        "rules": [{"rule": "U60", "subsidy_fen": 300}],
    }


def test_the_same_request_again_answers_200_with_the_same_bytes(till):
    first = till.record(" Ｋ１")
    again = till.record("K1", credential="Ｃ００１ ")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.data == again.data
    assert lines() == 1


def test_a_key_with_other_content_is_a_conflict_without_effect(till):
    till.record("K1")
    assert is_problem(till.record("K1", price_fen=1300), 422, "key_conflict")
    assert lines() == 1


@pytest.mark.parametrize("key", [None, "", "  ", "　"])
def test_without_a_key_nothing_is_recorded(till, key):
    head = key.encode().decode("latin-1") if key else key
    assert is_problem(till.record(head), 400, "malformed")
    assert lines() == 0


@pytest.mark.parametrize("name", [name for name in LUNCH if name != "method"])
def test_a_missing_field_is_named(till, name):
    body = {field: value for field, value in LUNCH.items() if field != name}
    answer = till.post(URL, body, "K1")
    assert is_problem(answer, 422, "malformed")
    assert answer.json["field"] == name
    assert name in answer.json["title"]


def test_the_method_is_a_card_unless_it_is_said(till):
    body = {field: value for field, value in LUNCH.items() if field != "method"}
    assert till.post(URL, body, "K1").status_code == 201
    assert till.record("K1").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"credential": 1001},
        {"credential": ""},
        {"credential": "C" * 65},
        {"credential": "C\u0000"},
        {"credential": "\ud800"},
        {"point": None},
        {"point": "\u0000"},
        {"point": ""},
        {"served_at": "2024-05-06T11:30:00"},
        {"served_at": "2024-05-06"},
        {"served_at": 1714966200},
        {"served_at": "0001-01-01T00:00:00+14:00"},
        {"served_at": "9999-12-31T23:59:59-12:00"},
        {"served_at": "9999-12-31T20:00:00Z"},
        {"meal": "supper"},
        {"meal": ["lunch"]},
        {"meal": "\ud800"},
        {"mode": ""},
        {"method": "face"},
        {"method": None},
    ],
)
def test_what_no_till_could_mean_is_malformed(till, change):
    assert is_problem(till.record("K1", **change), 422, "malformed")
    assert lines() == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        "[1]",
        '"text"',
        "null",
        "[" * 100_000,
        '{"price_fen": ' + "9" * 5000 + "}",
    ],
    ids=["empty", "cut", "no text", "list", "string", "null", "deep", "long number"],
)
def test_a_body_that_is_no_object_is_malformed(till, body):
    assert is_problem(till.post(URL, body, "K1"), 422, "malformed")


@pytest.mark.parametrize("price", [0, -1, 20_001, 10**30, 12.0, True, "1200", None, [1200]])
def test_a_price_that_cannot_be_is_a_bad_price(till, price):
    assert is_problem(till.record("K1", price_fen=price), 422, "bad_price")


def test_a_bad_price_waits_for_its_turn(till):
    assert is_problem(till.record("K1", price_fen="12", credential="C9"), 422, "unknown_resident")


def test_a_till_ahead_of_the_server_learns_the_servers_time(till):
    answer = till.record("K1", served_at="2999-01-01T11:30:00+08:00")
    assert is_problem(answer, 422, "in_future")
    assert answer.json["server_time"].endswith("+00:00")


def test_a_refused_attempt_is_logged_once_without_the_number(till):
    for _ in range(2):
        till.record("K1", credential="C9")
    till.record("K2", meal="supper")
    logged = db.session.scalars(select(RefusedAttempt)).all()
    assert [(row.key, row.code, row.device) for row in logged] == [
        ("K1", "unknown_resident", "till-P01")
    ]
    assert b"C9" not in logged[0].credential


def test_a_till_serves_only_its_own_point(till):
    assert is_problem(till.record("K1", point="P02"), 403, "forbidden")
    assert is_problem(till.record("K1", point="P99"), 403, "forbidden")


def test_without_a_token_nothing_is_answered(till):
    answer = till.client.post(URL, json=LUNCH, headers={"Idempotency-Key": "K1"})
    assert is_problem(answer, 401, "unauthenticated")


def test_a_signed_in_operator_may_use_the_interface_with_the_forgery_token(app, client_request):
    tills.small_district()
    client = client_request.client("operator@P01")
    head = {"Idempotency-Key": "K1", "X-CSRFToken": client_request._tokens["operator@P01"]}
    assert client.post(URL, json=LUNCH, headers=head).status_code == 201
    assert client.post(URL, json=LUNCH, headers={"Idempotency-Key": "K2"}).status_code == 400
    line = db.session.scalars(select(Serving)).one()
    assert (line.operator, line.device) == ("operator-p01", "")


def test_a_device_stands_on_its_lines(till):
    till.record("K1")
    line = db.session.scalars(select(Serving)).one()
    assert (line.operator, line.device) == ("", "till-P01")


def test_a_chinese_key_arrives_as_utf_8(till):
    head = "流水 1/2".encode().decode("latin-1")
    assert till.record(head).json["key"] == "流水 1/2"
    assert lines() == 1


def test_two_sends_of_one_key_at_once_give_one_line_and_equal_answers(app, till):
    answers = []

    def send():
        answers.append(app.test_client().post(URL, json=LUNCH, headers=head))

    head = till.head | {"Idempotency-Key": "K1"}
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.data for answer in answers}) == 1
    assert lines() == 1


# --- batches ---


def test_a_batch_answers_each_item_as_if_it_had_come_alone(till):
    items = [
        LUNCH | {"key": "K1"},
        LUNCH | {"key": "K1"},
        LUNCH | {"key": "K1", "price_fen": 1},
        LUNCH,
        "lunch",
        LUNCH | {"key": "K2", "credential": "C9"},
        LUNCH | {"key": "K3", "point": "P02"},
        LUNCH | {"key": "K4", "credential": "C002"},
        LUNCH | {"key": 5},
    ]
    answer = till.batch(items)
    assert answer.status_code == 200
    results = answer.json["results"]
    assert [(one["key"], one["status"], one.get("code")) for one in results] == [
        ("K1", 201, None),
        ("K1", 200, None),
        ("K1", 422, "key_conflict"),
        (None, 400, "malformed"),
        (None, 422, "malformed"),
        ("K2", 422, "unknown_resident"),
        ("K3", 403, "forbidden"),
        ("K4", 201, None),
        (5, 422, "malformed"),
    ]
    alone = till.record("K1")
    assert {name: results[0][name] for name in alone.json} == alone.json
    assert results[2] == {"key": "K1"} | till.record("K1", price_fen=1).json


@pytest.mark.parametrize(("count", "status"), [(0, 200), (500, 200), (501, 413)])
def test_a_batch_holds_at_most_500(till, count, status):
    answer = till.batch([{"key": "K"}] * count)
    assert answer.status_code == status
    if status == 413:
        assert is_problem(answer, 413, "too_large")


def test_a_body_of_more_than_a_megabyte_is_too_large(till):
    assert is_problem(till.post(URL, b" " * (1024 * 1024 + 1), "K1"), 413, "too_large")


@pytest.mark.parametrize("body", [{}, {"servings": {}}, []])
def test_a_batch_without_a_list_is_malformed(till, body):
    assert is_problem(till.post(f"{URL}/batch", body), 422, "malformed")


def test_half_a_character_spoils_its_own_item_only(till):
    results = till.batch([LUNCH | {"key": "K\ud800"}, LUNCH | {"key": "K1"}]).json["results"]
    assert [(one["key"], one["status"]) for one in results] == [("K\ud800", 422), ("K1", 201)]


@pytest.mark.parametrize("key", ["\ue000K", "K\u3000", "👨\u200d👩", "K\t1", "𠮷\U000f0000"])
def test_a_key_is_any_characters_at_every_door(till, key):
    key = f"[{key}]"
    assert till.batch([LUNCH | {"key": key}]).json["results"][0]["status"] == 201
    assert till.reverse(quote(key, safe=""), "R1").status_code == 201


def test_a_batch_keeps_what_was_written_before_the_disk_was_full(till, monkeypatch):
    real = work.record_one
    items = [LUNCH | {"key": f"K{n}", "credential": "C003"} for n in range(120)]

    def full(connection, order, by, now):
        if order.key == "K60":
            connection.execute(text("SELECT 1"))
            raise OSError(28, "No space left on device")
        return real(connection, order, by, now)

    monkeypatch.setattr(work, "record_one", full)
    statuses = [one["status"] for one in till.batch(items).json["results"]]
    assert statuses == [201] * 50 + [503] * 70
    assert lines() == 50
    monkeypatch.setattr(work, "record_one", real)
    statuses = [one["status"] for one in till.batch(items).json["results"]]
    assert statuses == [200] * 50 + [201] * 70


# --- reversals ---


def test_a_reversal_takes_a_serving_back_and_frees_its_slot(till):
    till.record("K1")
    answer = till.reverse("K1", "R1")
    assert answer.status_code == 201
    assert answer.json.pop("sequence") > 0
    assert {name: answer.json[name] for name in ("key", "reverses", "subsidy_fen")} == {
        "key": "R1",
        "reverses": "K1",
        "subsidy_fen": -300,
    }
    assert till.record("K2").json["subsidy_fen"] == 300


def test_a_reversal_sent_again_answers_200_with_the_same_bytes(till):
    till.record("K1")
    first, again = till.reverse("K1", "R1"), till.reverse("K1", "R1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.data == again.data


def test_each_refused_reversal_has_its_status(app, till):
    till.record("K1")
    till.reverse("K1", "R1")
    other = Till(app, "P02")
    assert is_problem(till.reverse("K9", "R2"), 404, "unknown_serving")
    assert is_problem(till.reverse("K1", "R2"), 409, "already_reversed")
    assert is_problem(till.reverse("R1", "R2"), 422, "not_reversible")
    assert is_problem(till.reverse("K1", "R1", reason="别的原因"), 409, "already_reversed")
    assert is_problem(other.reverse("K1", "R1"), 403, "forbidden")
    assert is_problem(till.reverse("K1", None), 400, "malformed")
    assert is_problem(till.reverse("K1", "R2", reason=""), 422, "malformed")
    assert is_problem(till.post(f"{URL}/K1/reversal", {}, "R2"), 422, "malformed")


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("a/b", "a%2Fb"),
        ("a/b", "a/b"),
        ("/a//b/", "%2Fa%2F%2Fb%2F"),
        ("50% off", "50%25%20off"),
        ("流水号1", "%E6%B5%81%E6%B0%B4%E5%8F%B71"),
        ("a/reversal", "a/reversal"),
        ("?#&", "%3F%23%26"),
    ],
)
def test_any_key_can_be_reversed_by_its_address(till, key, path):
    assert till.record(key.encode().decode("latin-1")).status_code == 201
    answer = till.reverse(path, "R1")
    assert (answer.status_code, answer.json.get("reverses")) == (201, key)


def test_a_key_with_a_nul_in_the_address_is_unknown(till):
    assert is_problem(till.reverse("a%00b", "R1"), 404, "unknown_serving")


# --- health, and the interface's own description ---


def test_the_service_says_that_it_lives_and_is_ready(app):
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ok"}


def test_a_full_disk_is_not_ready(app, monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 1 << 60)
    answer = app.test_client().get("/readyz")
    assert is_problem(answer, 503, "unavailable")
    assert answer.json["failing"] == ["disk"]


def test_a_database_that_cannot_write_is_not_ready(app, monkeypatch):
    def away(_statement):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(health, "writing", away)
    assert app.test_client().get("/readyz").json["failing"] == ["database"]


def test_a_key_that_does_not_open_the_register_is_not_ready(app):
    tills.small_district()
    from mealsvc.plumbing.crypto import Vault

    real = app.extensions["mealsvc.vault"]
    app.extensions["mealsvc.vault"] = Vault(bytes(32))
    try:
        assert app.test_client().get("/readyz").json["failing"] == ["keys"]
    finally:
        app.extensions["mealsvc.vault"] = real


def test_an_unwritable_disk_is_a_503_and_reads_go_on(till, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    from mealsvc.api import views

    monkeypatch.setattr(views, "record_one", full)
    assert is_problem(till.record("K1"), 503, "unavailable")
    assert till.client.get("/api/v1/till/P01/roster", headers=till.head).status_code == 200


def test_every_route_of_the_interface_is_described_and_nothing_else(app):
    routes = {
        (rule.rule.replace("<key:", "{").replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(path, verb) for path, verbs in DOCUMENT["paths"].items() for verb in verbs}
    assert routes == described
    assert app.test_client().get("/api/v1/openapi.json").json == DOCUMENT


def test_every_reference_of_the_description_leads_somewhere():
    written = json.dumps(DOCUMENT)
    names = {part.split('"')[0] for part in written.split("#/components/schemas/")[1:]}
    assert names == DOCUMENT["components"]["schemas"].keys()
