"""Boundaries of divisions as the user supplied them."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, Instant, whole_numbers


class DivisionBoundary(Base):
    """The outline of a division (边界), WGS-84 degrees; a later upload replaces it.

    `rings` is canonical JSON: a list of polygons, each a list of rings of [lon, lat], the outer ring
    first. `source` says where it came from.
    """

    __tablename__ = "division_boundary"
    __table_args__ = (*whole_numbers("put_at"),)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    rings: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    put_at: Mapped[datetime] = mapped_column(Instant)
    put_by: Mapped[str] = mapped_column(Text)
