"""Where a sheet of a survey stands, who does what next with it, and who may not do both. Pure.

A, C and D are filled by the community, B by the point, E by the town. A town may fill and check
for its communities where nobody there has an account (代); what stays is that the town's check, and
the district's, are somebody else's.
"""

from collections.abc import Mapping, Sequence
from datetime import date

FILL, VILLAGE, TOWN, ACCEPT, RETURN, LEAVE = "fill", "village", "town", "accept", "return", "leave"
STATES = {
    "issued": "待填报",
    "returned": "已退回",
    "filled": "已填报",
    "village": "村已审",
    "town": "镇已审",
    "accepted": "已汇总",
    "left": "缺报",
}
ACTS = {
    FILL: "填报",
    VILLAGE: "村（社区）审核",
    TOWN: "镇（街道）审核",
    ACCEPT: "区汇总",
    RETURN: "退回",
    LEAVE: "列为缺报",
}
AFTER = {
    FILL: "filled",
    VILLAGE: "village",
    TOWN: "town",
    ACCEPT: "accepted",
    RETURN: "returned",
    LEAVE: "left",
}
TONES = {
    "issued": "muted",
    "returned": "warn",
    "filled": "info",
    "village": "info",
    "town": "info",
    "accepted": "good",
    "left": "bad",
}
TO_FILL = ("issued", "returned")
HANDED_IN = ("filled", "village", "town", "accepted")
DONE = ("accepted", "left")
_LONG = (VILLAGE, TOWN, ACCEPT)
STEPS: Mapping[str, Sequence[str]] = {
    "A": _LONG,
    "B": _LONG,
    "C": _LONG,
    "D": _LONG,
    "E": (ACCEPT,),
}
FILLERS: Mapping[str, Sequence[str]] = {
    "A": ("community", "town"),
    "B": ("manager", "community", "town"),
    "C": ("community", "town"),
    "D": ("community", "town"),
    "E": ("town",),
}
REVIEWERS: Mapping[str, Sequence[str]] = {
    VILLAGE: ("community", "town"),
    TOWN: ("town",),
    ACCEPT: ("district",),
}
# Whoever takes the step is another person than whoever took one of these with the same entry.
APART: Mapping[str, Sequence[str]] = {VILLAGE: (), TOWN: (FILL,), ACCEPT: (FILL, TOWN)}


def next_step(form: str, state: str) -> str | None:
    """What has to be done next; None once the district has it or goes on without it."""
    if state in TO_FILL:
        return FILL
    if state in DONE:
        return None
    steps = STEPS[form]
    if state == AFTER[FILL]:
        return steps[0]
    done = [step for step in steps if AFTER[step] == state]
    return steps[steps.index(done[0]) + 1] if done else None  # a form skips desks that it lacks


def is_turn(form: str, state: str, act: str) -> bool:
    """Whether this may be done with a sheet of this form in this state.

    What nobody has checked yet may be filled again; the district may send back what it has.
    """
    if act == FILL:
        return state in (*TO_FILL, "filled")
    if act == RETURN:
        return state not in TO_FILL
    if act == LEAVE:
        return state not in DONE
    return next_step(form, state) == act


def may(form: str, state: str, act: str, role: str) -> bool:
    """Whether it is this role's to do this now."""
    return is_turn(form, state, act) and role in _who(form, state, act)


def ever(form: str, act: str, role: str) -> bool:
    """Whether it is this role's to do this with such a sheet in any state."""
    return any(may(form, state, act, role) for state in STATES)


def acts_of(form: str, state: str, role: str) -> list[str]:
    """What this role can do now, in the order of `ACTS`."""
    return [act for act in ACTS if may(form, state, act, role)]


def waiting_for(role: str) -> dict[str, list[str]]:
    """The states, by form, in which a sheet waits for this role first of all.

    A town fills and checks for its communities if it has to; that does not wait for it.
    """
    found: dict[str, list[str]] = {}
    for form in STEPS:
        for state in STATES:
            step = next_step(form, state)
            if step is not None and _who(form, state, step)[0] == role:
                found.setdefault(form, []).append(state)
    return found


def urgency(due_on: date, state: str, today: date, soon: int = 3) -> tuple[str, str]:
    """Tone and words of a deadline: overdue, today, within some days, later; nothing once it is in."""
    if state not in TO_FILL:
        return ("muted", "")
    left = (due_on - today).days
    if left < 0:
        return ("bad", f"逾期{-left}天")
    if left == 0:
        return ("warn", "今天到期")
    return ("warn" if left <= soon else "info", f"还有{left}天")


def _who(form: str, state: str, act: str) -> Sequence[str]:
    if act == FILL:
        return FILLERS[form]
    if act == LEAVE:
        return ("district",)
    if act == RETURN:
        return _returners(form, state)
    return REVIEWERS[act]


def _returners(form: str, state: str) -> list[str]:
    """Those who still have a step before them, and the district."""
    step = next_step(form, state)
    steps = STEPS[form]
    ahead = steps[steps.index(step) :] if step in steps else ()
    return [*dict.fromkeys([role for one in ahead for role in REVIEWERS[one]]), "district"]
