"""The verbs of the day close, of backups and of restores."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mealsvc import cli
from mealsvc.kernel.meals import local_date
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.safekeeping import backup, marks, restore
from mealsvc.servings import closing
from tests.factories.verb import BY, OTHER, Verb


def _close() -> None:
    counted, now = closing.Counted(0, 0), clock.now()
    point: Any = point_by_code("P01")
    closing.close_day(point, local_date(now), counted, (1, 0), BY, now)


def _back_up(folder: Path, by: Any) -> Path:
    db.session.remove()
    return backup.back_up(folder / "b.zip", by, clock.now(), lambda *_: None).path


def _backup() -> None:
    with TemporaryDirectory() as folder:
        _back_up(Path(folder), BY)


def _restore() -> None:
    """The row of the backup itself is not in it, so what is left is the restore's."""
    with TemporaryDirectory() as folder:
        path = _back_up(Path(folder), OTHER)
        restore.restore(path, True, cli, BY, clock.now(), lambda *_: None)


KEEPING_VERBS: dict[str, Verb] = {
    "servings.closing.close_day": Verb(("days.close",), _close),
    "safekeeping.backup.back_up": Verb(("safekeeping.backup",), _backup, alone=True),
    "safekeeping.restore.restore": Verb(("safekeeping.restore",), _restore, alone=True),
    "safekeeping.marks.mark_backup": Verb(
        ("safekeeping.backup",), lambda: marks.mark_backup(1, "b.zip", "0" * 64, BY, clock.now())
    ),
    "safekeeping.marks.mark_restore": Verb(
        ("safekeeping.restore",),
        lambda: marks.mark_restore(1, "b.zip", "0" * 64, "0" * 32, BY, clock.now()),
    ),
}
