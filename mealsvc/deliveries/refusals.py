"""Why a round cannot be changed so, or a delivery not be recorded."""

from mealsvc.kernel.refusals import Refusal


class RoundExists(Refusal):
    """已经有一条叫“{name}”的线路，请换一个名称。"""

    code = "round_exists"
    field = "name"


class RoundInUse(Refusal):
    """这条线路上还有老人，请先把他们移到别的线路，再停用。"""

    code = "round_in_use"
    field = "active"


class BadOrder(Refusal):
    """送餐顺序没有对上：请给每一站填一个序号，再保存。"""

    code = "bad_order"


class NotADelivery(Refusal):
    """这份预订已取消或不是送餐，不能登记。请返回名单核对。"""

    code = "not_a_delivery"


class KeyConflict(Refusal):
    """这一步已经登记过了。请刷新页面，看最新状态。"""

    code = "key_conflict"


class AlreadyDelivered(Refusal):
    """这一份已经登记送达。如果登错了，请店长在就餐流水里冲正。"""

    code = "already_delivered"


class AlreadyReturned(Refusal):
    """这一份已经登记退回。"""

    code = "already_returned"


class AlertStillOpen(Refusal):
    """这一户刚才无人应答，还没有处理完：请先选择最后是什么情况，再登记送达。"""

    code = "alert_open"
    field = "outcome"


class AlertOpen(Refusal):
    """这一户已经登记无人应答，正在处理。请继续打电话或上报。"""

    code = "alert_open"


class NoAlert(Refusal):
    """这一户没有待处理的无人应答。请刷新页面，看最新状态。"""

    code = "no_alert"


class ReportFirst(Refusal):
    """已超过{minutes}分钟没有联系上老人：请先上报村（社区）或家属，再登记处理结果。"""

    code = "report_first"
    field = "step"


class SayWhat(Refusal):
    """请写明是什么情况，至少4个字。"""

    code = "missing_note"
    field = "note"


class BadSignature(Refusal):
    """签名没有收好，请清除后重签，或只选择签收人。"""

    code = "bad_signature"
    field = "receiver"


class AmountChanged(Refusal):
    """应收金额有变化，还没有登记：请按新的金额再核对一次。"""

    code = "amount_changed"


class NoPrice(Refusal):
    """这一餐还没有定价，不能登记送达。请让店长先在菜单里填好价格。"""

    code = "no_price"


class BadCookingTime(Refusal):
    """烧熟时间不能晚于现在，也不能早于当天。请核对。"""

    code = "bad_time"
    field = "cooked"


class NotToday(Refusal):
    """这一份不是今天的餐，不能登记送达：没有送到的，请登记退回。"""

    code = "not_today"
