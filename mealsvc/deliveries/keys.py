"""The key of a page's forms: made with the page, so that a form sent twice counts once."""

import secrets
from datetime import datetime


def new_key(now: datetime) -> str:
    """In order of time."""
    return f"V-{int(now.timestamp() * 1000):012x}{secrets.token_hex(8)}"
