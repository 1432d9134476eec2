"""The forms of a budget line."""

from flask_wtf import FlaskForm
from wtforms.validators import InputRequired

from mealsvc.plumbing.forms import YuanField, line


class BudgetForm(FlaskForm):
    """What a source gives for the whole year, for the first time."""

    amount = YuanField("全年金额", [InputRequired("请输入全年金额。")])
    basis = line("依据", longest=200)


class ChangeForm(BudgetForm):
    """A line that is there changes with a basis only."""

    basis = line("依据", "请写明依据，如追加预算的文号。", 200)
