"""Forms of menus and filed prices."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from mealsvc.kernel.meals import MEALS
from mealsvc.menus.models import MenuItem
from mealsvc.menus.rules import ALLERGENS, DIETS, KINDS, NO_ALLERGENS, SET_MEAL, joined, marks
from mealsvc.plumbing.forms import DayField, TypedField, YuanField, line


class GramField(TypedField):
    """A weight in grams, up to two decimals."""

    def read(self, written: str) -> float:
        try:
            grams = Decimal(written)
        except InvalidOperation:
            grams = Decimal(-1)
        if grams.is_nan() or not 0 <= grams <= 10_000:
            raise ValueError("请输入克数，如 120 或 1.5。")
        return float(round(grams, 2))

    def written(self, value: float) -> str:
        return f"{value:g}"


class MarksField(SelectMultipleField):
    """A list of boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DishForm(FlaskForm):
    name = line("菜名", "请输入菜名。", 40)
    kind = SelectField(
        "类别", [InputRequired("请选择类别。")], choices=[("", "请选择"), *((k, k) for k in KINDS)]
    )
    price = YuanField("价格", render_kw={"inputmode": "decimal", "autocomplete": "off"})
    portion_g = GramField("份量", render_kw={"inputmode": "decimal", "autocomplete": "off"})
    salt_g = GramField("用盐", render_kw={"inputmode": "decimal", "autocomplete": "off"})
    allergens = MarksField(
        "过敏原", choices=[(NO_ALLERGENS, "没有常见过敏原"), *((a, a) for a in ALLERGENS)]
    )
    other_allergens = line("其他过敏原", longest=60)
    diet = MarksField("适宜", choices=list(DIETS.items()))

    @classmethod
    def of(cls, item: MenuItem) -> "DishForm":
        """The form as it shows a dish that is there."""
        known = (NO_ALLERGENS, *ALLERGENS)
        return cls(
            name=item.name,
            kind=item.kind,
            price=item.price_fen,
            portion_g=item.portion_g,
            salt_g=item.salt_g,
            allergens=[mark for mark in marks(item.allergens) if mark in known],
            other_allergens="、".join(m for m in marks(item.allergens) if m not in known),
            diet=list(marks(item.diet)),
        )

    def validate_price(self, field: YuanField) -> None:
        if field.data == 0:
            raise ValidationError("价格要大于0；不单独收钱的菜请留空。")
        if field.data is None and self.kind.data == SET_MEAL:
            raise ValidationError("请输入套餐的老年价，收银台按这个价格结账。")

    def validate_allergens(self, field: MarksField) -> None:
        if NO_ALLERGENS in (field.data or ()) and (
            len(field.data or ()) > 1 or self.other_allergens.data
        ):
            raise ValidationError("“没有常见过敏原”不能和其他过敏原一起选。")

    def values(self) -> dict[str, Any]:
        """What the form says, as the services take it."""
        others = marks(self.other_allergens.data or "")
        return {
            "name": self.name.data or "",
            "kind": self.kind.data,
            "price_fen": self.price.data,
            "portion_g": self.portion_g.data,
            "salt_g": self.salt_g.data,
            "allergens": joined([*(self.allergens.data or ()), *others]),
            "diet": joined(self.diet.data or ()),
        }


class ConfirmForm(FlaskForm):
    """Nothing but the token against forged requests."""


class PriceForm(FlaskForm):
    meal = RadioField(
        "餐次", [InputRequired("请选择餐次。")], choices=list(MEALS.items()), default="lunch"
    )
    name = line("名称", "请输入名称，如 标准套餐。", 40)
    public_price = YuanField("公示价", [InputRequired("请输入对社会公示的价格。")])
    elder_price = YuanField("老年价", [InputRequired("请输入对老年人的价格（补贴以前）。")])
    effective_from = DayField("从哪天起", [InputRequired("请输入生效日期。")])
    basis = line("依据", "请写明依据，如 服务协议、调价申请。", 200)


class EndForm(FlaskForm):
    effective_from = DayField("从哪天起不再执行", [InputRequired("请输入日期。")])
    basis = line("原因", "请写明原因，如 不再供应小份套餐。", 200)
