"""What it costs to run a point, and tariffs that were tried on past months."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, Fen, Instant, Key, whole_numbers


class PointCost(Base):
    """What a point says that it costs (成本), from a month (202405) on until a later row; append-only.

    `fixed_fen` a month (rent, wages, energy), `variable_fen` a serving (ingredients, packing),
    `other_fen` a month of income beside meals; `basis` says where the figures come from.
    """

    __tablename__ = "point_cost"
    __table_args__ = (
        CheckConstraint("fixed_fen >= 0 AND variable_fen >= 0 AND other_fen >= 0", name="amounts"),
        Index("ix_point_cost_point", "point_id", "month", "id"),
        *whole_numbers("fixed_fen", "variable_fen", "other_fen", "at"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    month: Mapped[int]
    fixed_fen: Mapped[Fen]
    variable_fen: Mapped[Fen]
    other_fen: Mapped[Fen]
    basis: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class TariffTrial(Base):
    """A tariff replayed for a survey round (测算); append-only. `outcome` is the simulation's JSON."""

    __tablename__ = "tariff_trial"
    __table_args__ = (*whole_numbers("at"),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
