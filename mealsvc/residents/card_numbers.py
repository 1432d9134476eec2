"""Numbers of the cards that the register issues itself: Q, ten characters, a check character.

No character looks like another one (0 O, 1 I L, 2 Z, 5 S, 8 B, 6 G, U V, Q are out or alone), and
there are so many numbers that nobody guesses one that is in use. Pure.
"""

from collections.abc import Callable

PREFIX = "Q"
ALPHABET = "23456789ACEFHJKMNPRTWXY"  # 23, a prime: any two characters swapped are found
DRAWN = 10


def new_number(draw: Callable[[str], str]) -> str:
    """A number of characters that `draw` picks from the alphabet."""
    drawn = "".join(draw(ALPHABET) for _ in range(DRAWN))
    return PREFIX + drawn + _check(drawn)


def is_own(number: str) -> bool:
    """Whether this may be a number of ours: its check character is right."""
    drawn = number[1:-1]
    fits = number.startswith(PREFIX) and len(drawn) == DRAWN and set(drawn) <= set(ALPHABET)
    return fits and number[-1] == _check(drawn)


def _check(drawn: str) -> str:
    places = enumerate(map(ALPHABET.index, drawn), 1)
    return ALPHABET[sum(place * value for place, value in places) % len(ALPHABET)]
