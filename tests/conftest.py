"""Fixtures of all tests: the application on a fresh copy of a database, and a client that checks."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import settings

from tests.support import databases, postgres
from tests.support.databases import Databases

settings.register_profile("house", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("house")

_server: list[postgres.Server] = []


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only(kind): runs on this database (sqlite, postgresql)")
    config.addinivalue_line("markers", "ground(by): starts from what this function leaves")
    wanted = databases.kind() == "postgresql" and databases.ENV_SERVER not in os.environ
    if wanted and not hasattr(config, "workerinput"):
        _server.append(postgres.start())
        os.environ[databases.ENV_SERVER] = _server[0].url


def pytest_unconfigure(config: pytest.Config) -> None:
    while _server:
        _server.pop().stop()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again costs a third
    of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is only about the other database is left out, not skipped."""

    def elsewhere(item: pytest.Item) -> bool:
        marker = item.get_closest_marker("only")
        return marker is not None and marker.args[0] != databases.kind()

    out = [item for item in items if elsewhere(item)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if not elsewhere(item)]


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Databases]:
    """The databases of this process; the environment names the one under test, for commands too."""
    made = Databases(tmp_path_factory.mktemp("mealsvc"), worker_id)
    os.environ["MEALSVC_INSTANCE"] = str(made.instance)
    if made.url:
        os.environ["MEALSVC_DATABASE_URL"] = made.url
    else:
        os.environ.pop("MEALSVC_DATABASE_URL", None)
    yield made
    made.close()


@pytest.fixture(scope="session")
def built_app(database: Databases) -> Flask:
    """The one application of this process, over a database made by `mealsvc init`."""
    from mealsvc.accounts import passwords
    from mealsvc.app import create_app
    from tests.support.client import OutsideClient

    passwords.HASHER = PasswordHasher(1, 8, 1)  # the slow one is for the people outside
    subprocess.run([Path(sys.executable).with_name("mealsvc"), "init"], check=True)
    app = create_app({"TESTING": True})
    app.test_client_class = OutsideClient
    database.save("empty", _disconnect(app))
    return app


@pytest.fixture
def app(request: pytest.FixtureRequest, built_app: Flask, database: Databases) -> Iterator[Flask]:
    """The application on a migrated database, its context pushed: empty, or on the test's ground,
    which each process makes once and then copies."""
    marker = request.node.get_closest_marker("ground")
    make = marker.kwargs["by"] if marker else None
    yield from _on(_ground(make, built_app, database) if make else "empty", built_app, database)


@pytest.fixture
def instance(app: Flask, database: Databases) -> Path:
    """The instance folder of `app`."""
    return database.instance


@pytest.fixture
def client_request(app: Flask):
    """`client_request.get("/points", as_="district")`: see tests/support/client.py."""
    from tests.support.client import ClientRequest

    return ClientRequest(app)


def _ground(make: Callable[[], object], app: Flask, database: Databases) -> str:
    """The template that holds what `make` leaves."""
    template = f"{make.__module__.rpartition('.')[2]}_{make.__name__}"
    if not database.has(template):
        for _ in _on("empty", app, database):
            make()
        database.save(template, _disconnect(app))
    return template


def _on(template: str, app: Flask, database: Databases) -> Iterator[Flask]:
    disconnect = _disconnect(app)
    database.restore(template, disconnect)
    app.extensions["mealsvc.caches"].clear()
    with app.app_context():
        yield app
    disconnect()


def _disconnect(app: Flask):
    from mealsvc.plumbing.db import db

    def disconnect() -> None:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()

    return disconnect
