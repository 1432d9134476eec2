"""What the papers of supervision show, as plain values: gathered by `facts_*`, drawn by one file each.

`told` of each is what its paper says for ever: other values there make another edition, while a name
or a telephone that is corrected later changes no issued paper.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mealsvc.supervision.checklist.items import Item


@dataclass(frozen=True, slots=True)
class Head:
    """What all papers share: who issues, whom to ask, where to complain."""

    issuer: str
    contact: str
    complaint: str
    demo: bool


@dataclass(frozen=True, slots=True)
class Place:
    """The point as it is named on a paper; `person` is in charge there, as far as is known."""

    code: str
    name: str
    kind: str
    address: str
    unit: str
    uscc: str
    town: str
    person: str = ""

    @property
    def addressed(self) -> str:
        """The unit and its point, as a paper speaks to them."""
        if not self.unit or self.unit == self.name:
            return self.name
        return f"{self.unit}（{self.name}）"


@dataclass(frozen=True, slots=True)
class Person:
    """An inspector: name, card, office."""

    name: str
    card: str
    office: str
    lead: bool = False
    recused: str = ""

    @property
    def shown(self) -> str:
        return f"{self.name}（{self.card}）"


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo: what it is of, when and where it was taken, its digest, its small JPEG."""

    of: str
    taken: datetime | None
    where: str
    sha256: str
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sign:
    """Who signed; `strokes` empty: with a pen on paper."""

    name: str
    strokes: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen for one item; `measured` in words."""

    item: Item
    result: str
    note: str
    measured: str
    outcome: str = ""
    shots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """A visit: what notice, record, result and the blank sheet show of it."""

    id: int
    head: Head
    place: Place
    number: str
    notice_number: str
    status: str
    kind: str
    mode: str
    basis: str
    reason: str
    checklist: str
    planned_on: date
    noticed_on: date | None
    unannounced: bool
    people: tuple[Person, ...]
    items: tuple[Item, ...]
    bans: tuple[str, ...]
    started: datetime | None = None
    ended: datetime | None = None
    present: str = ""
    cards_shown: bool = False
    recusal: str = ""
    found: tuple[Found, ...] = ()
    shots: tuple[Shot, ...] = ()
    counts: Mapping[str, int | None] = field(default_factory=dict)
    counted_at: datetime | None = None
    statement: str = ""
    refused_why: str = ""
    score: int | None = None
    grade: str = ""
    conclusion: str = ""
    signatures: Mapping[str, Sign] = field(default_factory=dict)
    signed_on: date | None = None
    order: str = ""
    own: bool = False  # the unit checked itself

    @property
    def failed(self) -> tuple[Found, ...]:
        return tuple(one for one in self.found if one.result in ("FAIL", "PARTIAL"))

    @property
    def told(self) -> Any:
        results = [(one.item.code, one.result, one.note, one.measured) for one in self.found]
        signed = [(part, one.name, one.strokes) for part, one in sorted(self.signatures.items())]
        shots = [one.sha256 for one in self.shots]
        return (self.number, self.checklist, self.score, self.grade, results, signed, shots)

    @property
    def announced(self) -> Any:
        """What a notice tells."""
        people = [(one.name, one.card) for one in self.people if not one.recused]
        return (self.notice_number, self.planned_on, self.kind, self.mode, people)


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One point in a plan; `counted` inspections of this year of at most `cap`."""

    place: Place
    planned_on: date | None
    people: tuple[Person, ...]
    counted: int
    cap: int
    counts: bool
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A point that could be drawn: its weight, why, and its place in the draw (0: not drawn)."""

    name: str
    weight: str
    why: str
    drawn: int


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """An inspection plan."""

    id: int
    head: Head
    number: str
    title: str
    kind: str
    mode: str
    source: str
    basis: str
    from_on: date
    to_on: date
    seed: str
    candidates: tuple[Candidate, ...]
    draw_note: str
    visits: tuple[PlannedVisit, ...]
    subjects: tuple[tuple[str, int], ...]
    status: str
    made_by: str
    made_on: date
    decided_by: str
    decided_on: date | None
    opinion: str

    @property
    def told(self) -> Any:
        return (
            self.number,
            self.status,
            self.seed,
            [(one.place.code, [who.card for who in one.people]) for one in self.visits],
            self.opinion,
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """A finding in an order: what was seen, what is demanded."""

    item: Item
    fact: str
    demand: str
    critical: bool
    repeat: bool
    finding: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a unit did about one finding in one round."""

    demand: Demand
    round: int
    cause: str
    measure: str
    done_on: date
    person: str
    replied_on: date
    before: tuple[Shot, ...] = ()
    after: tuple[Shot, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What a re-inspection found of one demand."""

    demand: Demand
    result: str
    evidence: str


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """A rectification order, with what was answered."""

    id: int
    head: Head
    place: Place
    number: str
    record: str
    found_on: date | None
    issued_on: date
    working_days: int
    deadline: date
    consequence: str
    demands: tuple[Demand, ...]
    answers: tuple[Answer, ...] = ()

    @property
    def told(self) -> Any:
        return (self.number, self.deadline, [(one.item.code, one.demand) for one in self.demands])

    @property
    def answered(self) -> Any:
        told = [
            (one.demand.finding, one.round, one.cause, one.measure, one.done_on, one.person,
             [shot.sha256 for shot in (*one.before, *one.after)])
            for one in self.answers
        ]  # fmt: skip
        return (self.number, told)


@dataclass(frozen=True, slots=True)
class ReInspectionFacts:
    """A re-inspection."""

    id: int
    order: OrderFacts
    number: str
    checked_on: date
    people: tuple[Person, ...]
    present: str
    checked: tuple[Checked, ...]
    conclusion: str
    next_step: str
    new_deadline: date | None

    @property
    def told(self) -> Any:
        checked = [(one.demand.finding, one.result, one.evidence) for one in self.checked]
        return (self.number, self.checked_on, checked, self.conclusion, self.next_step)


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """A letter to the competent body."""

    id: int
    head: Head
    place: Place
    number: str
    body: str
    copy_only: bool
    facts: str
    evidence: str
    contact: str
    sent_on: date
    demands: tuple[Demand, ...]
    record: str

    @property
    def told(self) -> Any:
        return (self.number, self.body, self.copy_only, self.facts, self.evidence, self.contact)


@dataclass(frozen=True, slots=True)
class InterviewFacts:
    """An interview of the person in charge."""

    id: int
    head: Head
    place: Place
    number: str
    held_at: datetime
    where: str
    hosts: str
    attendees: str
    matters: str
    commitments: str
    basis: str

    @property
    def told(self) -> Any:
        return (self.number, self.held_at, self.matters, self.commitments)


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """A decision that stops something, and its end."""

    id: int
    head: Head
    place: Place
    number: str
    kind: str
    from_on: date
    facts: str
    basis: str
    decided_on: date
    resume_number: str
    resumed_on: date | None
    resumed_why: str
    ended_on: date | None

    @property
    def told(self) -> Any:
        return (self.number, self.kind, self.from_on, self.facts, self.basis)

    @property
    def resumed(self) -> Any:
        return (self.resume_number, self.resumed_on, self.resumed_why)


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """How a paper reached its receiver."""

    id: int
    head: Head
    place: Place
    number: str
    paper: str
    title: str
    method: str
    where: str
    receiver: str
    witness: str
    note: str
    strokes: str
    delivered_at: datetime
    sender: str

    @property
    def told(self) -> Any:
        return (self.number, self.paper, self.method, self.receiver, self.delivered_at)
