"""The chain of one stage of a construction grant: who does what after whom. Pure.

States and steps are named as a settlement's, so that the same rule keeps persons apart.
"""

from dataclasses import dataclass

NOT_APPLIED, RETURNED = "not_applied", "returned"
STATE_NAMES = {
    NOT_APPLIED: "未申请",
    RETURNED: "已退回",
    "submitted": "已申请",
    "town_review": "镇街已初审",
    "district_review": "区已复核",
    "approved": "已审批",
    "payment_ordered": "已下达拨付",
    "paid": "已拨付",
}
APPROVED = ("approved", "payment_ordered", "paid")


@dataclass(frozen=True, slots=True)
class GrantStep:
    """One thing to do with a stage, in the turn of `step`, by whoever has the right; `action` is
    what the trail calls it.
    """

    code: str
    name: str
    starts: tuple[str, ...]
    leads_to: str
    step: str
    right: str = ""

    @property
    def action(self) -> str:
        return f"grants.{self.code}"


_ALL = (
    GrantStep("apply", "申请", (NOT_APPLIED, RETURNED), "submitted", "submit", "grants.apply"),
    GrantStep(
        "first_review", "初审", ("submitted",), "town_review", "first_review", "grants.review"
    ),
    GrantStep("recheck", "复核", ("town_review",), "district_review", "recheck", "grants.recheck"),
    GrantStep("approve", "审批", ("district_review",), "approved", "approve", "grants.approve"),
    GrantStep("order", "下达拨付", ("approved",), "payment_ordered", "order"),
    GrantStep("recall", "撤回拨付单", ("payment_ordered",), "approved", "order"),
    GrantStep("pay", "登记拨付", ("payment_ordered",), "paid", "pay"),
)
STEPS = {step.code: step for step in _ALL}
REVIEWS = ("first_review", "recheck", "approve")


def review_of(status: str) -> GrantStep | None:
    """Whose review comes next in this state; None when nobody's does."""
    return next((STEPS[code] for code in REVIEWS if status in STEPS[code].starts), None)


def return_from(review: str) -> GrantStep:
    """Sending a stage back in the turn of this review."""
    step = STEPS[review]
    return GrantStep("return", "退回", step.starts, RETURNED, step.step, step.right)
