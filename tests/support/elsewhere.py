"""A second installation beside the one under test: another folder, and another database."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from tests.support.databases import ENV_SERVER, kind


@contextmanager
def installation(folder: Path, keys_of: Path, name: str) -> Iterator[dict[str, str]]:
    """Its environment; the keys are those of the installation in `keys_of`, the database is empty."""
    folder.mkdir(mode=0o700)
    for key in keys_of.glob("*.key"):
        shutil.copy2(key, folder / key.name)
    own = {"MEALSVC_INSTANCE": str(folder)}
    if kind() == "sqlite":
        yield own
        return
    server = sa.make_url(os.environ[ENV_SERVER])
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    database = f"{name}_elsewhere"
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            connection.exec_driver_sql(f"CREATE DATABASE {database}")
        url = server.set(database=database).render_as_string(hide_password=False)
        yield {**own, "MEALSVC_DATABASE_URL": url}
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        admin.dispose()
