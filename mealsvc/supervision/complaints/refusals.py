"""Why a complaint cannot be taken or moved on, or an answer not be counted."""

from mealsvc.kernel.refusals import Refusal


class UnknownComplaint(Refusal):
    """没有这条投诉，请返回列表核对编号。"""

    code = "unknown_complaint"


class WrongStep(Refusal):
    """这条投诉现在是“{state}”，不能{act}。请刷新页面后再办。"""

    code = "wrong_step"


class NotYours(Refusal):
    """这条投诉已分派给{whom}办理，不能由您答复。需要调整的，请镇（街道）或区重新分派。"""

    code = "not_yours"


class OwnAnswer(Refusal):
    """答复是您自己写的，要由另一个人办结。"""

    code = "own_answer"


class NoContact(Refusal):
    """来人没有留联系方式。"""

    code = "no_contact"


class TooMany(Refusal):
    """这里今天收到的评价和意见太多了，请明天再来，或者告诉窗口的工作人员，也可以拨打12345。"""

    code = "too_many"


class NothingSaid(Refusal):
    """请点一个星，或者写下要反映的事情。"""

    code = "nothing_said"
