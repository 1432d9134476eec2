"""Why an account is not taken, or money is not ordered, recalled or paid."""

from mealsvc.kernel.refusals import Refusal


class BadAccount(Refusal):
    """账号应是 8 至 30 位数字（可带空格或短横），请对照开户证明重新输入。"""

    code = "malformed"
    field = "account"


class SameAccount(Refusal):
    """填写的户名、开户银行和账号与现在的一样，不用变更。"""

    code = "unchanged"


class PayeeDecided(Refusal):
    """这份收款账户已经有人处理，或已被后来的登记代替：请刷新页面再看。"""

    code = "payee_decided"


class OwnPayee(Refusal):
    """收款账户是您（或您的另一个账号）登记的，请由另一个人核对。"""

    code = "own_payee"


class PayeeDamaged(Refusal):
    """助餐点{point}的收款账号与登记时不符，已停止办理：请立即报告审计管理员核对。"""

    code = "payee_damaged"


class PayeeMissing(Refusal):
    """{points}还没有核对过的收款账户，不能下达拨付：请区业务管理在“收款账户”登记，再由财政核对。"""

    code = "payee_missing"


class MakerIsProposer(Refusal):
    """{point}的收款账户是您（或您的另一个账号）登记的，这份拨付单请由另一个人下达。"""

    code = "own_payee"


class NothingToPay(Refusal):
    """没有勾选要拨付的结算或补贴，请先勾选。"""

    code = "nothing_to_pay"


class TotalChanged(Refusal):
    """勾选的内容或可拨付的金额有变化，合计已重新计算：请核对后再下达。"""

    code = "total_changed"


class OrderEnded(Refusal):
    """拨付单{number}已经{state}，不能再办：请刷新页面再看。"""

    code = "order_ended"


class LaterOrder(Refusal):
    """{point}在之后的拨付单{number}中已接着结算差额：请先撤回那一份。"""

    code = "later_order"


class OwnOrder(Refusal):
    """拨付单是您（或您的另一个账号）下达的，请由另一个人登记拨付。"""

    code = "same_person"


class BadPaymentDay(Refusal):
    """拨付日期应在下达之日（{first}）至今天之间。"""

    code = "bad_period"
    field = "paid_on"


class VoucherMissing(Refusal):
    """请填写支付凭证号。"""

    code = "voucher_missing"
    field = "voucher"
