"""The form in which a caller takes down what came of a call."""

from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from mealsvc.coverage.outreach.rules import OUTCOMES
from mealsvc.kernel.text import tidy
from mealsvc.plumbing.forms import storable

LONGEST = 500


class CallForm(FlaskForm):
    outcome = RadioField(
        "联系结果", [InputRequired("请选择联系结果。")], choices=list(OUTCOMES.items())
    )
    words = TextAreaField(
        "老人怎么说",
        [Optional(), Length(max=LONGEST, message=f"请不要超过{LONGEST}个字。"), storable],
        filters=[lambda written: tidy(written or "")],
    )
