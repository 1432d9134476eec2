"""The verbs of coverage, plans, contacts and surveys, joined."""

from tests.factories.assess_verbs import ASSESS_VERBS
from tests.factories.contact_verbs import CONTACT_VERBS
from tests.factories.draw_verbs import DRAW_VERBS
from tests.factories.plan_verbs import PLAN_VERBS
from tests.factories.survey_verbs import SURVEY_VERBS
from tests.factories.writing_verbs import WRITING_VERBS

REACH_VERBS = {
    **ASSESS_VERBS,
    **CONTACT_VERBS,
    **DRAW_VERBS,
    **PLAN_VERBS,
    **SURVEY_VERBS,
    **WRITING_VERBS,
}
