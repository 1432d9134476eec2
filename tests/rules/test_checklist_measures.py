"""Measured values: how they are read, and which of them are outside their limits."""

from datetime import date

import pytest

from mealsvc.supervision.checklist import measures
from mealsvc.supervision.visits.document import BUILT_IN
from tests.rules.test_checklist_rules import FIRST

DAY = date(2024, 5, 6)
ITEMS = FIRST.by_code


def outside(code, **values):
    return measures.outside(ITEMS[code], values, BUILT_IN, DAY)


@pytest.mark.parametrize(
    ("code", "values", "field"),
    [
        # At the limit is within, one past it is not.
        ("COK-02", {"core_temp_c": "70"}, ""),
        ("COK-02", {"core_temp_c": "69.9"}, "core_temp_c"),
        ("SMP-01", {"grams": "125"}, ""),
        ("SMP-01", {"grams": "124.9"}, "grams"),
        ("SMP-02", {"temp_c": "8", "hours_kept": "48"}, ""),
        ("SMP-02", {"temp_c": "8.1", "hours_kept": "48"}, "temp_c"),
        ("SMP-02", {"temp_c": "-0.1", "hours_kept": "48"}, "temp_c"),
        ("SMP-02", {"temp_c": "0", "hours_kept": "47"}, "hours_kept"),
        ("COK-03", {"hold_temp_c": "60"}, ""),
        ("COK-03", {"hold_temp_c": "8"}, ""),
        ("COK-03", {"hold_temp_c": "59.9"}, "hold_temp_c"),
        ("COK-03", {"hold_temp_c": "30", "minutes_in_zone": "120"}, ""),
        ("COK-03", {"hold_temp_c": "30", "minutes_in_zone": "121"}, "hold_temp_c"),
        ("COK-04", {"room_temp_c": "25.5"}, "room_temp_c"),
        ("COL-01", {"chill_c": "4", "freeze_c": "-12"}, ""),
        ("COL-01", {"chill_c": "4", "freeze_c": "-11"}, "freeze_c"),
        ("QUA-01", {"licence_no": "JY2", "valid_to": "2024-05-06"}, ""),
        ("QUA-01", {"licence_no": "JY2", "valid_to": "2024-05-05"}, "valid_to"),
        ("STF-01", {"valid": "6", "total": "6"}, ""),
        ("STF-01", {"valid": "5", "total": "6"}, "valid"),
        ("SUB-04", {"manual": "3", "total": "100"}, ""),
        ("SUB-04", {"manual": "4", "total": "100"}, "manual"),
        ("SUB-03", {"mismatch_count": "1"}, "mismatch_count"),
        ("DIS-01", {"method": "steam", "temp_c": "100", "minutes": "10"}, ""),
        ("DIS-01", {"method": "steam", "temp_c": "99", "minutes": "10"}, "temp_c"),
        ("DIS-01", {"method": "chlorine", "ppm": "250", "minutes": "4"}, "minutes"),
        ("DIS-01", {"method": "washer", "temp_c": "85", "minutes": "0.7"}, ""),
        ("DIS-01", {"method": "washer", "temp_c": "85", "minutes": "0.6"}, "minutes"),
        ("DIS-01", {"method": "bought"}, ""),
        ("DLV-02", {"cooked_at": "10:00", "delivered_at": "12:00", "core_temp_c": "40"}, ""),
        ("DLV-02", {"cooked_at": "10:00", "delivered_at": "12:01", "core_temp_c": "60"}, ""),
        ("DLV-02", {"cooked_at": "10:00", "delivered_at": "12:01", "core_temp_c": "59"}, "core_temp_c"),
        ("DLV-02", {"cooked_at": "10:00", "delivered_at": "14:01", "core_temp_c": "70"}, "delivered_at"),
        ("DLV-02", {"cooked_at": "12:00", "delivered_at": "11:00", "core_temp_c": "70"}, "delivered_at"),
        ("DLV-03", {"seal_ok": "yes", "label_ok": "no"}, "label_ok"),
        ("STD-02", {"parts": "有", "grams": "90", "standard_grams": "100"}, ""),
        ("STD-02", {"parts": "有", "grams": "89", "standard_grams": "100"}, "grams"),
        ("PRC-02", {"list": "15", "discount": "1", "subsidy": "4", "self_pay": "10"}, ""),
        ("PRC-02", {"list": "15", "discount": "1", "subsidy": "4", "self_pay": "11"}, "list"),
        ("PRC-03", {"price_filed": "12.00", "price_charged": "12"}, ""),
        ("PRC-03", {"price_filed": "12", "price_charged": "12.5"}, "price_charged"),
        ("STF-05", {"last_training_date": "2023-11-06"}, ""),
        ("STF-05", {"last_training_date": "2023-11-05"}, "last_training_date"),
        ("UNT-02", {"last_drill_date": "2023-05-05"}, "last_drill_date"),
        ("PUR-03", {"missing_columns": "无"}, ""),
        ("PUR-03", {"missing_columns": "批号"}, "missing_columns"),
        ("UNT-03", {"satisfaction": "84.9"}, "satisfaction"),
    ],
)  # fmt: skip
def test_a_value_at_its_limit_is_within_and_one_past_it_is_pointed_out(code, values, field):
    assert [name for name, _ in outside(code, **values)] == ([field] if field else [])


def test_the_limit_is_that_of_the_settings():
    stricter = {**BUILT_IN, "sample.min_grams": "200"}
    assert measures.outside(ITEMS["SMP-01"], {"grams": "150"}, stricter, DAY)
    assert not outside("SMP-01", grams="150")


@pytest.mark.parametrize(
    ("code", "given", "kept"),
    [
        ("COK-02", {"core_temp_c": " ７５.５ "}, {"core_temp_c": "75.5"}),
        ("COK-02", {"core_temp_c": 75}, {"core_temp_c": "75"}),
        ("QUA-01", {"licence_no": "JY2", "valid_to": "20250101"},
         {"licence_no": "JY2", "valid_to": "2025-01-01"}),
        ("DLV-02", {"cooked_at": "9:30", "delivered_at": "11:00", "core_temp_c": "66"},
         {"cooked_at": "09:30", "delivered_at": "11:00", "core_temp_c": "66"}),
        ("QUA-04", {"catering_mode": "自营"}, {"catering_mode": "self_run"}),
        ("COK-04", {}, {}),
    ],
)  # fmt: skip
def test_values_are_kept_as_one_writes_them(code, given, kept):
    assert measures.read_measured(ITEMS[code], given, True) == (kept, [])


@pytest.mark.parametrize(
    ("code", "given", "field"),
    [
        ("COK-02", {}, "core_temp_c"),
        ("COK-02", {"core_temp_c": "hot"}, "core_temp_c"),
        ("COK-02", {"core_temp_c": True}, "core_temp_c"),
        ("COK-02", {"core_temp_c": "70", "more": "1"}, "more"),
        ("STF-01", {"valid": "5.5", "total": "6"}, "valid"),
        ("STF-01", {"valid": "-1", "total": "6"}, "valid"),
        ("QUA-04", {"catering_mode": "外包"}, "catering_mode"),
        ("QUA-03", {"agreement_valid_to": "2024-02-30"}, "agreement_valid_to"),
        ("PRC-04", {"low_price_7_days": "1.234"}, "low_price_7_days"),
        ("DLV-02", {"cooked_at": "24:00", "delivered_at": "11:00", "core_temp_c": "66"}, "cooked_at"),
        ("PUR-03", {"missing_columns": "x" * 201}, "missing_columns"),
        ("COK-02", "70", "measured"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_at_its_field(code, given, field):
    _, wrong = measures.read_measured(ITEMS[code], given, True)
    assert [name for name, _ in wrong] == [field]


def test_every_threshold_that_is_named_is_a_setting():
    assert measures.threshold_keys() <= BUILT_IN.keys()
