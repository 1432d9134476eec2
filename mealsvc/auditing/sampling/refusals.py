"""Why a sample cannot be drawn or proven, or a call not be taken down."""

from mealsvc.kernel.refusals import Refusal


class NothingToDraw(Refusal):
    """{month}没有可以抽取的有补贴流水。请核对月份和助餐点。"""

    code = "nothing_to_draw"


class UnknownPoint(Refusal):
    """没有编号为 {point} 的助餐点。请核对编号。"""

    code = "unknown_point"


class UnknownSample(Refusal):
    """没有编号为 {number} 的样本。请在“审计抽样”的列表中核对编号。"""

    code = "unknown_sample"


class NotTheSame(Refusal):
    """样本 {number} 重抽后不一致：{what}。请运行 mealsvc audit verify 查明记录是否被改动。"""

    code = "not_the_same"


class BadShare(Refusal):
    """置信度要在50到99之间，样本量要大于0。请改正后再抽。"""

    code = "bad_share"


class NobodyToCall(Refusal):
    """请至少勾选一名能打电话的人员。"""

    code = "nobody_to_call"
    field = "callers"


class NotYourCall(Refusal):
    """这条回访没有分派给您，或已改派给别人。请回到回访页办下一条。"""

    code = "not_your_call"


class NoPhone(Refusal):
    """名册里没有这位老人的电话。请选“号码不对”，改为入户核实。"""

    code = "no_phone"


class AnsweredAlready(Refusal):
    """这条已经有了结果：{state}。请回到回访页办下一条。"""

    code = "answered_already"


class Contradiction(Refusal):
    """老人说的和记录不一样，不能选“吃了，和记录相符”。请再问一遍；确实不一样的，选“吃了，但有出入”。"""

    code = "contradiction"


class NoDifference(Refusal):
    """请选明有什么出入：在哪里吃的、拿到的是什么，或者付了多少钱。"""

    code = "no_difference"
    field = "outcome"


class TooEarlyToVisit(Refusal):
    """这条还在电话回访中，打满 {calls} 次未接或老人记不清、不愿答的，才改为入户。"""

    code = "too_early_to_visit"
    field = "way"
