"""Why the words of a report are not kept."""

from mealsvc.kernel.refusals import Refusal


class UnknownSection(Refusal):
    """报告没有“{section}”这一部分。请从报告页选择要编写的部分。"""

    code = "unknown_section"


class UnknownToken(Refusal):
    """没有这些指标或图表：{tokens}。请从右边的清单中选用，或删去花括号。"""

    code = "unknown_token"
    field = "text"


class EmptyText(Refusal):
    """段落是空的。请写内容，或点“恢复自动成文”。"""

    code = "empty_text"
    field = "text"


class TextTooLong(Refusal):
    """段落有{letters}字，最多{most}字。请删减后再保存。"""

    code = "text_too_long"
    field = "text"


class TextMoved(Refusal):
    """这一部分刚刚由别人改过（第{edition}稿）。请核对现在的内容，再保存一次。"""

    code = "text_moved"
    field = "text"


class ReportLocked(Refusal):
    """摸排“{number}”已锁定，报告不能再改。"""

    code = "report_locked"


class RoundMoved(Refusal):
    """准备锁定时又有填报、审核或改稿。请重新打开锁定页核对后再锁定。"""

    code = "round_moved"
