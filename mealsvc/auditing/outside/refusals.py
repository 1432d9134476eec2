"""Why an outside auditor is not given something."""

from mealsvc.kernel.refusals import Refusal


class NotAnOutsideAuditor(Refusal):
    """“{login}”不是在用的外部审计账号：请先由系统管理员开一个“只看委托内容”的账号，并给定有效期。"""

    code = "not_outside"
    field = "login"


class BadMonths(Refusal):
    """月份不对：结束月份不能早于开始月份，一份委托最多{most}个月。"""

    code = "bad_months"
    field = "last"


class UnknownBatchPoint(Refusal):
    """没有助餐点“{code}”，或不在您的管辖范围内：请核对编号。"""

    code = "unknown_point"
    field = "points"


class BadBatchDay(Refusal):
    """期限不能早于今天，也不能晚于账号的有效期（{until}）。"""

    code = "bad_until"
    field = "until"


class UnknownBatchSample(Refusal):
    """没有这份抽样，或它有不在委托的月份、助餐点里的流水：请重新选择。"""

    code = "unknown_sample"
    field = "sample"


class BatchEnded(Refusal):
    """这份委托已经终止。"""

    code = "batch_ended"
