"""Who acts: the value that every change and every row of the trail carries."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `kind` user, device, command or system; `origin` is where from (address, point)."""

    kind: str
    name: str
    origin: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"
