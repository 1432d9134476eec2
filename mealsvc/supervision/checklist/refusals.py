"""What is refused about checklists."""

from mealsvc.kernel.refusals import Refusal


class BadChecklist(Refusal):
    """检查表有{count}处错误，没有保存：{first}"""

    code = "bad_checklist"
    field = "file"


class VersionExists(Refusal):
    """版本“{version}”已经发布过，发布后不能改：请换一个版本号。"""

    code = "checklist_exists"
    field = "file"


class TooEarly(Refusal):
    """启用日期要晚于上一版本的启用日期（{latest}），也不能早于今天：以前的检查按当时的版本算。"""

    code = "bad_period"
    field = "effective_from"


class NoChecklist(Refusal):
    """没有找到检查表“{version}”。请在检查表页面核对版本号。"""

    code = "unknown_checklist"
    field = "version"
