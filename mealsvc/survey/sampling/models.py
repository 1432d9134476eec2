"""Who was drawn for the questionnaire."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers


class SurveyDraw(Base):
    """The draw of a round's questionnaire (抽样); append-only. Anyone can redraw it from `seed`.

    `size` is how many were drawn, the reserve not counted. `strata` is JSON: the size that was
    asked for, the share of the reserve, and for each stratum its cells (town/age band/living
    state), how many live in it, were drawn and stand in reserve, and a digest of its people;
    `population` is the digest of all of them.
    """

    __tablename__ = "survey_draw"
    __table_args__ = (UniqueConstraint("round_id"), *whole_numbers("at"))

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"))
    seed: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    strata: Mapped[str] = mapped_column(Text)
    population: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class SurveyPerson(Base):
    """A person of a draw, by place in it; append-only. The sheet's unit is `D` and the place.

    Places above the draw's size are the reserve. `stratum` is the person's own cell,
    320412100/60/DJ; which stratum it belongs to, the draw says.
    """

    __tablename__ = "survey_person"
    __table_args__ = (
        Index("ix_survey_person_resident", "resident_id"),
        {"sqlite_with_rowid": False},
    )

    draw_id: Mapped[int] = mapped_column(BigInt, ForeignKey("survey_draw.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    stratum: Mapped[str] = mapped_column(Text)
    division: Mapped[str] = mapped_column(Text)
