"""People of a made-up area, and how to enter them."""

from datetime import UTC, datetime

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.resident_id import ResidentId, check_digit, normalise
from mealsvc.plumbing.db import writing
from mealsvc.residents.enrolment import Enrolment, Outcome, enrol_batch

CLERK = Actor("user", "clerk")
NOW = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
HOME, OTHER_TOWN = "320412100001", "320412102001"


def number_of(serial: int = 1, birth: str = "19500101") -> ResidentId:
    """A right number of the area 320499."""
    first17 = f"320499{birth}{serial:03d}"
    return normalise(first17 + check_digit(first17))


def person(serial: int = 1, name: str = "张桂芳", hukou: str = HOME, **more: object) -> Enrolment:
    """What a row of a file says of one person; fields not named are UNSET."""
    return Enrolment(number_of(serial), name, hukou)._replace(**more)


def enrol(*rows: Enrolment, seen: set[bytes] | None = None) -> list[Outcome]:
    """Enters them in one transaction."""
    with writing():
        return enrol_batch(rows, CLERK, NOW, source="名册.csv", seen=seen)
