"""Why the record is not sealed, checked or exported."""

from mealsvc.kernel.refusals import Refusal


class SealsMissing(Refusal):
    """封存文件 {path} 缺失或损坏，无法证明封存没有被改动：请从备份或见证方取回该文件。"""

    code = "seals_missing"


class BadAnchorTyped(Refusal):
    """锚值写得不对：请写成 行号:锚值，锚值是64位字母和数字，照结算表上印的写。"""

    code = "bad_anchor"


class SealMoved(Refusal):
    """刚刚有另一处在封存，请稍后再试。"""

    code = "seal_moved"


class NotSealed(Refusal):
    """{month}的记录还没有封存，不能导出证明：请先运行 mealsvc audit seal，或等夜间自动封存。"""

    code = "not_sealed"


class NothingToExport(Refusal):
    """{month}没有可以导出的流水：请换一个月份，或核对助餐点编号。"""

    code = "nothing_to_export"


class CannotWriteExport(Refusal):
    """无法写入文件 {path}：{why}。请检查目录和权限后重试。"""

    code = "cannot_write"


class AlreadyChecking(Refusal):
    """正在核对，请等它结束。"""

    code = "already_checking"
