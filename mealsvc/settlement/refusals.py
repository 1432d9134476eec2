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
    """助餐点{point}还没有提交{month}的结算：请先由店长提交。"""

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
    """没有第{sequence}号流水，或它不在{month}{point}的结算里：请回到流水清单重新勾选。"""

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
    """这笔暂缓已有结论，不能再办：请刷新页面查看结论。"""

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
    """这条退回意见已经答复，不能改：请刷新页面，全部答复后重新提交。"""

    code = "answered_already"


class BudgetExceeded(Refusal):
    """{month}{point}批准后将超出预算：{lines}。请先追加预算；确需超预算支付的，写明超预算决定后再审批。"""

    code = "budget_exceeded"
    field = "decision"


class BudgetElsewhere(Refusal):
    """没有区划“{division}”，或它不在本区：请填本区或本区镇街、村社区的区划代码。"""

    code = "unknown_division"
    field = "division"


class BasisMissing(Refusal):
    """预算已经有数，再改要写明依据，如追加预算的文号。"""

    code = "basis_missing"
    field = "basis"


class NoticeNotAtHand(Refusal):
    """请勾选要公示的助餐点：只有复核（或抽查）完成、还没有公示的才能公示。"""

    code = "nothing_to_post"


class NoticeElsewhere(Refusal):
    """{points}不在所选的镇（街道）内，请分开公示。"""

    code = "not_there"


class NoticeTooShort(Refusal):
    """公示不能少于{days}个工作日：从{first}起，最早到{last}。"""

    code = "bad_period"
    field = "to_on"


class NoticePast(Refusal):
    """公示不能从过去的日子算起，请从今天或以后开始。"""

    code = "bad_period"
    field = "from_on"


class NoLines(Refusal):
    """请填写要追回的流水号。"""

    code = "no_lines"
    field = "sequences"


class NotAtThisPoint(Refusal):
    """没有第{sequence}号流水，或它不属于这个助餐点。"""

    code = "unknown_line"
    field = "sequences"


class NotToClawBack(Refusal):
    """流水{key}{why}，不能追回。"""

    code = "not_to_claw_back"
    field = "sequences"


class OwnClawback(Refusal):
    """追回是您（或您的另一个账号）提出的，请由另一个人审批。"""

    code = "own_clawback"


class OwnRepayment(Refusal):
    """追回是您（或您的另一个账号）提出或批准的，请由另一个人登记到账。"""

    code = "same_person"


class ClawbackDecided(Refusal):
    """这笔追回已经有人处理，请刷新页面再看。"""

    code = "clawback_decided"


class NotRepayable(Refusal):
    """只有已批准、要求退回现金、还没有到账的追回才能登记到账。"""

    code = "not_repayable"


class BadRepaymentDay(Refusal):
    """到账日期应在批准之日（{first}）至今天之间。"""

    code = "bad_period"
    field = "repaid_on"


class CorrectionDecided(Refusal):
    """这笔更正已经办理，或已按最新情况重新计算：请刷新页面再看。"""

    code = "correction_decided"


class CorrectionMoved(Refusal):
    """这笔更正提出后，事实或流水又有变化，已按最新情况重新计算：请核对新的结果再确认。"""

    code = "correction_moved"


class LineTakenBack(Refusal):
    """这笔流水已被冲正，不用再更正。"""

    code = "line_taken_back"


class LineHeld(Refusal):
    """流水{key}正在暂缓核查：请先解除暂缓或核减，再办理更正。"""

    code = "line_held"


class JobNotReady(Refusal):
    """这项批量办理正在进行，或已经办完：请刷新页面，看清状态后再办。"""

    code = "not_ready"


class TooManyLines(Refusal):
    """一次最多办理{most}笔流水，这里有{count}笔：请分几次勾选。"""

    code = "too_many_lines"


class NothingTicked(Refusal):
    """没有勾选可以办理的流水：请回到流水页勾选后再办。"""

    code = "nothing_ticked"


class NotYourTurn(Refusal):
    """{month}{point}的结算现在是“{state}”，轮不到您暂缓或退回：请等轮到您时再办。"""

    code = "not_its_turn"
