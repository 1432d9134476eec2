"""The verbs of photos and of inspecting."""

from mealsvc.supervision.inspecting import services
from mealsvc.supervision.photos.services import keep
from tests.factories import visits as made
from tests.factories.inspections import ready_photo
from tests.factories.verb import BY, Verb
from tests.factories.visits import NOW


def _visit() -> None:
    made.inspectors()
    made.visit()


INSPECTION_VERBS = {
    "supervision.photos.services.keep": Verb(
        ("photos.keep",),
        lambda: keep(ready_photo(), "photo-0001", "order/1", made.the_point(), BY, NOW),
    ),
    "supervision.inspecting.services.save_draft": Verb(
        ("visits.draft",), lambda: services.save_draft(1, {"results": {}}, 0, BY, NOW), _visit
    ),
    "supervision.inspecting.services.add_photo": Verb(
        ("photos.keep",),
        lambda: services.add_photo(1, ready_photo(), "photo-0001", BY, NOW),
        _visit,
    ),
    "supervision.inspecting.services.conclude": Verb(
        ("visits.sign",),
        lambda: services.conclude(1, made.document(made.the_visit()), BY, NOW),
        _visit,
    ),
}
