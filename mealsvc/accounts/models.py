"""Tables: accounts, their sessions and past passwords, failed sign-ins, and tills' tokens."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers

MOST_OFFSET_MS = 5 * 60 * 1000


class Account(Base):
    """A person who signs in. `scope` is a division's code, or a point's for roles at a point.

    `person` is the account under which this person was first known, if this is another of theirs.
    After `expires_on` nobody signs in with it. `outside` holds for outside auditors: they see what
    they were given (audit batches) and nothing else.
    """

    __tablename__ = "account"
    __table_args__ = (*whole_numbers("totp_last_step", "password_set_at", "disabled_at"),)

    id: Mapped[Key]
    login: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(16))
    scope: Mapped[str] = mapped_column(String(32))
    person: Mapped[int | None] = mapped_column(BigInt)
    password_hash: Mapped[str] = mapped_column(String(200))
    password_set_at: Mapped[datetime] = mapped_column(Instant)
    must_change: Mapped[bool]
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed
    totp_last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_on: Mapped[date | None]
    outside: Mapped[bool] = mapped_column(default=False, server_default=false())


class PastPassword(Base):
    """A password's hash, kept so that the last five are not used again."""

    __tablename__ = "account_password"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    password_hash: Mapped[str] = mapped_column(String(200))


class SignInSession(Base):
    """A sign-in under way, known by the digest of a token in the cookie.

    `factors` counts what was proven: 1 the password, 2 the second factor too.
    """

    __tablename__ = "account_session"
    __table_args__ = (Index(None, "account_id"), *whole_numbers("started_at", "factors"))

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime] = mapped_column(Instant)
    factors: Mapped[int]


class SignInFailure(Base):
    """Failed sign-ins under one blind index of a login (known or not) or a source."""

    __tablename__ = "account_failure"
    __table_args__ = (*whole_numbers("count", "last_at", "locked_until"),)

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)


class Device(Base):
    """A till or another program of one point, known by the digest of its bearer token.

    `clock_offset_ms` (server minus device) and `pending` (servings not yet uploaded) are what it
    reported last, at `reported_at`.
    """

    __tablename__ = "device"
    __table_args__ = (*whole_numbers("created_at", "last_seen_at", "revoked_at"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(40), unique=True)
    point_code: Mapped[str] = mapped_column(String(32))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)
    pending: Mapped[int | None]
    reported_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def clock_wrong(self) -> bool:
        """Whether the clock was so far off that what it records without network is in doubt."""
        return abs(self.clock_offset_ms or 0) > MOST_OFFSET_MS
