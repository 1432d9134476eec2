"""Forms of the register. What is masked on the pages is never filled in: empty means unchanged."""

import re
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.resident_id import ResidentId, normalise
from mealsvc.plumbing.forms import DayField, TypedField, line
from mealsvc.residents.rules import CATEGORIES, EVENTS

REVEALABLE = {"id_number": "身份证号", "name": "姓名", "phone": "电话", "address": "住址"}
_REGION = re.compile(r"[0-9]{6,12}")
_PHONE = re.compile(r"[0-9+\-() /;,、]{3,40}")


class IdNumberField(TypedField):
    """An ID number, 18 or 15 digits; what is wrong with it is told beside it."""

    def read(self, written: str) -> ResidentId:
        try:
            return normalise(written)
        except Refusal as refusal:
            raise ValueError(refusal.message) from None


class RegionField(TypedField):
    """The code of a division, also of one elsewhere."""

    def read(self, written: str) -> str:
        if not _REGION.fullmatch(written):
            raise ValueError("请输入6到12位区划代码，可从提示的名单中选。")
        return written


class PhoneField(TypedField):
    """Phone numbers as people write them."""

    def read(self, written: str) -> str:
        if not _PHONE.fullmatch(written):
            raise ValueError("请输入电话号码，只用数字和 + - ( )。")
        return written


def _please(message: str) -> InputRequired:
    return InputRequired(message)


def _region(label: str, *checks: Any) -> RegionField:
    return RegionField(label, checks, render_kw={"list": "divisions", "autocomplete": "off"})


class FindForm(FlaskForm):
    q = line("查找老人", "请输入姓名、拼音、编号、卡号、身份证号或其末四位。", 64)


class RegisterForm(FlaskForm):
    id_number = IdNumberField(
        "身份证号", [_please("请输入身份证号。")], render_kw={"autocomplete": "off"}
    )
    name = line("姓名", "请输入姓名。", 64)
    hukou_division = _region("户籍区划", _please("请输入户籍所在区划的代码。"))
    residence_division = _region("居住区划", Optional())
    address = line("住址", longest=200)
    phone = PhoneField("电话", render_kw={"autocomplete": "off"})
    card_no = line("卡号", longest=64)
    enrolled_on = DayField("登记日期")


class CorrectForm(FlaskForm):
    name = line("姓名", longest=64)
    hukou_division = _region("户籍区划", _please("请输入户籍所在区划的代码。"))
    residence_division = _region("居住区划", Optional())
    address = line("住址", longest=200)
    no_address = BooleanField("清空住址")
    phone = PhoneField("电话", render_kw={"autocomplete": "off"})
    no_phone = BooleanField("清空电话")
    enrolled_on = DayField("登记日期")


class ReasonForm(FlaskForm):
    reason = line("原因", "请输入原因，至少4个字。", 200)


class IdNumberForm(ReasonForm):
    id_number = IdNumberField(
        "正确的身份证号", [_please("请输入正确的身份证号。")], render_kw={"autocomplete": "off"}
    )


class RevealForm(FlaskForm):
    field = RadioField("要看的内容", choices=list(REVEALABLE.items()), default="id_number")
    reason = line("查看理由", "请输入查看理由，至少4个字。", 200)


class FactForm(FlaskForm):
    """When a dated fact holds, and who says so."""

    from_on = DayField("起始日期")
    to_on = DayField("截止日期")
    source = line("来源", "请输入来源，如“派出所通报”“低保名单2024年5月”。", 200)


class CategoryForm(FactForm):
    value = SelectField("类别", choices=list(CATEGORIES.items()))


class DepartureForm(FactForm):
    value = SelectField("事件", choices=list(EVENTS.items()))
    from_on = DayField("起始日期", [_please("请输入从哪一天起。")])


class MoveForm(FactForm):
    value = _region("新的区划", _please("请输入新的区划代码。"))
    from_on = DayField("起始日期", [_please("请输入从哪一天起。")])


FACT_FORMS: dict[str, type[FlaskForm]] = {
    "category": CategoryForm,
    "departure": DepartureForm,
    "hukou": MoveForm,
    "residence": MoveForm,
}


class EndForm(FlaskForm):
    to_on = DayField("截止日期")


class CardForm(FlaskForm):
    card_no = line("卡号", "请刷卡或输入卡号。", 64)


class ConfirmForm(FlaskForm):
    """Only the protection against forged forms."""


def check_birth(form: Any, number: ResidentId, today: date) -> bool:
    """Whether the person can have been born then; else the ID number's field says so."""
    try:
        normalise(number.number, today)
    except Refusal as refusal:
        form.id_number.errors = [refusal.message]
        return False
    return True
