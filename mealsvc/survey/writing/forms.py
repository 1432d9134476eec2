"""Forms of the report: a section's text, the lock."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from mealsvc.plumbing.forms import storable
from mealsvc.survey.rounds.forms import unnamed


class SectionForm(FlaskForm):
    """The text is judged by `services.write_section`; here only what no database takes."""

    text = TextAreaField("内容", [storable, unnamed])
    seen = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class LockForm(FlaskForm):
    """Nothing but the confirmation."""
