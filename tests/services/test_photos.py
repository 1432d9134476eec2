"""Photos as evidence: what is kept of a file, that sending twice is sending once, who sees it."""

import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.photos import refusals, services
from mealsvc.supervision.photos.models import Photo, PhotoFile
from mealsvc.supervision.photos.services import Ready, keep, prepare
from tests.factories import pictures, tills
from tests.factories.tills import SHELL
from tests.factories.visits import NOW, the_point

SHOT = datetime(2024, 5, 6, 3, 40, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def ready() -> Ready:
    return prepare(pictures.jpeg(64, 48))


@pytest.fixture
def district(app):
    tills.small_district()


def kept(ready: Ready, key: str = "key-0001", subject: str = "visit/1", **more) -> Photo:
    with writing():
        return keep(ready, key, subject, the_point(), SHELL, more.pop("now", NOW), **more)


def colour(content: bytes, x: int, y: int) -> str:
    with Image.open(io.BytesIO(content)) as picture:
        red, green, _ = picture.getpixel((x, y))
    return "red" if red > 200 and green < 100 else "white" if green > 200 else "black"


def test_a_photo_held_upright_stands_upright_and_is_at_most_1600_points():
    content = pictures.from_phone(turned=6)
    made = prepare(content)
    assert (made.width, made.height) == (1200, 1600)
    assert (colour(made.content, 600, 50), colour(made.content, 600, 1500)) == ("red", "white")
    assert made.original_sha256 == hashlib.sha256(content).hexdigest()
    assert made.sha256 == hashlib.sha256(made.content).hexdigest()


@pytest.mark.parametrize(
    ("taken", "offset", "expected"),
    [
        ("2024:05:06 11:40:05", "+08:00", SHOT),
        ("2024:05:06 11:40:05", "", SHOT),  # a phone in China that says no offset
        ("2024:05:06 03:40:05", "+00:00", SHOT),
        ("2024:05:06 11:40:05", "+99:99", SHOT),
        ("0000:00:00 00:00:00", "", None),
        ("1899:05:06 11:40:05", "", None),
        ("\x00' OR 1=1", "", None),
    ],
)
def test_the_time_in_the_file_counts_if_it_can_be_one(taken, offset, expected):
    device = SHOT + timedelta(hours=1)
    made = prepare(pictures.from_phone(1, taken, offset), taken_at=device)
    assert (made.taken_at, made.taken_from) == (
        (expected, "exif") if expected else (device, "device")
    )


def test_what_the_device_says_is_taken_where_the_file_says_nothing():
    plain = pictures.jpeg(64, 48)
    made = prepare(plain, taken_at=SHOT, lon=119.95, lat=31.7)
    assert (made.taken_at, made.taken_from, made.lon, made.lat) == (SHOT, "device", 119.95, 31.7)
    nowhere = prepare(plain, lon=float("nan"), lat=99.0)
    assert (nowhere.taken_from, nowhere.lon, nowhere.lat) == ("nothing", None, None)


def test_white_of_16_bits_stays_white_and_what_is_see_through_lies_on_white():
    grey = prepare(pictures.grey16()).content
    assert (colour(grey, 50, 100), colour(grey, 350, 100)) == ("white", "black")
    clear = io.BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(clear, "PNG")
    assert colour(prepare(clear.getvalue()).content, 30, 30) == "white"


def test_one_photo_is_decoded_at_a_time_and_whoever_waits_too_long_is_told(monkeypatch):
    monkeypatch.setattr(services, "PATIENCE_S", 0.01)
    with services._one_at_a_time, pytest.raises(refusals.PhotosBusy):
        prepare(pictures.jpeg(64, 48))


def test_the_same_photo_sent_again_is_one_photo(district, ready):
    assert kept(ready).id == kept(ready).id
    assert db.session.scalar(select(func.count()).select_from(PhotoFile)) == 1
    assert db.session.scalar(select(PhotoFile.content)) == ready.content


@pytest.mark.parametrize("key", ["short", "a" * 65, "key 0001", "键0001234"])
def test_a_key_is_8_to_64_letters_and_digits(district, ready, key):
    with pytest.raises(refusals.PhotoKeyConflict):
        kept(ready, key)


def test_a_used_key_never_gives_another_photo_and_no_photo_of_others(district, ready):
    kept(ready)
    with pytest.raises(refusals.PhotoKeyConflict):
        kept(prepare(pictures.jpeg(65, 48)))
    with pytest.raises(refusals.PhotoKeyConflict):
        kept(ready, subject="visit/2")


def test_a_time_of_taking_ahead_of_us_is_not_believed(district):
    near, far = (
        prepare(pictures.jpeg(64, 48), taken_at=NOW + services.SKEW + timedelta(seconds=extra))
        for extra in (0, 1)
    )
    assert kept(near, "key-near").taken_from == "device"
    unbelieved = kept(far, "key-far1")
    assert (unbelieved.taken_at, unbelieved.taken_from) == (None, "nothing")


def test_a_subject_takes_its_limit_of_photos_and_not_one_more(district, ready, monkeypatch):
    monkeypatch.setattr(services, "PER_SUBJECT", 3)
    for number in range(3):
        kept(ready, f"key-{number:04}")
    with pytest.raises(refusals.TooManyPhotos):
        kept(ready, "key-0003")
    assert kept(ready, "key-0000").id == 1, "a replay is no new photo"


@pytest.mark.parametrize("table", ["photo", "photo_file"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_the_database_changes_no_photo(district, ready, table, change):
    kept(ready)
    column = {"photo": "sha256", "photo_file": "content"}[table]
    with pytest.raises(DBAPIError), writing() as connection:
        connection.exec_driver_sql(change.format(table, column))
