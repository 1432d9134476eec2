"""Signing in and out, and finding on each request who makes it.

The cookie holds a random token and when it was last used; the database holds the token's digest,
so that a sign-in can be ended here. Idle time is kept in the (signed) cookie: browsing writes
nothing to the database.
"""

import logging
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask import request, session
from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.exc import DBAPIError

from mealsvc.accounts import passwords, rules
from mealsvc.accounts.models import Account, Device, SignInFailure, SignInSession
from mealsvc.accounts.permissions import ROLES, actions_of
from mealsvc.accounts.refusals import (
    AccountExpired,
    SignInLocked,
    WrongCode,
    WrongOldPassword,
    WrongSignIn,
    WrongToken,
)
from mealsvc.accounts.rules import LOGIN_LIMIT, SOURCE_LIMIT, Failures, Limit
from mealsvc.accounts.services import failure_key, token_hash
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import WriterBusy, db, writer, writing
from mealsvc.plumbing.guards import Principal
from mealsvc.plumbing.prepared import Prepared
from mealsvc.trail.services import record

SEEN_EVERY = timedelta(minutes=1)
DEVICE_SEEN_EVERY = timedelta(hours=1)
TOKEN, SEEN = "sid", "seen"
DEVICE_COOKIE = "mealsvc_till"
# Where a registered tablet is somebody: the till's pages, the courier's, and the interface.
DEVICE_PATHS = ("/till", "/deliveries/carry", "/api/v1")
DEVICE_ROLE = "operator"

logger = logging.getLogger(__name__)

# Core on bare tables: every request pays for these two, and the ORM would double their price.
_accounts, _opened, _devices = Account.__table__.c, SignInSession.__table__.c, Device.__table__.c
_SESSION = (
    select(
        _accounts.id,
        _accounts.login,
        _accounts.name,
        _accounts.role,
        _accounts.scope,
        _accounts.must_change,
        _accounts.outside,
        _opened.started_at,
        _opened.factors,
    )
    .where(_opened.token_hash == bindparam("token"), _accounts.id == _opened.account_id)
    .where(_accounts.disabled_at.is_(None))
    .where(or_(_accounts.expires_on.is_(None), _accounts.expires_on >= bindparam("today")))
)
_DEVICE = Prepared(
    select(_devices.id, _devices.name, _devices.point_code, _devices.last_seen_at).where(
        _devices.token_hash == bindparam("token"), _devices.revoked_at.is_(None)
    )
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in whose password was checked before the write transaction."""

    login: str
    source: str
    account_id: int | None
    password_hash: str | None = field(repr=False)
    fits: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step of signing in ended. A refusal is returned, not raised: its count must be kept."""

    token: str | None = field(default=None, repr=False)
    second_factor: bool = False
    refusal: Refusal | None = None


def check_password(login: str, password: str, source: str) -> Attempt:
    """Reads the account and hashes the password; the same work for an unknown login."""
    login, source = rules.normal_login(login), rules.source_of(source)
    statement = select(Account).where(Account.login == login, Account.disabled_at.is_(None))
    account = db.session.scalars(statement).first()
    known = account.password_hash if account else None
    fits = passwords.fits(known, password)
    return Attempt(login, source, account.id if account else None, known, fits)


def is_locked(login: str, source: str, now: datetime) -> bool:
    """Whether attempts for this login, known or not, or from this source wait."""
    return any(
        _failures(key).locked(now)
        for key, _ in _keys(rules.normal_login(login), rules.source_of(source))
    )


def login_locked(login: str, now: datetime) -> bool:
    """Whether this login waits after too many failures, wherever from."""
    return _failures(failure_key("login", login)).locked(now)


def sign_in(attempt: Attempt, now: datetime) -> Outcome:
    """Opens a session for a password that fits, else counts the failure."""
    if is_locked(attempt.login, attempt.source, now):
        return Outcome(refusal=SignInLocked())
    account = _present_account(attempt)
    if account is None:
        return Outcome(refusal=_count_failure(attempt, WrongSignIn(), now))
    until = account.expires_on
    if until is not None and until < local_date(now):
        return Outcome(refusal=_told_expired(account.login, until, attempt.source))
    if ROLES[account.role].second_factor:
        return Outcome(open_session(account.id, 1, now), second_factor=True)
    return _complete(account, attempt.source, 1, now)


def verify_totp(token: str, code: str, source: str, now: datetime) -> Outcome:
    """The second step, under the token of the first; a code works once."""
    account = _waiting_account(token, now)
    if account is None:
        return Outcome(refusal=WrongSignIn())
    attempt = Attempt(account.login, rules.source_of(source), account.id, None, False)
    if is_locked(attempt.login, attempt.source, now):
        return Outcome(refusal=SignInLocked())
    step = _matching_step(account, code, now)
    if step is None:
        return Outcome(refusal=_count_failure(attempt, WrongCode(), now))
    account.totp_last_step = step
    _end(token)
    return _complete(account, attempt.source, 2, now)


def register_device(token: str, source: str, now: datetime) -> Outcome:
    """Whether this is the token of a registered tablet; wrong ones count against their source."""
    source = rules.source_of(source)
    key = failure_key("source", source)
    if _failures(key).locked(now):
        return Outcome(refusal=SignInLocked())
    by = Actor("system", "sign-in", source)
    rows = _DEVICE(writer(), {"token": token_hash(token)})
    if rows:
        record(by, "devices.sign_in", f"device:{rows[0].name}", {"point": rows[0].point_code})
        return Outcome(token)
    _sweep_failures(now)
    locks = _add_failure(key, SOURCE_LIMIT, now)
    record(by, "accounts.sign_in_failed", "device:?", {"code": WrongToken.code})
    db.session.flush()
    return Outcome(refusal=SignInLocked() if locks else WrongToken())


def count_wrong_password(account_id: int, login: str, source: str, now: datetime) -> Refusal:
    """A wrong old password while changing it counts like a failed sign-in."""
    attempt = Attempt(login, rules.source_of(source), account_id, None, False)
    return _count_failure(attempt, WrongOldPassword(), now)


def open_session(account_id: int, factors: int, now: datetime) -> str:
    """A new session's token; sessions past their longest time are swept out."""
    oldest = now - rules.LONGEST_SESSION
    db.session.execute(delete(SignInSession).where(SignInSession.started_at < oldest))
    made = secrets.token_urlsafe(32)
    db.session.add(
        SignInSession(
            token_hash=token_hash(made), account_id=account_id, started_at=now, factors=factors
        )
    )
    db.session.flush()
    return made


def sign_out(token: str, by: Actor) -> None:
    """Ends one session."""
    _end(token)
    record(by, "accounts.sign_out", f"account:{by.name}")


def remember(token: str, now: datetime) -> None:
    """Puts a new session in the cookie, with nothing of the old one (fixation, CSRF token)."""
    session.clear()
    session[TOKEN], session[SEEN] = token, int(now.timestamp())


def is_waiting(token: str, now: datetime) -> bool:
    """Whether this session's password fitted and its second factor is awaited."""
    return _waiting_account(token, now) is not None


def load_principal(bearer: str | None) -> Principal | None:
    """Who makes this request, as the database has it now; for `guards.init`."""
    if bearer is not None:
        return _device(bearer)
    token = session.get(TOKEN)
    person = _person(token) if isinstance(token, str) else None
    return person or (cookie_device() if is_at_till() else None)


def is_at_till() -> bool:
    """Whether this address is one of those where a registered tablet is somebody."""
    path = request.path
    return any(path == one or path.startswith(f"{one}/") for one in DEVICE_PATHS)


def cookie_device() -> Principal | None:
    """The tablet whose cookie came along, unless its token was withdrawn."""
    token = request.cookies.get(DEVICE_COOKIE)
    return _device(token) if token else None


def reporting_device(me: Principal) -> Principal | None:
    """The tablet at which `me` stands: herself, or the one whose cookie a person sends along."""
    device = me if me.kind == "device" else cookie_device()
    return device if device is not None and device.point_code == me.point_code else None


def note_report(
    device_id: int, offset_ms: int | None, now: datetime, pending: int | None = None
) -> None:
    """Keeps what a tablet says of its clock and queue; a full disk must not stop its work."""
    told: dict[str, Any] = {"clock_offset_ms": offset_ms, "reported_at": now}
    if pending is not None:
        told["pending"] = pending
    _note_device(device_id, told)


def lost_device() -> bool:
    """Whether a tablet asks, at an address of its own, whose token is good no longer."""
    return is_at_till() and bool(request.cookies.get(DEVICE_COOKIE)) and cookie_device() is None


def _person(token: str) -> Principal | None:
    now, seen = clock.now(), int(session.get(SEEN, 0))
    asked = {"token": token_hash(token), "today": local_date(now)}
    row = db.session.connection().execute(_SESSION, asked).first()
    role = ROLES.get(row.role) if row else None
    if row is None or role is None or row.factors < 1 + role.second_factor:
        return None
    idle = timedelta(seconds=now.timestamp() - seen)
    if idle > timedelta(minutes=role.idle_minutes) or _too_old(row.started_at, now):
        return None
    if idle >= SEEN_EVERY:
        session[SEEN] = int(now.timestamp())
    return Principal(
        row.id,
        row.login,
        row.name,
        row.role,
        row.scope,
        actions_of(row.role, row.outside),
        at_point=role.at_point,
        must_change=row.must_change,
        outside=row.outside,
    )


def _device(token: str) -> Principal | None:
    rows = _DEVICE.glance(db.engine, {"token": token_hash(token)})
    if not rows:
        return None
    row, now = rows[0], clock.now()
    if row.last_seen_at is None or now - row.last_seen_at > DEVICE_SEEN_EVERY:
        _note_device(row.id, {"last_seen_at": now})
    return Principal(
        row.id,
        row.name,
        row.name,
        DEVICE_ROLE,
        row.point_code,
        actions_of(DEVICE_ROLE),
        at_point=True,
        kind="device",
    )


def _note_device(device_id: int, told: dict[str, Any]) -> None:
    """Keeps how a till is doing; a full disk must not keep the till from reading."""
    try:
        with writing():
            db.session.execute(update(Device).where(Device.id == device_id).values(**told))
    except (DBAPIError, WriterBusy, OSError):
        logger.warning("could not note how device %d is doing", device_id, exc_info=True)


def _too_old(started_at: datetime, now: datetime) -> bool:
    return now - started_at > rules.LONGEST_SESSION


def _complete(account: Account, source: str, factors: int, now: datetime) -> Outcome:
    key = failure_key("login", account.login)
    db.session.execute(delete(SignInFailure).where(SignInFailure.key == key))
    token = open_session(account.id, factors, now)
    record(Actor("user", account.login, source), "accounts.sign_in", f"account:{account.login}")
    return Outcome(token)


def _present_account(attempt: Attempt) -> Account | None:
    """The account, unless it was disabled or its password changed while we were hashing."""
    if not attempt.fits or attempt.account_id is None:
        return None
    account = db.session.get_one(Account, attempt.account_id, populate_existing=True)
    same = account.password_hash == attempt.password_hash and account.disabled_at is None
    return account if same else None


def _told_expired(login: str, until: date, source: str) -> Refusal:
    """The password was right: whoever knows it may know why; it is no failure to be counted."""
    by = Actor("system", "sign-in", source)
    detail = {"code": AccountExpired.code}
    record(by, "accounts.sign_in_failed", f"account:{login}", detail)
    return AccountExpired(until=chinese_date(until))


def _waiting_account(token: str, now: datetime) -> Account | None:
    row = db.session.get(SignInSession, token_hash(token), populate_existing=True)
    if row is None or row.factors > 1 or now - row.started_at > rules.SECOND_STEP:
        return None
    account = db.session.get_one(Account, row.account_id, populate_existing=True)
    return account if account.disabled_at is None and account.totp_secret else None


def _matching_step(account: Account, code: str, now: datetime) -> int | None:
    secret = vault().open(account.totp_secret or b"")
    return rules.matching_step(secret, code, account.totp_last_step, now)


def _end(token: str) -> None:
    db.session.execute(delete(SignInSession).where(SignInSession.token_hash == token_hash(token)))


def _keys(login: str, source: str) -> tuple[tuple[bytes, Limit], tuple[bytes, Limit]]:
    by_login, by_source = failure_key("login", login), failure_key("source", source)
    return (by_login, LOGIN_LIMIT), (by_source, SOURCE_LIMIT)


def _failures(key: bytes) -> Failures:
    row = db.session.get(SignInFailure, key, populate_existing=True)
    return Failures(row.count, row.last_at, row.locked_until) if row else Failures()


def _count_failure(attempt: Attempt, refusal: Refusal, now: datetime) -> Refusal:
    """Adds a failure to login and source; the refusal says so when that locked them."""
    _sweep_failures(now)
    locks = False
    for key, limit in _keys(attempt.login, attempt.source):
        locks = _add_failure(key, limit, now) or locks
    db.session.flush()
    # What was typed as an unknown login may be a password: it is not kept.
    subject = f"account:{attempt.login}" if attempt.account_id else "account:?"
    by = Actor("system", "sign-in", attempt.source)
    record(by, "accounts.sign_in_failed", subject, {"code": refusal.code})
    if not locks:
        return refusal
    if attempt.account_id:
        _end_waiting(attempt.account_id)
    record(by, "accounts.lock", subject)
    return SignInLocked()


def _add_failure(key: bytes, limit: Limit, now: datetime) -> bool:
    """Counts one more failure; whether that locks."""
    after = _failures(key).after_another(limit, now)
    db.session.merge(
        SignInFailure(key=key, count=after.count, last_at=now, locked_until=after.locked_until)
    )
    return after.locked(now)


def _end_waiting(account_id: int) -> None:
    mine = SignInSession.account_id == account_id
    db.session.execute(delete(SignInSession).where(mine, SignInSession.factors == 1))


def _sweep_failures(now: datetime) -> None:
    """Failures that no longer count are dropped: the table stays as small as the attack is young."""
    unlocked = or_(SignInFailure.locked_until.is_(None), SignInFailure.locked_until < now)
    forgotten = SignInFailure.last_at < now - LOGIN_LIMIT.window
    db.session.execute(delete(SignInFailure).where(forgotten, unlocked))
