"""`mealsvc backup` and `mealsvc restore`: what comes back, what is refused, and what is marked."""

import json
import secrets
import stat
import threading
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

import config
from mealsvc.accounts.models import SignInSession
from mealsvc.auditing.proof import verify
from mealsvc.cli import bare_application, main
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.safekeeping.archive import MANIFEST
from mealsvc.safekeeping.backup import back_up
from mealsvc.servings.models import DailyTally, Serving, ServingKey, ServingSlot
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement.services import settlement_of
from mealsvc.setup import migrate, require_ready
from mealsvc.trail.anchor import read_anchor
from mealsvc.trail.models import BackupMark, TrailEvent
from tests.factories import tills
from tests.support.elsewhere import installation

MAY = Month(2024, 5)


@pytest.fixture
def command(app, capsys, monkeypatch):
    """Runs a command as its own process would: status, stdout, stderr; an environment if given."""

    def run(*words: object, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        db.session.remove()
        db.engine.dispose()
        with monkeypatch.context() as patch, pytest.raises(SystemExit) as ended:
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def recorded(app):
    """Two days of lunches at two points, one of them taken back."""
    tills.small_district()
    for day in (6, 7):
        for card in ("C001", "C002", "C004"):
            tills.serve(f"{card}-{day}", card, served_at=tills.a_day(day))
    tills.serve("again", "C001", point="P02")
    with writing() as connection:
        reverse_serving(connection, "back", "C002-7", "登记错误", None, tills.SHELL, clock.now())


@pytest.fixture
def elsewhere(app, tmp_path, instance, database):
    with installation(tmp_path / "elsewhere", instance, database._name) as env:
        yield env


@contextmanager
def at(env: dict[str, str]):
    """Inside the application of another installation."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        with bare_application() as app:
            yield app


def everything() -> dict[str, list[tuple]]:
    """Each table's rows, but for what a restore itself adds or ends."""
    tables = (Serving, ServingKey, ServingSlot, DailyTally)
    with db.engine.connect() as connection:
        return {
            table.__tablename__: sorted(
                map(tuple, connection.execute(select(*table.__table__.columns)).all()), key=repr
            )
            for table in tables
        }


def settled() -> bytes:
    return json.dumps(settlement_of(MAY, None), ensure_ascii=False).encode()


def last_sequence() -> int:
    return db.session.scalar(select(func.max(TrailEvent.seq))) or 0


def test_what_is_backed_up_comes_back_elsewhere_with_the_same_settlement(
    recorded, command, elsewhere, tmp_path
):
    before, bill, head = everything(), settled(), last_sequence()
    status, out, err = command("backup", tmp_path / "b.zip", "--json")
    assert status == 0, err
    told = json.loads(out)
    assert told["sequence"] == head
    status, out, err = command("restore", tmp_path / "b.zip", env=elsewhere)
    assert status == 0, err
    assert "自动重发" in err
    with at(elsewhere):
        assert everything() == before
        assert settled() == bill
        assert verify().events == head + 1
        mark = db.session.scalars(select(BackupMark)).one()
        assert (mark.kind, mark.sequence, mark.digest) == ("restore", head, told["sha256"])
        assert len(mark.token) == 32
        assert db.session.get_one(TrailEvent, head + 1).action == "safekeeping.restore"
        tills.serve("later", "C001", served_at=tills.a_day(8))
        with pytest.raises(sa.exc.DBAPIError), writing() as connection:
            connection.execute(sa.text("UPDATE serving SET price_fen = 1"))
        verify()


def test_a_finished_backup_leaves_its_mark_and_its_row(recorded, command, tmp_path):
    head = last_sequence()
    assert command("backup", tmp_path)[0] == 0
    (path,) = tmp_path.glob("mealsvc-*.zip")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    mark = db.session.scalars(select(BackupMark)).one()
    assert (mark.kind, mark.sequence) == ("backup", head)
    row = db.session.get_one(TrailEvent, head + 1)
    assert (row.action, row.subject) == ("safekeeping.backup", path.name)
    verify()


def test_a_backup_overwrites_nothing_and_leaves_no_mark_without_a_file(recorded, command, tmp_path):
    (tmp_path / "b.zip").write_bytes(b"mine")
    status, _, err = command("backup", tmp_path / "b.zip")
    assert (status, "不会覆盖" in err) == (1, True)
    assert (tmp_path / "b.zip").read_bytes() == b"mine"
    status, _, err = command("backup", tmp_path / "nowhere" / "b.zip")
    assert (status, "无法写入" in err) == (1, True)
    assert db.session.scalar(select(func.count()).select_from(BackupMark)) == 0
    assert [path.name for path in tmp_path.iterdir() if "elsewhere" not in path.name] == ["b.zip"]


def test_a_backup_made_while_tills_are_at_work_is_one_moment(
    recorded, app, command, elsewhere, tmp_path
):
    tills.lunchroom()
    stop, served = threading.Event(), []

    def work() -> None:
        with app.app_context():
            for number in range(10_000):
                if stop.is_set():
                    break
                card = tills.CARDS[number % len(tills.CARDS)]
                at_day = tills.a_day(8 + number // len(tills.CARDS) % 20)
                served.append(tills.serve(f"busy-{number}", card, served_at=at_day).sequence)

    till = threading.Thread(target=work)
    till.start()
    try:
        while len(served) < 20:
            assert till.is_alive()
        status, out, err = command("backup", tmp_path / "b.zip", "--json")
    finally:
        stop.set()
        till.join()
    assert status == 0, err
    head = json.loads(out)["sequence"]
    assert served[19] <= head < served[-1]
    assert command("restore", tmp_path / "b.zip", env=elsewhere)[0] == 0
    with at(elsewhere):
        kept = set(db.session.scalars(select(Serving.sequence)))
        assert {one for one in served if one <= head} <= kept
        assert max(kept) <= head
        verify()


def test_no_byte_of_a_backup_can_change_unseen(recorded, command, elsewhere, tmp_path):
    assert command("backup", tmp_path / "b.zip")[0] == 0
    whole = (tmp_path / "b.zip").read_bytes()
    places = [0, 10, len(whole) // 2, len(whole) - 70, len(whole) - 1]
    places += [secrets.randbelow(len(whole)) for _ in range(7)]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1
        (tmp_path / "changed.zip").write_bytes(changed)
        status, _, err = command("restore", tmp_path / "changed.zip", env=elsewhere)
        assert status == 1, place
        assert "未办理" in err
    for shorter in (0, 100, len(whole) - 1):
        (tmp_path / "changed.zip").write_bytes(whole[:shorter])
        assert command("restore", tmp_path / "changed.zip", env=elsewhere)[0] == 1
    with at(elsewhere):
        assert not sa.inspect(db.engine).get_table_names()


def test_another_data_key_is_refused_by_name(recorded, command, elsewhere, tmp_path):
    assert command("backup", tmp_path / "b.zip")[0] == 0
    folder = Path(elsewhere["MEALSVC_INSTANCE"])
    (folder / "data.key").unlink()
    config.make_keys(folder)
    status, _, err = command("restore", tmp_path / "b.zip", env=elsewhere)
    assert (status, "data.key" in err) == (1, True)
    assert not (folder / "anchor").exists()


def test_neither_keys_nor_personal_data_lie_in_a_backup(recorded, command, instance, tmp_path):
    assert command("backup", tmp_path / "b.zip")[0] == 0
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
        manifest = json.loads(archive.read(MANIFEST))
    for number in tills.ID_NUMBERS.values():
        assert number.encode() not in content
    for key in instance.glob("*.key"):
        assert key.read_bytes().strip() not in content
    assert manifest["rows"]["serving"] == 8
    assert "data.key" in manifest["keys"]


def test_a_serving_after_the_backup_is_gone_and_comes_back_under_its_key(
    recorded, command, tmp_path
):
    assert command("backup", tmp_path / "b.zip")[0] == 0
    backed_up = db.session.scalar(select(func.max(BackupMark.sequence))) or 0
    receipt = tills.serve("kept-by-the-till", "C001", served_at=tills.a_day(9))
    assert receipt.sequence > backed_up
    assert command("restore", tmp_path / "b.zip", "--replace")[0] == 0
    assert db.session.scalar(select(Serving.key).where(Serving.key == "kept-by-the-till")) is None
    assert not tills.serve("C001-6").fresh
    again = tills.serve("kept-by-the-till", "C001", served_at=tills.a_day(9))
    assert (again.fresh, again.self_pay_fen) == (True, receipt.self_pay_fen)
    verify()


def test_used_databases_are_replaced_only_when_that_is_said(recorded, command, instance, tmp_path):
    assert command("backup", tmp_path / "b.zip")[0] == 0
    tills.serve("after", "C001", served_at=tills.a_day(9))
    anchor = read_anchor(instance)
    status, _, err = command("restore", tmp_path / "b.zip")
    assert (status, "--replace" in err) == (1, True)
    assert read_anchor(instance) == anchor
    verify()
    status, out, err = command("restore", tmp_path / "b.zip", "--replace", "--json")
    assert status == 0, err
    told = json.loads(out)
    if told["aside"]:
        assert Path(told["aside"]).exists()
    assert read_anchor(instance).seq == told["sequence"] + 1
    assert {path.name for path in instance.iterdir() if path.name.startswith(".")} == set()


def test_an_older_backup_than_the_latest_says_what_is_missing(recorded, command, tmp_path):
    assert command("backup", tmp_path / "old.zip")[0] == 0
    tills.serve("after", "C001", served_at=tills.a_day(9))
    assert command("backup", tmp_path / "new.zip")[0] == 0
    status, out, _ = command("restore", tmp_path / "old.zip", "--replace", "--json")
    assert status == 0
    # the row of the old backup itself, the serving, and nothing more lay in the new one
    assert json.loads(out)["missing"] == 2


def test_a_restore_waits_for_nobody_who_still_has_the_database_open(
    recorded, app, command, instance, tmp_path
):
    assert command("backup", tmp_path / "b.zip")[0] == 0
    before = read_anchor(instance)
    engine = sa.create_engine(app.config["DATABASE_URL"], **app.config["SQLALCHEMY_ENGINE_OPTIONS"])
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT count(*) FROM serving")).scalar()
        status, _, err = command("restore", tmp_path / "b.zip", "--replace")
    engine.dispose()
    assert (status, "停止服务" in err) == (1, True)
    assert read_anchor(instance) == before
    verify()


def test_a_backup_whose_anchor_is_ahead_of_its_rows_is_refused_and_nothing_is_replaced(
    recorded, command, instance, tmp_path, elsewhere
):
    assert command("backup", tmp_path / "b.zip")[0] == 0
    original = config.load()
    forged = tmp_path / "forged.zip"
    _forge_anchor(tmp_path / "b.zip", forged, original["DATA_KEY"])
    tills.serve("after", "C001", served_at=tills.a_day(9))
    before = everything()
    status, _, err = command("restore", forged, "--replace")
    assert (status, "核对不通过" in err) == (1, True)
    assert everything() == before
    verify()
    assert command("restore", forged, env=elsewhere)[0] == 1


def test_a_database_cut_behind_its_anchor_is_not_backed_up(recorded, command, instance, tmp_path):
    anchor = (instance / "anchor").read_text()
    (instance / "anchor").write_text(f"{last_sequence() + 5:020d}{anchor[20:]}")
    status, _, err = command("backup", tmp_path / "b.zip")
    assert (status, "audit verify" in err) == (1, True)
    assert not (tmp_path / "b.zip").exists()


def test_whoever_was_signed_in_signs_in_again_after_a_restore(
    recorded, command, client_request, tmp_path
):
    client_request.get("/", as_="district")
    assert db.session.scalar(select(func.count()).select_from(SignInSession)) == 1
    assert command("backup", tmp_path / "b.zip")[0] == 0
    assert command("restore", tmp_path / "b.zip", "--replace")[0] == 0
    assert db.session.scalar(select(func.count()).select_from(SignInSession)) == 0


def test_a_backup_of_an_older_version_is_brought_up_to_this_one(
    recorded, command, elsewhere, tmp_path
):
    bill = settled()
    migrate("0003")
    before = everything()
    made = back_up(tmp_path / "old.zip", tills.SHELL, clock.now(), lambda *_: None)
    status, _, err = command("restore", made.path, env=elsewhere)
    assert status == 0, err
    with at(elsewhere):
        require_ready()
        assert (everything(), settled()) == (before, bill)
        tills.serve("later", "C001", served_at=tills.a_day(8))
        verify()


def test_a_backup_of_a_newer_version_is_refused_with_a_sentence(
    recorded, command, elsewhere, tmp_path
):
    with writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    made = back_up(tmp_path / "new.zip", tills.SHELL, clock.now(), lambda *_: None)
    status, _, err = command("restore", made.path, env=elsewhere)
    assert (status, "先升级程序" in err) == (1, True)


@pytest.mark.only("sqlite")
def test_a_backup_of_the_other_database_is_refused_with_a_sentence(recorded, command, tmp_path):
    assert command("backup", tmp_path / "b.zip")[0] == 0
    env = {"MEALSVC_DATABASE_URL": "postgresql+psycopg://nobody@/nowhere?host=/nowhere"}
    status, _, err = command("restore", tmp_path / "b.zip", env=env)
    assert (status, "不能互相恢复" in err) == (1, True)


def _forge_anchor(source: Path, target: Path, data_key: bytes) -> None:
    """A backup with a right seal over an anchor that its rows do not reach."""
    from mealsvc.plumbing.crypto import Vault
    from mealsvc.safekeeping.archive import ANCHOR, reading_from, writing_to

    vault = Vault(data_key)
    with (
        reading_from(source, vault, source.parent) as backup,
        writing_to(target, backup.manifest, vault) as into,
    ):
        for name in list(backup.manifest.members):
            content = b"".join(backup.pieces(name))
            if name == ANCHOR:
                content = f"{backup.manifest.head.seq + 1:020d}".encode() + content[20:]
            with into.member(name) as member:
                member.write(content)
