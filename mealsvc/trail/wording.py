"""The trail in words: what each action is called, and a row's detail as lines to read. Pure."""

import json
from typing import Any

ACTION_NAMES = {
    "accounts.sign_in": "登录",
    "accounts.sign_in_failed": "登录失败",
    "accounts.sign_out": "退出",
    "accounts.lock": "登录锁定",
    "accounts.unlock": "解除锁定",
    "accounts.add": "新增账号",
    "accounts.reset": "重置密码",
    "accounts.change_password": "修改密码",
    "accounts.assign": "调整角色和范围",
    "accounts.until": "设定账号有效期",
    "accounts.disable": "停用账号",
    "accounts.enable": "启用账号",
    "seals.seal": "封存记录",
    "seals.check": "核对记录",
    "seals.witness": "导出见证",
    "seals.export": "导出流水和证明",
    "batches.give": "委托外部审计",
    "batches.end": "终止外部审计委托",
    "accounts.bind": "登记同一人的账号",
    "accounts.unbind": "解除同一人的账号",
    "devices.add": "登记设备",
    "devices.revoke": "吊销设备",
    "devices.sign_in": "设备输入令牌",
    "places.division": "维护区划",
    "places.operator": "新增运营单位",
    "places.point": "维护助餐点",
    "places.candidate": "维护候选点位",
    "places.suspend": "暂停运营",
    "places.resume": "恢复运营",
    "places.suspend_subsidy": "暂停补贴",
    "places.resume_subsidy": "恢复补贴",
    "findings.raise": "检查发现问题",
    "findings.add": "登记问题",
    "findings.decide_referral": "决定是否移送",
    "orders.issue": "下达整改通知",
    "orders.reply": "整改回复",
    "orders.re_inspect": "登记复查",
    "referrals.send": "移送、抄告",
    "referrals.receipt": "登记移送回执",
    "referrals.answer": "登记移送办理结果",
    "interviews.hold": "登记约谈",
    "measures.decide": "决定暂停、终止",
    "measures.resume": "决定恢复",
    "receipts.note": "登记送达",
    "places.grade": "评定助餐点星级",
    "units.enter_document": "登记证照协议",
    "units.withdraw_document": "撤回证照协议登记",
    "units.add_member": "登记从业人员",
    "units.change_member": "更正从业人员、登记离岗",
    "units.enter_paper": "登记人员证书或培训",
    "units.withdraw_paper": "撤回人员证书或培训登记",
    "units.note_event": "登记演练或志愿服务",
    "units.withdraw_event": "撤回演练或志愿服务登记",
    "grants.apply": "申请建设补贴",
    "grants.first_review": "初审建设补贴",
    "grants.recheck": "复核建设补贴",
    "grants.approve": "审批建设补贴",
    "grants.return": "退回建设补贴",
    "grants.order": "建设补贴下达拨付",
    "grants.recall": "建设补贴撤回拨付",
    "grants.pay": "建设补贴登记拨付",
    "residents.register": "登记老人",
    "residents.correct": "修改老人档案",
    "residents.correct_id": "更正身份证号",
    "residents.depart": "登记去世、迁出或入住机构",
    "residents.add_fact": "登记类别、迁移或变动",
    "residents.end_fact": "改记录的截止日期",
    "residents.withdraw_fact": "撤销误登的记录",
    "residents.reveal": "查看完整证件号码",
    "cards.issue": "发卡",
    "cards.replace": "换卡",
    "cards.report_lost": "挂失",
    "cards.found": "解除挂失",
    "cards.stop": "停用卡",
    "policies.draft": "起草政策",
    "policies.approve": "批准政策",
    "policies.withdraw": "撤回草案",
    "policies.end": "政策定最后一天",
    "simulation.run": "测算政策",
    "menus.put": "维护菜单",
    "menus.remove": "撤下菜品",
    "menus.copy": "复制一周菜单",
    "menus.publish": "公布菜单",
    "prices.file": "备案价格",
    "prices.end": "终止备案价格",
    "servings.record": "登记就餐",
    "servings.reverse": "冲正就餐",
    "servings.freeze": "冻结月份",
    "conflicts.note": "断网补传有出入",
    "conflicts.settle": "处理断网补传",
    "days.close": "日结",
    "safekeeping.backup": "备份",
    "safekeeping.restore": "从备份恢复",
    "bookings.book": "代老人预订",
    "bookings.cancel": "取消预订",
    "bookings.send": "登记发餐",
    "bookings.receive": "登记收餐验收",
    "photos.keep": "保存照片",
    "visits.draft": "保存检查草稿",
    "checklist.add": "发布检查表版本",
    "inspectors.add": "登记检查人员",
    "inspectors.change": "修改检查人员",
    "inspectors.interest": "登记回避",
    "inspectors.interest_end": "解除回避",
    "visits.plan": "编制检查计划",
    "visits.approve": "批准检查计划",
    "visits.refuse": "不批准检查计划",
    "visits.withdraw": "撤回检查计划",
    "visits.make": "安排检查",
    "visits.notice": "下达检查通知",
    "visits.move": "检查改期",
    "visits.begin": "开始检查",
    "visits.inspectors": "更换检查人员",
    "visits.recuse": "检查人员回避",
    "visits.cancel": "取消检查",
    "visits.sign": "检查签字",
    "deliveries.round": "维护送餐线路",
    "deliveries.order": "编排送餐顺序",
    "deliveries.cooked": "登记烧熟时间",
    "deliveries.phone": "查看老人电话",
    "deliveries.delivered": "登记送达",
    "deliveries.no_answer": "登记无人应答",
    "deliveries.called": "登记打电话",
    "deliveries.reported": "登记上报",
    "deliveries.closed": "登记无人应答处理结果",
    "deliveries.returned": "登记退回",
    "settlement.resubmit": "重新提交结算",
    "settlement.first_review": "镇街初审结算",
    "settlement.recheck": "区级复核结算",
    "settlement.sample": "登记结算抽查",
    "settlement.notice": "公示结算",
    "settlement.approve": "审批结算",
    "settlement.order": "下达拨付",
    "settlement.recall": "撤回拨付单",
    "settlement.pay": "登记拨付",
    "settlement.close": "归档结算",
    "settlement.return": "退回结算",
    "settlement.answer": "答复退回的结算",
    "settlement.hold": "暂缓流水",
    "settlement.adjust": "计入以后月份的调整",
    "settlement.job": "批量办理结算",
    "settlement.job_stop": "停止批量办理结算",
    "settlement.release": "解除暂缓",
    "settlement.refuse": "核减流水",
    "settlement.submit": "提交结算",
    "settlement.find_corrections": "查找迟到事实的更正",
    "settlement.confirm_correction": "确认更正",
    "settlement.dismiss_correction": "驳回更正",
    "settlement.renew_correction": "更正按最新情况重新计算",
    "notices.post": "张贴公示",
    "clawbacks.propose": "提出追回",
    "clawbacks.approve": "批准追回",
    "clawbacks.reject": "不批准追回",
    "clawbacks.repaid": "登记追回款到账",
    "payees.propose": "登记收款账户",
    "payees.confirm": "核对收款账户",
    "payees.reject": "退回收款账户",
    "payees.reveal": "查看完整账号",
    "payments.order": "制作拨付单",
    "payments.recall": "撤回整份拨付单",
    "payments.pay": "登记拨付单已拨付",
    "budget.write": "维护经费预算",
    "complaints.receive": "登记投诉",
    "complaints.assigned": "分派投诉",
    "complaints.answered": "答复投诉",
    "complaints.returned": "退回投诉答复",
    "complaints.closed": "办结投诉",
    "complaints.called": "投诉回访",
    "complaints.reveal": "查看投诉人联系方式",
    "complaints.rate": "登记满意度评价",
    "supervision.purchase": "登记进货",
    "supervision.purchase_withdrawn": "撤回进货",
    "logs.log": "登记食品安全日志",
    "logs.withdraw": "撤回食品安全日志",
    "exchange.upload": "上传导入文件",
    "exchange.import": "开始导入",
    "exchange.stop": "停止导入",
    "exchange.discard": "放弃导入",
    "exchange.rejects": "下载退回的行",
    "exchange.export": "导出数据",
    "reports.print": "打印报告和结算单",
    "papers.issue": "出具文件",
    "settings.change": "修改参数",
    "settings.calendar_seed": "写入放假安排",
    "settings.calendar_day": "修改工作日历",
    "settings.defaults": "写入初始参数",
    "setup.init": "建立数据库",
    "demo.load": "装入演示数据",
}
KIND_NAMES = {"user": "人员", "device": "设备", "command": "命令", "system": "系统"}
FACT_NAMES = {
    "before": "改前",
    "result": "结果",
    "order": "顺序",
    "courier": "送餐员",
    "active": "使用中",
    "cooked_at": "烧熟时间",
    "after": "改后",
    "from": "起",
    "to": "止",
    "on": "日期",
    "reason": "原因",
    "point": "助餐点",
    "month": "月份",
    "role": "角色",
    "scope": "范围",
    "code": "代码",
    "title": "名称",
    "lines": "流水条数",
    "digest": "流水摘要",
    "payable_fen": "应付（分）",
    "value": "取值",
    "basis": "依据",
    "effective_from": "生效日期",
    "verified": "已核对",
    "second_factor": "更换动态验证码",
    "keys": "项目",
    "fields": "改动的项目",
    "phone": "电话",
    "enrolled_on": "登记日期",
    "hukou_division": "户籍区划",
    "residence_division": "居住区划",
    "categories": "类别",
    "card_no": "卡号",
    "status": "状态",
    "medium": "介质",
    "from_on": "起",
    "to_on": "止",
    "name": "名称",
    "kind": "类别",
    "meal": "餐次",
    "served_on": "日期",
    "price_fen": "价格（分）",
    "amount_fen": "金额（分）",
    "seed": "种子",
    "stars": "星级",
    "payment_order": "拨付单",
    "paid_on": "拨付日期",
    "source": "来源",
    "division": "区划代码",
    "uscc": "统一社会信用代码",
    "address": "地址",
    "lon": "经度",
    "lat": "纬度",
    "seats": "座位数",
    "daily_capacity": "日供餐能力",
    "opened_on": "开业日期",
    "closed_on": "停业日期",
    "catering_mode": "供餐方式",
    "operator_id": "运营单位序号",
    "licence_no": "许可证编号",
    "licence_expires_on": "许可证有效期至",
    "supplier": "供餐方",
    "lunch_hours": "午餐时段",
    "dinner_hours": "晚餐时段",
    "level": "级别",
    "managed_by": "管理主体",
    "pop60": "60岁以上户籍人口",
    "portion_g": "份量（克）",
    "build_cost_fen": "建设费用（分）",
    "resident": "老人编号",
    "mode": "方式",
    "asked_by": "谁要求的",
    "asked_name": "哪位家属",
    "after_cutoff": "截单后",
    "portions": "份数",
    "core_temp_tenths": "中心温度（0.1℃）",
    "faults": "问题",
    "measure": "措施",
    "corrects": "更正的记录",
    "outcome": "结果",
    "settlement": "处理",
    "plan": "计划",
    "notice": "通知书",
    "number": "编号",
    "score": "得分（0.1分）",
    "grade": "等级",
    "failed_key": "不合格关键项",
    "paper": "按纸质记录补录",
    "card": "证件号",
    "office": "单位",
    "interest": "回避记录",
    "inspector": "检查人员",
    "inspectors": "检查人员",
    "unannounced": "直接检查",
    "items": "项数",
    "points": "助餐点",
    "late": "补录",
    "sha256": "摘要",
    "channel": "来源",
    "due_on": "期限",
    "upheld": "属实",
}
# Whoever reads the trail has no business rights: of a resident only these are shown, and of
# whoever has an account everything but the name.
SHOWN_OF_RESIDENTS = frozenset({"fields", "source", "reason", "kind", "status", "medium"})
ABOUT_RESIDENTS = ("residents.", "cards.")
HIDDEN = "（个人信息，不显示）"
_DIGEST = 64


def action_name(action: str) -> str:
    """What an action is called; one without a name shows its code."""
    return ACTION_NAMES.get(action, action)


def actor_name(actor: str) -> str:
    """`user:zhang` as 人员 zhang."""
    kind, _, name = actor.partition(":")
    return f"{KIND_NAMES.get(kind, kind)} {name}".strip()


def detail_lines(action: str, detail: str) -> list[tuple[str, str]]:
    """A row's detail as (label, words), without personal data."""
    try:
        facts = json.loads(detail)
    except ValueError:
        return [("流水摘要", detail)] if len(detail) == _DIGEST else [("内容", detail)]
    if not isinstance(facts, dict):
        return [("内容", _plain(facts))]
    order = sorted(facts.items(), key=lambda fact: fact[0] == "after")  # what was comes first
    return [
        (FACT_NAMES.get(name) or name, _shown(action, name, value))
        for name, value in order
        if value != {}
    ]


def _shown(action: str, name: str, value: Any) -> str:
    if _is_personal(action, name):
        return HIDDEN
    if isinstance(value, dict):
        return "，".join(
            f"{FACT_NAMES.get(key, key)} {_shown(action, key, one)}" for key, one in value.items()
        )
    return _plain(value)


def _is_personal(action: str, name: str) -> bool:
    if action.startswith(ABOUT_RESIDENTS):
        return name not in SHOWN_OF_RESIDENTS
    return action.startswith("accounts.") and name == "name"


def _plain(value: Any) -> str:
    match value:
        case None | "":
            return "空"
        case True:
            return "是"
        case False:
            return "否"
        case list():
            return "、".join(FACT_NAMES.get(str(one), str(one)) for one in value) or "无"
    return str(value)
