"""Why a log entry is not taken, or not withdrawn."""

from typing import ClassVar

from mealsvc.kernel.refusals import Refusal


class Incomplete(Refusal):
    """{what}"""

    code: ClassVar[str] = "malformed"


class ActionMissing(Refusal):
    """超出规定：{what}请写明当场采取的措施。"""

    code: ClassVar[str] = "action_missing"
    field: ClassVar[str | None] = "action"


class LogInFuture(Refusal):
    """登记的时间晚于现在，请核对日期和时刻。"""

    code: ClassVar[str] = "in_future"
    field: ClassVar[str | None] = "day"


class TooLate(Refusal):
    """只能补录最近 {days} 天的日志，更早的请联系镇（街道）说明情况。"""

    code: ClassVar[str] = "too_late"
    field: ClassVar[str | None] = "day"


class KeyConflict(Refusal):
    """这张表已经提交过，内容不同：请刷新页面后重新登记。"""

    code: ClassVar[str] = "key_conflict"
    field: ClassVar[str | None] = "key"


class LoggedAlready(Refusal):
    """{what}已经登记过；登记错了请先撤回原来的一条。"""

    code: ClassVar[str] = "logged_already"
    field: ClassVar[str | None] = "subject"


class PointWasClosed(Refusal):
    """这一天助餐点未开业或已停业，不用登记。"""

    code: ClassVar[str] = "point_not_operating"
    field: ClassVar[str | None] = "day"


class UnknownEntry(Refusal):
    """没有这条日志，请刷新页面。"""

    code: ClassVar[str] = "unknown_entry"


class WithdrawnAlready(Refusal):
    """这条日志已经撤回，不用再撤。"""

    code: ClassVar[str] = "withdrawn_already"


class WhyMissing(Refusal):
    """请写明为什么撤回。"""

    code: ClassVar[str] = "malformed"
    field: ClassVar[str | None] = "why"
