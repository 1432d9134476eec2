"""Resident identity numbers: shape, check digit, dates, and every way of typing them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.kernel.resident_id import BadBirthDate, BadIdNumber, check_digit, normalise

TODAY = date(2024, 5, 6)
SPECIMEN = "11010519491231002X"


def number(born: str, sequence: str = "002", area: str = "320499") -> str:
    return area + born + sequence + check_digit(area + born + sequence)


@pytest.mark.parametrize(
    "typed",
    [
        # As it should be.
        "11010519491231002X",
        # A small x.
        "11010519491231002x",
        # Spaces around and inside, also Chinese and no-break ones.
        " 110105 19491231 002X\u3000",
        "110105\u00a019491231002X",
        # Full-width digits and letter.
        "１１０１０５１９４９１２３１００２Ｘ",
        # A byte order mark and a direction mark, as spreadsheets and chats leave them.
        "\ufeff11010519491231002X\u202c",
    ],
)
def test_a_number_is_understood_however_it_was_typed(typed):
    read = normalise(typed, TODAY)
    assert (read.number, read.birth_on, read.sex) == (SPECIMEN, date(1949, 12, 31), "female")
    assert not read.converted


def test_fifteen_digits_are_converted_and_flagged():
    read = normalise("110105491231002", TODAY)
    assert (read.number, read.converted) == (SPECIMEN, True)


def test_an_odd_sequence_is_a_man():
    assert normalise(number("19400101", "003"), TODAY).sex == "male"


@pytest.mark.parametrize("area", ["320421", "320483", "320499", "000000"])
def test_no_area_prefix_is_refused(area):
    assert normalise(number("19400101", area=area), TODAY).number.startswith(area)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        # Not a number at all.
        ("", BadIdNumber),
        ("张三丰", BadIdNumber),
        # Too short, too long, between the two lengths.
        ("1101051949123100", BadIdNumber),
        ("11010519491231002XX", BadIdNumber),
        # X only at the end, and never in the old numbers.
        ("1101051949123100X2", BadIdNumber),
        ("11010549123100X", BadIdNumber),
        # Digits of other scripts are not digits here.
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", BadIdNumber),
        # A wrong check digit.
        ("110105194912310021", BadIdNumber),
        # Both wrong: any digit may be the mistyped one, so the number is.
        (number("19491331")[:-1] + "?", BadIdNumber),
        (
            number("19491331", "002")[:-1] + ("0" if number("19491331")[-1] != "0" else "1"),
            BadIdNumber,
        ),
        # A right check digit over a date that does not exist.
        (number("19491331"), BadBirthDate),
        (number("19490230"), BadBirthDate),
        (number("19490229"), BadBirthDate),
        (number("00000101"), BadBirthDate),
        # The old numbers have no check digit: only the date can be wrong.
        ("110105490231002", BadBirthDate),
        # Born tomorrow.
        (number("20240507"), BadBirthDate),
        # 126 years old today.
        (number("18980506"), BadBirthDate),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_its_reason(typed, refusal):
    with pytest.raises(refusal) as caught:
        normalise(typed, TODAY)
    assert typed not in caught.value.message or not typed


@pytest.mark.parametrize("born", ["20240506", "18980507", "19480229", "20000229"])
def test_dates_at_the_edge_are_accepted(born):
    assert f"{normalise(number(born), TODAY).birth_on:%Y%m%d}" == born


def test_looking_a_number_up_needs_no_today():
    assert normalise(number("18500101")).birth_on == date(1850, 1, 1)


BIRTHS = st.dates(date(1900, 1, 1), date(2024, 5, 6))
NUMBERS = st.builds(
    lambda born, sequence: number(f"{born:%Y%m%d}", f"{sequence:03d}"), BIRTHS, st.integers(0, 999)
)


@given(NUMBERS)
def test_a_generated_number_is_accepted_and_normalising_again_changes_nothing(written):
    read = normalise(written, TODAY)
    assert read.number == written
    assert normalise(read.number, TODAY) == read


@given(NUMBERS, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_changed_character_is_refused(written, place, other):
    changed = written[:place] + other + written[place + 1 :]
    if changed != written:
        with pytest.raises(BadIdNumber):
            normalise(changed, TODAY)


@given(NUMBERS, st.integers(0, 16))
def test_two_neighbours_swapped_are_refused(written, place):
    swapped = written[:place] + written[place + 1] + written[place] + written[place + 2 :]
    if swapped != written:
        with pytest.raises(BadIdNumber):
            normalise(swapped, TODAY)
