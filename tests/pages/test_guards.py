"""The guards by themselves, in an application of a few views: deny by default, for everybody."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask_wtf.csrf import CSRFProtect, generate_csrf

from mealsvc.plumbing import guards
from mealsvc.plumbing.guards import Principal, UndeclaredGuard

TOWN = Principal(1, "li", "李明", "town", "320412100", frozenset({"points.read"}))
TILL = Principal(2, "t1", "t1", "operator", "P01", frozenset({"till.use"}), True, "device")
TOKEN = {"Authorization": "Bearer good"}


@pytest.fixture
def small():
    """An application in which `person` is signed in and the bearer token `good` is TILL."""
    app = Flask("small")
    app.config.update(SECRET_KEY="k" * 32, TESTING=True, person=None)
    CSRFProtect().init_app(app)

    def load(bearer):
        if bearer is not None:
            return TILL if bearer == "good" else None
        return app.config["person"]

    guards.init(app, load)
    _add_views(app)
    return app


def _add_views(app):
    views = {
        "/login": ("accounts.login", guards.public_page(generate_csrf)),
        "/account/password": ("accounts.password", guards.signed_in_bare(lambda: "password")),
        "/": ("home", guards.signed_in(lambda: "home")),
        "/points": ("points", guards.guard("points.read")(lambda: "points")),
        "/trail": ("trail", guards.guard("trail.read")(lambda: "trail")),
        "/towns/<code>": ("town", guards.guard("points.read")(_town)),
        "/api/v1/till/<code>": ("roster", guards.guard("till.use")(_roster)),
        "/forgotten": ("forgotten", lambda: "secret"),
    }
    for url, (endpoint, view) in views.items():
        app.add_url_rule(url, endpoint, view, methods=["GET", "POST"])


def _town(code):
    guards.require_division(code)
    return code


def _roster(code):
    guards.require_point(code, "320412100001")
    return code


def test_a_view_without_a_guard_fails_loudly_while_we_test(small):
    with pytest.raises(UndeclaredGuard):
        small.test_client().get("/forgotten")


def test_a_view_without_a_guard_opens_for_nobody_in_production(small):
    small.config.update(TESTING=False, person=TOWN)
    answer = small.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_a_stranger_is_sent_to_sign_in_and_back_to_the_page_afterwards(small):
    answer = small.test_client().get("/points?town=320412100&page=2")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/points?town%3D320412100%26page%3D2"


def test_a_form_sent_by_a_stranger_leads_home_after_signing_in(small):
    assert small.test_client().post("/points").location == "/login"


def test_a_right_opens_its_page_and_no_other(small):
    small.config["person"] = TOWN
    client = small.test_client()
    assert client.get("/points").text == "points"
    assert client.get("/trail").status_code == 403


def test_a_one_time_password_opens_nothing_but_the_page_that_changes_it(small):
    small.config["person"] = replace(TOWN, must_change=True)
    client = small.test_client()
    assert client.get("/").location == "/account/password"
    assert client.get("/points").location == "/account/password"
    assert client.get("/account/password").text == "password"
    assert client.get("/api/v1/till/P01").json["code"] == "must_change_password"


@pytest.mark.parametrize("url", ["/login", "/points", "/account/password", "/api/v1/till/P01"])
def test_a_form_without_its_token_is_refused_also_on_open_pages_and_in_the_api(small, url):
    everything = TOWN.actions | {"till.use"}
    small.config["person"] = replace(TOWN, actions=everything)
    assert small.test_client().post(url).status_code == 400


def test_a_session_may_use_the_api_with_the_token_in_the_head(small):
    small.config["person"] = replace(TILL, kind="user")
    client = small.test_client()
    head = {"X-CSRFToken": client.get("/login").text}
    assert client.post("/api/v1/till/P01", headers=head).status_code == 200


def test_a_bearer_token_needs_no_form_token(small):
    assert small.test_client().post("/api/v1/till/P01", headers=TOKEN).text == "P01"


@pytest.mark.parametrize("head", [{}, {"Authorization": "Bearer bad"}, {"Authorization": "Bearer"}])
def test_the_api_answers_401_as_a_problem_without_a_valid_token(small, head):
    answer = small.test_client().post("/api/v1/till/P01", headers=head)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "unauthenticated"


def test_a_bad_token_is_not_made_good_by_a_session(small):
    small.config["person"] = TILL
    head = {"Authorization": "Bearer bad"}
    assert small.test_client().get("/api/v1/till/P01", headers=head).status_code == 401


def test_a_bearer_token_opens_no_page_for_people(small):
    assert small.test_client().get("/points", headers=TOKEN).status_code == 302


def test_a_device_is_refused_at_another_point(small):
    answer = small.test_client().get("/api/v1/till/P02", headers=TOKEN)
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("code", "status"),
    [("320412100", 200), ("320412100001", 200), ("320412101", 403), ("320412", 403)],
)
def test_a_town_sees_itself_and_what_lies_in_it(small, code, status):
    small.config["person"] = TOWN
    assert small.test_client().get(f"/towns/{code}").status_code == status


def test_nobody_at_a_point_sees_a_division(small):
    small.config["person"] = replace(TILL, scope="3204", actions=frozenset({"points.read"}))
    assert small.test_client().get("/towns/320412").status_code == 403


def test_pages_that_do_not_exist_are_not_found_for_strangers(small):
    assert small.test_client().get("/nowhere").status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "points",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
    ],
)
def test_only_a_path_of_ours_is_gone_to_after_signing_in(target):
    assert guards.safe_next(target) == "/"


@pytest.mark.parametrize("target", ["/", "/points?page=2", "/till#card"])
def test_a_path_of_ours_is_kept(target):
    assert guards.safe_next(target) == target


@pytest.mark.parametrize(("https", "secure"), [(False, False), (True, True)])
def test_the_cookie_is_secure_over_https(small, https, secure):
    base = "https://localhost" if https else "http://localhost"
    cookie = small.test_client().get("/login", base_url=base).headers["Set-Cookie"]
    assert bool(re.search(r";\s*Secure", cookie)) is secure
    assert "HttpOnly" in cookie
