"""Forms of the settlement room."""

from flask_wtf import FlaskForm
from wtforms.validators import InputRequired

from mealsvc.plumbing.forms import YuanField


class SubmitForm(FlaskForm):
    """Nothing but the token against forged requests."""


class BudgetForm(FlaskForm):
    amount = YuanField("全年金额", [InputRequired("请输入全年金额。")])
