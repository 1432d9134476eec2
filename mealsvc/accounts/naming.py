"""The names of the people behind actors, as pages print them; one query for a whole page."""

from flask import g
from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.plumbing.db import db

ITSELF = "system:mealsvc"


def who(actor: str) -> str:
    """`user:zhang` as the name of that account; the server itself as 系统自动."""
    kind, _, name = actor.partition(":")
    if kind != "user":
        return "系统自动" if actor == ITSELF else name or actor
    if "names" not in g:
        g.names = dict(db.session.execute(select(Account.login, Account.name)).all())
    return g.names.get(name, name)


def login_name(login: str) -> str:
    """The name behind a login."""
    return who(f"user:{login}")
