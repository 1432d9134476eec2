"""Photos in a form without a script: a field for files, made ready before anything is written."""

from collections.abc import Iterable

from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField

from mealsvc.kernel.refusals import Refusal
from mealsvc.supervision.photos import refusals
from mealsvc.supervision.photos.services import MOST_BYTES, Ready, prepare

ACCEPT = "image/jpeg,image/png,image/webp"


def photos_field(label: str = "照片") -> MultipleFileField:
    """A field that takes several photos."""
    return MultipleFileField(label, render_kw={"accept": ACCEPT})


def prepared(field: MultipleFileField, limit: int = 6) -> list[Ready]:
    """The photos of a field, made ready; a file that is refused is told at the field, with its
    name, and leaves the list empty. Call it after the form is valid, outside the transaction.
    """
    files = [one for one in field.data or [] if isinstance(one, FileStorage) and one.filename]
    if len(files) > limit:
        field.errors = [*field.errors, refusals.TooManyPhotos(limit=limit).message]
        return []
    ready, wrong = [], []
    for file in files:
        try:
            ready.append(prepare(file.stream.read(MOST_BYTES + 1)))
        except Refusal as refusal:
            wrong.append(f"“{(file.filename or '')[:40]}”：{refusal.message}")
    field.errors = [*field.errors, *wrong]
    return [] if wrong else ready


def keys_for(form_key: str, ready: Iterable[Ready]) -> list[str]:
    """A key for each photo of a form with its own key: a form sent twice adds no photo twice."""
    return [f"{form_key[:40]}-{one.original_sha256[:20]}" for one in ready]
