"""Visits that an inspector with an account has to make, and what her phone would send."""

from datetime import datetime

from mealsvc.kernel.meals import local_date
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.supervision.photos.services import Ready, keep, prepare
from mealsvc.supervision.visits import inspectors as register
from mealsvc.supervision.visits.models import Visit
from tests.factories import pictures
from tests.factories import visits as made
from tests.factories.tills import SHELL
from tests.support.people import account_of, who

LEAD, SECOND, OTHER = "甲检查", "乙检查", "丙检查"


def inspector_with_account(name: str, card: str, as_: str, division: str = "320412") -> int:
    """Registers an inspector who signs in as this person; inside `writing()`."""
    account_of(as_)
    role, scope = who(as_)
    login = f"{role}-{scope.lower()}"
    return register.add_inspector(name, card, "区民政局", division, SHELL, login).id


def team() -> tuple[int, int]:
    """The lead with the account of `inspector`, and a second without one; inside `writing()`."""
    lead = inspector_with_account(LEAD, "WJ-11", "inspector")
    second = register.add_inspector(SECOND, "WJ-12", "区民政局", "320412", SHELL).id
    return lead, second


def visit_today(mode: str = "daily", now: datetime | None = None) -> Visit:
    """A patrol of P01 for today by the team."""
    at = now or clock.now()
    with writing():
        lead, second = team()
        return made.visit(
            mode=mode,
            planned_on=local_date(at),
            inspectors=(lead, second),
            lead=lead,
            by=SHELL,
            now=at,
        )


def ready_photo(content: bytes = b"") -> Ready:
    """A photo made ready to be kept."""
    return prepare(content or pictures.jpeg(320, 240))


def log_photo(code: str = "P01") -> int:
    """A photo of a log of this point; inside `writing()`."""
    now = clock.now()
    return keep(ready_photo(), f"log-photo-{code}", "log/1", made.the_point(code), SHELL, now).id
