"""Why a serving or a reversal is not recorded; the codes are those of the interface."""

from mealsvc.kernel.refusals import Refusal


class Malformed(Refusal):
    """{what}。请改正后重新提交。"""

    code = "malformed"


class UnknownPoint(Refusal):
    """没有编号为“{point}”的助餐点，请核对助餐点编号。"""

    code = "unknown_point"
    field = "point"


class UnknownResident(Refusal):
    """没有找到这张凭证对应的老人：请核对卡号或身份证号；卡已挂失、停用的请改用身份证，未登记的请先登记。"""

    code = "unknown_resident"
    field = "credential"


class PointNotOperating(Refusal):
    """该助餐点当日未在运营（未开业、已停业或暂停），不能登记就餐。"""

    code = "point_not_operating"
    field = "point"


class ResidentDeceased(Refusal):
    """该老人登记为已去世，不能登记就餐；如登记有误，请联系所在镇（街道）更正。"""

    code = "resident_deceased"
    field = "credential"


class KeyConflict(Refusal):
    """流水号“{key}”已用于另一笔内容不同的记录，请换用新的流水号。"""

    code = "key_conflict"
    field = "key"


class BadPrice(Refusal):
    """餐费无法识别，或不在0.01元至上限之间，请核对价格。"""

    code = "bad_price"
    field = "price_fen"


class InFuture(Refusal):
    """就餐时间比服务器时间晚5分钟以上（服务器时间 {server_time}），请校准设备时钟后重试。"""

    code = "in_future"
    field = "served_at"


class UnknownServing(Refusal):
    """没有流水号为“{key}”的就餐记录，请核对后再冲正。"""

    code = "unknown_serving"
    field = "reverses"


class AlreadyReversed(Refusal):
    """这笔就餐记录已经冲正过，不能再次冲正。"""

    code = "already_reversed"
    field = "reverses"


class NotReversible(Refusal):
    """这笔记录本身是一次冲正，不能再冲正；如需恢复请重新登记就餐。"""

    code = "not_reversible"
    field = "reverses"
