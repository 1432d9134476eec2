"""The form by which an outside auditor is given something to look at."""

from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from mealsvc.kernel.months import Month
from mealsvc.plumbing.forms import DayField, TypedField, line


class MonthField(TypedField):
    """A month such as 2024-05."""

    def read(self, written: str) -> Month:
        try:
            return Month.parse(written)
        except ValueError:
            raise ValueError("请输入月份，如 2024-05。") from None


class BatchForm(FlaskForm):
    login = SelectField("外部审计账号", [InputRequired("请选择账号。")])
    title = line("审计事项", "请写明审计什么，如“2024年上半年助餐补贴审计”。", 60)
    first = MonthField("从哪个月", [InputRequired("请输入月份，如 2024-05。")])
    last = MonthField("到哪个月", [InputRequired("请输入月份，如 2024-05。")])
    points = line("助餐点编号", longest=1000)
    sample = SelectField("附一份抽样")
    until = DayField("期限（含当天）", [InputRequired("请输入日期。")])


class EndForm(FlaskForm):
    """Nothing but the token against forged requests."""
