"""Credit codes, licence numbers and division codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.kernel.credit_code import check_character, is_credit_code
from mealsvc.kernel.divisions import is_division, level_of, parent_of, within
from mealsvc.kernel.licence_number import check_digit, licence_warning

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODIES = st.text(ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize(
    ("code", "right"),
    [
        # The standard's own specimen.
        ("91350100M000100Y43", True),
        # A wrong check character.
        ("91350100M000100Y44", False),
        # Small letters are tidied by who reads them.
        ("91350100m000100y43", False),
        # I, O, S, V and Z are not used.
        ("91350100I000100Y43", False),
        # Too short, too long, empty.
        ("91350100M000100Y4", False),
        ("91350100M000100Y433", False),
        ("", False),
    ],
)
def test_a_credit_code_is_checked(code, right):
    assert is_credit_code(code) is right


@given(BODIES, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_a_credit_code_with_one_changed_character_is_wrong(body, place, other):
    check = check_character(body)
    changed = body[:place] + other + body[place + 1 :]
    assert is_credit_code(body + check)
    assert is_credit_code(changed + check) == (changed == body)


def test_a_right_licence_number_gives_no_warning():
    assert licence_warning("JY23204120000017") is None


@pytest.mark.parametrize(
    ("number", "says"),
    [
        # A wrong check digit.
        ("JY23204120000018", "校验码"),
        # Form 4 does not exist.
        ("JY43204120000017", "JY加14位"),
        # The old hygiene licences were numbered otherwise.
        ("苏餐证字2012", "JY加14位"),
    ],
)
def test_an_odd_licence_number_gives_a_warning_and_never_a_refusal(number, says):
    assert says in (licence_warning(number) or "")


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_a_changed_digit_changes_the_check_digit_of_a_licence(digits, place, by):
    changed = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert check_digit(changed) != check_digit(digits)


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("320412", "district", None),
        ("320412100", "town", "320412"),
        ("320412103220", "community", "320412103"),
    ],
)
def test_a_division_is_known_by_its_length(code, level, parent):
    assert is_division(code)
    assert (level_of(code), parent_of(code)) == (level, parent)


@pytest.mark.parametrize(
    "code", ["", "3204", "32041210", "32041A", "３２０４１２", " 320412", "-32041"]
)
def test_other_shapes_are_no_division(code):
    assert not is_division(code)
    with pytest.raises(ValueError):
        parent_of(code)


@pytest.mark.parametrize(
    ("code", "prefix", "inside"),
    [
        # A district holds itself, its towns and their communities.
        ("320412", "320412", True),
        ("320412100", "320412", True),
        ("320412103220", "320412", True),
        # A town does not hold its district, nor its neighbour.
        ("320412", "320412100", False),
        ("320412102", "320412100", False),
        # An empty scope sees nothing.
        ("320412", "", False),
        ("", "", False),
    ],
)
def test_scope_goes_by_prefix(code, prefix, inside):
    assert within(code, prefix) is inside
