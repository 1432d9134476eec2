"""Why a paper is not issued or not shown."""

from mealsvc.kernel.refusals import Refusal


class PaperMoved(Refusal):
    """“{title}”的内容刚刚有变化，请重新打印一次。"""

    code = "paper_moved"


class PaperDamaged(Refusal):
    """保存的文件 {number} 已损坏，不能给出：请系统管理员用 mealsvc audit verify 检查，并从备份恢复。"""

    code = "paper_damaged"
