"""What every bench stands on: a throw-away installation, a clock of CPU time, one line of the table."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

COMMAND = Path(sys.executable).with_name("mealsvc")


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement: `ok` tells whether it keeps its bar."""

    what: str
    measured: str
    bar: str
    ok: bool


def at_most(what: str, measured: float, bar: float, unit: str = "×", note: str = "") -> Line:
    """A figure that must not be larger than its bar."""
    return Line(what, f"{measured:.2f} {unit}{note}", f"≤ {bar:g} {unit}", measured <= bar)


def at_least(what: str, measured: float, bar: float, unit: str, note: str = "") -> Line:
    """A figure that must not be smaller than its bar."""
    return Line(what, f"{measured:,.2f} {unit}{note}", f"≥ {bar:,g} {unit}", measured >= bar)


@contextmanager
def installation() -> Iterator[Flask]:
    """The application over a new SQLite database in a folder of its own, its context pushed."""
    with (
        tempfile.TemporaryDirectory(prefix="mealsvc-bench-") as folder,
        opened(Path(folder)) as app,
    ):
        yield app


@contextmanager
def opened(folder: Path) -> Iterator[Flask]:
    """The application over the SQLite database in this folder, made if there is none."""
    os.environ["MEALSVC_INSTANCE"] = str(folder)
    os.environ.pop("MEALSVC_DATABASE_URL", None)
    subprocess.run([COMMAND, "init"], check=True, capture_output=True)
    from mealsvc.app import create_app

    app = create_app()
    with app.app_context():
        from mealsvc.plumbing.db import db

        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds (user and system, all threads) of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def best_ratio(ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> float:
    """The median of ours ÷ theirs over rounds that take turns, so that both meet the same noise."""
    ratios = sorted(ours() / theirs() for _ in range(rounds))
    return ratios[len(ratios) // 2]
