"""The table of imports that were started from the page."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, Instant, Key


class ImportJob(Base):
    """A file that somebody brought in. `stored` names its files in the folder of uploads.

    state: `checking` (being rehearsed), `checked`, `running`, `done`, `cancelled`, `failed`.
    `result` is JSON: what the rehearsal or the import found, without any cell of the file.
    """

    __tablename__ = "import_job"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(Text)
    stored: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
