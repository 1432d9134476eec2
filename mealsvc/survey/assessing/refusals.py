"""Why a cost or a trial is not kept."""

from mealsvc.kernel.refusals import Refusal


class SameCost(Refusal):
    """{month}起的成本已经是这些数，没有改动。"""

    code = "same_cost"
    field = "fixed"


class NoSheets(Refusal):
    """这轮摸排还没有审核通过的供给表，不能取用成本；请先审核B表。"""

    code = "no_sheets"


class SameTrial(Refusal):
    """已经有名称为“{name}”的测算，请换一个名称。"""

    code = "same_trial"
    field = "name"


class TooManyTrials(Refusal):
    """一轮研判最多保留{most}个测算，已经满了。"""

    code = "too_many_trials"


class NotReplayed(Refusal):
    """这次测算没有算完或已经过期，请重新测算后再保留。"""

    code = "not_replayed"
