"""Why a paper, a person or an event of a unit cannot be entered so."""

from mealsvc.kernel.refusals import Refusal


class UnknownKind(Refusal):
    """没有这一种，请从列表里选择。"""

    code = "malformed"
    field = "kind"


class NeedsLastDay(Refusal):
    """请填写有效期至：{name}要有截止日期，系统才能提前提醒。"""

    code = "needs_last_day"
    field = "valid_to"


class PeriodBackwards(Refusal):
    """截止日期早于起始日期，请核对这两个日期。"""

    code = "bad_period"
    field = "valid_to"


class SameDocument(Refusal):
    """同样的{name}已经登记过，不用再登记。要更正请先撤回原来的一份。"""

    code = "same_document"


class AlreadyWithdrawn(Refusal):
    """这条登记已经撤回过，不用再撤回。"""

    code = "already_withdrawn"


class LeftBeforeJoining(Refusal):
    """离岗日期早于到岗日期，请核对。"""

    code = "bad_period"
    field = "left_on"


class SamePerson(Refusal):
    """这个人在这个助餐点已有同一天到岗的登记，不用再登记。"""

    code = "same_person"
    field = "name"


class InTheFuture(Refusal):
    """日期不能晚于今天，请核对。"""

    code = "in_future"
    field = "held_on"


class IssuedLater(InTheFuture):
    """发证日期不能晚于今天，请核对。"""

    field = "issued_on"


class NeedsHours(Refusal):
    """请填写志愿服务的小时数（大于0）。"""

    code = "needs_hours"
    field = "hours"


class NotForPoints(Refusal):
    """区里只登记十二项制度；证照、协议请到助餐点的页面登记。"""

    code = "malformed"
    field = "kind"
