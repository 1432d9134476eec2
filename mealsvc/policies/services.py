"""The verbs of whoever keeps the policies: draft, approve, withdraw, put into force, end."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.db import db
from mealsvc.policies.document import read_policy
from mealsvc.policies.models import SubsidyPolicy
from mealsvc.policies.register import approved_policies, as_policy
from mealsvc.policies.rules import Policy, overlap
from mealsvc.trail.services import chain, record

DRAFT, APPROVED, WITHDRAWN = "draft", "approved", "withdrawn"


class UnknownPolicy(Refusal):
    """没有编号为“{code}”的政策，请核对政策编号。"""

    code = "unknown_policy"
    field = "code"


class PolicyExists(Refusal):
    """政策编号“{code}”已经使用，已批准的政策不能改动：请换一个编号。"""

    code = "policy_exists"
    field = "document"


class PolicyOverlaps(Refusal):
    """与同一区划的政策“{other}”生效期重叠：请先给该政策定下最后一天，或调整生效日期。"""

    code = "policy_overlap"
    field = "document"


class NotADraft(Refusal):
    """政策“{code}”不是待批准的草案，不能进行这项操作。"""

    code = "not_a_draft"


class OwnDraft(Refusal):
    """起草人不能批准自己的草案，请由另一位有审批权限的人员办理。"""

    code = "own_draft"


class NotInForce(Refusal):
    """政策“{code}”没有批准生效，不能定最后一天。"""

    code = "not_in_force"


class EndBeforeStart(Refusal):
    """最后一天 {day} 早于生效日期 {start}，请重新选择日期。"""

    code = "bad_period"
    field = "day"


class EndAfterEnd(Refusal):
    """政策“{code}”原定最后一天是 {end}，不能再延后；需要延长请制定新政策。"""

    code = "bad_period"
    field = "day"


class UsedAfterEnd(Refusal):
    """{day} 之后已有就餐记录按这项政策补贴，不能把最后一天定在那之前。"""

    code = "policy_used"
    field = "day"


def import_policy(document: str, by: Actor, now: datetime) -> str:
    """Puts a policy into force at once (whoever has the shell is trusted); the same document again
    is `unchanged`. Raises `BadPolicy`, `PolicyExists`, `PolicyOverlaps`.
    """
    policy = read_policy(document)
    found = _by_code(policy.code)
    if found is not None and found.status == APPROVED and found.document == document:
        return "unchanged"
    row = _add(policy, document, by, now)
    _approve(row, policy, by, now)
    return "created"


def draft_policy(document: str, by: Actor, now: datetime) -> SubsidyPolicy:
    """Files a draft, which changes nothing until somebody else approves it."""
    policy = read_policy(document)
    _refuse_overlap(policy)
    row = _add(policy, document, by, now)
    row.revision = record(by, "policies.draft", row.code, {"title": row.title})
    return row


def approve_policy(code: str, by: Actor, now: datetime) -> SubsidyPolicy:
    """Puts a draft into force; the drafter may not."""
    row = _draft(code)
    if row.drafted_by == str(by):
        raise OwnDraft()
    _approve(row, read_policy(row.document), by, now)
    return row


def withdraw_draft(code: str, by: Actor) -> None:
    """Takes a draft back; its code stays used."""
    row = _draft(code)
    row.status = WITHDRAWN
    row.revision = record(by, "policies.withdraw", code, {})


def end_policy(code: str, day: date, last_used: date | None, by: Actor) -> None:
    """Gives a policy in force its last day. `last_used` is the last day on which a serving used it."""
    row = _by_code(code)
    if row is None:
        raise UnknownPolicy(code=code)
    if row.status != APPROVED:
        raise NotInForce(code=code)
    if day < row.effective_from:
        raise EndBeforeStart(day=day, start=row.effective_from)
    end = row.effective_to
    if end is not None and day > end:
        raise EndAfterEnd(code=code, end=end)
    if last_used is not None and last_used > day:
        raise UsedAfterEnd(day=day)
    _refuse_overlap(replace(as_policy(row), effective_to=day))  # a later day than it had
    before, row.ended_on = row.ended_on, day
    row.revision = record(by, "policies.end", code, {"before": before, "after": day})


def _by_code(code: str) -> SubsidyPolicy | None:
    return db.session.scalar(select(SubsidyPolicy).where(SubsidyPolicy.code == code))


def _draft(code: str) -> SubsidyPolicy:
    row = _by_code(code)
    if row is None:
        raise UnknownPolicy(code=code)
    if row.status != DRAFT:
        raise NotADraft(code=code)
    return row


def _add(policy: Policy, document: str, by: Actor, now: datetime) -> SubsidyPolicy:
    if _by_code(policy.code) is not None:
        raise PolicyExists(code=policy.code)
    row = SubsidyPolicy(
        code=policy.code,
        title=policy.title,
        division=policy.division,
        effective_from=policy.effective_from,
        effective_to=policy.effective_to,
        status=DRAFT,
        document=document,
        drafted_by=str(by),
        drafted_at=now,
        revision=chain().next_seq,
    )
    db.session.add(row)
    return row


def _approve(row: SubsidyPolicy, policy: Policy, by: Actor, now: datetime) -> None:
    _refuse_overlap(policy)
    row.status, row.approved_by, row.approved_at = APPROVED, str(by), now
    row.revision = record(by, "policies.approve", row.code, {"title": row.title})
    db.session.flush()


def _refuse_overlap(policy: Policy) -> None:
    for other in approved_policies():
        if other.code != policy.code and overlap(policy, other):
            raise PolicyOverlaps(other=other.code)
