"""Signing in as people do it, and the pages of the administrators."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from mealsvc.accounts import passwords, services
from mealsvc.accounts.models import Account, Device
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from tests.factories.tills import small_district
from tests.support.pages import parse

SHELL = Actor("command", "root")
NEW = "a-new-password-1"


@pytest.fixture
def later(monkeypatch):
    """`later(minutes=31)`: what the clock says from now on."""
    real = clock.now

    def move(**gap):
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(**gap))

    return move


class Person:
    """Somebody with a browser, an account and its one-time secrets."""

    def __init__(self, app, role, scope):
        self.client = app.test_client()
        with writing():
            self.once = services.add_user(
                "zhang", role, scope, "张丰", SHELL, clock.now(), must_change=False
            )

    def post(self, url, **fields):
        page = parse(self.client.get(url).text)
        token = page.find("input", attrs={"name": "csrf_token"})
        if token:
            fields["csrf_token"] = token["value"]
        return self.client.post(url, data=fields)

    def sign_in(self, password=None, url="/login"):
        return self.post(url, login="zhang", password=password or self.once.password)

    def send_code(self, code=None, url="/login/second-factor"):
        return self.post(url, code=code or pyotp.TOTP(self.once.totp).at(clock.now()))

    def is_in(self):
        return self.client.get("/settings").status_code == 200


@pytest.fixture
def zhang(app):
    return Person(app, "district", "320412")


@pytest.fixture
def admin(app):
    return Person(app, "sys_admin", "320412")


def _errors(answer):
    return parse(answer.text).find(class_="summary").get_text()


def test_signing_in_leads_to_the_page_that_was_wanted(zhang):
    wanted = zhang.client.get("/settings").location
    assert wanted == "/login?next=/settings"
    answer = zhang.sign_in(url=wanted)
    assert (answer.status_code, answer.location) == (303, "/settings")
    assert zhang.is_in()


def test_signing_in_never_leads_to_another_site(zhang):
    assert zhang.sign_in(url="/login?next=//evil.example/").location == "/"


def test_a_wrong_password_is_told_at_the_top_and_the_login_is_kept(zhang):
    answer = zhang.sign_in("not-the-password")
    assert answer.status_code == 422
    assert "登录名或密码不正确" in _errors(answer)
    assert parse(answer.text).find("input", attrs={"name": "login"})["value"] == "zhang"


def test_empty_fields_are_asked_for(zhang):
    assert "请输入密码。" in _errors(zhang.post("/login", login="zhang"))


def test_the_fifth_wrong_password_locks_and_then_the_right_one_waits(zhang):
    for _ in range(5):
        answer = zhang.sign_in("not-the-password")
    assert "30分钟后再试" in _errors(answer)
    assert zhang.sign_in().status_code == 422
    assert not zhang.is_in()


def test_a_form_without_its_token_is_refused(zhang):
    form = {"login": "zhang", "password": zhang.once.password}
    assert zhang.client.post("/login", data=form).status_code == 400


def test_signing_in_makes_a_new_session_and_a_new_form_token(zhang):
    zhang.client.get("/login")
    with zhang.client.session_transaction() as before:
        planted = dict(before)
    zhang.sign_in()
    with zhang.client.session_transaction() as after:
        assert after.get("csrf_token") != planted["csrf_token"]
        assert after["sid"] != planted.get("sid")


def test_signing_out_ends_the_session_on_the_server_too(zhang):
    zhang.sign_in()
    with zhang.client.session_transaction() as stored:
        kept = dict(stored)
    assert zhang.post("/account/password", again="").status_code == 422
    token = parse(zhang.client.get("/settings").text).find("input", {"name": "csrf_token"})
    assert zhang.client.post("/logout", data={"csrf_token": token["value"]}).status_code == 303
    with zhang.client.session_transaction() as stored:
        stored.update(kept)
    assert not zhang.is_in()


def test_thirty_idle_minutes_end_a_session_and_work_in_between_keeps_it(zhang, later):
    zhang.sign_in()
    later(minutes=29)
    assert zhang.is_in()
    later(minutes=58)
    assert zhang.is_in()
    later(minutes=89)
    assert not zhang.is_in()


def test_an_administrator_idles_fifteen_minutes_only(admin, later):
    admin.sign_in()
    admin.send_code()
    assert admin.is_in()
    later(minutes=14)
    assert admin.is_in()
    later(minutes=30)
    assert not admin.is_in()


def test_twelve_hours_end_the_busiest_session(zhang, later):
    zhang.sign_in()
    for minutes in range(25, 12 * 60, 25):
        later(minutes=minutes)
        assert zhang.is_in()
    later(hours=12, seconds=5)
    assert not zhang.is_in()


def test_the_password_alone_opens_nothing_where_a_second_factor_is_asked(admin):
    answer = admin.sign_in(url="/login?next=/settings")
    assert answer.location == "/login/second-factor?next=/settings"
    assert not admin.is_in()
    assert admin.send_code(url=answer.location).location == "/settings"
    assert admin.is_in()


def test_a_code_that_was_used_does_not_open_a_second_session(admin):
    code = pyotp.TOTP(admin.once.totp).at(clock.now())
    admin.sign_in()
    assert admin.send_code(code).status_code == 303
    admin.client.delete_cookie("mealsvc")
    admin.client.delete_cookie("session")
    admin.sign_in()
    assert "动态验证码不正确或已用过" in _errors(admin.send_code(code))


def test_the_second_step_without_the_first_leads_to_the_first(admin):
    assert admin.client.get("/login/second-factor").location == "/login"


def test_a_disabled_account_is_out_at_the_next_request(zhang):
    zhang.sign_in()
    assert zhang.is_in()
    with writing():
        services.disable_user("zhang", SHELL, clock.now())
    assert not zhang.is_in()


def test_an_account_that_is_disabled_in_the_database_is_out_too(zhang):
    zhang.sign_in()
    with writing():
        db.session.execute(update(Account).values(disabled_at=clock.now()))
    assert not zhang.is_in()


def test_a_changed_role_counts_from_the_next_request(zhang):
    zhang.sign_in()
    assert zhang.client.get("/residents").status_code == 200
    with writing():
        services.assign_role("zhang", "leader", "320412", SHELL)
    assert zhang.client.get("/residents").status_code == 403


def test_a_role_that_asks_for_a_second_factor_ends_a_session_without_one(zhang):
    zhang.sign_in()
    with writing():
        services.assign_role("zhang", "audit_admin", "320412", SHELL)
    assert zhang.client.get("/trail").status_code == 302


def test_a_one_time_password_is_changed_before_anything_else(zhang):
    with writing():
        db.session.execute(update(Account).values(must_change=True))
    zhang.sign_in()
    assert zhang.client.get("/settings").location == "/account/password"
    page = zhang.client.get("/account/password")
    assert "首次登录" in page.text
    old = zhang.once.password
    answer = zhang.post("/account/password", old_password=old, password=NEW, again=NEW)
    assert answer.status_code == 303
    assert zhang.is_in()


@pytest.mark.parametrize(
    ("old", "new", "again", "told"),
    [
        (None, NEW, "another", "两次输入的新密码不一致"),
        (None, "short", "short", "密码强度不够"),
        (None, "zhang-zhang-zhang", "zhang-zhang-zhang", "不能包含登录名"),
        ("not-the-password", NEW, NEW, "原密码不正确"),
    ],
)
def test_a_password_that_cannot_be_taken_is_explained(zhang, old, new, again, told):
    zhang.sign_in()
    old = old or zhang.once.password
    fields = {"old_password": old, "password": new, "again": again}
    assert told in _errors(zhang.post("/account/password", **fields))


def test_wrong_old_passwords_lock_like_wrong_sign_ins(zhang):
    zhang.sign_in()
    fields = {"old_password": "not-the-password", "password": NEW, "again": NEW}
    answers = [zhang.post("/account/password", **fields) for _ in range(5)]
    assert "30分钟后再试" in _errors(answers[-1])


def test_an_account_is_added_and_its_password_shown_once(client_request):
    small_district()
    fields = {"login": "wang", "name": "王芳", "role": "operator", "scope": "P01"}
    client_request.get("/accounts/new", "sys_admin")
    page = client_request.post("/accounts/new", fields, "sys_admin", status=200)
    shown = re.search(r"\w{4}(-\w{4}){3}", page.get_text())[0]
    account = services.find_user("wang")
    assert passwords.fits(account.password_hash, shown)
    assert shown not in client_request.get(f"/accounts/{account.id}", "sys_admin").get_text()


def test_an_approver_is_handed_a_second_factor_to_scan(client_request):
    fields = {"login": "wang", "name": "王芳", "role": "approver", "scope": "320412"}
    client_request.get("/accounts/new", "sys_admin")
    page = client_request.post("/accounts/new", fields, "sys_admin", status=200)
    assert page.find("svg", class_="segno") is not None


def test_a_scope_of_the_wrong_form_is_told_at_its_field(client_request):
    fields = {"login": "wang", "name": "王芳", "role": "town", "scope": "320412"}
    client_request.get("/accounts/new", "sys_admin")
    page = client_request.post("/accounts/new", fields, "sys_admin", status=422)
    assert "请输入9位区划代码" in page.find(id="scope-error").get_text()


def test_accounts_are_found_by_name_role_and_state(client_request, zhang):
    with writing():
        services.add_user("wang", "town", "320412100", "王芳", SHELL, clock.now())
        services.disable_user("wang", SHELL, clock.now())
    for query in ("q=WANG", "q=王", "role=town", "state=disabled", "scope=320412100"):
        page = client_request.get(f"/accounts?{query}", "sec_admin")
        logins = [cell.get_text() for cell in page.select("tbody th")]
        assert logins == ["wang"], query
    assert "没有符合条件的账号" in client_request.get("/accounts?q=%", "sec_admin").get_text()


def test_the_security_administrator_disables_enables_unlocks_and_grants(client_request, zhang):
    account = services.find_user("zhang")
    base = f"/accounts/{account.id}"
    asked = client_request.get(f"{base}/disable", "sec_admin").get_text()
    assert "将停用张丰（zhang）的账号" in asked
    client_request.post(f"{base}/disable", {}, "sec_admin")
    assert "已停用" in client_request.get(base, "sec_admin").get_text()
    client_request.post(f"{base}/enable", {}, "sec_admin")
    for _ in range(5):
        zhang.sign_in("not-the-password")
    assert "已锁定" in client_request.get(base, "sec_admin").get_text()
    client_request.post(f"{base}/unlock", {}, "sec_admin")
    assert "已锁定" not in client_request.get(base, "sec_admin").get_text()
    client_request.post(f"{base}/role", {"role": "leader", "scope": "320412"}, "sec_admin")
    assert "分管领导" in client_request.get(base, "sec_admin").get_text()


def test_a_reset_asks_first_and_then_shows_a_new_password(client_request, zhang):
    url = f"/accounts/{services.find_user('zhang').id}/reset"
    assert "只显示一次" in client_request.get(url, "sys_admin").get_text()
    page = client_request.post(url, {}, "sys_admin", status=200)
    shown = re.search(r"\w{4}(-\w{4}){3}", page.get_text())[0]
    assert shown != zhang.once.password
    assert zhang.sign_in(shown).location == "/"


@pytest.mark.parametrize("role", ["sys_admin", "audit_admin", "district", "approver"])
def test_nobody_but_the_security_administrator_disables(client_request, zhang, role):
    url = f"/accounts/{services.find_user('zhang').id}/disable"
    client_request.get(url, role, status=403)
    client_request.post(url, {}, role, status=403)


def test_the_table_of_rights_is_one_page_for_the_three_administrators(client_request):
    for role in ("sys_admin", "sec_admin", "audit_admin"):
        page = client_request.get("/accounts/permissions", role)
        assert len(page.select("thead th")) == 2 + 13
    client_request.get("/accounts/permissions", "district", status=403)


def test_a_device_is_registered_listed_and_revoked(app, client_request):
    small_district()
    client_request.get("/devices", "sys_admin")
    fields = {"name": "收银1号", "scope": "P01"}
    page = client_request.post("/devices/new", fields, "sys_admin", status=200)
    token = page.find("dd", class_="code").get_text()
    head = {"Authorization": f"Bearer {token}"}
    device = db.session.scalars(select(Device)).one()
    client = app.test_client()
    assert client.get("/api/v1/till/P02/roster", headers=head).status_code == 403
    assert "吊销" in client_request.get("/devices?point=P01", "sys_admin").get_text()
    client_request.post(f"/devices/{device.id}/revoke", {}, "sys_admin")
    assert client.get("/api/v1/till/P01/roster", headers=head).status_code == 401


def test_when_a_device_was_last_seen_is_noted_at_most_once_an_hour(app, later):
    with writing():
        token = services.add_device("P01", "收银1号", SHELL, clock.now()).token
    head, client, seen = {"Authorization": f"Bearer {token}"}, app.test_client(), []
    for minutes in (0, 30, 90):
        later(minutes=minutes)
        client.get("/api/v1/till/P02/roster", headers=head)
        seen.append(db.session.scalar(select(Device.last_seen_at)))
        db.session.rollback()
    assert seen[0] == seen[1] < seen[2]


def test_two_accounts_of_one_person_are_bound_shown_and_taken_apart(client_request, zhang):
    with writing():
        services.add_user("zhang-2", "approver", "320412", "张丰", SHELL, clock.now())
    number = services.find_user("zhang").id
    address = f"/accounts/{number}/person"
    page = client_request.get(address, as_="sec_admin")
    assert "同一人" in page.h1.get_text()
    client_request.post(address, {"login": "zhang-2"}, as_="sec_admin")
    page = client_request.get(f"/accounts/{number}", as_="sys_admin")
    assert "zhang-2" in page.find(class_="facts").get_text()
    listed = client_request.get("/accounts?q=zhang", as_="sys_admin")
    assert listed.get_text().count("有多个账号") == 2
    client_request.post(f"{address}/end", as_="sec_admin")
    page = client_request.get(f"/accounts/{number}", as_="sys_admin")
    assert "zhang-2" not in page.find(class_="facts").get_text()


@pytest.mark.parametrize(
    ("login", "told"), [("nobody", "没有登录名为"), ("zhang", "同一个账号"), ("", "请输入")]
)
def test_a_wrong_other_account_is_told_at_its_field_and_kept(client_request, zhang, login, told):
    address = f"/accounts/{services.find_user('zhang').id}/person"
    page = client_request.post(address, {"login": login}, as_="sec_admin", status=422)
    assert told in page.find(class_="summary").get_text()
    assert page.find("input", attrs={"name": "login"}).get("value", "") == login
