"""From examined lines to the month's money: the likely error and its upper bound. Pure.

What could not be verified counts as wrong in the bound; the figures without it stand beside it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from mealsvc.auditing.sampling.rules.drawing import RANDOM, UNITS, Stratum
from mealsvc.auditing.sampling.rules.quantiles import most_taint


@dataclass(frozen=True, slots=True)
class Examined:
    """A line of the sample with its error in fen; None: it could not be verified."""

    stratum: str
    hits: int
    fen: int
    error: int | None


@dataclass(frozen=True, slots=True)
class Projection:
    """What the sample says of the month, in fen. `upper` counts what could not be verified as wrong,
    `upper_answered` leaves it out; `found` is the error of the examined lines themselves."""

    population: int
    found: int
    wrong: int
    unverified: int
    unverified_fen: int
    likely: int
    upper: int
    upper_answered: int


def project(strata: Sequence[Stratum], items: Iterable[Examined], confidence: float) -> Projection:
    """The whole of it; `items` are all lines of the sample."""
    known = list(items)
    own: dict[str, list[Examined]] = defaultdict(list)
    for one in known:
        own[one.stratum].append(one)
    answered = {name: [one for one in ones if one.error is not None] for name, ones in own.items()}
    worst = {
        name: [
            Examined(one.stratum, one.hits, one.fen, one.fen if one.error is None else one.error)
            for one in ones
        ]
        for name, ones in own.items()
    }
    parts = [(one, own[one.name], answered.get(one.name, [])) for one in strata]
    unverified = [one for one in known if one.error is None]
    errors = [one.error for one in known if one.error]
    return Projection(
        population=sum(one.fen for one in strata),
        found=sum(errors),
        wrong=len(errors),
        unverified=len(unverified),
        unverified_fen=sum(one.fen for one in unverified),
        likely=round(sum(_likely(one, answers) for one, _, answers in parts)),
        upper=_upper(strata, worst, confidence),
        upper_answered=_upper(strata, answered, confidence),
    )


def _likely(stratum: Stratum, answers: Sequence[Examined]) -> float:
    """Errors blown up from the lines that could be verified; the same share where none could."""
    wrong = sum(one.error or 0 for one in answers)
    if not _by_chance(stratum):
        return wrong
    draws = sum(one.hits for one in answers)
    if not draws:
        return 0
    if stratum.name == UNITS:
        return stratum.fen * sum(one.hits * (one.error or 0) / one.fen for one in answers) / draws
    return stratum.lines * wrong / draws


def _upper(
    strata: Sequence[Stratum], examined: dict[str, list[Examined]], confidence: float
) -> int:
    """Certain strata as they are; those drawn by chance together by Stringer's bound.

    Each draw is worth its weight (the money of its cell, or the lines it stands for) times its
    error; shares of the largest worth that is possible are values in [0, 1], and the sum of their
    means is the total error over that largest worth.
    """
    sure, worths, draws, unit, room = 0, [], 0, 0.0, 0
    for stratum in strata:
        found = examined.get(stratum.name, [])
        if not _by_chance(stratum):
            sure += sum(one.error or 0 for one in found)
            continue
        hits = sum(one.hits for one in found)
        if not hits:
            sure += stratum.fen  # nothing is known of it
            continue
        if stratum.name == UNITS:
            weight = ceil(stratum.fen / hits)
            worths += [
                weight * (one.error or 0) / one.fen for one in found for _ in range(one.hits)
            ]
            unit = max(unit, weight)
        else:
            weight = stratum.lines / hits
            worths += [weight * (one.error or 0) for one in found]
            unit = max(unit, weight * stratum.largest)
        draws += hits
        room += stratum.fen
    if not draws:
        return sure
    share = most_taint((one / unit for one in worths), draws, confidence)
    return sure + min(ceil(unit * draws * share - 1e-6), room)


def _by_chance(stratum: Stratum) -> bool:
    """Whether the stratum was drawn from; one that was taken whole is known."""
    whole = stratum.name != UNITS and stratum.drawn >= stratum.lines
    return stratum.why == RANDOM and not whole
