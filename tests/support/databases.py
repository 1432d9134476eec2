"""Databases for tests: each is a copy of a template that was made once by the real commands."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

ENV_KIND = "MEALSVC_TEST_DATABASE"
ENV_SERVER = "MEALSVC_TEST_POSTGRES_URL"


def kind() -> str:
    """The database under test: sqlite (default) or postgresql."""
    return os.environ.get(ENV_KIND) or "sqlite"


class Databases:
    """One instance folder, whose content is put back to a named template before a test.

    On SQLite the database lies in the folder; on PostgreSQL a database is copied beside it.
    """

    def __init__(self, folder: Path, name: str):
        self.instance = folder / "instance"
        self._templates = folder / "templates"
        self._name = f"mealsvc_{name}"
        self._server = sa.make_url(os.environ[ENV_SERVER]) if kind() == "postgresql" else None
        self._admin = (
            sa.create_engine(self._server, isolation_level="AUTOCOMMIT") if self._server else None
        )
        if self._admin:
            self._execute(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")
            self._execute(f"CREATE DATABASE {self._name}")

    @property
    def url(self) -> str | None:
        """The address for MEALSVC_DATABASE_URL; None leaves the default, in the instance folder."""
        if self._server is None:
            return None
        return self._server.set(database=self._name).render_as_string(hide_password=False)

    def has(self, template: str) -> bool:
        return (self._templates / template).exists()

    def save(self, template: str, disconnect: Callable[[], None]) -> None:
        """Keeps what is there now as a template; `disconnect` must close every connection."""
        disconnect()
        if self._admin:
            self._copy(self._name, f"{self._name}_{template}")
        shutil.copytree(self.instance, self._templates / template)

    def restore(self, template: str, disconnect: Callable[[], None]) -> None:
        """Makes database and instance folder what they were when `template` was saved."""
        disconnect()
        if self._admin:
            self._copy(f"{self._name}_{template}", self._name)
        shutil.rmtree(self.instance)
        shutil.copytree(self._templates / template, self.instance)

    def close(self) -> None:
        """Drops what lies on the server: the caller may have lent us a lasting one."""
        if self._admin:
            made = [self._name, *(f"{self._name}_{path.name}" for path in self._saved())]
            for name in made:
                self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            self._admin.dispose()

    def _saved(self) -> list[Path]:
        return list(self._templates.iterdir()) if self._templates.exists() else []

    def _copy(self, source: str, target: str) -> None:
        self._wait_until_left()
        self._execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        self._execute(f"CREATE DATABASE {target} TEMPLATE {source} STRATEGY file_copy")

    def _wait_until_left(self) -> None:
        """Server processes end a moment after their clients; DROP would wait 100 ms for that."""
        present = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")
        assert self._admin is not None
        with self._admin.connect() as connection:
            for _ in range(50):
                if not connection.scalar(present, {"name": self._name}):
                    return
                time.sleep(0.002)

    def _execute(self, statement: str) -> None:
        assert self._admin is not None
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)
