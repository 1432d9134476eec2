"""Forms: what a point costs, and which amounts of a tariff to try."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from mealsvc.plumbing.forms import YuanField, line
from mealsvc.simulation.forms import MOST_MONTHS, MonthField
from mealsvc.simulation.services import months_between

CATEGORIES = (
    ("", "不限类别"),
    ("DB", "低保"),
    ("TK", "分散特困"),
    ("SN", "失能失智"),
    ("DJ", "独居"),
)
AGES = (("", "不限年龄"), ("70", "70岁以上"), ("80", "80岁以上"), ("90", "90岁以上"))
SOURCES = (
    ("district", "区"),
    ("town", "镇"),
    ("village", "村"),
    ("lottery", "福彩"),
    ("charity", "慈善"),
)


class CostForm(FlaskForm):
    """What a point costs from a month on."""

    month = MonthField("从哪个月起", [InputRequired("请输入月份。")])
    fixed = YuanField("每月固定成本", [InputRequired("请输入每月固定成本，没有的填 0。")])
    variable = YuanField("每份变动成本", [InputRequired("请输入每份变动成本。")])
    other = YuanField("每月其他收入")
    basis = line("依据", "请写明这些数从哪里来。", 100)


def trial_form(amounts: list[tuple[str, str, int]], **given: Any) -> FlaskForm:
    """A form with one amount for each entry of the policy: (name of the field, label, fen now)."""

    class TrialForm(FlaskForm):
        name = line("名称", "请给这次测算起个名称。", 30)
        first = MonthField("从", [InputRequired("请输入开始的月份。")])
        last = MonthField("到", [InputRequired("请输入最后的月份。")])
        extra = YuanField("每份另加")
        extra_category = SelectField("给哪类老人", choices=list(CATEGORIES), default="")
        extra_age = SelectField("给多大年龄", choices=list(AGES), default="")
        extra_source = SelectField("由谁出钱", choices=list(SOURCES), default="district")

        def validate(self, extra_validators: Any = None) -> bool:
            sound = super().validate(extra_validators)
            return _months_fit(self) and sound

    for field, label, _ in amounts:
        setattr(TrialForm, field, YuanField(label, [InputRequired("请输入金额，不给的填 0。")]))
    return TrialForm(**given, **{field: fen for field, _, fen in amounts})


def _months_fit(form: Any) -> bool:
    first, last = form.first.data, form.last.data
    if first is None or last is None:
        return False
    if last < first:
        form.last.errors = ["最后的月份不能早于开始的月份。"]
    elif len(months_between(first, last)) > MOST_MONTHS:
        form.last.errors = [f"一次最多测算{MOST_MONTHS}个月。"]
    return not form.last.errors
