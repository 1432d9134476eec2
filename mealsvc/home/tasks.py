"""One thing to do, as the workbench shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: a sentence, why, and the page where it is done."""

    title: str
    why: str
    url: str
    label: str
