"""Text as typed, and what may be shown of a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.kernel.masking import mask_address, mask_id, mask_name, mask_phone
from mealsvc.kernel.text import half_width, is_storable, tidy, tidy_code


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        # Spaces of every kind, byte order and direction marks go from both ends.
        ("\ufeff \u3000张三\u00a0\t\u200b\u202c", "张三"),
        # Spaces inside stay.
        ("John Smith", "John Smith"),
        # Full-width digits and letters become half-width.
        ("ＷＪ００１ｘ", "WJ001x"),
        # Chinese punctuation stays.
        ("花园社区（东区），３幢：王；李", "花园社区（东区），3幢：王；李"),
        # Characters beyond the BMP and their variation selectors stay.
        (" 𠮷󠄀𬭎 ", "𠮷󠄀𬭎"),
        # A mark at the end of a full-width word.
        ("Ａ\u3000", "A"),
    ],
)
def test_text_is_tidied_without_changing_what_was_written(typed, kept):
    assert tidy(typed) == kept


def test_codes_also_lose_full_width_punctuation():
    assert tidy_code(" ＴＫ＠２０２４－０１－０１．．；ＤＢ ") == "TK@2024-01-01..;DB"


@given(st.text())
def test_tidying_twice_changes_nothing_more(text):
    assert tidy(tidy(text)) == tidy(text)
    assert tidy_code(tidy_code(text)) == tidy_code(text)
    assert len(half_width(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("张三丰 𠮷󠄀\u3000（东）", True),
        ("", True),
        ("line\nbreak", True),
        # PostgreSQL has no place for a NUL, UTF-8 none for half a character.
        ("a\0b", False),
        ("\ud800", False),
    ],
)
def test_only_text_that_both_databases_keep_is_storable(text, kept):
    assert is_storable(text) is kept


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        # Two and three characters.
        ("张三", "张*"),
        ("张三丰", "张*丰"),
        # Compound surnames stay whole.
        ("欧阳锋", "欧阳*"),
        ("欧阳修文", "欧阳**"),
        # Four characters without one: two surnames, or a long given name.
        ("王李小明", "王**明"),
        # The surname alone, which is also how a compound one looks.
        ("欧阳", "欧*"),
        ("张", "*"),
        ("", ""),
        # Names of other peoples keep only their first character and their joints.
        ("阿卜杜拉·买买提", "阿***·***"),
        # A rare character is one character, with its variation selector too.
        ("𠮷野", "𠮷*"),
        ("𠮷󠄀三丰", "𠮷*丰"),
    ],
)
def test_a_name_shows_its_surname(name, masked):
    assert mask_name(name) == masked


def test_numbers_show_their_ends():
    assert mask_id("320499194001010024") == "3204**********0024"
    assert mask_phone("13812345678") == "138****5678"


@pytest.mark.parametrize("number", ["", "8631234", "86312345", "3204990024"])
def test_a_number_too_short_to_hide_is_all_stars(number):
    assert mask_id(number) == mask_phone(number) == "*" * len(number)


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        # Down to the community, the village, else the street or town.
        ("常州市武进区湖塘镇花园社区3幢201室", "常州市武进区湖塘镇花园社区…"),
        ("洛阳镇虞桥村王家塘12号", "洛阳镇虞桥村…"),
        ("西湖街道祥云路８号", "西湖街道…"),
        ("湖塘镇延政路5号", "湖塘镇…"),
        # Nothing of these: six characters, but never a house number.
        ("常州市武进区延政中路5号", "常州市武进区…"),
        ("延政路5号花园社区", "延政路…"),
        # Nothing hidden, nothing to mark.
        ("湖塘镇花园社区", "湖塘镇花园社区"),
        ("", ""),
    ],
)
def test_an_address_ends_at_the_community(address, masked):
    assert mask_address(address) == masked


@given(st.text("张王李欧阳修三丰·", min_size=1, max_size=12))
def test_a_masked_name_always_hides_something(name):
    assert "*" in mask_name(name) or set(name[1:]) <= {"·"}


@given(st.text("湖塘镇花园社区村路街道0123456789号幢", max_size=30))
def test_a_masked_address_never_shows_a_digit(address):
    assert not any(char.isdigit() for char in mask_address(address))
