"""What the accounts room refuses, in the words that people read."""

from typing import ClassVar

from mealsvc.kernel.refusals import Refusal


class WrongSignIn(Refusal):
    """登录名或密码不正确，请核对后重新输入。"""

    code: ClassVar[str] = "wrong_sign_in"
    field: ClassVar[str | None] = "password"


class SignInLocked(Refusal):
    """连续输错次数过多，请30分钟后再试；急需使用请联系安全管理员解锁。"""

    code: ClassVar[str] = "sign_in_locked"
    field: ClassVar[str | None] = "login"


class AccountExpired(Refusal):
    """这个账号的有效期到{until}为止，已不能登录；还要使用的，请联系系统管理员延长。"""

    code: ClassVar[str] = "account_expired"
    field: ClassVar[str | None] = "login"


class WrongCode(Refusal):
    """动态验证码不正确或已用过，请输入手机上显示的下一组6位数字。"""

    code: ClassVar[str] = "wrong_code"
    field: ClassVar[str | None] = "code"


class WrongOldPassword(Refusal):
    """原密码不正确，请重新输入。"""

    code: ClassVar[str] = "wrong_password"
    field: ClassVar[str | None] = "old_password"


class WeakPassword(Refusal):
    """密码强度不够：请输入12位以上，或8位以上并包含大写字母、小写字母、数字、符号中的三类。"""

    code: ClassVar[str] = "weak_password"
    field: ClassVar[str | None] = "password"


class LongPassword(Refusal):
    """密码太长，请不要超过{limit}位。"""

    code: ClassVar[str] = "long_password"
    field: ClassVar[str | None] = "password"


class PasswordHoldsLogin(Refusal):
    """密码中不能包含登录名，请换一个密码。"""

    code: ClassVar[str] = "password_holds_login"
    field: ClassVar[str | None] = "password"


class PasswordReused(Refusal):
    """不能与最近{count}次用过的密码相同，请换一个新密码。"""

    code: ClassVar[str] = "password_reused"
    field: ClassVar[str | None] = "password"


class BadLogin(Refusal):
    """登录名“{login}”不能用：请用2到32位小写字母、数字或 . _ - @，以字母或数字开头。"""

    code: ClassVar[str] = "bad_login"
    field: ClassVar[str | None] = "login"


class BadName(Refusal):
    """请输入姓名，不超过40个字。"""

    code: ClassVar[str] = "bad_name"
    field: ClassVar[str | None] = "name"


class LoginTaken(Refusal):
    """登录名“{login}”已被使用，请换一个。"""

    code: ClassVar[str] = "login_taken"
    field: ClassVar[str | None] = "login"


class UnknownRole(Refusal):
    """没有“{role}”这个角色，请从角色列表中选择。"""

    code: ClassVar[str] = "unknown_role"
    field: ClassVar[str | None] = "role"


class BadScope(Refusal):
    """范围“{scope}”不适合{role}：请输入{wanted}。"""

    code: ClassVar[str] = "bad_scope"
    field: ClassVar[str | None] = "scope"


class UnknownScope(Refusal):
    """没有找到“{scope}”：请先登记这个区划或助餐点，或核对编号。"""

    code: ClassVar[str] = "unknown_scope"
    field: ClassVar[str | None] = "scope"


class BadUntil(Refusal):
    """有效期不能早于今天：请填今天或以后的日期，长期有效的留空。"""

    code: ClassVar[str] = "bad_until"
    field: ClassVar[str | None] = "until"


class OutsideAuditorsOnly(Refusal):
    """只看委托内容的账号，角色只能是外部审计：请改选角色，或不勾选这一项。"""

    code: ClassVar[str] = "outside_auditors_only"
    field: ClassVar[str | None] = "outside"


class UnknownUser(Refusal):
    """没有登录名为“{login}”的账号，请核对。"""

    code: ClassVar[str] = "unknown_user"
    field: ClassVar[str | None] = "login"


class OwnAccount(Refusal):
    """不能停用或调整自己的账号，请由另一位管理员操作。"""

    code: ClassVar[str] = "own_account"
    field: ClassVar[str | None] = "login"


class BoundToItself(Refusal):
    """这就是同一个账号：请填这个人的另一个账号的登录名。"""

    code: ClassVar[str] = "bound_to_itself"
    field: ClassVar[str | None] = "login"


class DeviceNameTaken(Refusal):
    """设备名称“{name}”已被使用（含已吊销的设备），请换一个。"""

    code: ClassVar[str] = "device_name_taken"
    field: ClassVar[str | None] = "name"


class BadDeviceName(Refusal):
    """请输入设备名称，不超过40个字。"""

    code: ClassVar[str] = "bad_device_name"
    field: ClassVar[str | None] = "name"


class UnknownDevice(Refusal):
    """没有名为“{name}”的设备，请核对。"""

    code: ClassVar[str] = "unknown_device"
    field: ClassVar[str | None] = "name"


class WrongToken(Refusal):
    """令牌不对，或已被吊销。请核对大小写后重新输入；还是不行，请系统管理员重新登记这台设备。"""

    code = "unauthenticated"
    field = "token"
