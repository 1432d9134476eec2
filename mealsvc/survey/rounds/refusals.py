"""Why a survey cannot be opened, a sheet not be taken, or a round not be locked."""

from mealsvc.kernel.refusals import Refusal


class UnknownRound(Refusal):
    """没有编号为 {number} 的摸排。请在“摸排调研”的列表中核对编号。"""

    code = "unknown_round"


class NoForms(Refusal):
    """请至少勾选一种表。"""

    code = "no_forms"
    field = "forms"


class NobodyToAsk(Refusal):
    """{day}没有可以下发的村（社区）、助餐点或镇（街道）。请先维护区划，或换一个时点。"""

    code = "nobody_to_ask"
    field = "as_of"


class BadDay(Refusal):
    """时点要在2000年以后，也不能晚于今天：还没有到的日子没有数可填。"""

    code = "bad_day"
    field = "as_of"


class BadDue(Refusal):
    """填报期限不能早于今天。"""

    code = "bad_due"
    field = "due_on"


class IssuedAlready(Refusal):
    """{unit} 已经有这张表，不用再下发。"""

    code = "issued_already"
    field = "unit"


class UnknownUnit(Refusal):
    """这张表不能下发给 {unit}。请在列表中选择一个单位。"""

    code = "unknown_unit"
    field = "unit"


class RoundLocked(Refusal):
    """{number} 已经锁定，表、答案和期限都不能再改。要补充的，请在下一次摸排中填报。"""

    code = "round_locked"


class NotTheTurn(Refusal):
    """{unit} 的{form}表现在是“{state}”，不能{act}。请刷新页面，看看别人刚办了什么。"""

    code = "not_the_turn"


class SamePerson(Refusal):
    """{unit} 的{form}表：{act}的人不能是{before}的人。请由另一位经办人{act}。"""

    code = "same_person"


class ReasonMissing(Refusal):
    """请写明原因，至少四个字，对方会看到。"""

    code = "reason_missing"
    field = "reason"


class NoAnswers(Refusal):
    """这张表还没有填任何内容，不能提交。请先填写。"""

    code = "no_answers"


class NotAllIn(Refusal):
    """还有 {count} 张表没有汇总，不能锁定。请催办，或逐张列为缺报并写明原因。"""

    code = "not_all_in"


class NotDrawn(Refusal):
    """D表（老人抽样问卷）还没有抽样，不能锁定。请先抽样。"""

    code = "not_drawn"


class BadFile(Refusal):
    """{reason}"""

    code = "bad_file"
    field = "file"
