"""How names are spelled in pinyin, and the small rules of the register."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.residents.rules import (
    MOST_INITIALS,
    MOST_SPELLINGS,
    fold,
    forms_of,
    id_like,
    is_reason,
    merge_spells,
    place_on,
)

MOST = 1 + MOST_SPELLINGS + MOST_INITIALS


@pytest.mark.parametrize(
    ("name", "usual"),
    [
        ("单田芳", "shan tian fang"),
        ("曾国强", "zeng guo qiang"),
        ("仇英", "qiu ying"),
        ("区小妹", "ou xiao mei"),
        ("查金花", "zha jin hua"),
        ("解珍", "xie zhen"),
        ("任红", "ren hong"),
        ("朴顺姬", "piao shun ji"),
        ("尉迟恭", "yu chi gong"),
        ("万俟春", "mo qi chun"),
        ("乐嘉", "yue jia"),
        ("翟秀英", "zhai xiu ying"),
    ],
)
def test_a_surname_sorts_by_how_it_is_read_as_a_surname(name, usual):
    assert forms_of(name).sort_key == f"{usual} {name}"


def test_every_reading_of_a_name_finds_it():
    keys = forms_of("单田芳").keys
    assert {"单田芳", "shantianfang", "dantianfang", "stf", "dtf"} <= set(keys)


def test_both_readings_of_a_surname_are_kept():
    assert {"qinming", "tanming", "qm", "tm"} <= set(forms_of("覃明").keys)


def test_a_name_with_dots_and_letters_is_typed_without_dots_in_small_letters():
    assert forms_of("李·Anna").keys == ("李anna", "lianna", "la")
    assert fold(" Lü·Bu ") == "lvbu"


def test_a_rare_character_beyond_the_basic_plane_has_a_key():
    assert "𬀩" in forms_of("𬀩").keys


@given(st.text("单曾仇区和重乐长行还都差没朝参王李·aB ", max_size=30))
def test_keys_are_bounded_and_distinct_whatever_the_name(name):
    keys = forms_of(name).keys
    assert len(keys) <= MOST
    assert len(set(keys)) == len(keys)
    assert all(keys)


def test_a_name_of_many_readings_keeps_the_usual_ones():
    found = forms_of("和重行长都还参")
    assert len(found.keys) == MOST
    assert "".join(found.sort_key.split()[:-1]) in found.keys


def test_of_two_spells_that_start_together_the_longer_one_counts():
    day, end = date(2024, 1, 1), date(2024, 3, 31)
    assert merge_spells([("DB", day, end), ("DB", day, None)]) == {("DB", day): None}
    assert merge_spells([("DB", day, None), ("DB", day, end)]) == {("DB", day): None}
    assert merge_spells([("DB", day, day), ("DB", day, end)]) == {("DB", day): end}


def test_the_latest_move_up_to_the_day_tells_the_place():
    moves = [(date(2024, 3, 1), "B"), (date(2024, 5, 1), "C")]
    days = (date(2024, 2, 29), date(2024, 3, 1), date(2024, 5, 1))
    assert [place_on(day, "A", moves) for day in days] == ["A", "B", "C"]
    assert [place_on(day, "A", moves[::-1]) for day in days] == ["A", "B", "C"]


def test_a_reason_has_four_characters_that_are_not_blank():
    assert is_reason("核对身份")
    assert not is_reason("核 对 人 ")


def test_a_card_number_that_spells_an_id_number_is_recognised():
    assert id_like("11010519491231002X") == "11010519491231002X"
    assert id_like("110105491231002") == "11010519491231002X"
    assert id_like("110105194912310021") is None
    assert id_like("C001") is None
