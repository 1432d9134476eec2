"""The form of the settings room."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
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
