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
