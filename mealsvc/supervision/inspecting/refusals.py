"""What is refused while somebody inspects."""

from mealsvc.kernel.refusals import Refusal


class DraftConflict(Refusal):
    """另一台设备（{device}）已保存了较新的内容，您的内容没有覆盖它。请先合并，再保存。"""

    code = "draft_conflict"


class BadDraft(Refusal):
    """填写的内容无法保存：太长，或含有不能保存的字符。请删短备注后再试。"""

    code = "bad_draft"


class VisitPhotosFull(Refusal):
    """这次检查的照片已有{limit}张，不能再加。请删去不要的照片，或写在备注里。"""

    code = "too_many_photos"
    field = "photos"
