"""Cases as values: states that only go forward, who may take which step, what is to be done next. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

STATES = {
    "new": "待分派",
    "assigned": "核查中",
    "explained": "待作结论",
    "verified_ok": "核实无误",
    "verified_bad": "查实有误",
    "clawback": "追回中",
    "refer": "已移送",
    "closed": "已结案",
}
ORDER = tuple(STATES)
OPEN = ORDER[:-1]
UNDECIDED = ("new", "assigned", "explained")
DECIDED = ("verified_ok", "verified_bad", "clawback", "refer")
SOURCES = {"lead": "扫描疑点", "sample": "审计抽样", "complaint": "投诉举报", "other": "其他来源"}
SEVERITIES = {"block": "拦截", "high": "高", "case": "一般", "watch": "关注"}
HELD_AT_ONCE = ("block", "high")
FINDINGS = {"ok": "无误", "bad": "有误"}
ACTS = {
    "opened": "立案",
    "held": "暂缓流水",
    "assigned": "分派",
    "asked": "询问助餐点",
    "answered": "助餐点答复",
    "extended": "延长期限",
    "explained": "结束询问",
    "noted": "记录",
    "verdict": "作出结论",
    "clawback": "提出追回",
    "refer": "移送",
    "receipt": "登记移送回执",
    "closed": "结案",
}
STARTS: Mapping[str, tuple[str, ...]] = {
    "held": UNDECIDED,
    "assigned": ("new", "assigned", "explained"),
    "asked": ("assigned", "explained"),
    "answered": ("assigned", "explained"),
    "extended": ("assigned", "explained"),
    "explained": ("assigned",),
    "noted": OPEN,
    "verdict": ("explained",),
    "clawback": ("verified_bad", "clawback", "refer"),
    "refer": ("verified_bad", "clawback", "refer"),
    "receipt": ("refer", "closed"),
    "closed": DECIDED,
}
"""From which states each act can be taken; who reads the file finds it open for notes to the end."""

# Why a line is held, by the rule of the catalogue that found it: keys of `settlement.reasons`.
REASONS = {
    "A01": "deceased",
    "A02": "not_eligible",
    "A03": "duplicate",
    "A05": "proxy",
    "A06": "burst",
    "A07": "proxy",
    "A08": "off_hours",
    "A09": "by_hand",
    "A10": "over_capacity",
    "A12": "proxy",
    "A13": "not_eligible",
    "A14": "price",
    "A15": "price",
    "A20": "proxy",
    "A23": "proxy",
    "A25": "duplicate",
    "A27": "not_eaten",
    "A28": "not_eaten",
}
OTHER_REASON = "other"


def may_start(act: str, state: str) -> bool:
    """Whether a case in this state can take this step."""
    return state in STARTS[act]


def state_after(act: str, state: str, *, bad: bool = False, last: bool = False) -> str:
    """The state after a step; never one before. `bad`: whether the verdict found a line wrong;
    `last`: whether an answer was that of the last open question."""
    reached = {
        "assigned": "assigned",
        "answered": "explained" if last else state,
        "explained": "explained",
        "verdict": "verified_bad" if bad else "verified_ok",
        "clawback": "clawback",
        "refer": "refer",
        "closed": "closed",
    }.get(act, state)
    return max(state, reached, key=ORDER.index)


def reason_for(rules: str) -> str:
    """Why the lines of a case are held: the reason of its gravest rule that has one."""
    return next((REASONS[one] for one in rules.split(",") if one in REASONS), OTHER_REASON)


def is_overdue(state: str, due_on: date | None, today: date) -> bool:
    """Whether the point (or who works the case) should have explained by now."""
    return state in ("new", "assigned") and due_on is not None and due_on < today


@dataclass(frozen=True, slots=True)
class Standing:
    """How a line of a case stands in the ledger and in settlement.

    `hold` is the open hold on it (of whomever), `own` whether that is the case's; `approved` whether
    the month in which it settles is approved, so that what it costs can only be taken back.
    """

    sequence: int
    worth_fen: int
    finding: str | None = None
    hold: int | None = None
    own: bool = False
    reversed: bool = False
    approved: bool = False
    carved: bool = False
    claimed: bool = False

    @property
    def can_be_held(self) -> bool:
        free = self.hold is None and not self.carved
        return self.worth_fen > 0 and free and not self.reversed and not self.approved

    @property
    def held_elsewhere(self) -> bool:
        return self.hold is not None and not self.own

    @property
    def to_claw_back(self) -> bool:
        """Found wrong, approved, and neither held, reversed nor claimed already."""
        wrong = self.finding == "bad" and self.approved and self.worth_fen > 0
        return wrong and not (self.hold or self.reversed or self.claimed)


def what_could_be_held(lines: Collection[Standing]) -> dict[str, tuple[int, int]]:
    """Lines and fen by what becomes of them when a case holds its lines: `hold`, `approved` (to be
    taken back later), `elsewhere` (held already), `nothing` (no subsidy, or reversed)."""
    kinds = ("hold", "approved", "elsewhere", "nothing")
    found: dict[str, tuple[int, int]] = dict.fromkeys(kinds, (0, 0))
    for one in lines:
        kind = _kind(one)
        number, fen = found[kind]
        found[kind] = number + 1, fen + one.worth_fen
    return found


def _kind(one: Standing) -> str:
    if one.can_be_held:
        return "hold"
    if one.reversed or one.worth_fen <= 0:
        return "nothing"
    return "elsewhere" if one.hold is not None or one.carved else "approved"


@dataclass(frozen=True, slots=True)
class Sight:
    """What decides the next step of a case. `open_questions` are not answered; `holds` are open holds
    on its lines, `foreign` those of them that the case did not place; `to_claw_back` lines wrongly
    paid and not claimed; `clawback` its state, `mode` how it comes back; `letters` sent."""

    state: str
    due_on: date | None = None
    questions: int = 0
    open_questions: int = 0
    holds: int = 0
    foreign: int = 0
    to_claw_back: int = 0
    clawback: str = ""
    mode: str = ""
    letters: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: an act (or `wait`), who has to take it, and in words what and why."""

    act: str
    who: str
    words: str


WORKER, POINT, CLOSER = "镇街或区经办", "助餐点店长", "区业务管理或区审批"
DECIDER = f"{CLOSER}（不能是立案的人）"


def next_step(case: Sight, today: date) -> Step | None:
    """What has to be done next and by whom; None where the case is closed."""
    if case.state == "closed":
        return None
    if case.state in UNDECIDED:
        return _before_the_verdict(case, today)
    return _after_the_verdict(case)


def _before_the_verdict(case: Sight, today: date) -> Step:
    if case.state == "new":
        return Step("assigned", WORKER, "分派给经办人，从分派起计算说明期限。")
    late = case.due_on is not None and case.due_on < today
    if case.state == "explained":
        if case.open_questions and not late:
            return Step("wait", POINT, "还有询问没有答复，等助餐点答复后再作结论。")
        return Step("verdict", DECIDER, "逐笔认定有误或无误，作出结论。")
    if case.open_questions and late:
        return Step(
            "explained", WORKER, "助餐点逾期没有答复：可以延长一次期限，或者记明逾期，继续办理。"
        )
    if case.open_questions:
        return Step("wait", POINT, "等助餐点在期限内答复询问，可以先核对监控、送餐和收款记录。")
    return Step(
        "asked", WORKER, "向助餐点提出询问，请它说明情况；不需要询问的，写明理由后结束询问。"
    )


def _after_the_verdict(case: Sight) -> Step:
    if case.foreign:
        told = f"有{case.foreign}笔由别人暂缓的流水还没有结论，请先在“暂缓的流水”里办理。"
        return Step("holds", CLOSER, told)
    if case.to_claw_back:
        told = f"有{case.to_claw_back}笔有误的流水已经审批或拨付，请提出追回；另一个人审批后冲正。"
        return Step("clawback", "区业务管理", told)
    if case.clawback == "proposed":
        return Step("wait", "区审批", "追回已提出，等区审批批准。")
    if case.clawback == "approved" and case.mode == "cash":
        return Step("wait", "财政", "追回已批准，等助餐点退回现金，由财政登记到账。")
    money = "钱已处理完"
    if case.clawback == "approved":
        money = "追回已批准，从以后的拨付中扣抵，拨付后自动计入已追回；现在可以结案"
    return Step("closed", CLOSER, f"{money}，写明结案意见；涉嫌违纪违法的，先移送再结案。")


def why_not_closed(case: Sight) -> Sequence[str]:
    """What still stands in the way of closing; nothing if it may be closed."""
    open_ = []
    if case.holds:
        open_.append(f"还有{case.holds}笔流水暂缓没有结论")
    if case.to_claw_back and not case.letters and case.clawback != "rejected":
        open_.append(f"还有{case.to_claw_back}笔已支付的流水没有追回，也没有移送")
    if case.clawback == "proposed":
        open_.append("追回还没有审批")
    if case.clawback == "approved" and case.mode == "cash":
        open_.append("追回的现金还没有到账")
    return open_
