"""Forms of the till and of reversals."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from mealsvc.kernel.dates import parse_instant
from mealsvc.kernel.meals import MEALS, MODES
from mealsvc.kernel.text import is_storable, tidy
from mealsvc.plumbing.forms import YuanField
from mealsvc.servings.rules import CREDENTIAL_LENGTH, KEY_LENGTH, Order
from mealsvc.servings.till import Card, written_instant

OTHER = "其他"
REASONS = ("登错人", "登错餐次", "登错价格", "老人没有用餐", "重复登记", OTHER)


def _clean(text: str | None) -> str:
    typed = tidy(text or "")
    return typed if is_storable(typed) else ""


class FindForm(FlaskForm):
    """What identifies an elder: sent in the body only, never kept in an address."""

    q = StringField(
        "卡号、身份证号、姓名、拼音首字母或身份证后四位",
        [DataRequired("请刷卡、扫码，或输入姓名。"), Length(max=CREDENTIAL_LENGTH)],
        filters=[_clean],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"},
    )


class CardForm(FlaskForm):
    """The card that is confirmed. `expected` is the self-pay (fen) that the operator was shown."""

    credential = HiddenField(filters=[_clean])
    method = HiddenField(filters=[_clean])
    key = HiddenField(filters=[_clean])
    at = HiddenField(filters=[_clean])
    expected = HiddenField(filters=[_clean])
    shown_meal = HiddenField(filters=[_clean])
    meal = SelectField("餐次", choices=list(MEALS.items()))
    mode = SelectField("方式", choices=list(MODES.items()))
    price = YuanField("餐价")

    @classmethod
    def of(cls, card: Card, typed: str = "") -> "CardForm":
        """A fresh form that shows this card; `typed` is a price that could not be read."""
        order, decision = card.order, card.decision
        form = cls(
            formdata=None,
            credential=order.credential,
            method=order.method,
            key=order.key,
            at=written_instant(order),
            expected="" if decision is None else str(decision.self_pay_fen),
            shown_meal=order.meal,
            meal=order.meal,
            mode=order.mode,
            price=order.price_fen,
        )
        if order.price_fen is None and typed:
            form.price.raw_data = [typed]
        return form

    def order(self, point: str, operator: str) -> Order:
        """What the form asks for. Raises ValueError where its hidden part was tampered with."""
        if not 1 <= len(self.key.data or "") <= KEY_LENGTH:
            raise ValueError("no key")
        return Order(
            self.key.data or "",
            point,
            self.credential.data or "",
            parse_instant(self.at.data or ""),
            str(self.meal.data),
            str(self.mode.data),
            self.price.data,
            self.method.data or "manual",
            operator=operator,
        )


class ReverseForm(FlaskForm):
    """Why a serving is taken back."""

    key = HiddenField(filters=[_clean])
    back = HiddenField(filters=[_clean])
    why = RadioField(
        "原因",
        choices=[(one, one) for one in REASONS],
        validators=[InputRequired("请选择冲正原因。")],
    )
    note = StringField(
        "补充说明",
        [Length(max=100, message="请不要超过100个字。")],
        filters=[_clean],
        render_kw={"autocomplete": "off"},
    )

    def validate(self, extra_validators: object = None) -> bool:
        sound = super().validate()
        if sound and self.why.data == OTHER and not self.note.data:
            self.note.errors = ["选择“其他”时，请写明原因。"]
            return False
        return sound

    @property
    def reason(self) -> str:
        """The reason in one text, as the ledger keeps it."""
        return "：".join(filter(None, (self.why.data, self.note.data)))
