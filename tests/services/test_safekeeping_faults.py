"""Backup and restore when something is already broken: the disk, the database, what lies beside it."""

import errno
import json
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from mealsvc.auditing.proof import verify
from mealsvc.cli import bare_application, main
from mealsvc.plumbing.db import db
from mealsvc.safekeeping import sqlite_store
from mealsvc.servings.models import Serving
from mealsvc.trail.anchor import read_anchor
from tests.factories import tills

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def command(app, capsys):
    """Runs a command as its own process would: status, stdout, stderr."""

    def run(*words: object) -> tuple[int, str, str]:
        db.session.remove()
        db.engine.dispose()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def backup(app, command, tmp_path) -> Path:
    """A backup of one lunch; a second one was recorded since."""
    tills.small_district()
    tills.serve("before", "C001")
    assert command("backup", tmp_path / "b.zip")[0] == 0
    tills.serve("after", "C002")
    return tmp_path / "b.zip"


def keys() -> list[str]:
    """What the database holds for a program that starts now."""
    with bare_application():
        verify()
        return sorted(db.session.scalars(select(Serving.key)))


def close_all() -> None:
    db.session.remove()
    db.engine.dispose()


@pytest.mark.parametrize("keep", [0, 4096], ids=["no header", "header only"])
def test_a_broken_database_is_replaced_and_kept_aside(backup, command, instance, keep):
    close_all()
    file = instance / "mealsvc.db"
    file.write_bytes(file.read_bytes()[:keep] + b"\xff" * 200_000)
    broken = file.read_bytes()
    status, _, err = command("restore", backup)
    assert (status, "--replace" in err, err.count("\n")) == (1, True, 1)
    assert file.read_bytes() == broken
    status, out, err = command("restore", backup, "--replace", "--json")
    assert status == 0, err
    assert Path(json.loads(out)["aside"]).read_bytes() == broken
    assert keys() == ["before"]


def test_a_log_left_by_a_deleted_database_is_not_played_into_the_restored_one(
    backup, command, instance
):
    file, log = instance / "mealsvc.db", instance / "mealsvc.db-wal"
    for number in range(30):
        tills.serve(f"in the log {number}", "C004", served_at=tills.a_day(8))
    left = log.read_bytes()
    close_all()
    log.write_bytes(left)
    file.unlink()
    status, _, err = command("restore", backup)
    assert status == 0, err
    assert keys() == ["before"]


def test_a_full_disk_is_one_line_and_changes_nothing(backup, command, instance, monkeypatch):
    def full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    anchor = read_anchor(instance)
    monkeypatch.setattr(sqlite_store, "unpack", full)
    status, out, err = command("restore", backup, "--replace")
    assert (status, out, "剩余空间" in err, err.count("\n")) == (1, "", True, 1)
    assert read_anchor(instance) == anchor
    assert keys() == ["after", "before"]


def test_what_a_cut_off_restore_left_goes_with_the_next_one(backup, command, instance):
    (instance / ".restore-cut-off").mkdir()
    (instance / ".restore-cut-off" / "mealsvc.db").write_bytes(b"half")
    assert command("restore", backup, "--replace")[0] == 0
    assert not list(instance.glob(".restore-*"))


def test_a_destination_below_a_file_is_refused_with_a_sentence(backup, command):
    status, _, err = command("backup", backup / "b.zip")
    assert (status, err.count("\n"), "无法写入" in err) == (1, 1, True)


@pytest.mark.parametrize("words", [("audit", "verify"), ("backup", "b.zip"), ("settle", "2024-05")])
def test_a_command_on_a_broken_database_says_so_in_one_line(app, command, instance, words):
    close_all()
    (instance / "mealsvc.db").write_bytes(b"\xff" * 20_000)
    status, out, err = command(*words)
    assert (status, out, err.count("\n"), "restore" in err) == (1, "", 1, True)
