"""Why a construction grant is not taken up, not passed on, or not paid."""

from mealsvc.kernel.refusals import Refusal


class NoGrantRule(Refusal):
    """{day}适用于{point}的政策里没有这一条建设补贴，请核对完工日期和补贴项目。"""

    code = "no_grant_rule"
    field = "rule"


class GrantExists(Refusal):
    """{point}已申请过这一条建设补贴（{number}），每条只能申请一次。"""

    code = "grant_exists"
    field = "rule"


class GrantTooSmall(Refusal):
    """按政策算出的补贴不足1元，请核对建设成本。"""

    code = "grant_too_small"
    field = "cost_fen"


class CompletedInFuture(Refusal):
    """完工日期不能晚于今天。"""

    code = "in_future"
    field = "completed_on"


class DocumentsMissing(Refusal):
    """请写明随附的材料，如 竣工验收单、工程决算、发票。"""

    code = "documents_missing"
    field = "documents"


class StageNotDue(Refusal):
    """“{stage}”这一期要到{day}才能申请。"""

    code = "stage_not_due"


class OpeningUnknown(Refusal):
    """{point}还没有开业日期，“{stage}”这一期还不能申请。"""

    code = "opening_unknown"


class EarlierStageOpen(Refusal):
    """“{earlier}”这一期还没有审批，不能申请“{stage}”。"""

    code = "earlier_stage_open"


class GrantPointClosed(Refusal):
    """{point}已于{day}停业，不再发放建设补贴。"""

    code = "point_closed"


class NotGrantsTurn(Refusal):
    """{number}的“{stage}”现在是“{state}”，不能{act}：请刷新页面，看清状态后再办。"""

    code = "not_its_turn"


class SameGrantPerson(Refusal):
    """您（或您的另一个账号）已办理过这一期补贴的“{step}”，不能再办“{act}”：请换一个人办理。"""

    code = "same_person"


class GrantDiffers(Refusal):
    """{number}的金额与政策重新计算的结果不符，已停止办理：请立即报告审计管理员核对。"""

    code = "grant_differs"


class ReturnReasonMissing(Refusal):
    """请写明退回的原因。"""

    code = "opinion_missing"
    field = "opinion"


class GrantBeyondBudget(Refusal):
    """{lines}。要超预算审批，请在“超预算决定”里写明依据（如会议纪要文号）。"""

    code = "budget_exceeded"
    field = "decision"
