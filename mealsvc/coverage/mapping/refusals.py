"""Why a boundary cannot be kept or taken out."""

from mealsvc.kernel.refusals import Refusal


class BadBoundaries(Refusal):
    """没有导入：{reason}"""

    code = "bad_boundaries"


class NoBoundary(Refusal):
    """没有这个区划的边界，可能已被删除：请刷新后再看。"""

    code = "no_boundary"
