"""Resident identity numbers (公民身份号码, GB 11643-1999), 18 digits and the old 15."""

import re
from dataclasses import dataclass
from datetime import date
from operator import mul

from mealsvc.kernel.ages import age_on
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy_code

OLDEST = 125  # full years

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_ZERO = sum(_WEIGHTS) * ord("0")  # digits are summed as bytes: this takes the offset out again
_SHAPE = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")


class BadIdNumber(Refusal):
    """身份证号不正确，请核对每一位（18位，最后一位可以是X）。"""

    code = "bad_id_number"
    field = "id_number"


class BadBirthDate(Refusal):
    """身份证号里的出生日期不正确，请核对号码里的年月日。"""

    code = "bad_birth_date"
    field = "id_number"


@dataclass(frozen=True, slots=True)
class ResidentId:
    """A right number in its 18-digit form. The area prefix says nothing about the hukou."""

    number: str
    birth_on: date
    sex: str  # "male" | "female"
    converted: bool  # came as 15 digits


def check_digit(first17: str) -> str:
    """The 18th character for 17 digits."""
    return _CHECKS[(sum(map(mul, first17.encode(), _WEIGHTS)) - _ZERO) % 11]


def normalise(text: str, today: date | None = None) -> ResidentId:
    """Read a number however it was typed: spaces, full-width digits, a small x, 15 digits.

    With `today` (local date) a birth in the future or more than 125 years back is refused too:
    give it wherever a number enters the register; looking one up does not need it.
    Raises BadIdNumber for a wrong shape or check digit, also when the date is wrong as well
    (then any digit may be the mistyped one), and BadBirthDate for a date that cannot be.
    """
    number = text
    if not _SHAPE.fullmatch(number):  # most numbers come clean: imports read them by the 100,000
        number = "".join(tidy_code(text).split()).upper()
        if not _SHAPE.fullmatch(number):
            raise BadIdNumber()
    converted = len(number) == 15
    if converted:
        first17 = f"{number[:6]}19{number[6:]}"
        number = first17 + check_digit(first17)
    elif check_digit(number[:17]) != number[17]:
        raise BadIdNumber()
    birth_on = _birth_on(number, today)
    return ResidentId(number, birth_on, "male" if number[16] in "13579" else "female", converted)


def _birth_on(number: str, today: date | None) -> date:
    try:
        birth_on = date.fromisoformat(number[6:14])
    except ValueError:
        raise BadBirthDate() from None
    if today and (birth_on > today or age_on(birth_on, today) > OLDEST):
        raise BadBirthDate()
    return birth_on
