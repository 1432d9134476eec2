"""Seals: the trees behind them, the commands, and what a restore makes of them."""

import hashlib
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mealsvc import cli
from mealsvc.auditing.sealing import checking, services, verify_export
from mealsvc.auditing.sealing.queries import all_seals
from mealsvc.auditing.sealing.rules import Growing, levels_of, proof_of
from mealsvc.auditing.sealing.seal_file import FILENAME
from mealsvc.auditing.sealing.services import seal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.safekeeping import backup, restore
from mealsvc.trail.rules import canonical
from mealsvc.trail.verify import Broken
from tests.factories import tills
from tests.factories.tills import SHELL
from tests.support.papers import words_of


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(bytes([at])).digest() for at in range(count)]


def root_of(count: int) -> bytes:
    """RFC 6962 as it is written: split at the largest power of two below the count."""

    def over(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return part[0]
        half = 1
        while half * 2 < len(part):
            half *= 2
        return hashlib.sha256(b"\x01" + over(part[:half]) + over(part[half:])).digest()

    return over(leaves(count))


@pytest.mark.only("sqlite")
@settings(max_examples=40)
@given(st.integers(1, 70), st.data())
def test_a_root_follows_from_any_rows_and_what_the_proof_adds(count, data):
    rows = leaves(count)
    grown = Growing()
    for one in rows:
        grown.add(one)
    levels = levels_of(rows)
    assert grown.root() == levels[-1][0] == root_of(count)
    opened = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    proof = proof_of(levels, opened)
    shown = {place: rows[place] for place in opened}
    assert verify_export.root_over(count, shown, proof) == root_of(count)
    changed = shown | {min(opened): bytes(32)}
    assert verify_export.root_over(count, changed, proof) != root_of(count)


@pytest.mark.only("sqlite")
@given(st.lists(st.text() | st.integers(-(2**62), 2**62) | st.booleans() | st.none()))
def test_the_verifier_spells_rows_as_we_do(values):
    assert verify_export.canonical(values) == canonical(values)


@pytest.mark.only("sqlite")
def test_every_sign_that_needs_care_is_spelt_alike():
    signs = "".join(map(chr, range(0x20))) + '"\\/\x7f\u2028\ud7ff\U0001f35a饭'
    assert verify_export.canonical([signs]) == canonical([signs])


@pytest.fixture
def recorded(app):
    tills.small_district()
    for day in (6, 7):
        tills.serve(f"C001-{day}", "C001", served_at=tills.a_day(day))
    db.session.remove()


def test_a_long_record_is_sealed_in_parts(recorded, monkeypatch):
    monkeypatch.setattr(services, "MOST", 5)
    last = seal(SHELL, clock.now())
    seals = all_seals()
    assert last == seals[-1] and len(seals) > 2
    assert [one.to_seq - one.from_seq + 1 for one in seals[:-1]] == [5] * (len(seals) - 1)
    checking.verify()


@pytest.mark.only("sqlite")
def test_the_commands_seal_witness_export_and_compare_a_printed_anchor(recorded, tmp_path, capsys):
    def run(*asked: str) -> int:
        db.session.remove()
        with pytest.raises(SystemExit) as ended:
            cli.main(["audit", *asked])
        return ended.value.code

    assert run("seal", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sealed"] and told["last"]["number"] == 1
    assert run("witness", "--out", str(tmp_path / "w.json")) == 0
    assert json.loads((tmp_path / "w.json").read_text())["seals"][0] == {
        **{key: told["last"][key] for key in ("number", "to", "digest")},
        **{key: verify_seal(tmp_path)[key] for key in ("from", "root", "at", "by")},
    }
    assert run("export", "--month", "2024-05", "--out", str(tmp_path / "x.zip")) == 0
    with zipfile.ZipFile(tmp_path / "x.zip") as files:
        assert "verify.py" in files.namelist()
    proven = verify_export.verify(tmp_path / "x.zip", str(tmp_path / "w.json"))
    assert "与见证方留存的第 1 次封存一致" in "\n".join(proven)
    assert run("export", "--month", "2023-01", "--out", str(tmp_path / "y.zip")) == 1
    assert not (tmp_path / "y.zip").exists()
    row = db.session.execute(
        db.text("SELECT seq, mac FROM trail_event WHERE action = 'servings.record' ORDER BY seq")
    ).first()
    assert run("verify", "--anchor", f"{row.seq}:{bytes(row.mac).hex()}") == 0
    assert run("verify", "--anchor", f"{row.seq}:{'0' * 64}") == 1
    assert run("verify", "--anchor", "nonsense") == 1


def verify_seal(folder):
    return json.loads((folder / "w.json").read_text())["seals"][0]


def test_a_restore_goes_on_with_the_seals_of_the_backup(recorded, tmp_path, instance):
    seal(SHELL, clock.now())
    kept = all_seals()
    db.session.remove()
    copy = backup.back_up(tmp_path / "b.zip", SHELL, clock.now(), lambda *_: None).path
    tills.serve("later", "C002")
    seal(SHELL, clock.now())
    db.session.remove()
    restore.restore(copy, True, cli, SHELL, clock.now(), lambda *_: None)
    assert all_seals() == kept
    checking.verify()
    aside = [path for path in instance.iterdir() if path.name.startswith(f"{FILENAME}.")]
    assert [path.read_text().count("\n") for path in aside] == [2]
    db.session.remove()
    assert seal(SHELL, clock.now()) is not None
    checking.verify()


def test_a_printed_anchor_past_the_end_is_told(recorded):
    with pytest.raises(Broken, match="纸面上的锚值"):
        checking.verify(printed=checking.anchor_typed(f"99999:{'0' * 64}"))


def test_the_sheet_of_a_submitted_month_prints_the_anchor_of_its_submission(recorded):
    from mealsvc.plumbing.db import writing
    from mealsvc.reports.services import hand_over, settlement_sheets
    from mealsvc.settlement.services import submit
    from tests.factories.claims import MAY

    def words() -> str:
        printing = settlement_sheets(MAY, "P01")
        with writing():
            return words_of(hand_over(printing, SHELL, clock.now()))

    assert "提交时的锚值" not in words()
    with writing():
        submit(MAY, None, SHELL, clock.now())
    mac = db.session.scalar(
        db.text("SELECT mac FROM trail_event WHERE action = 'settlement.submit'")
    )
    assert bytes(mac).hex() in words().replace("\n", "")
