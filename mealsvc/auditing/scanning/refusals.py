"""Why something about scans and leads is not done."""

from mealsvc.kernel.refusals import Refusal


class ScanRunning(Refusal):
    """{month}正在扫描，请等它结束后再看结果。"""

    code = "scan_running"


class NotOpen(Refusal):
    """这条线索不是待处理状态，请刷新页面后再看。"""

    code = "lead_not_open"


class NotDismissed(Refusal):
    """这条线索没有排除，不用恢复。"""

    code = "lead_not_dismissed"


class ReasonMissing(Refusal):
    """请写明理由。"""

    code = "opinion_missing"
    field = "why"


class UnknownLine(Refusal):
    """没有这一笔就餐，或它已经冲正，请核对流水号。"""

    code = "unknown_serving"


class UnknownPoint(Refusal):
    """没有编号为“{code}”的助餐点，请核对。"""

    code = "unknown_point"
