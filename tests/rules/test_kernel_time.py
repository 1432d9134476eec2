"""Meals, local dates, months, dates and instants."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.kernel.dates import chinese_date, format_instant, parse_date, parse_instant
from mealsvc.kernel.meals import local_date, meal_at, parse_meal, parse_method, parse_mode
from mealsvc.kernel.months import Month

MONTHS = st.builds(Month, st.integers(1900, 2100), st.integers(1, 12))


@pytest.mark.parametrize(
    ("parse", "text", "code"),
    [
        # Codes and Chinese names are the same.
        (parse_meal, "breakfast", "breakfast"),
        (parse_meal, "早餐", "breakfast"),
        (parse_meal, "午餐", "lunch"),
        (parse_meal, "晚餐", "dinner"),
        (parse_mode, "堂食", "dine_in"),
        (parse_mode, "自取", "take_away"),
        (parse_mode, "送餐", "delivery"),
        (parse_method, "刷卡", "card"),
        (parse_method, "扫码", "qr"),
        (parse_method, "身份证", "id_card"),
        (parse_method, "手工", "manual"),
        # Spaces and full-width letters do not matter.
        (parse_meal, "\u3000午餐 ", "lunch"),
        (parse_method, "ｑｒ", "qr"),
        # Anything else is unknown.
        (parse_meal, "夜宵", None),
        (parse_mode, "", None),
        (parse_method, "午餐", None),
    ],
)
def test_codes_and_chinese_names_are_understood(parse, text, code):
    assert parse(text) == code


@pytest.mark.parametrize(
    ("clock", "meal"),
    [
        (time(0, 0), "breakfast"),
        (time(9, 59, 59), "breakfast"),
        (time(10, 0), "lunch"),
        (time(14, 59, 59), "lunch"),
        (time(15, 0), "dinner"),
        (time(23, 59), "dinner"),
    ],
)
def test_the_clock_proposes_a_meal(clock, meal):
    assert meal_at(clock) == meal


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        # Midnight in Shanghai is 16:00 UTC.
        (datetime(2024, 5, 5, 15, 59, 59, 999999, tzinfo=UTC), date(2024, 5, 5)),
        (datetime(2024, 5, 5, 16, 0, tzinfo=UTC), date(2024, 5, 6)),
        # A till far west wrote its own offset.
        (datetime(2024, 5, 31, 23, 0, tzinfo=timezone(timedelta(hours=-5))), date(2024, 6, 1)),
        # China had summer time from 1986 to 1991.
        (datetime(1988, 7, 1, 15, 30, tzinfo=UTC), date(1988, 7, 2)),
    ],
)
def test_a_meal_belongs_to_the_day_in_shanghai(instant, day):
    assert local_date(instant) == day


def test_an_instant_without_a_zone_belongs_to_no_day():
    naive = datetime(2024, 5, 6, 12, 0, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(ValueError):
        local_date(naive)
    with pytest.raises(ValueError):
        format_instant(naive)


def test_a_month_knows_its_days_and_its_neighbours():
    may = Month.parse("2024-05")
    assert (may.first_day, may.last_day) == (date(2024, 5, 1), date(2024, 5, 31))
    assert (str(may), may.key, may.chinese) == ("2024-05", 202405, "2024年5月")
    assert (str(may.previous), str(may.next)) == ("2024-04", "2024-06")
    assert date(2024, 5, 31) in may
    assert date(2023, 5, 31) not in may
    assert date(2024, 6, 1) not in may


def test_february_and_the_turn_of_the_year():
    assert Month(2024, 2).last_day == date(2024, 2, 29)
    assert Month(2023, 2).last_day == date(2023, 2, 28)
    assert Month(2023, 12).next == Month(2024, 1)
    assert Month(2024, 1).previous == Month(2023, 12)


@pytest.mark.parametrize(
    "text", ["", "2024", "2024-5", "2024-13", "2024-00", "0000-01", "2024-05-01", "２０２４-05"]
)
def test_other_texts_are_no_month(text):
    with pytest.raises(ValueError):
        Month.parse(text)


@given(MONTHS, MONTHS)
def test_months_sort_as_their_keys_texts_and_days_do(one, other):
    earlier = one < other
    assert earlier == (one.key < other.key) == (str(one) < str(other))
    assert earlier == (one.last_day < other.first_day)


@given(MONTHS)
def test_a_month_comes_back_from_its_text_its_key_and_its_days(month):
    assert Month.parse(str(month)) == Month.from_key(month.key) == Month.of(month.last_day) == month
    assert month.next.previous == month
    assert month.next.first_day == month.last_day + timedelta(days=1)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-06",
        "20240506",
        "2024/5/6",
        "2024/05/06",
        "2024年5月6日",
        "2024年05月06日",
        " ２０２４－０５－０６\u3000",
    ],
)
def test_a_date_is_understood_in_each_usual_form(text):
    assert parse_date(text) == date(2024, 5, 6)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-5-6",
        "2024-02-30",
        "24-05-06",
        "2024-0506",
        "2024/05-06",
        "2024年5月",
        "2024-05-06T00:00",
        "45418",
        "0000-01-01",
    ],
)
def test_other_texts_are_no_date(text):
    with pytest.raises(ValueError):
        parse_date(text)


@given(st.dates())
def test_a_chinese_date_reads_back(day):
    if day.year >= 1000:
        assert parse_date(chinese_date(day)) == day
    assert parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        # Local time with its offset.
        ("2024-05-06T11:30:00+08:00", datetime(2024, 5, 6, 3, 30, tzinfo=UTC)),
        # Without seconds, and with a short or a compact offset.
        ("2024-05-06T11:30+08", datetime(2024, 5, 6, 3, 30, tzinfo=UTC)),
        ("2024-05-06 11:30:00+0800", datetime(2024, 5, 6, 3, 30, tzinfo=UTC)),
        # UTC, in small letters too.
        ("2024-05-06T03:30:00Z", datetime(2024, 5, 6, 3, 30, tzinfo=UTC)),
        ("2024-05-06t03:30:00z", datetime(2024, 5, 6, 3, 30, tzinfo=UTC)),
        # Fractions, down to the microsecond.
        ("2024-05-06T03:30:00.25Z", datetime(2024, 5, 6, 3, 30, 0, 250000, tzinfo=UTC)),
        ("2024-05-06T03:30:00.123456789Z", datetime(2024, 5, 6, 3, 30, 0, 123456, tzinfo=UTC)),
        # The basic form.
        ("20240506T033000Z", datetime(2024, 5, 6, 3, 30, tzinfo=UTC)),
        # An offset that turns the day.
        ("2024-05-05T22:30:00-05:00", datetime(2024, 5, 6, 3, 30, tzinfo=UTC)),
    ],
)
def test_an_instant_with_its_offset_is_understood(text, instant):
    read = parse_instant(text)
    assert read == instant
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        # Nobody knows which instant is meant.
        "2024-05-06T11:30:00",
        "2024-05-06",
        "2024-05-06Z",
        # Impossible times.
        "2024-02-30T11:30:00Z",
        "2024-05-06T24:00:00Z",
        "2024-05-06T11:60:00Z",
        "2024-05-06T11:30:00+25:00",
        # Other forms.
        "2024-W19-1T11:30:00Z",
        "2024-05-06x11:30:00Z",
        "1714966200",
        "2024-05-06T11:30:00+08:00[Asia/Shanghai]",
        # Outside the calendar once it is UTC.
        "0001-01-01T00:00:00+08:00",
    ],
)
def test_other_texts_are_no_instant(text):
    with pytest.raises(ValueError):
        parse_instant(text)


def test_an_instant_is_shown_in_local_time():
    assert format_instant(datetime(2024, 5, 6, 3, 30, tzinfo=UTC)) == "2024-05-06T11:30:00+08:00"


@given(st.integers(0, 4 * 10**15))
def test_a_shown_instant_reads_back(microseconds):
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    assert parse_instant(format_instant(instant)) == instant
