"""Sign-in rules: passwords, lock-out, second factor, scopes; and the critical cells of the rights."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from mealsvc.accounts import rules
from mealsvc.accounts.permissions import ADMINS, LABELS, ROLES, TABLE, actions_of
from mealsvc.accounts.refusals import (
    BadLogin,
    BadScope,
    LongPassword,
    PasswordHoldsLogin,
    UnknownRole,
    WeakPassword,
)
from mealsvc.accounts.rules import LOGIN_LIMIT, Failures

NOW = datetime(2024, 5, 6, 3, 0, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

# Written by hand, not derived from the table: who holds the rights that matter most.
CRITICAL = {
    "residents.reveal": {"community", "town", "district"},
    "residents.write": {"community", "town", "district"},
    "servings.record": {"operator", "manager"},
    "servings.reverse": {"operator", "manager"},
    "till.use": {"operator", "manager"},
    "policies.draft": {"district"},
    "policies.approve": {"approver"},
    "settlement.submit": {"manager", "district"},
    "budget.write": {"district"},
    "imports.run": {"district"},
    "exports.run": {"district", "finance", "auditor"},
    "accounts.write": {"sys_admin"},
    "accounts.grant": {"sec_admin"},
    "accounts.lock": {"sec_admin"},
    "devices.write": {"sys_admin"},
    "settings.write": {"sys_admin"},
    "trail.read": {"audit_admin"},
}
ADMINISTRATION = {"accounts", "devices", "trail", "settings"}


@pytest.mark.parametrize(("action", "roles"), CRITICAL.items())
def test_the_rights_that_matter_most_are_held_by_exactly_these_roles(action, roles):
    assert {role for role in ROLES if action in actions_of(role)} == roles


@pytest.mark.parametrize("admin", ["sys_admin", "sec_admin", "audit_admin"])
def test_the_three_administrators_have_no_business_rights(admin):
    assert {action.split(".")[0] for action in actions_of(admin)} <= ADMINISTRATION


def test_no_administrator_holds_a_right_to_change_that_another_one_holds():
    changing = [
        letters for action, _, letters in TABLE if not action.endswith((".read", ".rights"))
    ]
    assert all(len(set(letters) & set(ADMINS)) <= 1 for letters in changing)


def test_nobody_in_business_administers_accounts_devices_or_the_trail():
    for role in ROLES.values():
        if role.letter not in ADMINS:
            rooms = {action.split(".")[0] for action in actions_of(role.code)}
            assert not rooms & {"accounts", "devices", "trail"}, role.code


def test_a_role_outside_the_table_has_no_rights():
    assert actions_of("root") == frozenset()


def test_the_table_names_each_action_once_and_only_known_roles():
    letters = {role.letter for role in ROLES.values()}
    assert len(LABELS) == len(TABLE)
    assert len(letters) == len(ROLES)
    assert all(set(row[2]) <= letters for row in TABLE)


def test_approvers_and_administrators_need_a_second_factor_and_administrators_idle_shorter():
    asked = {role.code for role in ROLES.values() if role.second_factor}
    short = {role.code for role in ROLES.values() if role.idle_minutes == 15}
    assert asked == {"approver", "sys_admin", "sec_admin", "audit_admin"}
    assert short == {"sys_admin", "sec_admin", "audit_admin"}


@pytest.mark.parametrize(
    "password", ["abcdefghijkl", "Abcdef12", "abcdef1!", "一二三四五六七八九十零甲", "Ab1-" * 32]
)
def test_twelve_letters_or_eight_of_three_classes_are_enough(password):
    rules.check_new_password(password, "zhang")


@pytest.mark.parametrize("password", ["abcdefghijk", "Abcde1!", "abcdef12", "aaaaaaaaaaaa", ""])
def test_a_shorter_or_plainer_password_is_refused(password):
    with pytest.raises(WeakPassword):
        rules.check_new_password(password, "zhang")


def test_a_password_may_not_hold_the_login_in_any_case():
    with pytest.raises(PasswordHoldsLogin):
        rules.check_new_password("My-ZHANG-2024", "zhang")


def test_a_password_of_129_letters_is_refused():
    with pytest.raises(LongPassword):
        rules.check_new_password("Ab1-" * 32 + "x", "zhang")


def _after(failures, gap=timedelta(seconds=1), state=None):
    state, now = state or Failures(), NOW
    for _ in range(failures):
        state, now = state.after_another(LOGIN_LIMIT, now), now + gap
    return state, now - gap


def test_the_fifth_failure_locks_for_thirty_minutes_and_the_fourth_does_not():
    four, now = _after(4)
    assert not four.locked(now)
    five, now = _after(5)
    assert five.locked(now)
    assert five.locked(now + timedelta(minutes=30) - timedelta(microseconds=1))
    assert not five.locked(now + timedelta(minutes=30))


def test_after_a_lock_there_are_five_attempts_again():
    five, _ = _after(5)
    again, now = _after(4, state=five)
    assert again.count == 4
    assert not again.locked(now)


def test_failures_more_than_a_day_apart_do_not_add_up():
    state, now = _after(6, gap=timedelta(hours=24))
    assert not state.locked(now)


def test_a_code_works_within_one_step_of_drift():
    totp = pyotp.TOTP(SECRET)
    step = int(NOW.timestamp()) // 30
    for drift, fits in [(-2, False), (-1, True), (0, True), (1, True), (2, False)]:
        found = rules.matching_step(SECRET, totp.generate_otp(step + drift), 0, NOW)
        assert found == (step + drift if fits else None)


def test_a_code_of_a_spent_step_does_not_work():
    step = int(NOW.timestamp()) // 30
    assert rules.matching_step(SECRET, pyotp.TOTP(SECRET).generate_otp(step), step, NOW) is None


@pytest.mark.parametrize("code", ["", "00000", "abcdef", "０００００零"])
def test_nonsense_is_no_code(code):
    assert rules.matching_step(SECRET, code, 0, NOW) is None


def test_full_width_and_capital_logins_are_the_same_login():
    assert rules.check_login(" ＺＨＡＮＧ.san ") == "zhang.san"


@pytest.mark.parametrize("login", ["", "a", "张三", "-zhang", "a b", "a" * 33, "a/b"])
def test_a_login_of_another_form_is_refused(login):
    with pytest.raises(BadLogin):
        rules.check_login(login)


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        ("operator", "WJ001"),
        ("manager", "WJ001"),
        ("community", "320412100001"),
        ("town", "320412100"),
        ("district", "320412"),
        ("sys_admin", "320412"),
    ],
)
def test_each_role_takes_a_scope_of_its_own_form(role, scope):
    assert rules.check_scope(role, scope).code == role


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        ("operator", ""),
        ("operator", "WJ 001"),
        ("community", "320412100"),
        ("town", "320412"),
        ("town", "WJ0012345"),
        ("district", "320412100"),
        ("district", "３２０４１２"),
        ("district", ""),
    ],
)
def test_a_scope_of_another_form_is_refused(role, scope):
    with pytest.raises(BadScope):
        rules.check_scope(role, scope)


def test_an_unknown_role_is_refused():
    with pytest.raises(UnknownRole):
        rules.check_scope("root", "320412")


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_an_ipv6_network_counts_as_one_source(address, source):
    assert rules.source_of(address) == source
