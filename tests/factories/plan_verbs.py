"""The verbs of plans for new points."""

from mealsvc.coverage.planning import services
from mealsvc.coverage.planning.rules import Answer, Question
from mealsvc.places.services import put_candidate
from tests.factories import plans
from tests.factories.verb import BY, OTHER, Verb

PLANNING = "coverage.planning.services."
ANSWER = Answer(("C01",), 100, 0, 50, True, 50)


def _candidate() -> None:
    put_candidate({"code": "C01", **plans.east(1)}, OTHER)


def _kept() -> None:
    _candidate()
    plans.kept()


PLAN_VERBS: dict[str, Verb] = {
    PLANNING + "keep_plan": Verb(
        ("coverage.keep_plan",),
        lambda: services.keep_plan(
            "近期方案", Question(1_000, 1), ANSWER, BY, plans.NOW, plans.DAY
        ),
        _candidate,
    ),
    PLANNING + "drop_plan": Verb(
        ("coverage.drop_plan",), lambda: services.drop_plan(1, BY, plans.NOW), _kept
    ),
}
