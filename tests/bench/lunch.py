"""A district with a long past, built once and kept under the system's temporary folder for later runs."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from tests.bench.ground import opened
from tests.bench.month import Size, filled

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"


@contextmanager
def full_district(size: Size) -> Iterator[Flask]:
    """The application over a copy of a database of this size."""
    kept = _kept(size)
    with tempfile.TemporaryDirectory(prefix="mealsvc-bench-") as folder:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        with opened(Path(folder)) as app:
            yield app


def _kept(size: Size) -> Path:
    """The folder of a finished database; another one when a migration has changed."""
    versions = hashlib.sha256()
    for path in sorted(VERSIONS.glob("*.py")):
        versions.update(path.read_bytes())
    name = (
        f"mealsvc-bench-{size.residents}-{size.servings}-{size.points}-{versions.hexdigest()[:12]}"
    )
    kept = Path(tempfile.gettempdir()) / name
    if not kept.exists():
        part = kept.with_suffix(f".{os.getpid()}")
        with opened(part) as app:
            filled(app, size)
        for file in part.glob("*.csv"):
            file.unlink()
        part.rename(kept)
    return kept
