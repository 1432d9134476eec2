"""Fen: shown, read, in Chinese capitals, and split without losing one."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.kernel.money import capitals, display, share, yuan

# Each row: fen, figures, capitals.
AMOUNTS = [
    # Nothing is still written out.
    (0, "0.00", "零元整"),
    # Below one yuan no 元 is written.
    (5, "0.05", "伍分"),
    (50, "0.50", "伍角整"),
    (55, "0.55", "伍角伍分"),
    # The example of the forms: 角 is closed with 整, 分 is not.
    (1250, "12.50", "壹拾贰元伍角整"),
    (1255, "12.55", "壹拾贰元伍角伍分"),
    # No 角 between 元 and 分 needs a 零.
    (1205, "12.05", "壹拾贰元零伍分"),
    # Ten begins with 壹.
    (1000, "10.00", "壹拾元整"),
    # 元 ends in 0 and 角 does not: 零 is left out.
    (168032, "1680.32", "壹仟陆佰捌拾元叁角贰分"),
    # One 零 for each gap, however long.
    (100500, "1005.00", "壹仟零伍元整"),
    (105000, "1050.00", "壹仟零伍拾元整"),
    (10010000, "100100.00", "壹拾万零壹佰元整"),
    (10700053, "107000.53", "壹拾万柒仟元伍角叁分"),
    (600103, "6001.03", "陆仟零壹元零叁分"),
    # A whole group of zeros.
    (10000100000, "100001000.00", "壹亿零壹仟元整"),
    (10000000100, "100000001.00", "壹亿零壹元整"),
    (11000000000, "110000000.00", "壹亿壹仟万元整"),
    (1000000000000, "10000000000.00", "壹佰亿元整"),
    (10**14, "1000000000000.00", "壹万亿元整"),
    # What is taken back carries its sign.
    (-1250, "-12.50", "负壹拾贰元伍角整"),
    (-5, "-0.05", "负伍分"),
]


@pytest.mark.parametrize(("fen", "figures", "words"), AMOUNTS)
def test_an_amount_is_shown_in_figures_and_in_capitals(fen, figures, words):
    assert display(fen) == figures
    assert capitals(fen) == words


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        # Up to two decimals, none needed.
        ("12", 1200),
        ("12.5", 1250),
        ("12.50", 1250),
        ("0.07", 7),
        # An amount taken back.
        ("-3.2", -320),
        # Spaces around it and full-width digits, as people type.
        (" １２．５ ", 1250),
    ],
)
def test_yuan_are_read_exactly(text, fen):
    assert yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12.",
        ".5",
        "12.345",
        "1,200",
        "1e3",
        "+5",
        "--5",
        "12 5",
        "¥5",
        "十二",
        "²",
        "nan",
        "9" * 14,
    ],
)
def test_anything_else_is_no_amount(text):
    with pytest.raises(ValueError):
        yuan(text)


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_what_is_shown_reads_back(fen):
    assert yuan(display(fen)) == fen


def read_capitals(words: str) -> int:
    """An independent reader, from left to right, that knows nothing of how they were written."""
    sign, words = (-1, words[1:]) if words.startswith("负") else (1, words)
    digits = {char: value for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
    small = {"拾": 10, "佰": 100, "仟": 1000}
    fen = total = section = digit = 0
    for char in words:
        if char in digits:
            digit = digits[char]
        elif char in small:
            section, digit = section + digit * small[char], 0
        elif char == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        elif char == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        elif char == "元":
            fen, total, section, digit = (total + section + digit) * 100, 0, 0, 0
        elif char in "角分":
            fen, digit = fen + digit * (10 if char == "角" else 1), 0
    return sign * fen


@given(st.integers(-(10**16), 10**16) | st.integers(0, 10**6))
def test_capitals_say_the_amount_and_follow_the_rules(fen):
    words = capitals(fen)
    assert read_capitals(words) == fen
    assert "零零" not in words
    assert words.endswith("分") != words.endswith("整")
    assert not re.search(r"零[拾佰仟万亿角分]|.负", words)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        # It divides.
        (300, [200, 100], [200, 100]),
        # Equal remainders: the earlier source gets the fen.
        (100, [1, 1, 1], [34, 33, 33]),
        (2, [1, 1, 1], [1, 1, 0]),
        # The largest remainder wins, not the largest weight.
        (10, [52, 23, 25], [5, 2, 3]),
        # A reversal is the mirror image.
        (-100, [1, 1, 1], [-34, -33, -33]),
        # Who has no weight gets nothing.
        (7, [0, 3, 0], [0, 7, 0]),
        # Nothing to split needs nobody.
        (0, [], []),
        (0, [0, 0], [0, 0]),
    ],
)
def test_shares_go_by_largest_remainder(total, weights, parts):
    assert share(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(1, []), (1, [0, 0]), (0, [1, -1]), (5, [-1, 9])])
def test_a_split_that_makes_no_sense_is_refused(total, weights):
    with pytest.raises(ValueError):
        share(total, weights)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any),
)
def test_shares_add_up_and_are_within_one_fen_of_exact(total, weights):
    parts = share(total, weights)
    assert sum(parts) == total
    assert share(-total, weights) == [-part for part in parts]
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1
