"""Whether this process could record a serving now: database writable, room on the disk, keys fit."""

import logging
import shutil
from collections.abc import Callable

from flask import current_app
from sqlalchemy import select

from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, is_sqlite, writing
from mealsvc.residents.models import Resident

LEAST_FREE_BYTES = 16 * 1024 * 1024

log = logging.getLogger(__name__)


def failing() -> list[str]:
    """The names of the checks that fail; nothing of their causes, which the log keeps."""
    return [name for name, holds in _CHECKS.items() if not _holds(name, holds)]


def _holds(name: str, holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except Exception as error:  # whatever it is, we are not ready
        db.session.rollback()
        log.warning("not ready: %s, %s", name, type(error).__name__)
        return False


def _database() -> bool:
    """Commits something durable that no table holds: a page of the file, a message of the log."""
    statement = "SELECT pg_logical_emit_message(true, 'mealsvc', 'ready')"
    with writing() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 0" if is_sqlite() else statement)
    return True


def _disk() -> bool:
    return shutil.disk_usage(current_app.config["INSTANCE"]).free >= LEAST_FREE_BYTES


def _keys() -> bool:
    """The data key opens what it sealed, that of the register included."""
    sealed = db.session.scalar(select(Resident.id_number).limit(1))
    if sealed is not None:
        vault().open(sealed)
    return vault().open(vault().seal("ready")) == "ready"


_CHECKS = {"database": _database, "disk": _disk, "keys": _keys}
