"""What tills, other programs and files are told while a point or its subsidy is suspended."""

from datetime import date

import pytest

from mealsvc.places import services
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from tests.factories import tills, visits
from tests.services.test_imports import document, lines

NOW = visits.NOW
MEAL = {
    "point": "P01",
    "served_at": "2024-05-06T11:30:00+08:00",
    "meal": "lunch",
    "mode": "dine_in",
    "price_fen": 1200,
    "method": "card",
}
TOLD = {"point": "point_not_operating", "subsidy": "subsidy_suspended"}


class Till:
    """A program with the token of P01."""

    def __init__(self, app):
        self.client = app.test_client()
        self.head = {"Authorization": f"Bearer {tills.till_token()}"}

    def get(self, end: str, **query):
        url = f"/api/v1/till/P01/{end}"
        return self.client.get(url, query_string=query, headers=self.head).json

    def post(self, url: str, body: dict, key: str = ""):
        head = self.head | ({"Idempotency-Key": key} if key else {})
        return self.client.post(url, json=body, headers=head)


@pytest.fixture
def till(app, monkeypatch) -> Till:
    """It is 12:30 of 6 May 2024."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tills.small_district()
    return Till(app)


def stop(scope: str, from_on: date = visits.TODAY) -> None:
    with writing():
        services.suspend_point(visits.the_point(), from_on, "检查", tills.SHELL, scope)


def resume(scope: str, on: date = visits.TODAY) -> None:
    with writing():
        services.resume_point(visits.the_point(), on, tills.SHELL, scope)


def test_a_single_meal_is_recorded_at_full_price_or_refused(till):
    stop("subsidy")
    answer = till.post("/api/v1/servings", {**MEAL, "credential": "C001"}, "k1")
    assert answer.status_code == 201
    assert answer.json["reason"] == TOLD["subsidy"]
    assert (answer.json["subsidy_fen"], answer.json["self_pay_fen"]) == (0, 1200)
    stop("point")
    answer = till.post("/api/v1/servings", {**MEAL, "credential": "C002"}, "k2")
    assert (answer.status_code, answer.json["code"]) == (422, TOLD["point"])


def test_a_batch_is_told_meal_by_meal(till):
    stop("subsidy", date(2024, 5, 6))
    batch = [
        {**MEAL, "key": "b1", "credential": "C001", "served_at": "2024-05-05T11:30:00+08:00"},
        {**MEAL, "key": "b2", "credential": "C001"},
        {**MEAL, "key": "b3", "credential": "C003"},
    ]
    results = till.post("/api/v1/servings/batch", {"servings": batch}).json["results"]
    assert [one["reason"] for one in results] == [None, "subsidy_suspended", "under_age"]


def test_a_preview_and_an_upload_say_the_same(till):
    stop("subsidy")
    asked = {"credential": "C001", "meal": "lunch", "price_fen": 1200}
    told = till.post("/api/v1/till/P01/preview", asked).json
    assert told["reason"] == "subsidy_suspended"
    assert told["sentence"] == "72岁，本点补贴已暂停，按原价12.00元"
    promised = {"subsidy_fen": 300, "self_pay_fen": 900}
    entry = {**MEAL, "kind": "serving", "key": "u1", "credential": "C001", "shown": promised}
    (result,) = till.post("/api/v1/till/P01/uploads", {"entries": [entry]}).json["results"]
    assert (result["conflict"], result["reason"]) == ("full_price", "subsidy_suspended")


@pytest.mark.parametrize("scope", ["point", "subsidy"])
def test_a_tablet_hears_of_it_in_the_state_and_gets_the_roster_anew(till, scope):
    first = till.get("roster", since=0)
    assert (first["stopped"], till.get("state")["stopped"]) == (None, None)
    stop(scope)
    told = till.get("roster", since=first["sequence"])
    assert (told["full"], told["stopped"], till.get("state")["stopped"]) == (True, scope, scope)
    reasons = {one["meals"]["lunch"]["reason"] for one in told["residents"]}
    assert reasons == {TOLD[scope]} | ({"under_age"} if scope == "subsidy" else set())
    assert {one["meals"]["lunch"]["subsidy_fen"] for one in told["residents"]} == {0}
    resume(scope)
    again = till.get("roster", since=told["sequence"])
    assert (again["full"], again["stopped"]) == (True, None)
    assert None in {one["meals"]["lunch"]["reason"] for one in again["residents"]}


def test_a_suspension_elsewhere_changes_nothing_in_the_roster(till):
    first = till.get("roster", since=0)
    with writing():
        services.suspend_point(visits.the_point("P02"), visits.TODAY, "检查", tills.SHELL)
    assert till.get("roster", since=first["sequence"])["full"] is False


def test_a_file_is_judged_day_by_day(till, monkeypatch):
    stop("subsidy", date(2024, 5, 6))
    resume("subsidy", date(2024, 5, 8))
    stop("point", date(2024, 5, 9))
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(day=20))
    rows = [
        f"f{day},P01,C001,2024-05-0{day}T11:30:00+08:00,lunch,dine_in,1200" for day in range(5, 10)
    ]
    counted = document(
        "servings", lines("key,point,credential,served_at,meal,mode,price_fen", *rows)
    )
    assert (counted["subsidised"], counted["full_price"]) == (2, {"subsidy_suspended": 2})
    assert counted["rejected"] == {"point_not_operating": 1}
