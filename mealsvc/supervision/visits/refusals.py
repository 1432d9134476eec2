"""Why a plan, a visit or its signing is refused."""

from mealsvc.kernel.refusals import Refusal


class NoInspector(Refusal):
    """没有编号为{inspector}的检查人员，或已停用：请在检查人员名册里核对。"""

    code = "unknown_inspector"
    field = "inspectors"


class InspectorExists(Refusal):
    """证件号“{card}”或这个登录名已经登记过检查人员，请核对。"""

    code = "inspector_exists"
    field = "card_no"


class NoSuchLogin(Refusal):
    """没有登录名为“{login}”的账号，或没有现场检查权限：请核对，或不填登录名。"""

    code = "unknown_account"
    field = "login"


class InterestExists(Refusal):
    """这名检查人员对该单位已经登记回避，无需重复登记。"""

    code = "interest_exists"
    field = "about"


class InterestAbout(Refusal):
    """没有找到这个助餐点或运营单位，请核对编号。"""

    code = "unknown_point"
    field = "about"


class InterestEnded(Refusal):
    """这条回避已经解除，请刷新页面。"""

    code = "interest_ended"


class Recused(Refusal):
    """{names}对该单位应当回避（{reason}），请另派检查人员。"""

    code = "recused"
    field = "inspectors"


class TwoInspectors(Refusal):
    """{kind}应由两名以上检查人员进行，请再选一人。"""

    code = "two_inspectors"
    field = "inspectors"


class LeadNotAmong(Refusal):
    """主检应是这次检查的检查人员之一，请重新选择。"""

    code = "lead_not_among"
    field = "lead"


class OwnPeopleOnly(Refusal):
    """单位自查由本单位人员进行，不派检查人员：请去掉检查人员。"""

    code = "own_people"
    field = "inspectors"


class PlanNeeded(Refusal):
    """行政检查要先有批准的计划：请在“检查计划”里编制并报批，批准后再安排检查。"""

    code = "plan_needed"
    field = "kind"


class NotInPlan(Refusal):
    """{point}不在计划{plan}里，请核对，或另编计划。"""

    code = "not_in_plan"
    field = "point"


class OutsidePeriod(Refusal):
    """检查日期应在计划期内（{first}至{last}）。"""

    code = "outside_period"
    field = "planned_on"


class AlreadyArranged(Refusal):
    """这个计划里{point}已经安排过检查，请打开那次检查。"""

    code = "already_arranged"
    field = "point"


class PastDay(Refusal):
    """检查日期不能早于今天；补录纸质记录请用“补录”。"""

    code = "past_day"
    field = "planned_on"


class OverCap(Refusal):
    """{point}{year}年已有{count}次行政检查（上限{cap}次），不能再安排：请改为协议履约巡查，
    或并入联合检查；确有投诉、异常线索的按案件报区分管领导另行决定。"""

    code = "over_cap"
    field = "point"


class PointNotOpen(Refusal):
    """{point}在{day}没有开业或已停业，不能安排检查。"""

    code = "point_not_open"
    field = "point"


class ReasonNeeded(Refusal):
    """直接检查（不提前通知）请写明理由。"""

    code = "reason_needed"
    field = "reason"


class TooShortNotice(Refusal):
    """检查通知应提前{days}个工作日，最早可检查{first}：请改期，或写明理由改为直接检查。"""

    code = "short_notice"
    field = "planned_on"


class NoNoticeNeeded(Refusal):
    """{kind}不使用行政检查通知书。"""

    code = "no_notice"


class NoticeNeeded(Refusal):
    """行政检查要先下达检查通知书：请在这次检查的页面上下达，再签字。"""

    code = "notice_needed"


class NotOpen(Refusal):
    """这次检查现在是“{state}”，不能再改：请刷新页面。"""

    code = "visit_not_open"


class NoVisit(Refusal):
    """没有这次检查，请从检查列表重新打开。"""

    code = "unknown_visit"


class WhyNeeded(Refusal):
    """请写明理由。"""

    code = "why_needed"
    field = "why"


class NoPlan(Refusal):
    """没有这个检查计划，请从计划列表重新打开。"""

    code = "unknown_plan"


class PlanDecided(Refusal):
    """这个计划现在是“{state}”，不能再{act}：请刷新页面。"""

    code = "plan_decided"


class OwnPlan(Refusal):
    """计划不能由编制人自己审批，请由另一位有审批权限的人办理。"""

    code = "same_person"


class NotOwnPlan(Refusal):
    """计划只能由编制人撤回。"""

    code = "not_own_plan"


class BadPlan(Refusal):
    """{said}"""

    code = "bad_plan"


class NothingToDraw(Refusal):
    """没有可以抽取的{what}：请放宽抽取范围，或先登记。"""

    code = "nothing_to_draw"


class BadDocument(Refusal):
    """检查记录还有{count}处要处理：{first}"""

    code = "bad_document"


class NotYours(Refusal):
    """您不是这次检查的检查人员，或已回避，不能签字：请由检查人员本人办理。"""

    code = "not_your_visit"


class Ahead(Refusal):
    """检查时间晚于现在，请核对手机时间。"""

    code = "ahead_of_time"


class Elsewhere(Refusal):
    """{names}的单位不管辖{point}所在地，请另派检查人员。"""

    code = "inspector_elsewhere"
    field = "inspectors"
