"""QR symbols by exclusive ors: the same modules as segno's own, and readable."""

import random
import re

import pytest
import segno

from mealsvc.plumbing.paper import qr
from mealsvc.residents.card_numbers import ALPHABET, is_own, new_number
from tests.support.qr_reader import read

RANDOM = random.Random(20240506)
NUMBERS = [new_number(RANDOM.choice) for _ in range(50)]
CONTENTS = ["Q", "C000123", "0123456789", "A B$%*+-./:", "abc-7", "卡 1号", "f" * 48, *NUMBERS]


def drawn_by_segno(content, mode):
    made = segno.make_qr(
        content if mode == "alphanumeric" else content.encode(), mode=mode, error="m", mask=2
    )
    return ["".join("01"[module] for module in row) for row in made.matrix]


@pytest.mark.parametrize("content", CONTENTS)
def test_the_modules_are_those_of_segno_at_the_same_mask_and_level(content):
    mode = "alphanumeric" if re.fullmatch(r"[0-9A-Z $%*+\-./:]+", content) else "byte"
    assert qr.symbol(content).rows() == drawn_by_segno(content, mode)


@pytest.mark.parametrize("content", [one for one in CONTENTS if len(one.encode()) < 14])
def test_a_reader_gets_exactly_the_text(content):
    assert read(qr.symbol(content).rows()) == content


def test_a_card_number_fits_the_smallest_symbol_at_level_q():
    rows = qr.symbol(NUMBERS[0]).rows()
    assert len(rows) == 21
    assert int(rows[8][:2], 2) ^ 0b10 == 0b11  # the format's first bits: level Q


def test_a_text_too_long_for_a_pattern_is_drawn_all_the_same():
    text = "x" * 49
    assert qr.symbol(text).rows() == drawn_by_segno(text, "byte")


def test_the_drawing_covers_the_dark_modules_and_no_other():
    made = qr.symbol("C000123")
    painted = [["0"] * made.size for _ in range(made.size)]
    for x, y, width in re.findall(r"(\d+) (\d+) (\d+) 1 re", qr.path(made, 10, 20, 63)):
        for column in range(int(x), int(x) + int(width)):
            painted[made.size - 1 - int(y)][column] = "1"
    assert ["".join(row) for row in painted] == made.rows()
    assert qr.path(made, 10, 20, 63).startswith("q 3.00000 0 0 3.00000 10.000 20.000 cm")


def test_one_wrong_or_two_swapped_characters_make_no_card_number():
    number = NUMBERS[0]
    assert is_own(number)
    for place in range(1, len(number)):
        for other in set(ALPHABET) - {number[place]}:
            assert not is_own(number[:place] + other + number[place + 1 :])
    for number in NUMBERS:
        for place in range(1, len(number) - 2):
            one, two = number[place : place + 2]
            swapped = number[:place] + two + one + number[place + 2 :]
            assert one == two or not is_own(swapped)


@pytest.mark.parametrize("text", ["", "Q", "C000123", "Q0123456789A", NUMBERS[0].lower()])
def test_other_texts_are_no_card_numbers(text):
    assert not is_own(text)
