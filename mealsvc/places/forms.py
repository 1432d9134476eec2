"""Forms of the places room."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Regexp, ValidationError

from mealsvc.kernel.divisions import is_division
from mealsvc.kernel.text import tidy_code
from mealsvc.places.rules import CATERING_NAMES, KIND_NAMES, is_hours
from mealsvc.plumbing.forms import DayField, DegreesField, WholeField, line


def _typed_code(text: str | None) -> str:
    return tidy_code(text or "")


def _hours(label: str) -> StringField:
    return StringField(
        label, [_check_hours], filters=[lambda text: _typed_code(text).replace(" ", "")]
    )


def _check_hours(_form: Any, field: StringField) -> None:
    if field.data and not is_hours(field.data):
        raise ValidationError("请输入起止时间，如 10:30-12:30。")


class PointForm(FlaskForm):
    """The facts of a point; its code is fixed once it is there."""

    name = line("名称", "请输入助餐点名称。", 60)
    kind = SelectField(
        "类型", [InputRequired("请选择类型。")], choices=[("", "请选择"), *KIND_NAMES.items()]
    )
    division = StringField(
        "区划代码", [InputRequired("请输入所在区划的代码。")], filters=[_typed_code]
    )
    address = line("地址", longest=120)
    lon = DegreesField("经度")
    lat = DegreesField("纬度")
    seats = WholeField("座位数")
    daily_capacity = WholeField("日供餐能力")
    opened_on = DayField("开业日期")
    closed_on = DayField("停业日期")
    catering_mode = SelectField("供餐方式", choices=[("", "未填"), *CATERING_NAMES.items()])
    operator = line("运营单位", longest=80)
    uscc = StringField("统一社会信用代码", filters=[lambda text: _typed_code(text).upper()])
    licence_no = StringField("食品经营许可证编号", filters=[lambda text: _typed_code(text).upper()])
    licence_expires_on = DayField("许可证有效期至")
    supplier = StringField("供餐方编号", filters=[_typed_code])
    lunch_hours = _hours("午餐时段")
    dinner_hours = _hours("晚餐时段")

    def validate_division(self, field: StringField) -> None:
        if field.data and not is_division(field.data):
            raise ValidationError("请输入6位、9位或12位区划代码。")

    def validate_closed_on(self, field: DayField) -> None:
        if field.data and self.opened_on.data and field.data < self.opened_on.data:
            raise ValidationError("停业日期不能早于开业日期，请核对。")


class NewPointForm(PointForm):
    code = StringField(
        "助餐点编号",
        [
            InputRequired("请输入助餐点编号。"),
            Regexp(r"[A-Za-z0-9_-]{1,32}\Z", message="请只用字母、数字和 - _，32位以内。"),
        ],
        filters=[_typed_code],
    )


class SuspendForm(FlaskForm):
    from_on = DayField("从哪天起", [InputRequired("请输入暂停的第一天。")])
    reason = line("原因", "请写明暂停运营的原因。", 200)


class GradeForm(FlaskForm):
    stars = SelectField(
        "星级",
        [InputRequired("请选择星级。")],
        choices=[("", "请选择"), *((stars, f"{stars}星") for stars in range(1, 6))],
        coerce=lambda value: int(value) if value else None,
    )
    from_on = DayField("从哪天起", [InputRequired("请输入星级从哪天起。")])
    basis = line("依据", "请写明评定的依据。", 100)


class ResumeForm(FlaskForm):
    on = DayField("从哪天起", [InputRequired("请输入恢复运营的第一天。")])
