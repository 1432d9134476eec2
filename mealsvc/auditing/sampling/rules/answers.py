"""What a call, a visit or a look at papers found, what it costs, and what is to be done next. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

OUTCOMES = {
    "confirmed": "吃了，和记录相符",
    "denied": "没有吃",
    "differs": "吃了，但有出入",
    "unsure": "记不清",
    "no_answer": "无人接听",
    "wrong_number": "号码不对",
    "refused": "不愿回答",
}
WAYS = {"call": "电话", "visit": "入户", "papers": "查原始单据"}
GOT = {"meal": "饭菜", "goods": "物品或现金", "unsure": "记不清"}
DEFINITE = ("confirmed", "denied", "differs")
STATES = {
    "call": "待回访",
    "visit": "待入户",
    "confirmed": "相符",
    "denied": "否认用餐",
    "differs": "有出入",
    "unverified": "未核实",
}
WAITING = ("call", "visit")
HERE, ELSEWHERE, UNSURE = "here", "elsewhere", "unsure"


@dataclass(frozen=True, slots=True)
class Said:
    """What was asked and answered. `ate_at` is a point's code, or empty where it was not said."""

    outcome: str
    ate_at: str = ""
    got: str = ""
    paid: int | None = None


def state_of(tries: Sequence[tuple[str, str]], most_calls: int) -> str:
    """A key of `STATES`; `tries` are way and outcome of each, in order. The last one counts.

    Who is not reached is called again up to `most_calls` times; who cannot or will not say, or has
    no working number, is visited; whoever was visited in vain stays unverified.
    """
    if not tries:
        return "call"
    way, outcome = tries[-1]
    if outcome in DEFINITE:
        return outcome
    if way != "call":
        return "unverified"
    calls = sum(1 for one, _ in tries if one == "call")
    return "call" if outcome == "no_answer" and calls < most_calls else "visit"


def error_of(said: Said, point: str, subsidy: int, self_pay: int) -> int:
    """The part of the subsidy that is wrong: all of it where no meal was had, or not here; else
    what the elder paid beyond the record."""
    if said.outcome == "denied":
        return subsidy
    if said.outcome != "differs":
        return 0
    if said.got == "goods" or said.ate_at not in ("", point):
        return subsidy
    return min(subsidy, max(0, (said.paid or 0) - self_pay))


def contradiction(said: Said, point: str, self_pay: int) -> str:
    """The field whose answer does not fit the outcome, or nothing."""
    beyond = said.paid is not None and said.paid > self_pay
    elsewhere = said.ate_at not in ("", point)
    if said.outcome == "confirmed":
        for field, differs in (
            ("ate_at", elsewhere),
            ("got", said.got == "goods"),
            ("paid", beyond),
        ):
            if differs:
                return field
    if said.outcome == "differs" and not (elsewhere or said.got or said.paid is not None):
        return "outcome"
    return ""
