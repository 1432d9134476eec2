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
    "accounts.disable": "停用账号",
    "accounts.enable": "启用账号",
    "devices.add": "登记设备",
    "devices.revoke": "吊销设备",
    "places.division": "维护区划",
    "places.operator": "新增运营单位",
    "places.point": "维护助餐点",
    "places.candidate": "维护候选点位",
    "places.suspend": "暂停运营",
    "places.resume": "恢复运营",
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
    "menus.put": "维护菜单",
    "servings.record": "登记就餐",
    "servings.reverse": "冲正就餐",
    "servings.freeze": "冻结月份",
    "settlement.submit": "提交结算",
    "budget.write": "维护经费预算",
    "supervision.purchase": "登记进货",
    "settings.change": "修改参数",
    "settings.defaults": "写入初始参数",
    "setup.init": "建立数据库",
    "demo.load": "装入演示数据",
}
KIND_NAMES = {"user": "人员", "device": "设备", "command": "命令", "system": "系统"}
FACT_NAMES = {
    "before": "改前",
    "after": "改后",
    "from": "起",
    "to": "止",
    "on": "日期",
    "reason": "原因",
    "point": "助餐点",
    "month": "月份",
    "role": "角色",
    "scope": "范围",
    "code": "原因代码",
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
}
# Whoever reads the trail has no business rights: what these hold of a person stays unshown.
PERSONAL = frozenset(
    {"name", "id_number", "phone", "address", "birth_on", "sex", "lon", "lat", "card_no", "card"}
)
PERSONAL_ROOMS = ("residents.", "cards.", "accounts.")
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
    hides = action.startswith(PERSONAL_ROOMS)
    return [
        (FACT_NAMES.get(name) or name, _shown(name, value, hides))
        for name, value in facts.items()
    ]


def _shown(name: str, value: Any, hides: bool) -> str:
    if hides and name in PERSONAL:
        return HIDDEN
    if isinstance(value, dict):
        parts = [
            f"{FACT_NAMES.get(key, key)} {_shown(key, one, hides)}" for key, one in value.items()
        ]
        return "；".join(parts) or "无"
    return _plain(value)


def _plain(value: Any) -> str:
    match value:
        case None | "":
            return "空"
        case True:
            return "是"
        case False:
            return "否"
        case list():
            return "、".join(map(_plain, value)) or "无"
    return str(value)
