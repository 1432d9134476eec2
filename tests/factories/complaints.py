"""Complaints and answers of stars, made through the services."""

from datetime import datetime

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.supervision.complaints import services
from mealsvc.supervision.complaints.models import Complaint
from mealsvc.supervision.complaints.services import Said, Stars
from tests.factories.menus import place

SHELL, POINT, TOWN = Actor("command", "tests"), Actor("user", "point"), Actor("user", "town")
WORDS, CONTACT = "（测试）今天的饭太硬", "测试家属 13800000000"


def received(
    code: str = "P01",
    *,
    now: datetime | None = None,
    key: str = "K-00000001",
    contact: str = CONTACT,
) -> Complaint:
    """A complaint taken down at the counter."""
    with writing():
        said = Said("taste", "counter", WORDS, contact)
        return services.receive(place(code), said, key, SHELL, now or clock.now())


def brought_to(
    state: str, code: str = "P01", *, now: datetime | None = None, key="K-00000001"
) -> int:
    """A complaint on its way through the point, as far as this state."""
    at = now or clock.now()
    one = received(code, now=at, key=key)
    with writing():
        if state != "new":
            services.assign(one.id, "point", "请核实", SHELL, at)
        if state in ("answered", "closed"):
            services.answer(one.id, "已经改了", "point", POINT, at)
        if state == "closed":
            services.close(one.id, True, "同意", TOWN, at)
    return one.id


def rated(stars: str, code: str = "P01", *, now: datetime | None = None) -> None:
    """One answer for each figure: rated("554")."""
    with writing():
        for number, star in enumerate(stars):
            key = f"{code}-{now}-{number}"
            at = now or clock.now()
            services.rate(place(code), Stars(int(star)), "counter", key, SHELL, at)
