"""Why a step after a finding cannot be taken."""

from mealsvc.kernel.refusals import Refusal


class FindingEnded(Refusal):
    """问题“{item}”已经办结，不能再办。请刷新页面核对。"""

    code = "finding_ended"


class NothingChosen(Refusal):
    """请至少选一个还没有下达整改的问题，都要是同一个助餐点的。"""

    code = "nothing_chosen"
    field = "findings"


class DemandMissing(Refusal):
    """请写明“{item}”的整改要求。"""

    code = "demand_missing"
    field = "findings"


class BadDays(Refusal):
    """整改期限请填 1 至 60 个工作日。"""

    code = "bad_days"
    field = "working_days"


class OrderClosed(Refusal):
    """整改通知书 {number} 已经办结，不能再回复或复查。"""

    code = "order_closed"


class ItemClosed(Refusal):
    """这一项已经复查通过，不用再回复。"""

    code = "item_closed"


class NotInOrder(Refusal):
    """这一项不在这份整改通知书里，请返回核对。"""

    code = "not_in_order"


class DoneLater(Refusal):
    """完成日期不能晚于今天，也不能早于下达整改通知的日期。"""

    code = "done_later"
    field = "done_on"


class CheckedLater(Refusal):
    """复查日期不能晚于今天，也不能早于下达整改通知的日期。"""

    code = "checked_later"
    field = "checked_on"


class TwoInspectors(Refusal):
    """复查要两名不同的检查人员，都要在岗。请重新选择。"""

    code = "two_inspectors"
    field = "second_id"


class Recused(Refusal):
    """{name}对这个助餐点已登记回避，请换一名检查人员。"""

    code = "recused"
    field = "lead_id"


class EvidenceMissing(Refusal):
    """请给每一项选复查结果，并写明看到的情况（“{item}”还没有）。"""

    code = "evidence_missing"


class OneSigned(Refusal):
    """检查和决定要由不同的人办：这次检查由您参加或签字，请由另一个人决定。"""

    code = "one_signed"


class WhyMissing(Refusal):
    """请写明移送或不移送的理由。"""

    code = "why_missing"
    field = "why"


class AlreadyDecided(Refusal):
    """这一项已经决定过是否移送，不再改。"""

    code = "already_decided"


class UnknownBody(Refusal):
    """请选择接收的主管部门。"""

    code = "unknown_body"
    field = "body"


class AlreadyReceipted(Refusal):
    """这份移送函的回执已经登记，登记过的不能改。"""

    code = "already_receipted"


class AlreadyAnswered(Refusal):
    """这份移送函的办理结果已经登记，登记过的不能改。"""

    code = "already_answered"


class ReceiptDay(Refusal):
    """回执日期不能早于发函日期，也不能晚于今天。"""

    code = "receipt_day"
    field = "receipt_on"


class HeldLater(Refusal):
    """时间不能晚于现在：先办，再登记。"""

    code = "held_later"
    field = "held_at"


class PastMeasure(Refusal):
    """日期不能早于今天：已经登记的就餐不会因此改变。"""

    code = "past_measure"
    field = "from_on"


class MeasureEnded(Refusal):
    """这项决定已经恢复，不能再恢复一次。"""

    code = "measure_ended"


class NotResumable(Refusal):
    """终止协议不能恢复：重新签订协议后，请区业务管理修改助餐点的停业日期。"""

    code = "not_resumable"


class AlreadyStopped(Refusal):
    """该助餐点已经{what}，无需再次决定。"""

    code = "already_stopped"
    field = "from_on"


class ResumedEarly(Refusal):
    """恢复日期不能早于今天，也不能早于暂停的第一天。"""

    code = "resumed_early"
    field = "resumed_on"


class WitnessMissing(Refusal):
    """留置送达要有见证人，请写明见证人姓名和单位。"""

    code = "witness_missing"
    field = "witness"


class BadStrokes(Refusal):
    """签名没有存下来，请重新签一次，或留空改为纸面签收。"""

    code = "bad_strokes"
    field = "strokes"


class UnknownPaper(Refusal):
    """这个助餐点没有文号为“{paper}”的文书，请核对。"""

    code = "unknown_paper"
    field = "paper"


class UnknownItem(Refusal):
    """当前检查表里没有项目“{item}”，请选择检查项。"""

    code = "unknown_item"
    field = "item"


class DeliveredLater(Refusal):
    """送达时间不能晚于现在：先送达，再登记。"""

    code = "delivered_later"
    field = "delivered_at"
