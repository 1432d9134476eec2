"""The form of a budget line."""

from flask_wtf import FlaskForm
from wtforms.validators import InputRequired

from mealsvc.plumbing.forms import YuanField, line


class BudgetForm(FlaskForm):
    """The whole year's amount, and from the second time on why it changes."""

    amount = YuanField("全年金额", [InputRequired("请输入全年金额。")])
    basis = line("依据", longest=200)
