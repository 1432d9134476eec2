"""One cell becomes one value, or says what to write instead."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from mealsvc.exchange import choices, values
from mealsvc.exchange.columns import KINDS
from mealsvc.exchange.values import Hours, Spell
from mealsvc.kernel.refusals import Refusal

MARCH = (date(2024, 1, 1), date(2024, 3, 31))
meal = values.choice(choices.MEAL)
key = values.verbatim(64, "流水号")
kilos = values.decimal("0.001", "1000000", 3)
lat = values.degrees(90, "纬度")


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (values.day, "2024-05-06", date(2024, 5, 6)),
        (values.day, "2024/5/6", date(2024, 5, 6)),
        (values.instant, "2024-05-06T11:30:00+08:00", datetime(2024, 5, 6, 3, 30, tzinfo=UTC)),
        (values.instant, "2024-05-06T03:30:00Z", datetime(2024, 5, 6, 3, 30, tzinfo=UTC)),
        (values.fen, "1250", 1250),
        (values.yuan, "12.5", 1250),
        (values.yuan, "0", 0),
        (values.price_fen, "-3", -3),
        (values.price_fen, "12.5", None),
        (values.price_yuan, "12.505", None),
        (values.price_yuan, "abc", None),
        (kilos, "2.125", Decimal("2.125")),
        (lat, "31.7019", 31.7019),
        (values.hours, "10:30-12:30", Hours(time(10, 30), time(12, 30))),
        (values.hours, "9：00 至 13：00", Hours(time(9), time(13))),
        (values.division, "320412100", "320412100"),
        (values.region, "340100", "340100"),
        (values.phone, "0519-8655 0000", "0519-8655 0000"),
        (values.credit_code, "91350100m000100y43", "91350100M000100Y43"),
        (values.categories, "TK", (Spell("TK", None, None),)),
        (values.categories, "TK@2024-01-01..2024-03-31", (Spell("TK", *MARCH),)),
        (
            values.categories,
            "tk@..2024-03-31；DB；",
            (Spell("TK", None, MARCH[1]), Spell("DB", None, None)),
        ),
        (values.categories, "特困@2024-01-01..", (Spell("TK", MARCH[0], None),)),
        (meal, "lunch", "lunch"),
        (meal, "LUNCH", "lunch"),
        (meal, "午餐", "lunch"),
        (key, "流水 – 1'", "流水 – 1'"),
        (values.text(10), "花园路\n１号", "花园路 １号"),
    ],
)
def test_a_good_cell_becomes_its_value(parse, cell: str, value: object) -> None:
    assert parse(cell) == value


@pytest.mark.parametrize(
    ("parse", "cell", "code"),
    [
        (values.day, "2024-02-30", "malformed"),
        (values.day, "昨天", "malformed"),
        (values.instant, "2024-05-06T11:30:00", "malformed"),
        (values.instant, "2024-05-06", "malformed"),
        (values.fen, "12.5", "malformed"),
        (values.fen, "-1", "malformed"),
        (values.yuan, "1,200", "malformed"),
        (values.yuan, "-0.01", "malformed"),
        (values.integer(0), "1e3", "malformed"),
        (values.integer(2000, 2100), "24", "malformed"),
        (kilos, "0", "malformed"),
        (kilos, "1.0001", "malformed"),
        (lat, "119.9", "malformed"),
        (lat, "nan", "malformed"),
        (values.hours, "12:30-10:30", "malformed"),
        (values.hours, "25:00-26:00", "malformed"),
        (values.division, "3204", "malformed"),
        (values.region, "武进", "malformed"),
        (values.phone, "无", "malformed"),
        (key, "x" * 65, "malformed"),
        (values.text(9), "a\x07b", "malformed"),
        (values.text(3), "四个字了", "malformed"),
        (meal, "夜宵", "malformed"),
        (values.categories, "XX", "unknown_category"),
        (values.categories, "AGE80", "unknown_category"),
        (values.categories, "TK@2024-13-01..", "malformed"),
        (values.categories, "TK@2024-01-01", "malformed"),
        (values.categories, "TK@2024-03-31..2024-01-01", "bad_period"),
        (values.id_number, "320499194001010000", "bad_id_number"),
        (values.id_number, "3.20499E+17", "bad_id_number"),
    ],
)
def test_a_bad_cell_is_refused_with_its_code_and_a_sentence(parse, cell: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(cell)
    assert refused.value.code == code
    assert refused.value.message.endswith("。")


def test_a_number_that_a_spreadsheet_rounded_says_so() -> None:
    with pytest.raises(Refusal, match="后几位已经丢失"):
        values.id_number("3.20499194001010E+17")


def test_no_two_codes_of_a_list_share_a_spelling() -> None:
    lists = [words for name, words in vars(choices).items() if name.isupper() and name[-1] != "S"]
    assert len(lists) > 8
    for words in lists:
        assert len(choices.spellings(words)) == sum(1 + len(rest) for rest in words.values())


def test_every_column_fills_a_field_of_its_record() -> None:
    for kind in KINDS.values():
        filled = {column.slot for column in kind.columns}
        assert filled == set(kind.record._fields) - {"line"}


def test_diet_marks_are_read_by_code_and_name():
    assert values.diet("低盐；soft、低盐") == "low_salt;soft"
    with pytest.raises(values.Malformed, match="低盐、低油"):
        values.diet("低盐;好吃")
