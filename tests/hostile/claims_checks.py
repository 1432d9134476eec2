"""What must hold of claims after every step: sums in plain SQL, not by the code under test."""

import json
from collections import Counter
from typing import Any

import sqlalchemy as sa

from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.settlement import acts, steps
from mealsvc.settlement.models import SettlementBatch
from mealsvc.settlement.services import digest_of_lines, settlement_of

POINTS = {"P01": 1, "P02": 2}
HOME, BESIDE = "320412100001", "320412100002"  # points in the second get no lump sums
PER_SERVING, LUMP, AVERAGE = 51, 20_000, 2
MOVING = {"status", "held_fen", "payable_fen"}


def rows(statement: str, **values: Any) -> list[Any]:
    return list(db.session.execute(sa.text(statement), values))


class Checks:
    """Compares what is there with what was seen before and with the ledger."""

    first: dict[int, tuple]
    shown: dict[tuple[int, str], dict[str, Any]]
    approved: dict[tuple[int, str], dict[str, Any]]

    def check(self) -> None:
        db.session.rollback()
        self._check_frozen()
        months = {Month.from_key(row[0]) for row in rows(
            "SELECT settle_month FROM serving UNION SELECT settle_month FROM settlement_adjustment"
        )}  # fmt: skip
        shown = {month: settlement_of(month) for month in sorted(months)}
        self._check_shown(shown)
        self._check_money(shown)
        self._check_lines(months)
        self._check_trail()
        for batch in db.session.scalars(sa.select(SettlementBatch)):
            steps.check_unchanged(batch)

    def _check_frozen(self) -> None:
        for row in rows(
            "SELECT id, document, heading, grounds, line_digest, line_count, payable_fen,"
            " last_sequence, submitted_by, submitted_at, held_fen, held_funding, status"
            " FROM settlement_batch"
        ):
            fixed = row.status in ("approved", "payment_ordered", "paid", "closed")
            assert (row.held_fen is not None) is fixed
            now = tuple(row)[1:10] + ((row.held_fen, row.held_funding) if fixed else ())
            before = self.first.setdefault(row.id, now)
            assert now[: len(before)] == before
            self.first[row.id] = now

    def _check_shown(self, shown: dict[Month, dict[str, Any]]) -> None:
        for month, document in shown.items():
            for point in document["points"]:
                if point["status"] == "preview":
                    continue
                name = (month.key, point["point"])
                still = {key: one for key, one in point.items() if key not in MOVING}
                assert json.dumps(still) == json.dumps(self.shown.setdefault(name, still))
                if point["status"] in acts.FIXED:
                    whole = {key: one for key, one in point.items() if key != "status"}
                    assert whole == self.approved.setdefault(name, whole)

    def _check_money(self, shown: dict[Month, dict[str, Any]]) -> None:
        """All that was or will be paid is what the ledger says, but for what is held now."""
        for code, point_id in POINTS.items():
            parts = [one for document in shown.values() for one in document["points"]
                     if one["point"] == code]  # fmt: skip
            paid = sum(one["payable_fen"] for one in parts)
            lumps = sum(
                one["operating_fen"] - PER_SERVING * one["subsidised"]
                if one["status"] != "preview"
                else 0
                for one in parts
            )
            assert all(
                sum(one["funding"].values()) + sum(one["adjustment_funding"].values())
                == one["payable_fen"] + one["held_fen"]
                for one in parts
            )
            ledger = rows(
                "SELECT coalesce(sum(subsidy_fen + delivery_fen +"
                " CASE WHEN subsidy_fen > 0 THEN :each WHEN subsidy_fen < 0 THEN -:each"
                " ELSE 0 END), 0) AS fen FROM serving WHERE point_id = :point",
                each=PER_SERVING, point=point_id,
            )[0].fen  # fmt: skip
            held = rows(
                "SELECT coalesce(sum(s.subsidy_fen + s.delivery_fen + :each), 0) AS fen"
                " FROM line_hold h JOIN serving s ON s.sequence = h.sequence"
                " WHERE h.outcome IS NULL AND s.point_id = :point AND NOT EXISTS (SELECT 1"
                " FROM serving r WHERE r.reverses = s.sequence AND NOT r.late"
                " AND NOT s.late OR r.reverses = s.sequence AND s.late"
                " AND r.settle_month = s.settle_month)",
                each=PER_SERVING, point=point_id,
            )[0].fen  # fmt: skip
            repaid = rows(
                "SELECT coalesce(sum(amount_fen), 0) AS fen FROM settlement_adjustment"
                " WHERE kind = 'repaid' AND point_id = :point",
                point=point_id,
            )[0].fen
            lumps += self._open_lumps(point_id)
            assert paid == int(ledger) + lumps + int(repaid) - int(held)

    def _open_lumps(self, point_id: int) -> int:
        """The lump sums of months that are not submitted, where the point stands now."""
        stands = rows("SELECT division FROM meal_point WHERE id = :point", point=point_id)
        if stands[0].division == BESIDE:
            return 0
        days = rows(
            "SELECT s.settle_month AS month, s.served_on AS day,"
            " sum(CASE WHEN s.reverses IS NULL THEN 1 ELSE -1 END) AS net FROM serving s"
            " WHERE s.point_id = :point AND NOT s.late AND NOT EXISTS (SELECT 1"
            " FROM settlement_batch b WHERE b.point_id = s.point_id AND b.month = s.settle_month)"
            " GROUP BY s.settle_month, s.served_on",
            point=point_id,
        )
        lumps = 0
        for month in {row.month for row in days}:
            nets = [int(row.net) for row in days if row.month == month]
            eaten = sum(1 for net in nets if net > 0)
            lumps += LUMP if eaten and sum(nets) >= AVERAGE * eaten else 0
        return lumps

    def _check_lines(self, months: set[Month]) -> None:
        """Each line counts in exactly one month."""
        counted = sum(
            digest_of_lines(month, point_id)[0] for month in months for point_id in POINTS.values()
        )
        assert counted == rows("SELECT count(*) AS lines FROM serving")[0].lines

    def _check_trail(self) -> None:
        acted = Counter(
            (f"settlement.{row.act}", f"{Month.from_key(row.month)}/{row.code}", row.actor)
            for row in rows(
                "SELECT a.act, a.actor, b.month, p.code FROM batch_act a JOIN settlement_batch b"
                " ON b.id = a.batch_id JOIN meal_point p ON p.id = b.point_id"
            )
        )
        told = Counter(
            tuple(row)
            for row in rows(
                "SELECT action, subject, actor FROM trail_event"
                " WHERE action LIKE 'settlement.%' AND subject LIKE '____-__/%'"
            )
        )
        assert acted == told
