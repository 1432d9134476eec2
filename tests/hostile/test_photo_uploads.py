"""Hostile files: refused or made harmless, within 3 s of CPU and 300 MiB over the program's own."""

import io
import json
import subprocess
import sys

import pytest
from PIL import Image

from mealsvc.supervision.photos.services import LONGEST, MOST_KEPT, prepare
from tests.factories import pictures
from tests.factories.pictures import HOSTILE

MOST_CPU_S, MOST_MIB = 3.0, 300


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What each file of `HOSTILE` came to and cost, in a process of its own; `kept` is the picture."""
    sent, kept = (tmp_path_factory.mktemp(name) for name in ("sent", "kept"))
    for name, (make, _) in HOSTILE.items():
        (sent / name).write_bytes(make())
    command = [sys.executable, "-m", "tests.support.photo_meter", str(sent), str(kept)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    rows = {row["name"]: row for row in map(json.loads, ran.stdout.splitlines())}
    for path in kept.iterdir():
        rows[path.name]["kept"] = path.read_bytes()
    return rows


def test_each_hostile_file_is_refused_for_what_it_is_or_made_harmless(measured):
    said = {name: row["said"] for name, row in measured.items()}
    assert said == {name: expected for name, (_, expected) in HOSTILE.items()}


def test_no_file_costs_more_than_three_seconds_or_300_mib(measured):
    dear = {
        name: (row["cpu"], row["mib"])
        for name, row in measured.items()
        if row["cpu"] > MOST_CPU_S or row["mib"] > MOST_MIB
    }
    assert not dear
    assert max(row["mib"] for row in measured.values()) > 20, "the meter measures nothing"


@pytest.mark.parametrize("name", ["jpeg and web page", "jpeg and archive", "png and web page"])
def test_of_two_files_in_one_only_the_picture_is_kept(name, measured):
    kept = measured[name]["kept"]
    assert kept.startswith(b"\xff\xd8") and kept.endswith(b"\xff\xd9")
    assert b"script" not in kept and b"PK\x03\x04" not in kept


def test_what_is_kept_is_a_small_plain_jpeg(measured):
    kept = {name: row["kept"] for name, row in measured.items() if "kept" in row}
    assert len(kept) == sum(said == "kept" for _, said in HOSTILE.values())
    for name, content in kept.items():
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as picture:
            picture.load()
            told = {"comment", "icc_profile", "exif"} & picture.info.keys()
            assert picture.mode == "RGB" and not picture.getexif() and not told, name
            assert max(picture.size) <= LONGEST and len(content) <= MOST_KEPT, name


def test_a_position_is_noted_and_taken_out_of_the_picture():
    ready = prepare(pictures.from_phone())
    assert (ready.lon, ready.lat) == (119.945, 31.71)
    for secret in (b"Exif", b"SecretM", b"SERIAL-77", b"private note"):
        assert secret not in ready.content
