"""What a verb of a room is to the test of the trail, and who calls it there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mealsvc.kernel.actors import Actor

BY = Actor("user", "clerk", "192.0.2.7")
OTHER = Actor("user", "other")


@dataclass(frozen=True)
class Verb:
    """How a verb is called; `first` prepares; `alone` opens its own transactions.

    `reads` marks those that change nothing and leave a row for having been asked.
    """

    actions: tuple[str, ...]
    call: Callable[[], Any]
    first: Callable[[], Any] = lambda: None
    alone: bool = False
    reads: bool = False
