"""What may be done with a point's month, by whom, and in which order. Pure: values in, values out.

A state names the last thing that was done: `town_review` means that the town has reviewed. The
chain is that of 结算 (point, town, district, public notice, approval, finance); one person does
one thing in it. `notice` and `close` decide nothing about money, so whoever did another step may.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PREVIEW = "preview"
RETURNED = "returned"
STATES = (
    PREVIEW,
    RETURNED,
    "submitted",
    "town_review",
    "district_review",
    "sampled",
    "public_notice",
    "approved",
    "payment_ordered",
    "paid",
    "closed",
)
FIXED = STATES[STATES.index("approved") :]  # what is paid no longer changes
STATE_NAMES = {
    PREVIEW: "未提交",
    RETURNED: "已退回",
    "submitted": "已提交",
    "town_review": "镇街已初审",
    "district_review": "区已复核",
    "sampled": "已抽查",
    "public_notice": "公示中",
    "approved": "已审批",
    "payment_ordered": "已下达拨付",
    "paid": "已拨付",
    "closed": "已归档",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do: from these states to that one, by whoever has the right `settlement.<code>`.

    `decisive` acts need different persons; `step` is the act in whose turn it happens.
    """

    code: str
    name: str
    starts: tuple[str, ...]
    leads_to: str
    decisive: bool = True
    step: str = ""

    @property
    def turn(self) -> str:
        return self.step or self.code

    @property
    def right(self) -> str:
        return f"settlement.{self.turn}"


_ALL = (
    Act("submit", "提交", (PREVIEW,), "submitted"),
    Act("resubmit", "重新提交", (RETURNED,), "submitted", step="submit"),
    Act("first_review", "镇街初审", ("submitted",), "town_review"),
    Act("recheck", "区级复核", ("town_review",), "district_review"),
    Act("sample", "抽查", ("district_review",), "sampled"),
    Act("notice", "公示", ("district_review", "sampled"), "public_notice", decisive=False),
    Act("approve", "审批", ("public_notice",), "approved"),
    Act("order", "下达拨付", ("approved",), "payment_ordered"),
    Act("recall", "撤回拨付单", ("payment_ordered",), "approved", step="order"),
    Act("pay", "登记拨付", ("payment_ordered",), "paid"),
    Act("close", "归档", ("paid",), "closed", decisive=False),
)
ACTS = {act.code: act for act in _ALL}
RETURNS = {
    "submitted": "first_review",
    "town_review": "recheck",
    "district_review": "approve",
    "sampled": "approve",
    "public_notice": "approve",
}
HOLDS = {**RETURNS, PREVIEW: "recheck", RETURNED: "recheck"}


@dataclass(frozen=True, slots=True)
class Done:
    """What was done before: the step, and the person (or, without one, the actor) who did it."""

    step: str
    who: str


def return_from(status: str) -> Act | None:
    """Sending a batch back from this state: an act in the turn of whoever reviews next."""
    step = RETURNS.get(status)
    return (step and Act("return", "退回", (status,), RETURNED, step=step)) or None


def next_acts(status: str) -> tuple[Act, ...]:
    """What can be done from this state, the way forward first."""
    return tuple(act for act in _ALL if status in act.starts)


def decisive(step: str) -> bool:
    """Whether this step decides about money."""
    return ACTS[step].decisive


def earlier_step(step: str, who: str, done: Iterable[Done]) -> str | None:
    """The other decisive step that this person has already done in the chain, if there is one.

    In a later round a person may do again what they did before, and nothing else.
    """
    if not decisive(step):
        return None
    for one in done:
        if one.who == who and one.step != step and decisive(one.step):
            return one.step
    return None


def least_advanced(states: Sequence[str]) -> str:
    """The state of a whole: that of its least advanced part, `preview` for none."""
    return min(states, key=STATES.index, default=PREVIEW)
