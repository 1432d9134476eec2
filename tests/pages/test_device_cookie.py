"""A tablet that is registered once: its cookie is a person's stand-in at the till, and nowhere else."""

import pytest
from sqlalchemy import select

from mealsvc.accounts.models import SignInFailure
from mealsvc.accounts.rules import SOURCE_LIMIT
from mealsvc.accounts.services import revoke_device
from mealsvc.accounts.sessions import DEVICE_COOKIE
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.trail.models import TrailEvent
from tests.factories import tills
from tests.support.pages import parse
from tests.support.people import sign_in

ORDER = {
    "point": "P01",
    "credential": "C001",
    "served_at": "2024-05-06T11:30:00+08:00",
    "meal": "lunch",
    "mode": "dine_in",
    "price_fen": 1200,
}


class Tablet:
    """A browser at the counter."""

    def __init__(self, app, token):
        self.client, self.token = app.test_client(), token

    def send(self, url, data=None, status=303):
        page = parse(self.client.get("/till/device").text)
        field = page.select_one("input[name=csrf_token]")
        form = {"csrf_token": field["value"], **(data or {})}
        answer = self.client.post(url, data=form, headers={"X-Forwarded-For": "192.0.2.1"})
        assert answer.status_code == status, answer.text
        return answer

    def register(self, token=None, status=303):
        return self.send("/till/device", {"token": token or self.token}, status)

    def state(self):
        return self.client.get("/api/v1/till/P01/state")


@pytest.fixture
def tablet(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH)
    tills.small_district()
    return Tablet(app, tills.till_token())


def test_a_token_typed_once_opens_the_till_and_the_interface(tablet):
    assert tablet.state().status_code == 401
    answer = tablet.register()
    assert answer.location == "/till"
    state = tablet.state().json
    assert (state["operator"], state["device"]) == (None, "till-P01")
    assert tablet.client.get("/till").status_code == 200
    assert tablet.client.get("/till/conflicts").status_code == 200


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(app, tablet):
    cookie = tablet.register().headers["Set-Cookie"]
    assert f"{DEVICE_COOKIE}={tablet.token}" in cookie
    for trait in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=31536000"):
        assert trait in cookie
    assert "Secure" not in cookie
    app.config["HTTPS"] = True
    try:
        assert "Secure" in tablet.register().headers["Set-Cookie"]
    finally:
        app.config["HTTPS"] = False


def test_a_registered_tablet_needs_the_token_against_forgery(tablet):
    tablet.register()
    head = {"Idempotency-Key": "K1"}
    assert tablet.client.post("/api/v1/servings", json=ORDER, headers=head).status_code == 400
    assert db.session.scalar(select(Serving.key)) is None
    head["X-CSRFToken"] = tablet.state().json["csrf_token"]
    assert tablet.client.post("/api/v1/servings", json=ORDER, headers=head).status_code == 201
    db.session.rollback()
    line = db.session.scalars(select(Serving)).one()
    assert (line.operator, line.device) == ("", "till-P01")


def test_the_till_without_a_script_names_the_tablet_in_the_line(tablet):
    tablet.register()
    form = {"credential": "C001", "method": "card", "key": "K1", "at": ORDER["served_at"]}
    form |= {"meal": "lunch", "mode": "dine_in", "price": "12", "expected": "900"}
    tablet.send("/till/plain/serve", form, status=200)
    db.session.rollback()
    line = db.session.scalars(select(Serving)).one()
    assert (line.operator, line.device) == ("", "till-P01")


def test_the_cookie_is_nobody_on_other_pages(tablet):
    tablet.register()
    for url in ("/", "/servings", "/figures", "/points", "/account/password"):
        answer = tablet.client.get(url)
        assert answer.status_code == 302, url
        assert answer.location.startswith("/login"), url
    for url in ("/tillers", "/api/v10"):
        assert tablet.client.get(url).status_code == 404


def test_a_tablet_is_of_its_own_point_and_has_an_operators_rights(tablet):
    tablet.register()
    assert tablet.client.get("/api/v1/till/P02/state").status_code == 403
    answer = tablet.send("/till/conflicts/K1", status=403)
    assert "没有这项权限" in answer.text


def test_whoever_signs_in_comes_before_the_tablet(app, tablet):
    tablet.register()
    sign_in(app, tablet.client, "manager")
    state = tablet.state().json
    assert (state["operator"]["login"], state["device"]) == ("manager-p01", "till-P01")
    sign_in(app, tablet.client, "operator@P02")
    assert tablet.state().status_code == 403


def test_a_withdrawn_tablet_is_told_so_from_the_next_request_on(tablet):
    tablet.register()
    with writing():
        revoke_device("till-P01", tills.SHELL, clock.now())
    answer = tablet.state()
    assert answer.status_code == 401
    assert (answer.json["code"], answer.json["device"]) == ("unauthenticated", "revoked")
    answer = tablet.client.get("/till/conflicts")
    assert answer.location == "/till/device"
    assert "登记已失效" in tablet.client.get("/till/device").text
    assert tablet.client.get("/servings").location.startswith("/login")


def test_a_stranger_is_not_told_of_a_device(app, tablet):
    answer = app.test_client().get("/api/v1/till/P01/state")
    assert "device" not in answer.json
    head = {"Authorization": "Bearer wrong"}
    tablet.register()
    with writing():
        revoke_device("till-P01", tills.SHELL, clock.now())
    assert "device" not in tablet.client.get("/api/v1/till/P01/state", headers=head).json


def test_a_tablet_forgets(tablet):
    tablet.register()
    assert "till-P01" in tablet.client.get("/till/device").text
    tablet.send("/till/device/forget")
    assert tablet.state().status_code == 401
    assert "一次性令牌" in tablet.client.get("/till/device").text


def test_a_wrong_token_is_refused_and_never_shown_again(tablet):
    page = tablet.register("not-the-token", status=422).text
    assert "令牌不对" in page
    assert "not-the-token" not in page
    assert tablet.state().status_code == 401


def test_wrong_tokens_lock_their_source(tablet):
    for _ in range(SOURCE_LIMIT.failures):
        tablet.register("wrong", status=422)
    assert "暂停" in tablet.register("wrong", status=422).text
    tablet.register(status=422)  # the right one has to wait too
    assert db.session.scalar(select(SignInFailure.locked_until)) > tills.LUNCH


def test_registering_leaves_a_row_without_the_token(tablet):
    tablet.register()
    db.session.rollback()
    rows = db.session.scalars(select(TrailEvent).where(TrailEvent.action == "devices.sign_in"))
    [row] = rows.all()
    assert row.subject == "device:till-P01"
    assert tablet.token not in row.detail


def test_the_address_keeps_no_token(tablet):
    answer = tablet.client.get(f"/till/device?token={tablet.token}")
    assert DEVICE_COOKIE not in str(answer.headers)
    assert tablet.token not in answer.text
