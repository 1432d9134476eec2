"""What follows from a finding: outcomes, competent bodies, what is still owed, who hears of a delay."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from mealsvc.kernel.workdays import Workdays

FIX, RECTIFY = "ON_SITE_FIX", "RECTIFY_BY_DATE"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What kind of finding it is (domain: outcome type).

    `act` is the step that it asks for beside a rectification order, `order` whether it asks for one,
    `body` whom it goes to, `decided_by` the right that the step needs, `follows` what readers are told.
    """

    name: str
    act: str
    order: bool
    body: str
    decided_by: str
    follows: str


OUTCOMES: Mapping[str, Outcome] = {
    FIX: Outcome("当场整改", "", False, "", "visits.conduct", "检查时已改好，记明情况后办结"),
    RECTIFY: Outcome("限期整改", "", True, "", "orders.issue", "下达整改通知书，限期整改，到期复查"),
    "SUSPEND_SUBSIDY": Outcome(
        "暂停补贴", "suspend_subsidy", True, "", "measures.decide",
        "决定暂停补贴：照常供餐，老人按原价付；整改复查通过后恢复",
    ),
    "SUSPEND_POINT": Outcome(
        "暂停运营（协议）", "suspend_point", True, "", "measures.decide",
        "决定暂停运营：停止供餐；整改复查通过后恢复",
    ),
    "INTERVIEW": Outcome("约谈", "interview", True, "", "measures.decide", "约谈负责人，记录承诺，并限期整改"),
    "REFER_SAMR": Outcome(
        "移送市场监管", "refer", False, "samr", "measures.decide",
        "食品安全、价格问题的处罚权在市场监管部门，移送并登记回执",
    ),
    "REFER_FIRE": Outcome(
        "移送消防（燃气）", "refer", False, "fire", "measures.decide", "消防、燃气隐患移送主管部门，登记回执"
    ),
    "REFER_DISCIPLINE": Outcome(
        "移送纪检监察、公安", "refer", False, "discipline", "measures.decide", "涉嫌套取资金、违纪违法的移送，登记回执"
    ),
    "TERMINATE": Outcome(
        "终止协议", "terminate", False, "", "measures.decide", "决定终止服务协议，助餐点停业"
    ),
}  # fmt: skip
OUTCOME_NAMES = {code: one.name for code, one in OUTCOMES.items()}

BODIES: Mapping[str, str] = {
    "samr": "市场监督管理局",
    "fire": "消防救援机构",
    "gas": "住房和城乡建设（燃气）主管部门",
    "health": "卫生健康局",
    "finance": "财政局",
    "discipline": "纪检监察机关",
    "police": "公安机关",
}

STATES: Mapping[str, str] = {
    "open": "待处理",
    "ordered": "整改中",
    "replied": "已回复，待复查",
    "closed": "已办结",
    "fixed": "当场改好",
    "referred": "已移送",
}
ENDED = frozenset({"closed", "fixed", "referred"})
ORDER_STATES: Mapping[str, str] = {"issued": "待整改", "replied": "待复查", "closed": "已办结"}
RESULTS: Mapping[str, str] = {"done": "已整改", "partial": "部分整改", "undone": "未整改"}
MEASURES: Mapping[str, str] = {"subsidy": "暂停补贴", "point": "暂停运营", "terminate": "终止协议"}
METHODS: Mapping[str, str] = {
    "direct": "直接送达",
    "left": "留置送达（有见证人）",
    "post": "邮寄送达",
    "electronic": "电子送达（经同意）",
}
SOURCES: Mapping[str, str] = {"visit": "检查", "complaint": "投诉", "log": "日志", "other": "其他"}
OWED: Mapping[str, str] = {
    "order": "下达整改通知书",
    "referral_decision": "决定是否移送",
    "suspend_subsidy": "决定暂停补贴",
    "suspend_point": "决定暂停运营",
    "interview": "约谈",
    "refer": "移送",
    "terminate": "决定终止协议",
}


def outcome_for(chosen: str, critical: bool) -> str:
    """The outcome that a finding gets: a failed key item is never done with on the spot."""
    if chosen not in OUTCOMES:
        return RECTIFY
    return RECTIFY if critical and chosen == FIX else chosen


def first_state(outcome: str) -> str:
    """In which state a finding begins."""
    return "fixed" if outcome == FIX else "open"


def needs_order(outcome: str, critical: bool) -> bool:
    """Whether a rectification order has to follow: always for a failed key item."""
    return critical or OUTCOMES[outcome].order


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a finding when one asks what it still lacks; `done` are acts so far."""

    outcome: str
    critical: bool
    state: str
    found_at: datetime
    done: Collection[str] = field(default_factory=frozenset)


def owed(finding: Facts) -> list[str]:
    """The steps (codes of `OWED`) that are still to be taken, in the order in which they are due."""
    steps = []
    ended = finding.state in ("closed", "fixed")
    if not ended and needs_order(finding.outcome, finding.critical) and finding.state == "open":
        steps.append("order")
    if finding.critical and "referral_decided" not in finding.done:
        steps.append("referral_decision")
    act = OUTCOMES[finding.outcome].act
    if act and not ended and act not in finding.done:
        steps.append(act)
    return steps


def order_due(finding: Facts, key_hours: int) -> datetime | None:
    """Until when a failed key item has to be under an order; None where no clock runs."""
    if not finding.critical or finding.state != "open":
        return None
    return finding.found_at + timedelta(hours=key_hours)


def ends_by_referral(outcome: str, critical: bool, state: str, copy_only: bool) -> bool:
    """Whether handing a finding over is the end of it here: not while an order has to follow."""
    return not copy_only and state == "open" and not needs_order(outcome, critical)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def level_of(
    deadline: date, today: date, workdays: Workdays, escalate_days: int, closed: bool = False
) -> str:
    """Who hears of an order: nobody (""), from the day after its deadline the town, after
    `escalate_days` working days the district.
    """
    if closed or today <= deadline:
        return ""
    return "district" if workdays.between(deadline, today) >= escalate_days else "town"


def escalated_before(today: date, workdays: Workdays, escalate_days: int) -> date:
    """Orders whose deadline lies before this day are at `district` today: `level_of` for a query."""
    return min(workdays.add(today + timedelta(days=1), -escalate_days), today)


def conclusion(results: Collection[str]) -> str:
    """What a re-inspection comes to, in words."""
    done = sum(one == "done" for one in results)
    if done == len(results):
        return f"{len(results)}项全部整改到位，予以办结"
    part = sum(one == "partial" for one in results)
    undone = len(results) - done - part
    return f"{len(results)}项中已整改{done}项、部分整改{part}项、未整改{undone}项，继续整改"
