"""Accounts of every role for tests, signed in through the real services without the slow hash."""

from functools import cache

from flask import Flask, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from mealsvc.accounts import services, sessions
from mealsvc.accounts.models import Account
from mealsvc.accounts.permissions import ROLES
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing

TESTER = Actor("command", "tests")
DISTRICT, TOWN, COMMUNITY, POINT = "320412", "320412100", "320412100001", "P01"
_SCOPES = {6: DISTRICT, 9: TOWN, 12: COMMUNITY, None: POINT}

one_password = cache(services.new_credentials)


def who(as_: str) -> tuple[str, str]:
    """Role and scope of `role` (a usual scope for it) or `role@scope`."""
    role, _, scope = as_.partition("@")
    return role, scope or _SCOPES[ROLES[role].scope.digits]


def account_of(as_: str) -> int:
    """The account of this role and scope, made on first use; inside `writing()`."""
    role, scope = who(as_)
    login = f"{role.replace('_', '-')}-{scope.lower()}"
    found = db.session.scalar(select(Account.id).where(Account.login == login))
    if found is not None:
        return found
    name = ROLES[role].name
    given = {"credentials": one_password(), "must_change": False}
    services.add_user(login, role, scope, name, TESTER, clock.now(), **given)
    return account_of(as_)


def sign_in(app: Flask, client: FlaskClient, as_: str | None) -> str:
    """Puts a session of this person (None: of a stranger) in the client's cookies.

    Returns the CSRF token that goes with it.
    """
    with app.test_request_context():
        token = generate_csrf()
        cookie = dict(session)
        if as_ is not None:
            with writing():
                account = account_of(as_)
                factors = 1 + ROLES[who(as_)[0]].second_factor
                sid = sessions.open_session(account, factors, clock.now())
            cookie |= {sessions.TOKEN: sid, sessions.SEEN: int(clock.now().timestamp())}
    with client.session_transaction() as stored:
        stored.update(cookie)
    return token
