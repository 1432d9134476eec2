"""Forms of the accounts room. The rules decide; forms only ask for what is missing."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from mealsvc.accounts.permissions import ROLES
from mealsvc.accounts.rules import LONGEST, wanted_scope
from mealsvc.kernel.text import tidy_code
from mealsvc.plumbing.forms import DayField

ROLE_CHOICES = [
    (role.code, f"{role.name}（{wanted_scope(role.scope)}）") for role in ROLES.values()
]


def _text(label: str, please: str, longest: int, **render: Any) -> StringField:
    limits = [InputRequired(please), Length(max=longest, message=f"请不要超过{longest}个字。")]
    return StringField(label, limits, render_kw={"autocomplete": "off", **render})


def _password(label: str, please: str, autocomplete: str, **render: Any) -> PasswordField:
    limits = [InputRequired(please), Length(max=LONGEST, message=f"请不要超过{LONGEST}位。")]
    return PasswordField(label, limits, render_kw={"autocomplete": autocomplete, **render})


class SignInForm(FlaskForm):
    login = _text(
        "登录名",
        "请输入登录名。",
        64,
        autocomplete="username",
        autocapitalize="none",
        autofocus=True,
    )
    password = _password("密码", "请输入密码。", "current-password")


class CodeForm(FlaskForm):
    code = StringField(
        "动态验证码",
        [InputRequired("请输入手机上显示的6位数字。"), Length(max=16, message="请只输入6位数字。")],
        filters=[lambda text: tidy_code(text or "").replace(" ", "")],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True},
    )


class PasswordForm(FlaskForm):
    old_password = _password("原密码", "请输入原密码。", "current-password", autofocus=True)
    password = _password("新密码", "请输入新密码。", "new-password")
    again = _password("再输一次新密码", "请再输一次新密码。", "new-password")

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        if sound and self.again.data != self.password.data:
            self.again.errors = ["两次输入的新密码不一致，请重新输入。"]
            return False
        return sound


class RoleForm(FlaskForm):
    role = SelectField("角色", [InputRequired("请选择角色。")], choices=ROLE_CHOICES)
    scope = _text("范围", "请输入助餐点编号或区划代码。", 32)


class AccountForm(RoleForm):
    login = _text("登录名", "请输入登录名。", 32, autocapitalize="none", autofocus=True)
    name = _text("姓名", "请输入姓名。", 40)
    until = DayField("有效期至")
    outside = BooleanField("只看委托给它的审计内容（角色为外部审计的）")


class UntilForm(FlaskForm):
    until = DayField("有效期至")


class PersonForm(FlaskForm):
    login = _text(
        "另一个账号的登录名",
        "请输入这个人的另一个账号的登录名。",
        32,
        autocapitalize="none",
        autofocus=True,
    )


class ConfirmForm(FlaskForm):
    """Nothing but the token against forged requests."""


class DeviceForm(FlaskForm):
    name = _text("设备名称", "请输入设备名称。", 40, autofocus=True)
    scope = _text("助餐点编号", "请输入这台设备所在助餐点的编号。", 32)


class TokenForm(FlaskForm):
    token = _text(
        "一次性令牌",
        "请输入登记设备时显示的令牌。",
        128,
        autocapitalize="none",
        spellcheck="false",
        autofocus=True,
    )
