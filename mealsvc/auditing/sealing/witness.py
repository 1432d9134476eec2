"""What a witness keeps: the seals' numbers, ranges, digests and times; nothing personal, no key."""

import json
from datetime import datetime
from typing import Any

from flask import current_app

from mealsvc.auditing.sealing.queries import all_seals
from mealsvc.auditing.sealing.rules import Sealed
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import format_instant
from mealsvc.settlement.area import district
from mealsvc.trail.anchor import read_anchor
from mealsvc.trail.services import record

FORMAT, VERSION = "mealsvc-seals", 1


def witness_file(now: datetime) -> bytes:
    """The document for a witness, as a file."""
    anchor = read_anchor(current_app.config["INSTANCE"])
    told = {
        "format": FORMAT,
        "version": VERSION,
        "division": district(),
        "made_at": format_instant(now),
        "anchor": {"sequence": anchor.seq, "mac": anchor.mac.hex()},
        "seals": [as_json(seal) for seal in all_seals()],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def as_json(seal: Sealed) -> dict[str, Any]:
    """One seal as witnesses and exports have it."""
    return {
        "number": seal.number,
        "from": seal.from_seq,
        "to": seal.to_seq,
        "root": seal.root.hex(),
        "at": seal.at,
        "by": seal.by,
        "digest": seal.digest,
    }


def note_witness(form: str, by: Actor) -> None:
    """Leaves the trail row of a witness's copy; `form` is `file` or `paper`."""
    record(by, "seals.witness", form)
