"""A series of random attacks on the record, from a seed: every one is found, and none imagined; and
attacks on the export, which nobody of ours checks."""

import io
import json
import subprocess
import sys
import zipfile
from random import Random

import pytest

from mealsvc.auditing.sealing import checking
from mealsvc.auditing.sealing.exporting import VERIFIER, export_proof
from mealsvc.auditing.sealing.queries import all_seals
from mealsvc.auditing.sealing.refusals import SealsMissing
from mealsvc.auditing.sealing.seal_file import FILENAME
from mealsvc.auditing.sealing.services import seal
from mealsvc.plumbing.db import db
from mealsvc.setup import migrate
from mealsvc.trail.verify import Broken
from tests.factories import tills
from tests.factories.claims import MAY, NOW
from tests.hostile.attacked import record_a_month
from tests.hostile.attacker import Attacker
from tests.hostile.attacks import Series
from tests.support import databases

SEED = 20240506
ATTACKS = {"sqlite": 80, "postgresql": 40}[databases.kind()]

pytestmark = pytest.mark.ground(by=record_a_month)


def test_every_one_of_many_random_attacks_is_found_and_none_imagined(instance):
    attacker = Attacker()
    attacker.take_guards_down()
    outcome = Series(attacker, instance, SEED).run(ATTACKS)
    attacker.engine.dispose()
    assert (outcome.missed, outcome.imagined) == ([], [])
    assert sum(outcome.found.values()) == ATTACKS
    assert len(outcome.found) == 10


def test_the_whole_proof_passes_and_an_older_copy_of_the_database_does_not(instance):
    checking.verify()
    old = (instance / FILENAME).read_text()
    tills.serve("more", "K010", point="P02", served_at=tills.a_day(13))
    seal(tills.SHELL, NOW)
    checking.verify()
    now = (instance / FILENAME).read_text()
    assert now.startswith(old)
    attacker = Attacker()
    attacker.take_guards_down()
    attacker.run("DELETE FROM record_seal WHERE id = 3")
    attacker.engine.dispose()
    with pytest.raises(Broken, match="末尾被截去"):
        checking.verify()


def test_a_file_of_seals_that_is_gone_or_cut_short_is_refused(instance):
    seal(tills.SHELL, NOW)
    path = instance / FILENAME
    lines = path.read_text().splitlines(keepends=True)
    assert len(lines) == len(all_seals()) == 3
    path.write_text("".join(lines[:2]) + lines[2][:40])
    checking.verify()  # what a crash leaves
    seal(tills.SHELL, NOW)
    for content in (lines[:1], []):
        path.write_text("".join(content))
        with pytest.raises(SealsMissing):
            checking.verify()
    path.unlink()
    with pytest.raises(SealsMissing):
        checking.verify()


@pytest.mark.ground(by=None)
def test_seals_outlive_an_older_program(app):
    """Moved below the revision that knows seals and up again, the trail gives them back."""
    tills.small_district()
    tills.serve("K1")
    seal(tills.SHELL, NOW)
    before = all_seals()
    db.session.remove()
    for revision in ("0021", "head"):
        migrate(revision)
    assert all_seals() == before
    checking.verify()


# The export, checked by its own program as a stranger runs it.


@pytest.fixture
def exported(app, tmp_path):
    """The files of an export of May, unpacked; and the digest that a witness keeps."""
    content = io.BytesIO()
    assert export_proof(MAY, None, content, NOW) == 15
    digest = all_seals()[-1].digest
    db.session.remove()
    folder = tmp_path / "export"
    zipfile.ZipFile(content).extractall(folder)
    return folder, digest


def judged(folder, *asked) -> tuple[int, str]:
    """Exit status and words of the verifier, by an interpreter that sees nothing of ours."""
    command = [sys.executable, "-I", str(folder / "verify.py"), *asked]
    done = subprocess.run(command, capture_output=True, cwd=folder, check=False)
    return done.returncode, done.stdout.decode()


def test_an_export_proves_itself_without_us(exported):
    folder, digest = exported
    status, words = judged(folder, "--witness", digest[:32].upper())
    assert (status, words.rstrip().endswith("PROVEN")) == (0, True), words
    assert "2024-05：2 个助餐点，流水 15 条" in words
    assert "P01：流水 14 条" in words and "未提交" not in words
    assert judged(folder, "--witness", "0" * 64)[0] == 1
    assert VERIFIER.read_bytes() == (folder / "verify.py").read_bytes()
    text = "".join(path.read_text("utf-8") for path in folder.iterdir())
    for secret in (*tills.ID_NUMBERS, *tills.ID_NUMBERS.values()):
        assert secret not in text


def test_a_month_that_is_not_submitted_proves_its_lines_and_says_what_it_does_not(app, tmp_path):
    content = io.BytesIO()
    assert export_proof(MAY.next, ["P02"], content, NOW) == 9
    zipfile.ZipFile(content).extractall(tmp_path / "june")
    status, words = judged(tmp_path / "june")
    assert status == 0, words
    assert "未提交：不能证明没有遗漏的行" in words and "没有与见证方核对" in words


def test_every_random_attack_on_an_export_is_found(exported):
    folder, digest = exported
    verify = _loaded(folder)
    random, missed = Random(SEED), []
    for number in range(ATTACKS):
        name, before, after = _attacked(folder, random)
        (folder / name).write_text(after, "utf-8")
        try:
            verify.verify(folder, digest)
            missed.append(f"{number}: {name} {_unlike(before, after)}")
        except Exception as error:
            assert str(error)
        (folder / name).write_text(before, "utf-8")
    assert missed == []
    assert verify.verify(folder, digest)


def test_a_node_given_in_the_place_of_a_row_is_refused(exported):
    """Else a changed row could be hidden behind the right hash."""
    folder, digest = exported
    verify = _loaded(folder)
    path, proofs = folder / "trail.jsonl", json.loads((folder / "proofs.json").read_text())
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    number, levels = next(iter(proofs.items()))
    seal_ = json.loads((folder / "seals.json").read_text())[int(number) - 1]
    row = next(one for one in rows if seal_["from"] <= one[0] <= seal_["to"])
    import hashlib

    true = hashlib.sha256(b"\x00" + verify.canonical(row)).hexdigest()
    levels[0].append([row[0] - seal_["from"], true])
    row[2] = "user:nobody"
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in rows) + "\n", "utf-8")
    (folder / "proofs.json").write_text(json.dumps(proofs))
    with pytest.raises(verify.Bad, match="不完整"):
        verify.verify(folder, digest)


def _loaded(folder):
    import importlib.util

    spec = importlib.util.spec_from_file_location("export_verifier", folder / "verify.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


FILES = (
    "lines.jsonl",
    "trail.jsonl",
    "settlement.json",
    "decisions.json",
    "seals.json",
    "proofs.json",
)


def _attacked(folder, random) -> tuple[str, str, str]:
    """A file with one thing changed: a letter or digit, a line gone, twice, or in another's place."""
    while True:
        name = random.choice(FILES)
        before = (folder / name).read_text("utf-8")
        lines = before.splitlines(keepends=True)
        kind = random.choice(("letter", "gone", "twice", "swapped"))
        place = random.randrange(len(lines))
        if kind == "letter":
            after = _another_letter(before, random)
        elif len(lines) < 2:
            continue
        elif kind == "gone":
            after = "".join(lines[:place] + lines[place + 1 :])
        elif kind == "twice":
            after = "".join([*lines[: place + 1], *lines[place:]])
        else:
            other = (place + 1) % len(lines)
            lines[place], lines[other] = lines[other], lines[place]
            after = "".join(lines)
        if after != before:
            return name, before, after


def _unlike(before: str, after: str) -> str:
    """Where they part."""
    at = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    return f"{before[at - 30 : at + 10]!r} -> {after[at - 30 : at + 10]!r}"


def _another_letter(text: str, random) -> str:
    places = [at for at, letter in enumerate(text) if letter.isalnum()]
    at = random.choice(places)
    letter = random.choice([one for one in "0123456789abc" if one != text[at].lower()])
    return text[:at] + letter + text[at + 1 :]
