"""The forms of the settings room."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from mealsvc.kernel.text import tidy_code
from mealsvc.plumbing.forms import DayField, line


class ChangeForm(FlaskForm):
    value = StringField(
        "新取值",
        [InputRequired("请输入新取值。"), Length(max=100, message="请不要超过100个字。")],
        filters=[lambda text: tidy_code(text or "").replace("，", ",")],
        render_kw={"autocomplete": "off"},
    )
    basis = line("依据", "请写明依据的文件和条款。", 200)
    effective_from = DayField("生效日期", [InputRequired("请输入生效日期。")])
    verified = BooleanField("已对照原文核对")


class CalendarDayForm(FlaskForm):
    day = DayField("日期", [InputRequired("请输入日期。")])
    working = RadioField(
        "这一天",
        [InputRequired("请选择放假还是上班。")],
        choices=[("no", "放假"), ("yes", "上班")],
    )
    name = line("名称", "请写明是什么日子，如 国庆节、春节调休上班。", 40)
    basis = line("依据", "请写明放假通知的名称或文号。", 200)
