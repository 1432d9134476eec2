"""Why a month cannot be settled or submitted."""

from mealsvc.kernel.refusals import Refusal


class MonthNotEnded(Refusal):
    """{month}尚未结束，不能提交结算；月末次日起可以提交。"""

    code = "month_not_ended"


class EarlierMonthOpen(Refusal):
    """{points}在{month}仍有未提交的就餐记录：请先提交{month}的结算。"""

    code = "earlier_month_open"


class NothingToSubmit(Refusal):
    """助餐点{point}在{month}没有就餐记录或调整，无需提交。"""

    code = "nothing_to_submit"


class UnknownSettlementPoint(Refusal):
    """没有编号为“{point}”的助餐点，请核对编号。"""

    code = "unknown_point"
    field = "point"


class NotSubmitted(Refusal):
    """助餐点{point}还没有提交{month}的结算。"""

    code = "not_submitted"


class NotItsTurn(Refusal):
    """{month}{point}的结算现在是“{state}”，不能{act}：请刷新页面，看清状态后再办。"""

    code = "not_its_turn"


class SamePerson(Refusal):
    """您（或您的另一个账号）已办理过这份结算的“{step}”，不能再办“{act}”：请换一个人办理。"""

    code = "same_person"


class BatchDiffers(Refusal):
    """{month}{point}的结算与流水重新计算的结果不符（{what}），已停止办理：请立即报告审计管理员核对。"""

    code = "batch_differs"


class NoticeRunning(Refusal):
    """{month}{point}的公示到{day}结束，次日起才能审批。"""

    code = "notice_running"


class OpinionMissing(Refusal):
    """请写明意见。"""

    code = "opinion_missing"
    field = "opinion"


class HoldsOpen(Refusal):
    """{month}{point}还有{count}笔暂缓的流水没有结论，不能归档：请先解除暂缓或核减。"""

    code = "holds_open"


class UnknownLine(Refusal):
    """没有第{sequence}号流水，或它不在{month}{point}的结算里。"""

    code = "unknown_line"


class NothingToHold(Refusal):
    """流水{key}{why}，不能暂缓。"""

    code = "nothing_to_hold"


class HoldTooLate(Refusal):
    """{month}的结算已经审批，不能再暂缓其中的流水：有问题的请办理追回。"""

    code = "hold_too_late"


class HeldAlready(Refusal):
    """流水{key}已经暂缓，不用再办。"""

    code = "held_already"


class HoldEnded(Refusal):
    """这笔暂缓已有结论，不能再办。"""

    code = "hold_ended"


class OwnHold(Refusal):
    """暂缓是您（或您的另一个账号）提出的，结论请由另一个人作出。"""

    code = "own_hold"


class NothingReturned(Refusal):
    """请写明退回的原因，或勾选要退回的流水。"""

    code = "nothing_returned"
    field = "note"


class AnswersMissing(Refusal):
    """还有{count}条退回意见没有答复：请逐条说明或同意核减，再重新提交。"""

    code = "answers_missing"


class AnsweredAlready(Refusal):
    """这条退回意见已经答复，不能改。"""

    code = "answered_already"
