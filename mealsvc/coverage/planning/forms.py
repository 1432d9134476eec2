"""Forms of plans: what is asked, under which name it is kept, and a candidate's facts."""

import re
from fractions import Fraction
from math import isfinite
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Form, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Regexp

from mealsvc.coverage.planning.services import LONGEST_NAME
from mealsvc.kernel.divisions import is_division
from mealsvc.kernel.text import tidy_code
from mealsvc.plumbing.forms import DayField, TypedField, WholeField, YuanField, line

LEAST_RADIUS_M, MOST_RADIUS_M, MOST_SITES = 1, 50_000, 1_000
_PAIR = re.compile(r"\s*(-?[0-9]{1,3}(?:\.[0-9]+)?)\s*[,， 、]\s*(-?[0-9]{1,3}(?:\.[0-9]+)?)\s*")


class MetresField(TypedField):
    """A distance in metres, also with decimals."""

    def read(self, written: str) -> float:
        try:
            metres = float(written)
        except ValueError:
            metres = -1.0
        if not isfinite(metres) or not LEAST_RADIUS_M <= metres <= MOST_RADIUS_M:
            raise ValueError(f"请输入{LEAST_RADIUS_M}到{MOST_RADIUS_M}米之间的半径，如 1000。")
        return metres

    def written(self, value: float) -> str:
        return f"{value:g}"


class PercentField(TypedField):
    """A share in per cent, above 0 and up to 100."""

    def read(self, written: str) -> Fraction:
        try:
            share = Fraction(written.removesuffix("%")) / 100
        except (ValueError, ZeroDivisionError):
            share = Fraction(0)
        if not 0 < share <= 1:
            raise ValueError("请输入大于0、不超过100的百分数，如 60。")
        return share

    def written(self, value: Fraction) -> str:
        return f"{float(value * 100):g}"


class PositionField(TypedField):
    """A position pasted as longitude and latitude: 119.9421,31.7044."""

    def read(self, written: str) -> tuple[float, float]:
        found = _PAIR.fullmatch(written)
        lon, lat = (float(found[1]), float(found[2])) if found else (999.0, 999.0)
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise ValueError("请输入“经度,纬度”，如 119.9421,31.7044。")
        return lon, lat

    def written(self, value: tuple[float, float]) -> str:
        return f"{value[0]:g},{value[1]:g}" if value else ""


class QuestionForm(Form):
    """What is asked; it stands in the address, so it changes nothing and needs no token."""

    radius = MetresField("服务半径", [InputRequired("请输入服务半径。")])
    add = WholeField("最多新增")
    target = PercentField("目标覆盖率")
    budget = YuanField("建设预算")
    within = SelectField("覆盖谁的老人", choices=[], validate_choice=False)
    day = DayField("按哪一天的助餐点")
    capacity = BooleanField("计入日供餐能力")
    equity = BooleanField("先抬高覆盖率最低的镇（街道）")
    scratch = BooleanField("不计现有助餐点，从零布点")

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        if (
            sound
            and self.add.data is None
            and self.target.data is None
            and self.budget.data is None
        ):
            self.add.errors = ["请写明新增几个点、目标覆盖率或预算中的至少一项。"]
            return False
        return sound

    def validate_add(self, field: WholeField) -> None:
        if field.data is not None and not 1 <= field.data <= MOST_SITES:
            raise ValidationError(f"请输入1到{MOST_SITES}之间的整数。")


class KeepForm(FlaskForm):
    """The name of a plan."""

    name = line("方案名称", "请给方案起一个名称。", LONGEST_NAME)


class ConfirmForm(FlaskForm):
    """Nothing but the token against forged requests."""


class CandidateForm(FlaskForm):
    """The facts of a candidate; its code is fixed once it is there."""

    name = line("名称", "请输入候选点名称，如 华渎社区闲置用房。", 60)
    division = StringField("区划代码", filters=[lambda text: tidy_code(text or "")])
    position = PositionField("位置（经度,纬度）", [InputRequired("请输入位置的经纬度。")])
    daily_capacity = WholeField("日供餐能力")
    build_cost_fen = YuanField("建设费用")

    def validate_division(self, field: StringField) -> None:
        if field.data and not is_division(field.data):
            raise ValidationError("请输入6位、9位或12位区划代码。")

    def values(self) -> dict[str, Any]:
        """As `put_candidate` takes them."""
        lon, lat = self.position.data
        return {
            "name": self.name.data or "",
            "division": self.division.data or "",
            "lon": lon,
            "lat": lat,
            "daily_capacity": self.daily_capacity.data,
            "build_cost_fen": self.build_cost_fen.data,
        }


class NewCandidateForm(CandidateForm):
    """With the code that the new candidate gets."""

    code = StringField(
        "候选点编号",
        [
            InputRequired("请输入候选点编号。"),
            Regexp(r"[A-Za-z0-9_-]{1,32}\Z", message="请只用字母、数字和 - _，32位以内。"),
        ],
        filters=[lambda text: tidy_code(text or "")],
    )
