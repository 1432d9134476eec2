"""Forms of payments."""

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from mealsvc.plumbing.forms import DayField, line, storable


class PayeeForm(FlaskForm):
    holder = line("户名", "请输入户名，与开户证明一致。", 100)
    bank = line("开户银行", "请输入开户银行，写到支行或网点。", 100)
    account = line("账号", "请输入账号。", 60, inputmode="numeric")
    basis = line("依据", longest=100)


class CheckForm(FlaskForm):
    reason = line("退回的原因", longest=200)


class OrderForm(FlaskForm):
    note = line("备注", longest=200)


class RecallForm(FlaskForm):
    reason = TextAreaField(
        "撤回的原因",
        [
            InputRequired("请写明撤回的原因。"),
            Length(max=200, message="请不要超过200个字。"),
            storable,
        ],
    )


class PaidForm(FlaskForm):
    paid_on = DayField("拨付日期", [InputRequired("请输入拨付日期。")])
    voucher = line("支付凭证号", longest=60)
