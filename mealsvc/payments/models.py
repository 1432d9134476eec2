"""Tables of payments: whose account a point is paid to, payment orders and their lines."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.payments import grant_models as grant_models
from mealsvc.plumbing.db import Base, BigInt, Fen, Instant, Key, whole_numbers


class Payee(Base):
    """An account that a point is paid to (收款账户), as somebody entered it; a change is a new row.

    It counts once another person has confirmed it; the point's latest confirmed one is paid.
    `account` is sealed by the vault, `account_index` finds the same account elsewhere.
    outcome: `confirmed`, `rejected`, or `replaced` by a later entry before anybody had looked.
    """

    __tablename__ = "payee"
    __table_args__ = (
        UniqueConstraint("point_id", "version"),
        CheckConstraint("outcome IN ('confirmed', 'rejected', 'replaced')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided"),
        Index(None, "account_index"),
        Index(
            "uq_payee_waiting",
            "point_id",
            unique=True,
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
        *whole_numbers("proposed_at", "decided_at"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    version: Mapped[int]
    holder: Mapped[str] = mapped_column(Text)
    bank: Mapped[str] = mapped_column(Text)
    account: Mapped[bytes]
    account_index: Mapped[bytes]
    account_last4: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text, default="")
    proposed_by: Mapped[str] = mapped_column(Text)
    proposed_person: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class PaymentOrder(Base):
    """A payment order (拨付单) to the treasury: what is paid to whom, made by one person, and
    noted as paid by another. state: `ordered`, then `paid` or `recalled`."""

    __tablename__ = "payment_order"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("state IN ('ordered', 'paid', 'recalled')", name="state"),
        CheckConstraint("(state = 'paid') = (paid_on IS NOT NULL)", name="paid"),
        Index(None, "year"),
        *whole_numbers("total_fen", "made_at", "ended_at"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    total_fen: Mapped[Fen]
    line_count: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[str] = mapped_column(Text)
    made_person: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    paid_on: Mapped[date | None]
    voucher: Mapped[str] = mapped_column(Text, default="")
    end_note: Mapped[str] = mapped_column(Text, default="")
    ended_by: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class PaymentLine(Base):
    """What an order pays for one month of a point, or for one stage of a grant; append-only.

    `carried_fen` (never above 0) is what earlier orders left to be set off. When payable and
    carried come to more than 0, `amount_fen` is that; else nothing is paid and both go on to the
    point's next line. The three fundings are JSON, by source, and add up to the three amounts.
    """

    __tablename__ = "payment_line"
    __table_args__ = (
        CheckConstraint("(batch_id IS NULL) <> (stage_id IS NULL)", name="one_purpose"),
        CheckConstraint("amount_fen >= 0 AND carried_fen <= 0", name="signs"),
        CheckConstraint("amount_fen = 0 OR payee_id IS NOT NULL", name="payee"),
        CheckConstraint("amount_fen IN (0, payable_fen + carried_fen)", name="amount"),
        Index(None, "order_id"),
        Index(None, "batch_id"),
        Index(None, "stage_id"),
        Index("ix_payment_line_point", "point_id", "id"),
        *whole_numbers("payable_fen", "carried_fen", "amount_fen"),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_batch.id"))
    stage_id: Mapped[int | None] = mapped_column(BigInt)
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("payee.id"))
    purpose: Mapped[str] = mapped_column(Text)
    payable_fen: Mapped[Fen]
    payable_funding: Mapped[str] = mapped_column(Text)
    carried_fen: Mapped[Fen] = mapped_column(default=0)
    carried_funding: Mapped[str] = mapped_column(Text, default="{}")
    amount_fen: Mapped[Fen]
    funding: Mapped[str] = mapped_column(Text)
