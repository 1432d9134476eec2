"""The verbs of seals, witnesses, exports, of accounts' last days and of what outside auditors get."""

from mealsvc.accounts import services as accounts
from mealsvc.auditing.outside import services as outside
from mealsvc.auditing.sealing import exporting, running, services, witness
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from tests.factories import batches
from tests.factories.verb import BY, OTHER, Verb


def _seal(by=BY) -> None:
    db.session.remove()
    services.seal(by, clock.now())


def _outsider() -> None:
    batches.outsider(clock.now())


def _give(by=OTHER):
    return outside.give(batches.order(clock.now()), by, clock.now())


def _given() -> None:
    _outsider()
    _give()


PROOF_VERBS: dict[str, Verb] = {
    "auditing.sealing.services.seal": Verb(("seals.seal",), _seal, alone=True),
    "auditing.sealing.running.start": Verb(
        ("seals.check",), lambda: running.start(BY), alone=True, reads=True
    ),
    "auditing.sealing.witness.note_witness": Verb(
        ("seals.witness",), lambda: witness.note_witness("file", BY), reads=True
    ),
    "auditing.sealing.exporting.note_export": Verb(
        ("seals.export",), lambda: exporting.note_export(Month(2024, 5), None, 1, BY), reads=True
    ),
    "auditing.outside.services.give": Verb(("batches.give",), lambda: _give(BY), _outsider),
    "accounts.services.set_until": Verb(
        ("accounts.until",),
        lambda: accounts.set_until(batches.LOGIN, None, BY, clock.now()),
        _outsider,
    ),
    "auditing.outside.services.end": Verb(
        ("batches.end",), lambda: outside.end(1, BY, clock.now()), _given
    ),
}
