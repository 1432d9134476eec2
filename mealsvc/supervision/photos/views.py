"""Showing a photo to those who may see what it belongs to."""

from flask import Blueprint, Response, abort

from mealsvc.plumbing.guards import current, guard, require_point
from mealsvc.plumbing.outlook import outlook
from mealsvc.supervision.photos.queries import content_of, photo_with_place

RIGHTS = {
    "log": ("logs.read",),
    "document": ("units.read",),
    "complaint": ("complaints.read",),
    "case": ("audit.read",),
    "question": ("audit.read", "cases.answer"),
}
OTHERS = ("supervision.read",)

bp = Blueprint("photos", __name__)


@bp.get("/photos/<int:photo_id>.jpg")
@guard("logs.read")  # what everybody has who sees any photo; the subject asks for its own right
def photo(photo_id: int) -> Response:
    found = photo_with_place(photo_id) or abort(404)
    one, code, division = found
    if not any(map(current().can, RIGHTS.get(one.subject.partition("/")[0], OTHERS))):
        abort(403)
    if code is not None and division is not None:
        require_point(code, division)
    elif current().at_point:
        abort(403)
    kind, _, number = one.subject.partition("/")
    if current().at_point and kind == "visit" and not outlook().visit_is_signed(int(number)):
        abort(404)  # the unit sees what was found once it is signed
    answer = Response(content_of(photo_id) or abort(404), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Content-Disposition"] = f'inline; filename="photo-{photo_id}.jpg"'
    return answer
