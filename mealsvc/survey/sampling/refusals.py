"""Why a sample cannot be drawn, or is not the one that its seed draws."""

from mealsvc.kernel.refusals import Refusal


class NobodyToDraw(Refusal):
    """名册里没有可以抽取的老人：时点当天健在、住在本区直管村（社区）、满60周岁、没有入住养老机构的人。请先登记老人。"""

    code = "nobody_to_draw"


class DrawnAlready(Refusal):
    """这一轮已经抽过样，不能再抽。种子和结果已公开，可以重新核验。"""

    code = "drawn_already"


class NotAsked(Refusal):
    """这一轮没有下发老人抽样问卷，不用抽样。"""

    code = "not_asked"


class BadSize(Refusal):
    """问卷份数要在{least}至{most}之间。"""

    code = "bad_size"
    field = "size"


class NoReserve(Refusal):
    """没有需要替补的，或者替补名单已经用完。"""

    code = "no_reserve"
