"""Food business licence numbers (食品经营许可证编号): JY, a form, 12 digits and a check digit."""

import re

_SHAPE = re.compile(r"JY[123][0-9]{13}")


def check_digit(digits: str) -> str:
    """The digit that completes `digits` (ISO 7064 MOD 11,10)."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def licence_warning(number: str) -> str | None:
    """What looks wrong about a tidied licence number, or None. It never refuses a licence."""
    if not _SHAPE.fullmatch(number):
        return "许可证编号一般是JY加14位数字，请核对。"
    if check_digit(number[2:-1]) != number[-1]:
        return "许可证编号的最后一位（校验码）对不上，请核对。"
    return None
