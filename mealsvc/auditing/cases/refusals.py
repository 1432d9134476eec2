"""Why a case cannot be opened, moved on or closed."""

from mealsvc.kernel.refusals import Refusal


class UnknownCase(Refusal):
    """没有这个案件，请返回列表核对编号。"""

    code = "unknown_case"


class UnknownCaseLead(Refusal):
    """没有这条疑点，或者它已经排除：请回到疑点线索核对。"""

    code = "unknown_lead"


class NoCaseLines(Refusal):
    """请至少选一笔流水立案。"""

    code = "no_case_lines"
    field = "lines"


class TooManyCaseLines(Refusal):
    """一个案件最多 {limit} 笔流水，现在有 {count} 笔：请按日期或老人分成几个案件。"""

    code = "too_many_case_lines"
    field = "lines"


class NotALineOfThePoint(Refusal):
    """流水“{key}”不在这个助餐点，或者本身是一笔冲正，请核对流水号。"""

    code = "not_a_line_of_the_point"
    field = "lines"


class NotInThisCase(Refusal):
    """流水“{key}”不在这个案件里，请核对流水号。"""

    code = "not_in_this_case"
    field = "others"


class LineInOtherCase(Refusal):
    """流水“{key}”已经在案件 {number} 里，请去掉它，或者到那个案件里办理。"""

    code = "line_in_other_case"
    field = "lines"


class WrongCaseStep(Refusal):
    """这个案件现在是“{state}”，不能{act}。请刷新页面后再办。"""

    code = "wrong_case_step"


class NotAWorker(Refusal):
    """这个人不能办理这个案件：请选择管辖这个助餐点、能办理核查案件的账号。"""

    code = "not_a_worker"
    field = "worker"


class UnknownQuestion(Refusal):
    """没有这条询问，请返回列表核对。"""

    code = "unknown_question"


class AnsweredAlready(Refusal):
    """这条询问已经答复过了；要补充的，请联系经办人另行询问。"""

    code = "answered_already"


class ExtendedAlready(Refusal):
    """期限已经延长过一次，不能再延长：逾期的请记明后继续办理。"""

    code = "extended_already"


class NotLater(Refusal):
    """新的期限要晚于现在的期限{due}，也不能早于今天。"""

    code = "not_later"
    field = "due_on"


class QuestionsOpen(Refusal):
    """还有{count}条询问没有答复，期限{due}还没有过：请等助餐点答复。"""

    code = "questions_open"


class NothingToHoldHere(Refusal):
    """这个案件里没有可以暂缓的流水：有的已经暂缓、冲正或没有补贴，已审批的要在结论后追回。"""

    code = "nothing_to_hold_here"


class OpenedByYou(Refusal):
    """案件是您（或您的另一个账号）立的，要由另一个人作结论。"""

    code = "opened_by_you"


class FindingMissing(Refusal):
    """还有{count}笔流水没有认定，请逐笔选择有误或无误。"""

    code = "finding_missing"
    field = "findings"


class NothingToClawBack(Refusal):
    """没有可以追回的流水：有误的流水都已核减、冲正或已在别的追回里。"""

    code = "nothing_to_claw_back"


class ClawbackRunning(Refusal):
    """这个案件的追回还没有结果（{state}），不能再提一次。"""

    code = "clawback_running"


class UnknownCaseBody(Refusal):
    """请选择接收部门。"""

    code = "unknown_case_body"
    field = "body"


class NotToClose(Refusal):
    """还不能结案：{why}。"""

    code = "not_to_close"


class SlipDay(Refusal):
    """回执日期要在发函当天到今天之间。"""

    code = "slip_day"
    field = "receipt_on"
