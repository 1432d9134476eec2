"""Accounts and devices: who may come in, what is kept of it, and what the trail says."""

import json
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec, module_from_spec

import pyotp
import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import select

from mealsvc.accounts import passwords, services, sessions
from mealsvc.accounts.models import Account, Device, PastPassword, SignInFailure, SignInSession
from mealsvc.accounts.refusals import (
    DeviceNameTaken,
    LoginTaken,
    OwnAccount,
    PasswordReused,
    SignInLocked,
    UnknownDevice,
    UnknownScope,
    UnknownUser,
    WeakPassword,
    WrongCode,
    WrongOldPassword,
    WrongSignIn,
)
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db, writing
from mealsvc.trail.models import TrailEvent

NOW = datetime(2024, 5, 6, 3, 0, tzinfo=UTC)
SHELL = Actor("command", "root")
HERE = "10.0.0.8"


@pytest.fixture
def zhang(app):
    with writing():
        return services.add_user("zhang", "district", "320412", "张丰", SHELL, NOW)


@pytest.fixture
def approver(app):
    with writing():
        return services.add_user("li", "approver", "320412", "李明", SHELL, NOW)


def _try(login, password, now=NOW, source=HERE):
    attempt = sessions.check_password(login, password, source)
    with writing():
        return sessions.sign_in(attempt, now)


def _code(secret, now=NOW):
    return pyotp.TOTP(secret).at(now)


def _verify(token, code, now=NOW):
    with writing():
        return sessions.verify_totp(token, code, HERE, now)


def _rows():
    """What the trail tells of accounts and devices (making the database left rows too)."""
    ours = TrailEvent.action.startswith("accounts.") | TrailEvent.action.startswith("devices.")
    return db.session.scalars(select(TrailEvent).where(ours).order_by(TrailEvent.seq)).all()


def _actions():
    return [row.action for row in _rows()]


def _lock(login, now=NOW, source=HERE):
    return [_try(login, "wrong", now, source).refusal for _ in range(5)]


def test_a_new_account_gets_a_password_once_and_must_change_it(zhang):
    account = services.find_user("zhang")
    assert account.must_change
    assert account.password_hash.startswith("$argon2id$")
    assert passwords.fits(account.password_hash, zhang.password)
    assert zhang.totp is None
    assert zhang.password not in repr(zhang)


def test_roles_that_need_a_second_factor_get_a_sealed_secret(approver):
    account = services.find_user("li")
    assert len(approver.totp) >= 32
    assert approver.totp.encode() not in account.totp_secret


def test_a_login_is_given_once_whatever_its_case(zhang):
    with pytest.raises(LoginTaken), writing():
        services.add_user("ZHANG", "town", "320412100", "张三", SHELL, NOW)


def test_a_scope_that_does_not_exist_is_refused_and_nothing_is_written(app):
    nowhere = {"scope_exists": lambda scope: False}
    with pytest.raises(UnknownScope), writing():
        services.add_user("wang", "operator", "WJ999", "王芳", SHELL, NOW, **nowhere)
    with pytest.raises(UnknownScope), writing():
        services.add_device("WJ999", "收银1号", SHELL, NOW, **nowhere)
    assert _actions() == []


def test_the_right_password_opens_a_session(zhang):
    outcome = _try("zhang", zhang.password)
    kept = db.session.scalars(select(SignInSession)).one()
    assert outcome.refusal is None
    assert kept.token_hash == services.token_hash(outcome.token)
    assert _actions() == ["accounts.add", "accounts.sign_in"]


def test_unknown_logins_wrong_passwords_and_disabled_accounts_get_the_same_answer(zhang):
    wrong = _try("zhang", "not-the-password")
    unknown = _try("nobody", "not-the-password")
    with writing():
        services.disable_user("zhang", SHELL, NOW)
    disabled = _try("zhang", zhang.password)
    answers = {(type(one.refusal), one.refusal.message) for one in (wrong, unknown, disabled)}
    assert answers == {(WrongSignIn, WrongSignIn().message)}


def test_the_hash_outside_the_tests_is_the_slow_one():
    found = find_spec("mealsvc.accounts.passwords")
    fresh = module_from_spec(found)
    found.loader.exec_module(fresh)
    assert extract_parameters(fresh.hash_password("a password")) == RFC_9106_LOW_MEMORY


def test_an_unknown_login_costs_the_same_hash_as_a_known_one(zhang, monkeypatch):
    checked = []

    class Watched(PasswordHasher):
        def verify(self, password_hash, password):
            checked.append(extract_parameters(password_hash))
            return super().verify(password_hash, password)

    monkeypatch.setattr(passwords, "HASHER", Watched(1, 8, 1))
    _try("zhang", "not-the-password")
    _try("nobody", "not-the-password")
    assert len(checked) == 2
    assert checked[0] == checked[1]


def test_the_fifth_failure_locks_and_then_the_right_password_waits_too(zhang):
    kinds = [type(refusal) for refusal in _lock("zhang")]
    assert kinds == [WrongSignIn] * 4 + [SignInLocked]
    assert isinstance(_try("zhang", zhang.password).refusal, SignInLocked)
    later = NOW + timedelta(minutes=30)
    assert _try("zhang", zhang.password, later).refusal is None


def test_an_unknown_login_locks_like_a_known_one(zhang):
    assert [type(one) for one in _lock("nobody")] == [type(one) for one in _lock("zhang")]


def test_guesses_that_were_checked_before_the_lock_are_refused_after_it(zhang):
    late = sessions.check_password("zhang", zhang.password, HERE)
    _lock("zhang")
    with writing():
        assert isinstance(sessions.sign_in(late, NOW).refusal, SignInLocked)


def test_a_password_that_was_reset_while_it_was_hashed_opens_nothing(zhang):
    attempt = sessions.check_password("zhang", zhang.password, HERE)
    with writing():
        services.reset_user("zhang", SHELL, NOW)
    with writing():
        assert isinstance(sessions.sign_in(attempt, NOW).refusal, WrongSignIn)


def test_success_forgets_the_failures_before_it(zhang):
    for _ in range(2):
        for _ in range(4):
            _try("zhang", "wrong")
        assert _try("zhang", zhang.password).refusal is None


def test_fifty_failures_from_one_source_lock_the_source_for_every_login(zhang):
    refusals = [_try(f"nobody{number}", "wrong").refusal for number in range(50)]
    assert isinstance(refusals[48], WrongSignIn)
    assert isinstance(refusals[49], SignInLocked)
    assert sessions.is_locked("zhang", HERE, NOW)
    assert not sessions.is_locked("zhang", "10.0.0.9", NOW)


def test_failures_that_no_longer_count_are_swept_out(app):
    for number in range(3):
        _try(f"nobody{number}", "wrong")
    _try("somebody", "wrong", NOW + timedelta(hours=25))
    assert len(db.session.scalars(select(SignInFailure)).all()) == 2


def test_an_administrator_unlocks(zhang):
    _lock("zhang")
    with writing():
        services.unlock_user("zhang", SHELL)
    assert _try("zhang", zhang.password).refusal is None
    assert "accounts.unlock" in _actions()


def test_failures_and_the_lock_are_in_the_trail_without_what_was_typed(zhang):
    _lock("zhang")
    _try("my-secret-password", "wrong")
    rows = _rows()
    failed = ["accounts.sign_in_failed"] * 5
    wanted = ["accounts.add", *failed, "accounts.lock", "accounts.sign_in_failed"]
    assert [row.action for row in rows] == wanted
    assert rows[-1].subject == "account:?"
    assert all("my-secret-password" not in row.subject + row.detail for row in rows)


def test_attempts_while_locked_write_nothing(zhang):
    _lock("zhang")
    before = _actions()
    _lock("zhang")
    assert _actions() == before


def test_an_approver_is_in_only_after_the_second_factor(approver):
    first = _try("li", approver.password)
    assert first.second_factor
    assert sessions.is_waiting(first.token, NOW)
    second = _verify(first.token, _code(approver.totp))
    assert second.refusal is None
    assert second.token != first.token
    assert not sessions.is_waiting(first.token, NOW)


def test_a_code_does_not_work_twice(approver):
    code = _code(approver.totp)
    assert _verify(_try("li", approver.password).token, code).refusal is None
    again = _verify(_try("li", approver.password).token, code)
    assert isinstance(again.refusal, WrongCode)


def test_wrong_codes_lock_like_wrong_passwords_and_end_the_waiting_session(approver):
    token = _try("li", approver.password).token
    refusals = [_verify(token, "000000").refusal for _ in range(5)]
    assert [type(one) for one in refusals] == [WrongCode] * 4 + [SignInLocked]
    assert not sessions.is_waiting(token, NOW)


def test_the_second_step_waits_five_minutes(approver):
    token = _try("li", approver.password).token
    assert sessions.is_waiting(token, NOW + timedelta(minutes=5))
    assert not sessions.is_waiting(token, NOW + timedelta(minutes=5, seconds=1))


def _change(old, new):
    account = services.find_user("zhang")
    prepared = services.prepare_password(account.id, old, new)
    with writing():
        services.change_password(account.id, prepared, Actor("user", "zhang"), NOW)


def test_changing_the_password_ends_every_session(zhang):
    _try("zhang", zhang.password)
    _change(zhang.password, "a-new-password-1")
    assert db.session.scalars(select(SignInSession)).all() == []
    assert not services.find_user("zhang").must_change
    assert _try("zhang", "a-new-password-1").refusal is None


def test_the_old_password_must_be_right_and_the_new_one_strong(zhang):
    with pytest.raises(WrongOldPassword):
        _change("not-the-password", "a-new-password-1")
    with pytest.raises(WeakPassword):
        _change(zhang.password, "short")


def test_the_last_five_passwords_are_not_used_again_and_the_sixth_may_be(zhang):
    old = zhang.password
    for number in range(1, 6):
        new = f"a-new-password-{number}"
        _change(old, new)
        old = new
    with pytest.raises(PasswordReused):
        _change(old, "a-new-password-1")
    _change(old, zhang.password)
    assert len(db.session.scalars(select(PastPassword)).all()) == 5


def test_a_reset_gives_new_secrets_and_ends_locks_and_sessions(approver):
    token = _try("li", approver.password).token
    _lock("li")
    with writing():
        once = services.reset_user("li", SHELL, NOW)
    assert once.password != approver.password
    assert once.totp != approver.totp
    assert not sessions.is_waiting(token, NOW)
    assert isinstance(_try("li", approver.password).refusal, WrongSignIn)
    assert _try("li", once.password).second_factor


def test_disabling_and_enabling_are_recorded_once_each(zhang):
    for _ in range(2):
        with writing():
            services.disable_user("zhang", SHELL, NOW)
    for _ in range(2):
        with writing():
            services.enable_user("zhang", SHELL)
    assert _actions() == ["accounts.add", "accounts.disable", "accounts.enable"]


def test_nobody_disables_or_promotes_the_own_account(zhang):
    me = Actor("user", "zhang")
    with pytest.raises(OwnAccount), writing():
        services.disable_user("zhang", me, NOW)
    with pytest.raises(OwnAccount), writing():
        services.assign_role("zhang", "approver", "320412", me)


def test_a_role_that_needs_a_second_factor_brings_one(zhang):
    with writing():
        totp = services.assign_role("zhang", "approver", "320412", SHELL)
    token = _try("zhang", zhang.password).token
    assert _verify(token, _code(totp)).refusal is None
    row = db.session.scalars(select(TrailEvent).where(TrailEvent.action == "accounts.assign")).one()
    assert json.loads(row.detail)["before"] == {"role": "district", "scope": "320412"}


def test_a_device_token_is_kept_as_a_digest_only(app):
    with writing():
        made = services.add_device("WJ001", "收银1号", SHELL, NOW)
    kept = db.session.scalars(select(Device)).one()
    assert len(made.token) >= 43
    assert kept.token_hash == services.token_hash(made.token)
    assert made.token not in repr(made)


def test_a_device_name_is_given_once_also_after_it_was_revoked(app):
    with writing():
        services.add_device("WJ001", "收银1号", SHELL, NOW)
    with writing():
        services.revoke_device("收银1号", SHELL, NOW)
    with pytest.raises(DeviceNameTaken), writing():
        services.add_device("WJ002", "收银1号", SHELL, NOW)
    assert _actions() == ["devices.add", "devices.revoke"]


def test_unknown_accounts_and_devices_are_refused(app):
    with pytest.raises(UnknownUser), writing():
        services.reset_user("nobody", SHELL, NOW)
    with pytest.raises(UnknownDevice), writing():
        services.revoke_device("无", SHELL, NOW)


def test_secrets_reach_the_database_in_no_readable_form(approver):
    account = db.session.scalars(select(Account)).one()
    texts = [str(value) for value in vars(account).values()]
    texts += [row.detail for row in db.session.scalars(select(TrailEvent))]
    assert not [text for text in texts if approver.password in text or approver.totp in text]
