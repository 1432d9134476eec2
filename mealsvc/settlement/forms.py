"""Forms of the settlement room."""

from flask_wtf import FlaskForm


class SubmitForm(FlaskForm):
    """Nothing but the token against forged requests."""
