"""What administrators do with accounts and devices. One-time secrets are returned once, never kept."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

import pyotp
from sqlalchemy import delete, func, select

from mealsvc.accounts import passwords, rules
from mealsvc.accounts.models import (
    MOST_OFFSET_MS,
    Account,
    Device,
    PastPassword,
    SignInFailure,
    SignInSession,
)
from mealsvc.accounts.permissions import OUTSIDE_ROLE, ROLES
from mealsvc.accounts.persons import accounts_of
from mealsvc.accounts.refusals import (
    BadDeviceName,
    BadName,
    BadUntil,
    DeviceNameTaken,
    LoginTaken,
    OutsideAuditorsOnly,
    OwnAccount,
    PasswordReused,
    UnknownDevice,
    UnknownScope,
    UnknownUser,
    WrongOldPassword,
)
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.text import is_storable, tidy
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.trail.services import record

LONGEST_NAME = 40
ScopeExists = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class OneTime:
    """What the new owner of an account is handed once; `totp` is a base32 secret or None."""

    login: str
    role: str
    scope: str
    password: str = field(repr=False)
    totp: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeviceToken:
    """A new device and its bearer token, shown once."""

    device: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A new random password with its hash, made before the write transaction starts."""

    password: str = field(repr=False)
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that passed the rules, hashed; `replaces` is the hash it was checked against."""

    password_hash: str = field(repr=False)
    replaces: str = field(repr=False)


def any_scope(_scope: str) -> bool:
    """Stands where the caller has already checked that the scope exists."""
    return True


def new_credentials() -> Credentials:
    """A random one-time password; slow (Argon2id), so make it outside `writing()`."""
    password = passwords.new_one_time_password()
    return Credentials(password, passwords.hash_password(password))


def token_hash(token: str) -> bytes:
    """How session and device tokens (256 random bits) are kept."""
    return hashlib.sha256(token.encode()).digest()


def find_user(login: str) -> Account:
    """The account with this login, or `UnknownUser`."""
    statement = select(Account).where(Account.login == rules.normal_login(login))
    account = db.session.scalars(statement).first()
    if account is None:
        raise UnknownUser(login=login)
    return account


def add_user(
    login: str,
    role: str,
    scope: str,
    name: str,
    by: Actor,
    now: datetime,
    *,
    credentials: Credentials | None = None,
    must_change: bool = True,
    until: date | None = None,
    outside: bool = False,
    scope_exists: ScopeExists = any_scope,
) -> OneTime:
    """Opens an account; the person changes the password at the first sign-in if `must_change`.

    After the day `until` nobody signs in with it; `outside` is for auditors who see only what they
    are given.
    """
    login, name, scope = rules.check_login(login), _checked_name(name), tidy(scope)
    _check_scope(role, scope, scope_exists)
    _check_until(until, now)
    if outside and role != OUTSIDE_ROLE:
        raise OutsideAuditorsOnly()
    if db.session.scalar(select(Account.id).where(Account.login == login)) is not None:
        raise LoginTaken(login=login)
    made = credentials or new_credentials()
    account = Account(
        login=login,
        name=name,
        role=role,
        scope=scope,
        password_hash=made.password_hash,
        password_set_at=now,
        must_change=must_change,
        totp_last_step=0,
        created_at=now,
        expires_on=until,
        outside=outside,
    )
    totp = _renew_second_factor(account)
    db.session.add(account)
    db.session.flush()
    _remember_password(account)
    detail = {"role": role, "scope": scope, "name": name}
    if until is not None:
        detail["until"] = str(until)
    if outside:
        detail["outside"] = "yes"
    record(by, "accounts.add", _subject(account), detail)
    return OneTime(login, role, scope, made.password, totp)


def reset_user(
    login: str, by: Actor, now: datetime, *, credentials: Credentials | None = None
) -> OneTime:
    """A new one-time password and second factor; sign-ins under way and locks end."""
    account = find_user(login)
    made = credentials or new_credentials()
    account.password_hash, account.password_set_at = made.password_hash, now
    account.must_change = True
    totp = _renew_second_factor(account)
    _remember_password(account)
    end_sessions(account.id)
    _forget_failures(account.login)
    record(by, "accounts.reset", _subject(account), {"second_factor": totp is not None})
    return OneTime(account.login, account.role, account.scope, made.password, totp)


def disable_user(login: str, by: Actor, now: datetime) -> None:
    """Closes the account from the next request on; repeating it changes nothing."""
    account = find_user(login)
    _refuse_own(account, by)
    if account.disabled_at is None:
        account.disabled_at = now
        end_sessions(account.id)
        record(by, "accounts.disable", _subject(account))


def enable_user(login: str, by: Actor) -> None:
    """Opens a disabled account again; repeating it changes nothing."""
    account = find_user(login)
    _refuse_own(account, by)
    if account.disabled_at is not None:
        account.disabled_at = None
        record(by, "accounts.enable", _subject(account))


def unlock_user(login: str, by: Actor) -> None:
    """Lets somebody sign in at once who is locked after too many failures."""
    account = find_user(login)
    if _forget_failures(account.login):
        record(by, "accounts.unlock", _subject(account))


def assign_role(
    login: str,
    role: str,
    scope: str,
    by: Actor,
    *,
    scope_exists: ScopeExists = any_scope,
) -> str | None:
    """Changes role and scope from the next request on.

    Returns a second-factor secret, shown once, if the new role asks for one and none was there.
    """
    account, scope = find_user(login), tidy(scope)
    _refuse_own(account, by)
    _check_scope(role, scope, scope_exists)
    if account.outside and role != OUTSIDE_ROLE:
        raise OutsideAuditorsOnly()
    before = {"role": account.role, "scope": account.scope}
    after = {"role": role, "scope": scope}
    if before == after:
        return None
    account.role, account.scope = role, scope
    totp = _renew_second_factor(account) if account.totp_secret is None else None
    record(by, "accounts.assign", _subject(account), {"before": before, "after": after})
    return totp


def set_until(login: str, until: date | None, by: Actor, now: datetime) -> None:
    """Gives an account its last day, or none; sign-ins under way end with it. Repeating it changes
    nothing."""
    account = find_user(login)
    _refuse_own(account, by)
    if account.expires_on == until:
        return
    _check_until(until, now)
    detail = {"before": str(account.expires_on or ""), "after": str(until or "")}
    account.expires_on = until
    record(by, "accounts.until", _subject(account), detail)


def prepare_password(account_id: int, old: str, new: str) -> NewPassword:
    """Checks the old password and the rules for the new one; slow, so call it outside `writing()`."""
    account = db.session.get_one(Account, account_id)
    if not passwords.fits(account.password_hash, old):
        raise WrongOldPassword()
    rules.check_new_password(rules.normal_password(new), account.login)
    statement = select(PastPassword.password_hash).where(PastPassword.account_id == account_id)
    if any(passwords.fits(past, new) for past in db.session.scalars(statement).all()):
        raise PasswordReused(count=rules.LAST_PASSWORDS)
    return NewPassword(passwords.hash_password(new), account.password_hash)


def change_password(account_id: int, new: NewPassword, by: Actor, now: datetime) -> None:
    """Sets a prepared password and ends all sign-ins under way."""
    account = db.session.get_one(Account, account_id)
    if account.password_hash != new.replaces:
        raise WrongOldPassword()
    account.password_hash, account.password_set_at = new.password_hash, now
    account.must_change = False
    _remember_password(account)
    end_sessions(account.id)
    record(by, "accounts.change_password", _subject(account))


def add_device(
    point: str,
    name: str,
    by: Actor,
    now: datetime,
    *,
    scope_exists: ScopeExists = any_scope,
) -> DeviceToken:
    """Registers a till or program of one point; its token may do what an operator there may."""
    point, name = tidy(point), tidy(name)
    _check_scope("operator", point, scope_exists)
    if not name or len(name) > LONGEST_NAME or not is_storable(name):
        raise BadDeviceName()
    if db.session.scalar(select(Device.id).where(Device.name == name)) is not None:
        raise DeviceNameTaken(name=name)
    token = secrets.token_urlsafe(32)
    db.session.add(
        Device(name=name, point_code=point, token_hash=token_hash(token), created_at=now)
    )
    db.session.flush()
    record(by, "devices.add", f"device:{name}", {"point": point})
    return DeviceToken(name, token)


def revoke_device(name: str, by: Actor, now: datetime) -> None:
    """The token is refused from the next request on; repeating it changes nothing."""
    device = db.session.scalars(select(Device).where(Device.name == tidy(name))).first()
    if device is None:
        raise UnknownDevice(name=name)
    if device.revoked_at is None:
        device.revoked_at = now
        record(by, "devices.revoke", f"device:{device.name}", {"point": device.point_code})


def wrong_clocks(point: str | None) -> int:
    """How many tills, of this point or of all, reported a clock that is more than 5 minutes off."""
    off = func.abs(Device.clock_offset_ms) > MOST_OFFSET_MS
    rows = select(func.count()).where(off, Device.revoked_at.is_(None))
    if point is not None:
        rows = rows.where(Device.point_code == point)
    return db.session.scalar(rows) or 0


def end_sessions(account_id: int) -> None:
    """All sign-ins of this account end."""
    db.session.execute(delete(SignInSession).where(SignInSession.account_id == account_id))


def failure_key(kind: str, text: str) -> bytes:
    """The blind index under which failures are counted; what was typed is not kept."""
    return vault().index("accounts.failures", f"{kind}:{text}")


def _forget_failures(login: str) -> bool:
    statement = delete(SignInFailure).where(SignInFailure.key == failure_key("login", login))
    return db.session.execute(statement.returning(SignInFailure.key)).first() is not None


def _renew_second_factor(account: Account) -> str | None:
    if not ROLES[account.role].second_factor:
        account.totp_secret = None
        return None
    secret = pyotp.random_base32()
    account.totp_secret, account.totp_last_step = vault().seal(secret), 0
    return secret


def _remember_password(account: Account) -> None:
    """Keeps the newest hashes only: as many as must not be used again."""
    db.session.add(PastPassword(account_id=account.id, password_hash=account.password_hash))
    db.session.flush()
    mine = PastPassword.account_id == account.id
    newest = select(PastPassword.id).where(mine).order_by(PastPassword.id.desc())
    kept = db.session.scalars(newest.limit(rules.LAST_PASSWORDS)).all()
    db.session.execute(delete(PastPassword).where(mine, PastPassword.id.not_in(kept)))


def _check_scope(role: str, scope: str, scope_exists: ScopeExists) -> None:
    rules.check_scope(role, scope)
    if not scope_exists(scope):
        raise UnknownScope(scope=scope)


def _check_until(until: date | None, now: datetime) -> None:
    if until is not None and until < local_date(now):
        raise BadUntil()


def _checked_name(name: str) -> str:
    tidied = tidy(name)
    if not tidied or len(tidied) > LONGEST_NAME or not is_storable(tidied):
        raise BadName()
    return tidied


def _refuse_own(account: Account, by: Actor) -> None:
    """Also not another account of the same person."""
    if by.kind == "user" and by.name in {each.login for each in accounts_of(account)}:
        raise OwnAccount()


def _subject(account: Account) -> str:
    return f"account:{account.login}"
