"""The kinds of visit and what each of them asks: approval, notice, cap, two inspectors. Pure.

Sources: 国办发〔2024〕54号 (who may inspect, approval, cap), 养老机构行政检查办法 (notice), order 49
(two inspectors, recusal, cards, no repetition of what the higher level checked).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

ADMIN, PATROL, NPC, JOINT, AUDIT, SELF = (
    "admin_inspection", "contract_patrol", "npc_supervision", "joint", "spot_audit", "self_check"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of visit. `planned`: an approved plan and a notice are needed, and it counts against
    the year's cap. `two`: two inspectors sign. `own`: the unit's own people do it.
    """

    name: str
    why: str
    planned: bool = False
    two: bool = True
    own: bool = False


KINDS = {
    ADMIN: Kind("行政检查", "按批准的计划、带检查通知书和证件，计入年度频次上限", planned=True),
    PATROL: Kind("协议履约巡查", "按服务协议日常巡查，不需要计划和通知，不计频次"),
    NPC: Kind("人大督查", "人大代表督查，不作为行政检查，不计频次"),
    JOINT: Kind("联合检查", "与市场监管、消防等部门一次查清，由有权部门出具执法文书"),
    AUDIT: Kind("补贴核查", "核对补贴份数、身份和价格，不计频次"),
    SELF: Kind("单位自查", "助餐点自己查，由本单位人员签字，不需要检查人员", two=False, own=True),
}
KIND_NAMES = {code: kind.name for code, kind in KINDS.items()}
SOURCES = {
    "plan": "年度或专项计划",
    "complaint": "投诉举报",
    "anomaly": "异常线索",
    "transfer": "部门移送或上级交办",
}
PLANNED, NOTICED, UNDER_WAY, SIGNED, CANCELLED = (
    "planned", "noticed", "under_way", "signed", "cancelled"
)  # fmt: skip
STATUS_NAMES = {
    PLANNED: "待检查",
    NOTICED: "已通知",
    UNDER_WAY: "检查中",
    SIGNED: "已签字",
    CANCELLED: "已取消",
}
OPEN = (PLANNED, NOTICED, UNDER_WAY)
PLAN_STATUS_NAMES = {
    "draft": "待审批",
    "approved": "已批准",
    "refused": "未批准",
    "withdrawn": "已撤回",
}
LEAD, SECOND, UNIT, WITNESS = "lead", "second", "unit", "witness"
PART_NAMES = {
    LEAD: "检查人员（主检）",
    SECOND: "检查人员（协检）",
    UNIT: "被检查单位人员",
    WITNESS: "见证人",
}
OUTCOME_NAMES = {
    "ON_SITE_FIX": "当场整改",
    "RECTIFY_BY_DATE": "限期整改",
    "SUSPEND_SUBSIDY": "暂停补贴",
    "SUSPEND_POINT": "暂停运营",
    "INTERVIEW": "约谈",
    "REFER_SAMR": "移送市场监管",
    "REFER_FIRE": "移送消防",
    "REFER_DISCIPLINE": "移送纪检监察或公安",
    "TERMINATE": "终止协议",
}
USUAL_OUTCOME = "RECTIFY_BY_DATE"
NOT_RECUSED = "未申请回避"


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier visit to the same point, by somebody of this division's office."""

    day: date
    division: str
    items: frozenset[str]
    visit_id: int = 0
    number: str = ""


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the month's last where it has no such day."""
    at = day.year * 12 + day.month - 1 - months
    year, month = divmod(at, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)


def repeats(
    items: Iterable[str], office: str, day: date, months: int, earlier: Iterable[Earlier]
) -> list[tuple[Earlier, tuple[str, ...]]]:
    """Visits of a higher office within the months before that checked some of the same items.

    A higher office's division code is a shorter beginning of `office`.
    """
    wanted, since = set(items), months_before(day, months)
    found = []
    for one in earlier:
        higher = len(one.division) < len(office) and office.startswith(one.division)
        same = tuple(sorted(wanted & one.items))
        if higher and since <= one.day <= day and same:
            found.append((one, same))
    return found


def deviates(counted: int, system: int, percent: int) -> bool:
    """Whether the system's servings differ from the head count by more than so many percent of it."""
    return abs(counted - system) * 100 > percent * counted


def deviation(counted: int, system: int) -> str:
    """The difference in percent of the head count, one decimal half up, with its sign."""
    if not counted:
        return "—" if system else "0.0%"
    tenths = (abs(system - counted) * 2000 + counted) // (2 * counted)
    return f"{'-' if system < counted else '+' if system > counted else ''}{tenths // 10}.{tenths % 10}%"
