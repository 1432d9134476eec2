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


class AboveFiledPrice(BadPrice):
    """高于备案价{filed}元，不能向老人收取。请核对餐费；确要调价的，先备案新价格。"""


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


class FutureDay(Refusal):
    """这一天还没有到，不能日结。请选择今天或以前的日期。"""

    code = "future_day"
    field = "day"


class DayMoved(Refusal):
    """填写期间这一天又有新的登记或日结，系统金额已经变化。请按新的数字核对后，再确认一次。"""

    code = "day_moved"


class DifferenceUnexplained(Refusal):
    """实收和应收不一致，请选择原因，或写明原因后再确认。"""

    code = "difference_unexplained"
    field = "why"


class DayAlreadyClosed(Refusal):
    """当天已日结，请店长处理。"""

    code = "forbidden"


class AlreadySettled(Refusal):
    """这一份已由{by}处理为“{settlement}”，不能再次处理。"""

    code = "already_settled"


class NoSuchSettlement(Refusal):
    """请选择处理办法。"""

    code = "no_such_settlement"
    field = "settlement"


class NotThatDay(Refusal):
    """请从列出的日期中选择这一餐的就餐日期。"""

    code = "not_that_day"
    field = "served_at"


class ClockInDoubt(Refusal):
    """设备时钟有疑问，这一餐还没有登记，已交店长确认就餐日期。"""

    code = "clock_in_doubt"
