"""Proof of the claims: each row of a submitted month, of what people did with it and of what was
held, sent back, adjusted, paid or taken back stands as the trail tells it, and so do the rights of
each account; no row is missing or too many."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from mealsvc.accounts.models import Account
from mealsvc.accounts.persons import BOUND, PARTED
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import Base, micros
from mealsvc.servings.models import FrozenMonth, Serving
from mealsvc.settlement.acts import ACTS, FIXED
from mealsvc.settlement.models import (
    BatchAct,
    LineHold,
    ReturnedLine,
    SettlementAdjustment,
    SettlementBatch,
)
from mealsvc.settlement.proving import (
    ACT,
    ADJUSTED,
    ANSWERED,
    CLAIM,
    ENDED,
    GROUNDS,
    KEPT_LINES,
    NO_GROUNDS,
    PLACED,
    SENT,
    row_digest,
    rows_digest,
)
from mealsvc.trail.rules import digest
from mealsvc.trail.verify import Broken

_ROOM = "settlement."
_TAKEN = {_ROOM + code for code in (*ACTS, "return")}
_SUBMITTED = _ROOM + "submit"
_KEPT = {
    *_TAKEN,
    *(_ROOM + verb for verb in ("hold", "release", "refuse", "adjust", "answer")),
    BOUND,
    PARTED,
}
_FROZEN = "servings.freeze"
_ADDED, _ASSIGNED, _UNTIL = "accounts.add", "accounts.assign", "accounts.until"
_CLOSED, _OPENED = "accounts.disable", "accounts.enable"
_RIGHTS = (_ADDED, _ASSIGNED, _UNTIL, _CLOSED, _OPENED)
# What makes a row of these tables, and what changes it.
_MAKERS = {
    "payee": "payees.propose",
    "payment_order": "payments.order",
    "clawback": "clawbacks.propose",
}
_KEEPERS = (
    *_MAKERS.values(),
    *(f"payees.{verb}" for verb in ("confirm", "reject")),
    *(f"payments.{verb}" for verb in ("recall", "pay")),
    *(f"clawbacks.{verb}" for verb in ("approve", "reject", "repaid")),
)
_NAMES = {"payee": "收款账户", "payment_order": "拨付单", "clawback": "追回"}
_KEPT |= {_FROZEN, *_RIGHTS, *_KEEPERS}


@dataclass(frozen=True, slots=True)
class _Told:
    """One row of the trail, proven by the walk."""

    seq: int
    action: str
    subject: str
    actor: str
    detail: dict[str, Any]


@dataclass
class Claims:
    """What the trail tells of claims: collected while it is walked, then held against the rows."""

    told: dict[str, list[_Told]] = field(default_factory=lambda: defaultdict(list))

    def begin(self, connection: Connection) -> None:
        """Nothing is needed before the walk."""

    def note(self, event: Any) -> None:
        """Keeps a proven row of the trail, if it speaks of claims."""
        if event.action in _KEPT:
            detail = json.loads(event.detail)
            told = _Told(event.seq, event.action, event.subject, event.actor, detail)
            self.told[event.action].append(told)

    def check(self, connection: Connection) -> None:
        """Raises `Broken` naming the first row that is not as it was told."""
        for check in (
            self._check_batches,
            self._check_acts,
            self._check_holds,
            self._check_carved,
            self._check_adjustments,
            self._check_returned,
            self._check_lines,
            self._check_frozen,
            self._check_kept,
            self._check_persons,
            self._check_rights,
        ):
            check(connection)

    def _check_batches(self, connection: Connection) -> None:
        told = {one.subject: one for one in self.told[_SUBMITTED]}
        acts = _acts(connection)
        columns = (
            "id",
            *CLAIM,
            *GROUNDS,
            "line_count",
            "line_digest",
            "payable_fen",
            "submitted_by",
            "submitted_at",
        )
        for subject, batch in _batches(connection, columns):
            before = told.pop(subject, None)
            if before is None:
                raise Broken(f"{subject} 的结算没有对应的提交留痕：该行是插入的。")
            detail = before.detail
            now = {
                "lines": batch.line_count,
                "digest": batch.line_digest,
                "payable_fen": batch.payable_fen,
                "claim": row_digest(batch, CLAIM),
            }
            if batch.grounds != NO_GROUNDS or acts.get(batch.id):
                now["grounds"] = row_digest(batch, GROUNDS)
            if acts.get(batch.id) and acts[batch.id][0].act == "submit":
                detail = {**detail, "at": micros(acts[batch.id][0].at)}
                now["at"] = micros(batch.submitted_at)
            changed = any(detail[name] != now[name] for name in now.keys() & detail.keys())
            if changed or batch.submitted_by != before.actor:
                raise Broken(
                    f"{subject} 的结算与提交时的留痕（第 {before.seq} 行）不符：该行被改动。"
                )
        if told:
            lost = min(told.values(), key=lambda one: one.seq)
            raise Broken(f"{lost.subject} 的结算缺失（留痕第 {lost.seq} 行）：该行被删除。")

    def _check_acts(self, connection: Connection) -> None:
        told: dict[str, list[_Told]] = defaultdict(list)
        for action in _TAKEN:
            for one in self.told[action]:
                told[one.subject].append(one)
        acts = _acts(connection)
        for subject, batch in _batches(connection, ("id", "status")):
            done = acts.get(batch.id, [])
            before = sorted(told[subject], key=lambda one: one.seq)
            if "act" not in before[0].detail or not done:  # submitted where acts are not kept
                before, done = before[1:], [act for act in done if act.act != "submit"]
            for act, one in zip(done, before, strict=False):
                if not _same_act(act, one):
                    raise Broken(
                        f"{subject} 的结算办理记录第 {act.number} 条"
                        f"与留痕第 {one.seq} 行不符：该行被改动。"
                    )
            if len(done) != len(before):
                raise Broken(f"{subject} 的结算办理记录与留痕的条数不符：有行被删除或插入。")
            if batch.status != (done[-1].status if done else "submitted"):
                raise Broken(f"{subject} 的结算状态与最后一次办理不符：该行被改动。")

    def _check_holds(self, connection: Connection) -> None:
        placed = {one.detail["hold"]: one for one in self.told["settlement.hold"]}
        verbs = {"settlement.release": "released", "settlement.refuse": "refused"}
        ended = {one.detail["hold"]: one for verb in verbs for one in self.told[verb]}
        for hold in connection.execute(_of(LineHold)):
            what = f"暂缓第 {hold.id} 笔（流水第 {hold.sequence} 号）"
            _compare(what, placed.pop(hold.id, None), row_digest(hold, PLACED))
            if _has_ended(hold) or hold.id in ended:
                end = ended.pop(hold.id, None)
                _compare(what, end, row_digest(hold, ENDED))
        _none_left("暂缓", placed, ended)

    def _check_carved(self, connection: Connection) -> None:
        """What an approval fixed is the sum of the lines that it carved out, also by source."""
        carved: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
        columns = (LineHold.month, LineHold.point_id, LineHold.amount_fen, LineHold.funding)
        for row in connection.execute(select(*columns).where(LineHold.carved)):
            carved[row.month, row.point_id].update({"": row.amount_fen, **json.loads(row.funding)})
        columns = ("month", "point_id", "status", "held_fen", "held_funding")
        for subject, batch in _batches(connection, columns):
            right: Counter[str] = Counter()
            if batch.status in FIXED:
                right = carved.get((batch.month, batch.point_id), right)
            told = Counter({"": batch.held_fen or 0, **json.loads(batch.held_funding or "{}")})
            if (batch.held_fen is not None) != (batch.status in FIXED) or told != right:
                raise Broken(f"{subject} 的结算中暂缓的金额与暂缓的流水不符：该行被改动。")

    def _check_adjustments(self, connection: Connection) -> None:
        told = {one.detail["adjustment"]: one for one in self.told["settlement.adjust"]}
        for row in connection.execute(_of(SettlementAdjustment)):
            what = f"调整第 {row.id} 笔（流水第 {row.sequence} 号）"
            _compare(what, told.pop(row.id, None), row_digest(row, ADJUSTED))
        _none_left("调整", told)

    def _check_returned(self, connection: Connection) -> None:
        acts = {
            row.id: json.loads(row.detail).get("objections")
            for row in connection.execute(
                select(BatchAct.id, BatchAct.detail).where(BatchAct.act == "return")
            )
        }
        sent: dict[int, list[str]] = defaultdict(list)
        answers = {int(one.subject): one for one in self.told["settlement.answer"]}
        for row in connection.execute(_of(ReturnedLine)):
            sent[row.act_id].append(row_digest(row, SENT))
            if row.answer is not None or row.answered_at is not None or row.id in answers:
                answer = answers.pop(row.id, None)
                _compare(f"退回意见第 {row.id} 条的答复", answer, row_digest(row, ANSWERED))
        _none_left("退回意见的答复", answers)
        for act_id, before in acts.items():
            if before is not None and digest(sent[act_id]) != before:
                raise Broken(f"办理记录第 {act_id} 号的退回意见与留痕不符：有行被改动。")

    def _check_lines(self, connection: Connection) -> None:
        """A submitted month rests on the lines that the ledger has of it."""
        counted = {
            (row.settle_month, row.point_id): (row.lines, row.last)
            for row in connection.execute(
                select(
                    Serving.settle_month,
                    Serving.point_id,
                    func.count().label("lines"),
                    func.max(Serving.sequence).label("last"),
                ).group_by(Serving.settle_month, Serving.point_id)
            )
        }
        columns = ("month", "point_id", "line_count", "last_sequence")
        for subject, batch in _batches(connection, columns):
            own = counted.get((batch.month, batch.point_id), (0, 0))
            if own != (batch.line_count, batch.last_sequence):
                raise Broken(f"{subject} 的结算与就餐流水的条数不符：该行被改动。")

    def _check_frozen(self, connection: Connection) -> None:
        told = {(one.subject, one.detail["month"]): one for one in self.told[_FROZEN]}
        rows = select(MealPoint.code, FrozenMonth.month).outerjoin_from(
            FrozenMonth, MealPoint, MealPoint.id == FrozenMonth.point_id
        )
        for row in connection.execute(rows):
            if told.pop((row.code, row.month), None) is None:
                raise Broken(f"{Month.from_key(row.month)}/{row.code} 的冻结没有对应的留痕。")
        if told:
            lost = min(told.values(), key=lambda one: one.seq)
            raise Broken(f"{lost.subject} 的月份冻结缺失（留痕第 {lost.seq} 行）：该行被删除。")

    def _check_kept(self, connection: Connection) -> None:
        """Payees, payment orders, clawbacks: as the last act left them. Rows from before acts told
        that are counted."""
        told: dict[str, dict[int, tuple[int, str]]] = {name: {} for name in _MAKERS}
        acts = sorted(
            (one for name in _KEEPERS for one in self.told[name]), key=lambda one: one.seq
        )
        for one in acts:
            for table, number, row in one.detail.get("kept", ()):
                told[table][number] = (one.seq, row)
        for table, maker in _MAKERS.items():
            rows = _whole_rows(connection, table)
            for number, (seq, row) in told[table].items():
                if number not in rows:
                    raise Broken(
                        f"{_NAMES[table]}第 {number} 号缺失（留痕第 {seq} 行）：该行被删除。"
                    )
                if rows_digest(rows[number]) != row:
                    raise Broken(
                        f"{_NAMES[table]}第 {number} 号与留痕第 {seq} 行不符：该行被改动。"
                    )
            if len(rows) != len(self.told[maker]):
                raise Broken(f"{_NAMES[table]}与留痕的条数不符：有行被删除或插入。")

    def _check_rights(self, connection: Connection) -> None:
        """Nobody has another role, scope or last day than was given."""
        given: dict[str, dict[str, Any]] = {}
        acts = sorted((one for name in _RIGHTS for one in self.told[name]), key=lambda one: one.seq)
        for one in acts:
            _follow(given.setdefault(one.subject.partition(":")[2], {}), one)
        columns = (Account.login, Account.role, Account.scope, Account.outside)
        rows = select(*columns, Account.expires_on, Account.disabled_at).order_by(Account.id)
        for row in connection.execute(rows):
            right = given.pop(row.login, None)
            now = {
                "role": row.role,
                "scope": row.scope,
                "outside": row.outside,
                "until": str(row.expires_on or ""),
                "closed": row.disabled_at is not None,
            }
            if right != now:
                raise Broken(
                    f"账号 {row.login} 的角色、范围或期限与留痕不符：该行被改动或是插入的。"
                )
        if given:
            raise Broken(f"账号 {min(given)} 缺失：该行被删除。")

    def _check_persons(self, connection: Connection) -> None:
        groups: dict[int, frozenset[int]] = {}
        for one in sorted(self.told[BOUND] + self.told[PARTED], key=lambda one: one.seq):
            whole = frozenset(one.detail["accounts"])
            left = frozenset({one.detail["left"]} if one.action == PARTED else ())
            for part in (whole - left, left):
                groups.update(dict.fromkeys(part, part))
        accounts = select(Account.id, Account.login, Account.person).order_by(Account.id)
        rows = connection.execute(accounts).all()
        now: dict[int, set[int]] = defaultdict(set)
        for row in rows:
            now[row.person or row.id].add(row.id)
        for row in rows:
            theirs = now[row.person or row.id]
            if theirs != groups.get(row.id, {row.id}) or row.person not in {None, *theirs}:
                raise Broken(f"账号 {row.login} 登记的“同一人”与留痕不符：该行被改动。")


def _follow(right: dict[str, Any], one: _Told) -> None:
    """What an account may after this act."""
    match one.action:
        case "accounts.add":
            right.update({name: one.detail[name] for name in ("role", "scope")})
            right.update({"outside": "outside" in one.detail, "closed": False})
            right["until"] = one.detail.get("until", "")
        case "accounts.assign":
            right.update(one.detail["after"])
        case "accounts.until":
            right["until"] = one.detail["after"]
        case action:
            right["closed"] = action == _CLOSED


def _whole_rows(connection: Connection, name: str) -> dict[int, list[Any]]:
    """Every row of a table by its number, with its lines after it."""
    table = Base.metadata.tables[name]
    found: dict[int, list[Any]] = {
        row.id: [row] for row in connection.execute(select(table).order_by(table.c.id))
    }
    if name in KEPT_LINES:
        below, owner, order = KEPT_LINES[name]
        lines = Base.metadata.tables[below]
        for row in connection.execute(select(lines).order_by(lines.c[order])):
            found.setdefault(row._mapping[owner], []).append(row)
    return found


def _has_ended(hold: Any) -> bool:
    """Whether anything of the row says so."""
    return hold.outcome is not None or hold.ended_at is not None or bool(hold.ended_by)


def _of(table: Any) -> Any:
    return select(*table.__table__.columns).order_by(table.id)


def _batches(connection: Connection, columns: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """These columns of every batch, under the trail's name for it."""
    rows = (
        select(
            SettlementBatch.month, MealPoint.code, *(getattr(SettlementBatch, c) for c in columns)
        )
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .order_by(SettlementBatch.id)
    )
    for row in connection.execute(rows):
        yield f"{Month.from_key(row.month)}/{row.code}", row


def _acts(connection: Connection) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    rows = select(*BatchAct.__table__.columns).order_by(BatchAct.batch_id, BatchAct.number)
    for row in connection.execute(rows):
        found[row.batch_id].append(row)
    return found


def _same_act(act: Any, told: _Told) -> bool:
    return (_ROOM + act.act, act.actor, row_digest(act, ACT)) == (
        told.action,
        told.actor,
        told.detail["act"],
    )


def _compare(what: str, told: _Told | None, row: str) -> None:
    if told is None:
        raise Broken(f"{what}没有对应的留痕：该行是插入的。")
    if told.detail["row"] != row:
        raise Broken(f"{what}与留痕第 {told.seq} 行不符：该行被改动。")


def _none_left(what: str, *told: dict[int, _Told]) -> None:
    left = [one for part in told for one in part.values()]
    if left:
        first = min(left, key=lambda one: one.seq)
        raise Broken(f"{what}缺少一行（留痕第 {first.seq} 行）：该行被删除。")
