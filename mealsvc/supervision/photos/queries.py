"""Photos as pages list and show them."""

from collections.abc import Iterable

from sqlalchemy import select

from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.supervision.photos.models import Photo, PhotoFile


def photos_of(subject: str) -> list[Photo]:
    """The photos of one subject, as they came (at most `services.PER_SUBJECT`)."""
    return list(
        db.session.scalars(select(Photo).where(Photo.subject == subject).order_by(Photo.id))
    )


def photos_by_key(subject: str, keys: Iterable[str]) -> dict[str, Photo]:
    """The photos of one subject that were sent under these keys."""
    wanted = set(keys)
    rows = photos_of(subject) if wanted else []
    return {photo.key: photo for photo in rows if photo.key in wanted}


def photo_with_place(photo_id: int) -> tuple[Photo, str | None, str | None] | None:
    """A photo, with code and division of its point."""
    row = db.session.execute(
        select(Photo, MealPoint.code, MealPoint.division)
        .outerjoin(MealPoint, MealPoint.id == Photo.point_id)
        .where(Photo.id == photo_id)
    ).one_or_none()
    return row and (row.Photo, row.code, row.division)


def content_of(photo_id: int) -> bytes | None:
    """The JPEG itself."""
    return db.session.scalar(select(PhotoFile.content).where(PhotoFile.photo_id == photo_id))
