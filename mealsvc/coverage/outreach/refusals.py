"""Why a call cannot be prepared or taken down."""

from mealsvc.kernel.refusals import Refusal


class NotListed(Refusal):
    """这位老人已不在名单上，可能刚有人联系过：请打下一位。"""

    code = "not_listed"


class NoPhone(Refusal):
    """这位老人没有登记电话：请打印联系条上门，或在居民登记里补上电话。"""

    code = "no_phone"


class UnknownTopic(Refusal):
    """没有这份名单。请从“联系名单”里选。"""

    code = "unknown_topic"
