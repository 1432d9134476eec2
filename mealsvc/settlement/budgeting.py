"""Which budget line pays, and what goes beyond it. Pure: values in, values out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

Line = tuple[str, str]  # division and source


@dataclass(frozen=True, slots=True)
class Excess:
    """A source that would pay more than its line gives; without any line, `budget_fen` is None."""

    source: str
    division: str
    budget_fen: int | None
    committed_fen: int
    claim_fen: int

    @property
    def missing_fen(self) -> int:
        if self.budget_fen is None:
            return self.claim_fen
        return self.committed_fen + self.claim_fen - self.budget_fen


def charged_to(divisions: Collection[str], division: str) -> str | None:
    """The division whose line pays for a point that stands in `division`: the longest match."""
    matching = (one for one in divisions if division.startswith(one))
    return max(matching, key=len, default=None)


def paying(lines: Collection[Line], source: str, division: str) -> str:
    """The division whose line of this source pays there; "" if none does."""
    return charged_to([place for place, of in lines if of == source], division) or ""


def beyond(
    lines: Mapping[Line, int],
    committed: Mapping[Line, int],
    division: str,
    claim: Mapping[str, int],
) -> list[Excess]:
    """The sources of a claim that their lines can no longer pay.

    `committed`: fen by line that were approved or paid before, under ("", source) what no line
    pays. A source that gets money back, or nothing, is never beyond.
    """
    found = []
    for source, fen in claim.items():
        place = paying(lines, source, division)
        budget = lines.get((place, source)) if place else None
        one = Excess(source, place, budget, committed.get((place, source), 0), fen)
        if fen > 0 and one.missing_fen > 0:
            found.append(one)
    return found
