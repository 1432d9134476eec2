"""What public pages show is read once a minute in each process, however many people look."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import current_app

from mealsvc.plumbing import clock

Value = TypeVar("Value")
_FRESH, _MOST, _CACHE = timedelta(minutes=1), 256, "public"


def kept(key: tuple[Any, ...], make: Callable[[], Value]) -> Value:
    """What `make` gave within the last minute under this key, else what it gives now.

    The store starts anew when it is full, so that addresses made up by somebody fill no memory.
    """
    store: dict[tuple[Any, ...], tuple[datetime, Any]]
    store, now = current_app.extensions["mealsvc.caches"].setdefault(_CACHE, {}), clock.now()
    found = store.get(key)
    if found is None or not timedelta(0) <= now - found[0] <= _FRESH:
        if len(store) >= _MOST:
            store.clear()
        found = (now, make())
        store[key] = found
    return found[1]
