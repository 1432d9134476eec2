"""The form with which a person decides about proposed corrections."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from mealsvc.plumbing.forms import line


class DecideForm(FlaskForm):
    """Which lines, and why; `sure` is asked once the consequence was shown."""

    lines = SelectMultipleField(
        "要办理的流水",
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    note = line("办理说明", longest=200)
    sure = BooleanField("已核对")
