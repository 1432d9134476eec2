"""Forms of bookings and of the receiving check."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from mealsvc.bookings.rules import (
    ASKED_BY,
    MEASURES,
    PATTERNS,
    RELATIONS,
    WISHES,
    degrees,
    has_number,
)
from mealsvc.kernel.meals import LOCAL, MEALS, MODES
from mealsvc.kernel.text import is_storable, tidy
from mealsvc.plumbing.forms import TypedField, WholeField, line

CANCEL_REASONS = ("老人不来了", "改日期或改菜", "订错了", "住院或外出", "其他")
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.点时]?([0-5][0-9])分?")
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9])?")


class ChecksField(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class TimeField(TypedField):
    """A local time of day: 9:30, 09:30 or 0930."""

    def read(self, written: str) -> time:
        found = _TIME.fullmatch(written)
        if not found:
            raise ValueError("请输入时刻，如 10:40。")
        return time(int(found[1]), int(found[2]))

    def written(self, value: time) -> str:
        return f"{value:%H:%M}"


class DegreesCField(TypedField):
    """A temperature in °C with at most one decimal; the value is in tenths of a degree."""

    def read(self, written: str) -> int:
        if not _DEGREES.fullmatch(written):
            raise ValueError("请输入温度，如 63.5。")
        whole, _, tenth = written.partition(".")
        tenths = int(whole) * 10 + (-1 if written.startswith("-") else 1) * int(tenth or 0)
        if not -500 <= tenths <= 1500:
            raise ValueError("这个温度不可能，请重新测量。")
        return tenths

    def written(self, value: int) -> str:
        return degrees(value)


def at_on(day: date, at: time) -> datetime:
    """That local time of that day as an instant."""
    return datetime.combine(day, at, LOCAL).astimezone(UTC)


def _clean(text: str | None) -> str:
    typed = tidy(text or "")
    return typed if is_storable(typed) else ""


def _no_number(_form: Any, field: Any) -> None:
    if has_number(field.data or ""):
        raise ValidationError("这里不要写电话、证件等号码。")


class FindForm(FlaskForm):
    """What identifies an elder: sent in the body only, never kept in an address."""

    q = line("姓名、拼音首字母、卡号、身份证号或末四位", "请刷卡，或输入姓名。", 64)


class BookForm(FlaskForm):
    """Which meals are booked for an elder; choices of points, days and dishes are set by the view."""

    credential = HiddenField(filters=[_clean])
    point = SelectField("在哪个助餐点", [InputRequired("请选择助餐点。")], filters=[_clean])
    meal = SelectField("餐次", choices=list(MEALS.items()), default="lunch")
    mode = RadioField("怎么用餐", choices=list(MODES.items()), default="dine_in")
    pattern = RadioField("订哪些天", choices=list(PATTERNS.items()), default="chosen")
    days = ChecksField("日期", validate_choice=False)
    dish = SelectField("吃什么", choices=[("", "当日套餐")], default="", validate_choice=False)
    asked_by = RadioField("谁要求的", choices=list(ASKED_BY.items()), default="self")
    asked_name = SelectField(
        "哪位家属", choices=[("", "不是家属"), *((one, one) for one in RELATIONS)], default=""
    )
    marks = ChecksField("忌口和饮食要求", choices=list(WISHES.items()))
    wish = line("补充说明", longest=30)
    late = BooleanField("截单后加单（店长确认厨房还能做）")

    def validate_wish(self, field: Any) -> None:
        _no_number(self, field)

    def chosen_days(self) -> list[date]:
        """The days that were ticked; what is no date, and the calendar's ends, are left out."""
        found = []
        for text in self.days.data or []:
            try:
                day = date.fromisoformat(text)
            except ValueError:
                continue
            if 2000 <= day.year < 3000:
                found.append(day)
        return found


class CancelForm(FlaskForm):
    """Why a booking is taken back."""

    why = RadioField(
        "原因",
        choices=[(one, one) for one in CANCEL_REASONS],
        validators=[InputRequired("请选择取消的原因。")],
    )
    note = line("补充说明", longest=50)

    def validate_note(self, field: Any) -> None:
        _no_number(self, field)
        if self.why.data == CANCEL_REASONS[-1] and not field.data:
            raise ValidationError("选择“其他”时，请写明原因。")

    @property
    def reason(self) -> str:
        return "：".join(filter(None, (self.why.data, self.note.data)))


class SendForm(FlaskForm):
    """Portions sent from a kitchen to a point."""

    point = SelectField("送往", [InputRequired("请选择送往哪个分餐点。")])
    meal = SelectField("餐次", choices=list(MEALS.items()), default="lunch")
    portions = WholeField("份数", [InputRequired("请输入份数。")])
    cooked = TimeField("烧熟时间", [InputRequired("请输入烧熟时间。")])
    left = TimeField("发出时间", [InputRequired("请输入发出时间。")])
    container = line("保温箱编号", longest=40)
    seal_no = line("封签编号", longest=40)
    note = line("备注", longest=100)


class CheckForm(FlaskForm):
    """The receiving check of a load that the kitchen has registered."""

    portions = WholeField("实收份数", [InputRequired("请数好份数再填写。")])
    arrived = TimeField("到餐时间", [InputRequired("请输入到餐时间。")])
    core = DegreesCField("中心温度", [InputRequired("请测量热菜的中心温度。")])
    seal = RadioField(
        "封签",
        choices=[("ok", "完好"), ("broken", "破损或没有")],
        validators=[InputRequired("请查看封签。")],
    )
    label = RadioField(
        "标签",
        choices=[("ok", "齐全"), ("missing", "缺少内容或没有")],
        validators=[InputRequired("请查看标签。")],
    )
    measures = ChecksField("采取的措施", choices=list(MEASURES.items()))
    reheated = DegreesCField("复热后的中心温度")
    checked_by = line("验收人", longest=20)
    note = line("备注", longest=100)


class PaperCheckForm(CheckForm):
    """The check of a load that only a paper came with: it tells what is expected."""

    expected = WholeField("应到份数", [InputRequired("请照送货单填写应到份数。")])
    cooked = TimeField("烧熟时间")
