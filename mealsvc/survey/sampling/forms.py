"""The form that draws."""

from flask_wtf import FlaskForm
from wtforms.validators import Optional

from mealsvc.plumbing.forms import WholeField, line
from mealsvc.survey.sampling.services import LONGEST_SEED


class DrawForm(FlaskForm):
    size = WholeField("问卷份数", [Optional()])
    seed = line("种子", longest=LONGEST_SEED)
