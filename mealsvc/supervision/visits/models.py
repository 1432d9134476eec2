"""Inspectors, plans, visits, what was found item by item, and who signed.

Results, photos of items and signatures take rows only; a signed or cancelled visit never changes
(triggers in `0016_visits.py`).
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers

KINDS = "('admin_inspection', 'contract_patrol', 'npc_supervision', 'joint', 'spot_audit', 'self_check')"
MODES = "('full', 'daily', 'patrol', 'audit')"


class Inspector(Base):
    """Somebody who may inspect (检查人员): name, card, office; `login` where she has an account.

    `division` is her office's: the district's code, or a town's for patrols in that town.
    """

    __tablename__ = "inspector"
    __table_args__ = (UniqueConstraint("card_no"), UniqueConstraint("login"))

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text)
    card_no: Mapped[str] = mapped_column(Text)
    office: Mapped[str] = mapped_column(Text)
    division: Mapped[str] = mapped_column(Text)
    login: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)


class InspectorInterest(Base):
    """Why an inspector keeps away from a point or from all points of a unit (回避)."""

    __tablename__ = "inspector_interest"
    __table_args__ = (
        CheckConstraint("(point_id IS NULL) <> (operator_id IS NULL)", name="about"),
        *whole_numbers("declared_at", "ended_at"),
    )

    id: Mapped[Key]
    inspector_id: Mapped[int] = mapped_column(BigInt, ForeignKey("inspector.id"), index=True)
    point_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    operator_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("operator.id"))
    reason: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime] = mapped_column(Instant)
    declared_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class VisitPlan(Base):
    """An inspection plan (检查计划): made by one person, approved by another.

    `draw` is the JSON document of `planning.Chosen`: points and inspectors, and after a draw at
    random (双随机) the candidates with their weights and reasons, so that anybody can draw it again.
    `seed` is empty where the points were chosen by hand. `division` is the district of the points.
    """

    __tablename__ = "visit_plan"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"mode IN {MODES}", name="mode"),
        CheckConstraint("status IN ('draft', 'approved', 'refused', 'withdrawn')", name="status"),
        CheckConstraint("to_on >= from_on", name="period"),
        *whole_numbers("made_at", "decided_at"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(Text)
    division: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)  # plan | complaint | anomaly | transfer
    basis: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    to_on: Mapped[date]
    seed: Mapped[str] = mapped_column(Text, default="")
    draw: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(Text, default="draft")
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    opinion: Mapped[str] = mapped_column(Text, default="")


class Visit(Base):
    """One visit to one point (检查).

    `traits` holds which items apply there, `;`-separated out of COOK, DIST, DLV, frozen when the
    visit was made. `counted` is the inspector's head count at `counted_at`, `system_count` the
    unreversed servings that the system had of that meal by that minute, `till_count` what the
    point's own till or receipts said. `score` is in tenths (925 = 92.5), None where no item applied.
    `number` is that of the on-site record, `notice_number` of the notice. `statement` is what the
    unit's person said, `refused_why` why she did not sign.
    """

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("number"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"mode IN {MODES}", name="mode"),
        CheckConstraint(
            "status IN ('planned', 'noticed', 'under_way', 'signed', 'cancelled')", name="status"
        ),
        CheckConstraint("grade IN ('', 'A', 'B', 'C', 'D')", name="grade"),
        *whole_numbers(
            "noticed_at", "made_at", "started_at", "ended_at", "signed_at", "counted_at", "score"
        ),
        Index("ix_visit_point", "point_id", "planned_on"),
        Index("ix_visit_planned_on", "planned_on"),
        Index("ix_visit_plan", "plan_id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(Text)
    plan_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("visit_plan.id"))
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    kind: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    checklist: Mapped[str] = mapped_column(Text, ForeignKey("checklist_version.version"))
    traits: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    planned_on: Mapped[date]
    unannounced: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Text, default="planned")
    notice_number: Mapped[str] = mapped_column(Text, default="")
    noticed_at: Mapped[datetime | None] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    cancelled_why: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    present: Mapped[str] = mapped_column(Text, default="")  # the unit's person, and her post
    cards_shown: Mapped[bool] = mapped_column(default=False)
    recusal: Mapped[str] = mapped_column(Text, default="")
    counted: Mapped[int | None]
    till_count: Mapped[int | None]
    system_count: Mapped[int | None]
    counted_at: Mapped[datetime | None] = mapped_column(Instant)
    statement: Mapped[str] = mapped_column(Text, default="")
    refused_why: Mapped[str] = mapped_column(Text, default="")
    score: Mapped[int | None]
    grade: Mapped[str] = mapped_column(Text, default="")
    conclusion: Mapped[str] = mapped_column(Text, default="")
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_by: Mapped[str] = mapped_column(Text, default="")


class VisitInspector(Base):
    """Who goes on a visit; one of them leads. A recused one stays, with the reason."""

    __tablename__ = "visit_inspector"

    visit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("visit.id"), primary_key=True)
    inspector_id: Mapped[int] = mapped_column(BigInt, ForeignKey("inspector.id"), primary_key=True)
    lead: Mapped[bool] = mapped_column(default=False)
    recused_why: Mapped[str] = mapped_column(Text, default="")


class VisitDraft(Base):
    """What was entered so far and not signed yet; the document that `visits.document` reads."""

    __tablename__ = "visit_draft"
    __table_args__ = (*whole_numbers("saved_at"),)

    visit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("visit.id"), primary_key=True)
    document: Mapped[bytes] = mapped_column(LargeBinary)  # sealed: it holds signatures
    revision: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text, default="")


class VisitResult(Base):
    """What was found for one item: PASS, PARTIAL, FAIL or NA; `measured` is a JSON object of texts.

    `outcome` is what follows from it where it was not PASS (domain: outcome type), else empty.
    """

    __tablename__ = "visit_result"
    __table_args__ = (
        CheckConstraint("result IN ('PASS', 'PARTIAL', 'FAIL', 'NA')", name="result"),
        Index(None, "item"),
    )

    visit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("visit.id"), primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)
    result: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    measured: Mapped[str] = mapped_column(Text, default="{}")
    outcome: Mapped[str] = mapped_column(Text, default="")


class VisitPhoto(Base):
    """A photo that shows an item."""

    __tablename__ = "visit_photo"

    visit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("visit.id"), primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)
    photo_id: Mapped[int] = mapped_column(BigInt, ForeignKey("photo.id"), primary_key=True)


class VisitSignature(Base):
    """Who signed on the screen (strokes sealed), or on paper (`strokes` None)."""

    __tablename__ = "visit_signature"
    __table_args__ = (
        CheckConstraint("part IN ('lead', 'second', 'unit', 'witness')", name="part"),
        *whole_numbers("signed_at"),
    )

    visit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("visit.id"), primary_key=True)
    part: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    strokes: Mapped[bytes | None] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime] = mapped_column(Instant)
