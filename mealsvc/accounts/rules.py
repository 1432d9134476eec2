"""Sign-in rules after GB/T 22239 (等保): passwords, lock-out, second factor, logins and scopes."""

import hmac
import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyotp.totp import TOTP

from mealsvc.accounts.permissions import ROLES, Role, Scope
from mealsvc.accounts.refusals import (
    BadLogin,
    BadScope,
    LongPassword,
    PasswordHoldsLogin,
    UnknownRole,
    WeakPassword,
)

LONG_ENOUGH, SHORTEST, LONGEST = 12, 8, 128
CLASSES_WANTED = 3
LAST_PASSWORDS = 5
LOCK = timedelta(minutes=30)
LONGEST_SESSION = timedelta(hours=12)
SECOND_STEP = timedelta(minutes=5)
TOTP_SECONDS = 30

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,31}")
_POINT = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,31}")
_CLASSES = tuple(map(re.compile, ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]")))


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures lock; a failure counts on from the one before within `window`."""

    failures: int
    window: timedelta


LOGIN_LIMIT = Limit(5, timedelta(hours=24))
SOURCE_LIMIT = Limit(50, timedelta(minutes=30))  # a whole office may share one address


@dataclass(frozen=True, slots=True)
class Failures:
    """What is remembered about failed sign-ins of one login or from one source."""

    count: int = 0
    last_at: datetime | None = None
    locked_until: datetime | None = None

    def locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until

    def after_another(self, limit: Limit, now: datetime) -> "Failures":
        """The state after one more failure; reaching the limit locks and starts counting anew."""
        recent = self.last_at is not None and now - self.last_at < limit.window
        count = self.count + 1 if recent else 1
        if count < limit.failures:
            return Failures(count, now)
        return Failures(0, now, now + LOCK)


def normal_login(text: str) -> str:
    """The login as stored: half-width, lower case, trimmed."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def normal_password(text: str) -> str:
    """The password as hashed: full-width letters of an input method count as half-width."""
    return unicodedata.normalize("NFKC", text)


def check_login(login: str) -> str:
    """The normal form of a new login, or `BadLogin`."""
    normal = normal_login(login)
    if not _LOGIN.fullmatch(normal):
        raise BadLogin(login=login)
    return normal


def check_new_password(password: str, login: str) -> None:
    """Refuses a password that is too weak, too long, or holds the login."""
    if len(password) > LONGEST:
        raise LongPassword(limit=LONGEST)
    classes = sum(1 for kind in _CLASSES if kind.search(password))
    long_enough = len(password) >= LONG_ENOUGH and len(set(password)) > 1
    if not (long_enough or (len(password) >= SHORTEST and classes >= CLASSES_WANTED)):
        raise WeakPassword()
    if login.lower() in password.lower():
        raise PasswordHoldsLogin()


def check_scope(role: str, scope: str) -> Role:
    """The role, if its scope has the form it needs: a point's code, or 6, 9 or 12 digits."""
    found = ROLES.get(role)
    if found is None:
        raise UnknownRole(role=role)
    digits = found.scope.digits
    fits = _POINT.fullmatch(scope) if digits is None else re.fullmatch(rf"[0-9]{{{digits}}}", scope)
    if not fits:
        raise BadScope(scope=scope, role=found.name, wanted=wanted_scope(found.scope))
    return found


def wanted_scope(scope: Scope) -> str:
    """What to type as a scope of this kind."""
    return "助餐点编号" if scope.digits is None else f"{scope.digits}位区划代码"


def source_of(address: str) -> str:
    """Whose failures count together: an IPv4 address, or the 64-bit network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def matching_step(secret: str, code: str, last_step: int, now: datetime) -> int | None:
    """The 30-second step to which a code belongs (one step of clock drift either way).

    Steps up to `last_step` are spent: a code never works twice (RFC 6238 section 5.2).
    """
    totp = TOTP(secret)
    present = int(now.timestamp()) // TOTP_SECONDS
    for step in range(present - 1, present + 2):
        fits = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        if fits and step > last_step:
            return step
    return None
