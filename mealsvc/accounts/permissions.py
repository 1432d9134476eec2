"""The one table of rights: role × action, each within the scope of the person's own role."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a role's scope names: one meal point, or everything under a division's code."""

    POINT = "本助餐点"
    COMMUNITY = "本村社区"
    TOWN = "本镇街"
    DISTRICT = "全区"

    @property
    def digits(self) -> int | None:
        """Length of the division code; None where the scope is a point."""
        return {Scope.COMMUNITY: 12, Scope.TOWN: 9, Scope.DISTRICT: 6}.get(self)


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its letter in the table below, and how it signs in."""

    letter: str
    code: str
    name: str
    scope: Scope
    second_factor: bool = False
    idle_minutes: int = 30

    @property
    def at_point(self) -> bool:
        return self.scope is Scope.POINT


_ROLES = (
    Role("o", "operator", "操作员", Scope.POINT),
    Role("m", "manager", "店长", Scope.POINT),
    Role("c", "community", "村社区经办", Scope.COMMUNITY),
    Role("t", "town", "镇街审核", Scope.TOWN),
    Role("d", "district", "区业务管理", Scope.DISTRICT),
    Role("a", "approver", "区审批", Scope.DISTRICT, second_factor=True),
    Role("f", "finance", "财政", Scope.DISTRICT),
    Role("i", "inspector", "督查员", Scope.DISTRICT),
    Role("u", "auditor", "外部审计", Scope.DISTRICT),
    Role("l", "leader", "分管领导", Scope.DISTRICT),
    Role("S", "sys_admin", "系统管理员", Scope.DISTRICT, second_factor=True, idle_minutes=15),
    Role("E", "sec_admin", "安全管理员", Scope.DISTRICT, second_factor=True, idle_minutes=15),
    Role("A", "audit_admin", "审计管理员", Scope.DISTRICT, second_factor=True, idle_minutes=15),
)
ROLES: dict[str, Role] = {role.code: role for role in _ROLES}

# A role has a right where its letter stands. The three administrators (S E A) have no business
# rights, and nobody else has theirs.
TABLE: tuple[tuple[str, str, str], ...] = (
    # action             what it allows                  o m c t d a f i u l   S E A
    ("figures.read", "查看统计数字", "omctdafiul"),
    ("divisions.read", "查看区划", "omctdafiul"),
    ("points.read", "查看助餐点", "omctdafiul"),
    ("points.write", "新增、修改、停业助餐点", "d"),
    ("residents.read", "查看老人名册（脱敏）", "ctdaiu"),
    ("residents.write", "登记、修改老人，登记去世迁出", "ctd"),
    ("residents.reveal", "查看完整证件号码（需理由）", "ctd"),
    ("cards.write", "发卡、挂失、换卡", "ctd"),
    ("policies.read", "查看补贴政策", "omctdafiul"),
    ("policies.draft", "起草补贴政策", "d"),
    ("policies.approve", "批准补贴政策", "a"),
    ("menus.read", "查看菜单和价格", "omctdafiul"),
    ("menus.write", "维护菜单和价格", "md"),
    ("prices.file", "备案价格", "md"),
    ("till.use", "使用收银台：查找老人、试算", "om"),
    ("servings.record", "登记就餐", "om"),
    ("servings.reverse", "冲正就餐", "om"),
    ("days.close", "日结", "om"),
    ("conflicts.settle", "处理断网补传的冲突", "m"),
    ("bookings.read", "查看预订、备餐单和收餐验收", "omctdi"),
    ("bookings.write", "代老人预订、取消预订", "omct"),
    ("bookings.late", "截单后加单、减单", "m"),
    ("receiving.write", "登记发餐和收餐验收", "om"),
    ("deliveries.read", "查看送餐线路和送餐情况", "omctdi"),
    ("deliveries.plan", "编排送餐线路", "m"),
    ("deliveries.carry", "送餐：查看当天站点、登记送达", "om"),
    ("deliveries.answer", "处理无人应答", "mct"),
    ("servings.read", "查看就餐记录（脱敏）", "omctdafiu"),
    ("settlement.read", "查看月度结算", "mtdafiul"),
    ("settlement.submit", "提交月度结算", "md"),
    ("settlement.answer", "答复退回的结算", "m"),
    ("settlement.first_review", "镇街初审结算", "t"),
    ("settlement.recheck", "区级复核结算", "d"),
    ("settlement.sample", "登记结算抽查结果", "u"),
    ("settlement.notice", "公示结算", "d"),
    ("settlement.approve", "审批结算", "a"),
    ("settlement.close", "归档结算", "d"),
    ("settlement.release", "解除暂缓、核减流水", "da"),
    ("corrections.decide", "确认或驳回迟到事实的调整", "d"),
    ("clawbacks.propose", "提出追回", "d"),
    ("clawbacks.approve", "批准追回", "a"),
    ("payments.read", "查看收款账户和拨付", "mdafu"),
    ("payees.write", "登记收款账户", "d"),
    ("payees.confirm", "核对收款账户", "f"),
    ("settlement.order", "下达拨付", "f"),
    ("settlement.pay", "登记拨付", "f"),
    ("grants.read", "查看建设补贴", "mtdafu"),
    ("grants.apply", "申请建设补贴", "m"),
    ("grants.review", "初审建设补贴", "t"),
    ("grants.recheck", "复核建设补贴", "d"),
    ("grants.approve", "审批建设补贴", "a"),
    ("points.grade", "评定助餐点星级", "d"),
    ("simulation.run", "测算补贴政策", "dafl"),
    ("budget.read", "查看预算", "daful"),
    ("budget.write", "维护预算", "d"),
    ("logs.read", "查看食品安全日志", "omtdaiul"),
    ("logs.write", "登记食品安全日志", "om"),
    ("units.read", "查看证照协议和从业人员", "mtdaiul"),
    ("units.write", "登记证照协议和从业人员", "md"),
    ("supervision.read", "查看监督检查", "mtdaiul"),
    ("checklist.write", "发布检查表版本", "d"),
    ("inspectors.write", "登记检查人员和回避", "d"),
    ("visits.plan", "编制检查计划、双随机抽取、下达检查通知", "id"),
    ("visits.approve", "审批检查计划", "da"),
    ("visits.conduct", "现场检查、签字", "it"),
    ("orders.issue", "下达整改通知、复查", "it"),
    ("orders.reply", "整改回复", "m"),
    ("measures.decide", "暂停恢复补贴和运营、约谈、移送", "da"),
    ("receipts.write", "登记送达", "itd"),
    ("complaints.read", "查看投诉和满意度", "omtdail"),
    ("complaints.write", "登记投诉和评价", "omtdi"),
    ("complaints.answer", "办理投诉", "mtd"),
    ("complaints.close", "办结投诉", "td"),
    ("audit.read", "查看疑点线索和核查案件", "tdaul"),
    ("audit.scan", "扫描疑点", "du"),
    ("leads.settle", "排除疑点、立案", "td"),
    ("cases.work", "办理核查案件：分派、询问、记录", "td"),
    ("cases.answer", "答复核查询问", "m"),
    ("cases.decide", "作出核查结论、结案", "da"),
    ("samples.read", "查看审计抽样", "tdau"),
    ("samples.draw", "抽取审计样本", "du"),
    ("calls.make", "电话回访（逐个显示号码，留痕）", "tdiu"),
    ("reconcile.read", "查看从厨房到餐桌的核对", "tdaiul"),
    ("proof.read", "查看记录证明、导出见证", "dau"),
    ("batches.write", "委托外部审计：给定月份、助餐点和期限", "d"),
    ("batches.read", "查看受委托审计的内容", "u"),
    ("coverage.read", "查看服务覆盖", "ctdaiul"),
    ("coverage.write", "维护候选点位和区划边界", "d"),
    ("coverage.plan", "测算和保存布点方案", "dal"),
    ("outreach.call", "联系名单（逐个显示号码，留痕）", "ctd"),
    ("overview.read", "查看总览和一页待办", "tdal"),
    ("economics.read", "查看助餐点收支平衡", "mtdafl"),
    ("economics.write", "登记助餐点成本", "md"),
    ("survey.read", "查看摸排表", "mctdal"),
    ("survey.issue", "下发摸排、抽样、锁定", "d"),
    ("survey.fill", "填报摸排表", "mct"),
    ("survey.review", "审核摸排表", "ctd"),
    ("survey.study", "查看研判和调研报告", "tdal"),
    ("survey.write", "编写研判和调研报告", "d"),
    ("reports.print", "打印结算单和督查报告", "mtdafiul"),
    ("imports.run", "批量导入", "d"),
    ("exports.run", "导出数据（脱敏）", "dfu"),
    ("settings.read", "查看参数和依据", "tdafiulSE"),
    ("settings.write", "修改系统参数", "S"),
    ("accounts.read", "查看账号", "SE"),
    ("accounts.write", "新增账号、重置密码", "S"),
    ("accounts.grant", "调整角色和范围", "E"),
    ("accounts.lock", "停用、启用、解锁账号", "E"),
    ("accounts.bind", "登记同一人的多个账号", "E"),
    ("accounts.rights", "查看权限表", "SEA"),
    ("devices.read", "查看收银设备", "SE"),
    ("devices.write", "登记、吊销收银设备", "S"),
    ("trail.read", "查看操作留痕", "A"),
)

ADMINS = "SEA"
LABELS: dict[str, str] = {action: label for action, label, _ in TABLE}
ACTIONS: dict[str, frozenset[str]] = {
    role.code: frozenset(action for action, _, letters in TABLE if role.letter in letters)
    for role in _ROLES
}


OUTSIDE_ROLE = "auditor"
OUTSIDE = frozenset({"batches.read"})  # all that an outside auditor may do, whatever the role may


def actions_of(role: str, outside: bool = False) -> frozenset[str]:
    """What this role may do within its scope; nothing for a role that is not in the table."""
    actions = ACTIONS.get(role, frozenset())
    return actions & OUTSIDE if outside else actions
