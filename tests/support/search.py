"""Looking for what must not be kept: through the database, the instance folder, logs and heads."""

import base64
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, select

from mealsvc.plumbing.db import db
from tests.support.client import OutsideClient

KEY_FILES = {"secret.key", "data.key"}
KEYS = ("SECRET_KEY", "DATA_KEY")
Found = list[tuple[str, str]]


def forms_of(value: str | bytes) -> set[bytes]:
    """The value as it might lie somewhere: in each encoding that we read or write, in either case."""
    if isinstance(value, bytes):
        return {value, value.hex().encode(), base64.b64encode(value)}
    codecs = ("utf-8", "gb18030", "utf-16-le", "unicode_escape")
    cases = (value, value.lower(), value.upper())
    return {case.encode(codec) for case in cases for codec in codecs}


class Seeker:
    """Knows the secrets by name; `in_...` name where each was found."""

    def __init__(self, secrets: Mapping[str, str | bytes]):
        self._forms = {name: forms_of(value) for name, value in secrets.items()}

    def in_bytes(self, where: str, content: bytes) -> Found:
        """The secrets in these bytes."""
        return [
            (name, where)
            for name, forms in self._forms.items()
            if any(form in content for form in forms)
        ]

    def in_database(self) -> Found:
        """The secrets in any cell of any table, those of the migrations too."""
        db.session.rollback()
        tables = MetaData()
        tables.reflect(db.engine)
        found: Found = []
        for table in tables.sorted_tables:
            rows = db.session.execute(select(table)).all()
            cells = b"\n".join(_raw(cell) for row in rows for cell in row)
            found += self.in_bytes(f"table {table.name}", cells)
        return found

    def in_folder(self, folder: Path) -> Found:
        """The secrets in any file but those of the keys: the SQLite database and its WAL too."""
        return [
            one
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in KEY_FILES
            for one in self.in_bytes(str(path.relative_to(folder)), path.read_bytes())
        ]


class Witness(OutsideClient):
    """A browser that notes what passes by the pages: addresses, heads, cookies, pages of errors."""

    def __init__(self, app: Any, notes: list[tuple[str, bytes]]):
        super().__init__(app, app.response_class, use_cookies=True)
        self._notes = notes

    def open(self, *args: Any, **kwargs: Any) -> Any:
        answer = super().open(*args, **kwargs)
        where = f"{answer.request.method} {answer.request.path}: {answer.status_code}"
        self._notes.append((f"{where} address", answer.request.url.encode()))
        for name, value in answer.headers:
            if name != "Set-Cookie":
                self._notes.append((f"{where} {name}", value.encode()))
        if answer.status_code >= 400 and answer.status_code != 422:  # 422: one's own form again
            self._notes.append((f"{where} body", answer.data))
        return answer

    def cookie(self) -> dict[str, Any]:
        """What the session's cookie says to whoever decodes it."""
        with self.session_transaction() as stored:
            return dict(stored)


@contextmanager
def all_logs() -> Iterator[list[str]]:
    """Everything that anybody logs, the statements of the database with their values too."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    loggers = [logging.getLogger(name) for name in (None, "sqlalchemy", "werkzeug")]
    levels = [one.level for one in loggers]
    keep = Keep()
    loggers[0].addHandler(keep)
    try:
        for one in loggers:
            one.setLevel(logging.DEBUG)
        yield lines
    finally:
        loggers[0].removeHandler(keep)
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


def _raw(cell: Any) -> bytes:
    return bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
