"""The five forms of a survey (摸排表), by letter. Pure data.

A field's code belongs to its question for good: answers of old rounds, workbooks in villages and
the report's figures go by it. A question may get another wording; a new question gets a new code;
the code of one that was dropped is never used again.
"""

from mealsvc.survey.forms.community import COMMUNITY
from mealsvc.survey.forms.fields import Field, Form
from mealsvc.survey.forms.meeting import MEETING
from mealsvc.survey.forms.potential import POTENTIAL
from mealsvc.survey.forms.questionnaire import QUESTIONNAIRE
from mealsvc.survey.forms.supply import SUPPLY

__all__ = ["FORMS", "Field", "Form"]

FORMS: dict[str, Form] = {
    form.letter: form for form in (COMMUNITY, SUPPLY, POTENTIAL, QUESTIONNAIRE, MEETING)
}
