"""Why a plan cannot be made, kept or shown."""

from mealsvc.kernel.refusals import Refusal


class NoLimit(Refusal):
    """请写明新增几个点、目标覆盖率或预算中的至少一项。"""

    code = "no_limit"


class NoUptake(Refusal):
    """“测算用：每天来就餐的老人占比”应大于0、不超过100。请在系统参数里改正后再测算。"""

    code = "no_uptake"


class UnknownPlan(Refusal):
    """没有编号为 {plan} 的布点方案，或已经删除。请在“已保存的方案”里核对。"""

    code = "unknown_plan"


class PlanDropped(Refusal):
    """这个方案已经删除，无需重复操作。"""

    code = "plan_dropped"


class NothingToKeep(Refusal):
    """这个方案没有选出点位，没有可保存的内容。请增加候选点、预算或半径后重新测算。"""

    code = "nothing_to_keep"


class UnnamedPlan(Refusal):
    """请给方案起一个名称，30个字以内。"""

    code = "unnamed_plan"
