"""Whose turn a month is, in words and by rights. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from mealsvc.settlement.acts import ACTS, HOLDS, PREVIEW, RETURNED, Act

FORWARD = {
    PREVIEW: "submit",
    RETURNED: "resubmit",
    "submitted": "first_review",
    "town_review": "recheck",
    "district_review": "notice",
    "sampled": "notice",
    "public_notice": "approve",
    "approved": "order",
    "payment_ordered": "pay",
    "paid": "close",
}
WAITS = {
    PREVIEW: "待提交",
    RETURNED: "待店长答复",
    "submitted": "待镇街初审",
    "town_review": "待区级复核",
    "district_review": "待公示",
    "sampled": "待公示",
    "public_notice": "待公示期满、区审批",
    "approved": "待财政下达拨付",
    "payment_ordered": "待财政登记拨付",
    "paid": "待归档",
}
HELD = "held"
# What the first page tells: the state, who acts on it, what waits, and what to do about it.
DESKS = {
    RETURNED: ("settlement.answer", "被退回，待答复", "逐条说明或同意核减，再重新提交。"),
    "submitted": ("settlement.first_review", "待镇街初审", "先看审核要点里的信号和样本，再办理。"),
    "town_review": ("settlement.recheck", "待区级复核", "先看审核要点里的信号和样本，再办理。"),
    "district_review": ("settlement.notice", "待公示", "公示名单和金额，期满后才能审批。"),
    "sampled": ("settlement.notice", "抽查后待公示", "公示名单和金额，期满后才能审批。"),
    "public_notice": ("settlement.approve", "在公示，期满后待审批", "公示期满次日起可以审批。"),
    "paid": ("settlement.close", "已拨付，待归档", "暂缓的流水都有结论后归档。"),
    HELD: ("settlement.release", "", "核实后解除或核减；提出暂缓的人不能自己作结论。"),
}
TOGETHER = ("first_review", "recheck", "sample", "approve", "close")  # done from the list
PATHS = {code: code.replace("_", "-") for code in TOGETHER}
MOST_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many months in this state; `words` say for whom they wait."""

    status: str
    words: str
    number: int


def waiting(states: Iterable[str]) -> list[Waiting]:
    """What waits for whom, along the chain; what is put away waits for nobody."""
    listed = list(states)
    return [
        Waiting(status, words, number)
        for status, words in WAITS.items()
        if (number := listed.count(status))
    ]


def acts_for(can: Callable[[str], bool], status: str) -> list[Act]:
    """What somebody with these rights may do from this state in the list, the way forward first."""
    codes = [FORWARD.get(status, ""), *TOGETHER]
    found = [ACTS[code] for code in dict.fromkeys(codes) if code in TOGETHER]
    return [act for act in found if status in act.starts and can(act.right)]


def act_of_list(can: Callable[[str], bool], states: Iterable[str]) -> Act | None:
    """The one thing that this person does next in a list of months, the earliest step first."""
    listed = set(states)
    for status in WAITS:
        if status in listed and (found := acts_for(can, status)):
            return found[0]
    return None


def may_object(can: Callable[[str], bool], status: str) -> bool:
    """Whether somebody with these rights may hold lines of a month in this state."""
    step = HOLDS.get(status)
    return step is not None and can(ACTS[step].right)


def days_since(then: date, today: date) -> str:
    """已提交3天, 今天提交."""
    days = (today - then).days
    return f"已提交{days}天" if days > 0 else "今天提交"
