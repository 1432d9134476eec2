"""The roster that a till keeps for the hours without a network."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from mealsvc.api import roster
from mealsvc.menus.services import put_item
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.residents.enrolment import enrol_batch
from mealsvc.servings.services import reverse_serving
from tests.factories import tills

PERIOD = timedelta(days=1)


class Till:
    """A till that asks for its roster; the server's clock stands at noon of 6 May 2024."""

    def __init__(self, app):
        self.client = app.test_client()
        self.head = {"Authorization": f"Bearer {tills.till_token()}"}

    def roster(self, point="P01", **query):
        url = f"/api/v1/till/{point}/roster"
        return self.client.get(url, query_string=query, headers=self.head)

    def changes(self, since):
        return self.roster(since=since).json


@pytest.fixture
def till(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH)
    tills.small_district()
    return Till(app)


def names(page):
    return [one["name"] for one in page["residents"]]


def meals_of(page, name):
    return next(one["meals"] for one in page["residents"] if one["name"] == name)


def test_a_roster_says_what_each_elder_would_pay_today(till):
    page = till.roster().json
    assert (page["point"], page["day"], page["full"], page["next"]) == (
        "P01",
        "2024-05-06",
        True,
        None,
    )
    assert names(page) == ["张*丰", "欧阳**", "张*芳", "单于*"]
    assert meals_of(page, "张*丰")["lunch"] == {"tier": "U60", "subsidy_fen": 300, "reason": None}
    assert meals_of(page, "欧阳**")["lunch"]["subsidy_fen"] == 400
    assert meals_of(page, "张*芳")["lunch"] == {
        "tier": None,
        "subsidy_fen": 0,
        "reason": "under_age",
    }
    assert meals_of(page, "张*丰")["breakfast"]["reason"] == "meal_not_subsidised"


def test_a_roster_holds_no_number_phone_or_address(till):
    text = till.roster().text
    for number in tills.ID_NUMBERS.values():
        assert number not in text
    for _, _, _, card in tills.ELDERS:
        assert f'"{card}"' not in text
    assert "国丰" not in text


def test_a_roster_tells_people_of_one_name_apart_without_their_names(till):
    [zhang, ouyang, _, chanyu] = till.roster().json["residents"]
    assert [zhang[name] for name in ("title", "age", "place")] == ["张爷爷", 72, "丰乐社区"]
    assert ouyang["title"] in ("欧阳爷爷", "欧阳奶奶")
    assert zhang["initials"] == ["zgf"]
    assert "oyxy" in ouyang["initials"]
    assert "cyf" in chanyu["initials"]
    assert all(key.isascii() and len(key) <= 4 for key in zhang["initials"] + ouyang["initials"])


def test_equals_get_the_same_and_a_cap_that_is_reached_is_told(till):
    twin = tills.enrolment("赵新民", "19520302", "021", "C021")  # of one age with 张国丰
    with writing():
        enrol_batch([twin], tills.SHELL, clock.now(), source="测试")
    tills.serve("K1", meal="dinner")
    tills.serve("K2")
    page = till.roster().json
    assert meals_of(page, "张*丰")["lunch"]["reason"] == "day_cap"
    assert meals_of(page, "赵*民")["lunch"] == {"tier": "U60", "subsidy_fen": 300, "reason": None}


def test_a_card_is_found_by_its_digest_under_the_points_own_salt(till):
    page = till.roster().json
    digest = hmac.new(bytes.fromhex(page["salt"]), b"C001", hashlib.sha256).hexdigest()
    assert [one["name"] for one in page["residents"] if digest in one["cards"]] == ["张*丰"]


def test_a_token_serves_as_a_credential(till):
    token = till.roster().json["residents"][0]["token"]
    body = {
        "point": "P01",
        "credential": token,
        "served_at": "2024-05-06T11:30:00+08:00",
        "meal": "lunch",
        "mode": "dine_in",
        "price_fen": 1200,
    }
    head = till.head | {"Idempotency-Key": "K1"}
    answer = till.client.post("/api/v1/servings", data=json.dumps(body), headers=head)
    assert answer.json["resident"]["name"] == "张*丰"
    assert till.roster().json["slots"] == [{"token": token, "meal": "lunch"}]


def test_a_price_on_the_menu_takes_the_place_of_the_reference_price(till):
    assert till.roster().json["prices"]["lunch"] == roster.REFERENCE_PRICE_FEN
    _put_menu()
    assert till.roster().json["prices"]["lunch"] == 350
    assert meals_of(till.roster().json, "欧阳**")["lunch"]["subsidy_fen"] == 250


def _put_menu():
    item = {"served_on": tills.LUNCH.date(), "meal": "lunch", "name": "套餐A", "kind": "套餐"}
    with writing():
        put_item(
            point_by_code("P01").id, "P01", item | {"price_fen": 350}, tills.SHELL, clock.now()
        )


def test_only_what_changed_comes_the_next_time(till):
    since = till.roster().json["sequence"]
    assert till.changes(since)["residents"] == []
    tills.serve("K1", "C002")
    page = till.changes(since)
    assert (page["full"], names(page), len(page["slots"])) == (False, ["欧阳**"], 1)
    with writing() as connection:
        reverse_serving(connection, "R1", "K1", "错", None, tills.SHELL, tills.LUNCH)
    page = till.changes(page["sequence"])
    assert (names(page), page["slots"]) == (["欧阳**"], [])


def test_a_corrected_resident_is_a_change(till):
    since = till.roster().json["sequence"]
    elder = list(tills.ELDERS[0])
    with writing():
        new = tills.enrolment("张国峰", *elder[1:])
        tills.enrol_batch([new], tills.SHELL, tills.LUNCH, source="测试")
    assert names(till.changes(since)) == ["张*峰"]


def test_a_new_price_or_policy_or_day_sends_everything_again(till, monkeypatch):
    since = till.roster().json["sequence"]
    _put_menu()
    page = till.changes(since)
    assert (page["full"], len(page["residents"])) == (True, 4)
    since = page["sequence"]
    with writing():
        tills.import_policy(
            tills.SAMPLE.replace('code = "TN-2022"', 'code = "X"').replace(
                'division = "320412"', 'division = "320411"'
            ),
            tills.SHELL,
            tills.LUNCH,
        )
    page = till.changes(since)
    assert page["full"]
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH + PERIOD)
    assert till.changes(page["sequence"])["full"]


def test_more_changes_than_are_worth_listing_send_everything(till, monkeypatch):
    since = till.roster().json["sequence"]
    monkeypatch.setattr(roster, "MOST_CHANGES", 1)
    tills.serve("K1")
    assert not till.changes(since)["full"]
    tills.serve("K2", "C002")
    assert till.changes(since)["full"]


def test_a_number_that_was_never_given_sends_everything(till):
    assert till.changes(0)["full"]
    assert till.changes(10**15)["full"]


def test_a_long_roster_comes_in_pages(till, monkeypatch):
    monkeypatch.setattr(roster, "PAGE", 3)
    first = till.roster().json
    second = till.roster(after=first["next"]).json
    assert (len(first["residents"]), names(second), second["next"]) == (3, ["单于*"], None)
    for number in range(4):
        tills.serve(f"K{number}", f"C00{number + 1}")
    since = first["sequence"]
    first = till.changes(since)
    second = till.roster(since=since, after=first["next"]).json
    assert (len(first["residents"]), names(second), second["full"]) == (3, ["单于*"], False)


def test_a_cap_that_is_reached_shows_on_the_roster(till):
    tills.serve("K1")
    tills.serve("K2", meal="dinner")
    assert meals_of(till.roster().json, "张*丰")["lunch"]["reason"] == "day_cap"


@pytest.mark.parametrize(
    "query", [{"since": "-1"}, {"since": "x"}, {"since": "²"}, {"after": "F"}, {"after": "T-00"}]
)
def test_numbers_that_are_none_are_malformed(till, query):
    answer = till.roster(**query)
    assert (answer.status_code, answer.json["code"]) == (422, "malformed")


def test_another_points_roster_is_closed(till):
    answer = till.roster("P02")
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_a_point_that_was_never_entered_is_unknown(app, till):
    head = {"Authorization": f"Bearer {tills.till_token('P77')}"}
    answer = till.client.get("/api/v1/till/P77/roster", headers=head)
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_point")
