"""Line breaking: what may not start or end a line does not, and nothing is lost or too wide."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.plumbing.paper.lines import (
    NO_END,
    NO_START,
    UNITS,
    balanced,
    break_lines,
    clean,
    may_break,
)

WIDTHS: dict[str, float] = defaultdict(lambda: 1.0)
WIDTHS |= {chr(point): 0.5 for point in range(0x20, 0x7F)}
SIZE = 10
ROOM = 200

WORDS = st.text("老年助餐服务督查结算区镇街道养某一二三", min_size=1, max_size=6)
NUMBERS = st.from_regex(r"\A[1-9][0-9]{0,5}(\.[0-9]{2})?[元%人份]?\Z")
LATIN = st.from_regex(r"\A[a-z]{1,10}\Z")
MARKS = st.sampled_from(["，", "。", "；", "：", "、", "！”", "）。", "》，", "”，", "％。"])
OPENED = st.sampled_from(["《养老服务条例》", "“舌尖上的安全”", "（街道）", "〔2024〕", "【演示】"])
SENTENCES = st.lists(
    st.tuples(st.one_of(WORDS, NUMBERS, LATIN, OPENED), st.one_of(st.just(""), MARKS)).map("".join),
    min_size=1,
    max_size=40,
).map("".join)


def lines_of(text: str) -> list[str]:
    return break_lines(text, WIDTHS, SIZE, ROOM, first=ROOM - 2 * SIZE, spacing=0.1)


def width(line: str) -> float:
    return sum(WIDTHS[c] for c in line) * SIZE + 0.1 * (len(line) - 1)


@given(SENTENCES)
def test_no_line_starts_or_ends_with_a_mark_that_may_not_stand_there(text):
    lines = lines_of(text)
    assert not [line for line in lines[1:] if line[0] in NO_START]
    assert not [line for line in lines[:-1] if line[-1] in NO_END]


@given(SENTENCES)
def test_a_number_stays_with_its_decimals_and_its_unit(text):
    for before, after in zip(lines_of(text), lines_of(text)[1:], strict=False):
        assert not (before[-1] in "0123456789." and after[0] in "0123456789.%")
        assert not (before[-1].isdigit() and after[0] in UNITS)


@given(st.text())
def test_any_text_keeps_every_character_but_spaces_and_no_line_is_too_wide(text):
    text = clean(text).replace("\n", "")
    lines = lines_of(text)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert width(lines[0]) <= ROOM - 2 * SIZE + 0.02
    assert all(width(line) <= ROOM + 0.02 for line in lines[1:])


def test_a_line_that_exactly_fits_is_not_broken():
    assert break_lines("一" * 20, WIDTHS, SIZE, ROOM) == ["一" * 20]
    assert break_lines("一" * 21, WIDTHS, SIZE, ROOM) == ["一" * 20, "一"]


def test_a_full_stop_takes_the_last_character_with_it_to_the_next_line():
    assert break_lines("一" * 20 + "。", WIDTHS, SIZE, ROOM) == ["一" * 19, "一。"]


def test_a_word_longer_than_a_line_is_cut():
    assert break_lines("a" * 50 + "，", WIDTHS, SIZE, ROOM) == ["a" * 40, "a" * 10 + "，"]


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("老", "年", True),
        ("年", "，", False),  # closing marks do not start a line
        ("（", "街", False),  # opening marks do not end one
        ("5", "元", False),  # a number keeps its unit
        ("5", "的", True),
        ("第", "3", False),
        ("a", "b", False),  # a word is whole
        ("a", "中", True),
        ("—", "—", False),  # a dash of two characters is whole
        ("…", "…", False),
        ("的", "—", True),
        (" ", "b", True),
        ("a", " ", False),  # the space stays on the line that ends
        ("¥", "5", False),
        ("5", "%", False),
    ],
)
def test_where_a_line_may_end(before, after, allowed):
    assert may_break(before, after) is allowed


def test_a_long_title_is_split_into_lines_of_about_one_length():
    lines = balanced("一" * 22, WIDTHS, SIZE, ROOM)
    assert len(lines) == 2
    assert abs(len(lines[0]) - len(lines[1])) <= 2


def test_control_characters_and_variation_selectors_never_reach_the_paper():
    assert clean("张\x00三\u200b\ufe00\U000e0100\t丰\n") == "张三 丰\n"
