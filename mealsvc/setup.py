"""First use and upgrades: keys, tables, thresholds, and the first row of the trail."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, inspect, select, table

import config
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, engine_options, writing
from mealsvc.settings.calendar import seed_calendar
from mealsvc.settings.services import put_defaults
from mealsvc.supervision.checklist.services import put_first
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.services import record

ROOT = Path(__file__).resolve().parent.parent


class KeysLost(Refusal):
    """数据库里已有数据，而密钥文件不在 {folder}：请从备份恢复 secret.key 和 data.key，不要重新生成。"""

    code = "keys_lost"


class NotReady(Refusal):
    """数据库还没有建立，或版本与程序不符：请先运行 mealsvc init。"""

    code = "not_ready"


def prepare(by: Actor) -> str:
    """Creates or upgrades the database; safe to repeat. Returns a sentence about what was done."""
    from mealsvc.app import create_app

    _make_keys_once()
    app = create_app()
    with app.app_context():
        fresh = not inspect(db.engine).has_table("trail_event")
        migrate("head")
        with writing():
            if db.session.scalar(select(TrailEvent.seq).limit(1)) is None:
                record(by, "setup.init", "mealsvc", {})
            put_defaults(by)
            seed_calendar(by)
            put_first(by, clock.now())
    return "数据库已建立。" if fresh else "数据库已是最新。"


def require_ready() -> None:
    """Refuses to work on tables that were never made or are of another version."""
    known = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    if _present_revision() != known:
        raise NotReady()


def migrate(revision: str) -> None:
    """Moves the tables up (or, from tests, down) to a revision; needs an application context."""
    settings = _settings()
    going_down = revision == "base" or _is_below(revision)
    (command.downgrade if going_down else command.upgrade)(settings, revision)
    db.session.remove()


def migrate_within(connection: Connection, revision: str) -> None:
    """Moves the tables up within a transaction of the caller's."""
    settings = _settings()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


def knows_revision(revision: str) -> bool:
    """Whether this program has the migration that made such tables."""
    known = ScriptDirectory(str(ROOT / "migrations")).walk_revisions()
    return any(one.revision == revision for one in known)


def _settings() -> Config:
    settings = Config(ROOT / "migrations" / "alembic.ini")
    settings.set_main_option("script_location", str(ROOT / "migrations"))
    return settings


def _is_below(revision: str) -> bool:
    """Whether this revision lies below the present one; their numbers count up."""
    present = _present_revision()
    return present is not None and revision != "head" and revision < present


def _present_revision() -> str | None:
    """The revision that the database is at; None without tables."""
    present = None
    if inspect(db.engine).has_table("alembic_version"):
        present = db.session.scalar(
            select(column("version_num")).select_from(table("alembic_version"))
        )
    db.session.remove()
    return present


def _make_keys_once() -> None:
    """New keys for a new installation only: with data in the database they would open nothing."""
    import os

    from sqlalchemy import create_engine

    instance = Path(os.environ.get("MEALSVC_INSTANCE") or "instance").resolve()
    missing = [name for name in config.KEY_FILES.values() if not (instance / name).exists()]
    if not missing:
        return
    url = os.environ.get("MEALSVC_DATABASE_URL") or f"sqlite:///{instance / 'mealsvc.db'}"
    if not url.startswith("sqlite") or (instance / "mealsvc.db").exists():
        engine = create_engine(url, **engine_options(url))
        try:
            if inspect(engine).has_table("trail_event"):
                raise KeysLost(folder=instance)
        finally:
            engine.dispose()
    config.make_keys(instance)
