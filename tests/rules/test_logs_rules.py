"""When an entry is in range, what it must say, and which logs are due."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from mealsvc.settings.values import DEFAULTS
from mealsvc.supervision.logs import rules
from mealsvc.supervision.logs.judging import Draft, Limits, as_kept, as_read, judge, lacking
from mealsvc.supervision.logs.kinds import CONTROL, KINDS
from mealsvc.supervision.logs.rules import Due, Serving

LIMITS = Limits({default.key: default.value for default in DEFAULTS})
DAY = date(2024, 5, 6)
AT = datetime(2024, 5, 6, 3, 0, tzinfo=UTC)
FULL = {"kept_until": AT + timedelta(hours=48)}
GOOD = {"licence": True, "certificate": True, "sound": True, "quantity_kg": 5}


def draft(kind: str, **facts) -> Draft:
    meal = "lunch" if KINDS[kind].by_meal else ""
    return Draft(kind, DAY, meal, "红烧肉", AT, facts)


@pytest.mark.parametrize(
    ("kind", "facts", "within"),
    [
        # a sample is 125 g or more, in 0-8 °C, for 48 hours; the edge belongs to what is allowed
        ("sample", {"grams": 125, **FULL}, True),
        ("sample", {"grams": 124.9, **FULL}, False),
        ("sample", {"grams": 130, "temp_c": 8, **FULL}, True),
        ("sample", {"grams": 130, "temp_c": 8.1, **FULL}, False),
        ("sample", {"grams": 130, "temp_c": -0.1, **FULL}, False),
        ("sample", {"grams": 130, "kept_until": AT + timedelta(hours=47)}, False),
        # food is cooked through at 70 °C
        ("core_temp", {"temp_c": 70}, True),
        ("core_temp", {"temp_c": 69.9}, False),
        # kept hot at 60 °C or cold at 8 °C; between them two hours at most, which must be known
        ("hold_temp", {"temp_c": 60}, True),
        ("hold_temp", {"temp_c": 8}, True),
        ("hold_temp", {"temp_c": 40, "minutes": 120}, True),
        ("hold_temp", {"temp_c": 40, "minutes": 121}, False),
        ("hold_temp", {"temp_c": 40}, False),
        # each device has its own range
        ("cold_store", {"temp_c": 0, "device": "chiller"}, True),
        ("cold_store", {"temp_c": 8.5, "device": "chiller"}, False),
        ("cold_store", {"temp_c": -12, "device": "freezer"}, True),
        ("cold_store", {"temp_c": -11.5, "device": "freezer"}, False),
        ("cold_store", {"temp_c": 9, "device": "sample_fridge"}, False),
        ("cold_store", {"temp_c": 25, "device": "cold_room"}, True),
        ("cold_store", {"temp_c": 26, "device": "cold_room"}, False),
        # each way of disinfecting has two thresholds, and both must be reached
        ("disinfection", {"method": "steam", "temp_c": 100, "minutes": 10}, True),
        ("disinfection", {"method": "steam", "temp_c": 99, "minutes": 30}, False),
        ("disinfection", {"method": "infrared", "temp_c": 120, "minutes": 9}, False),
        ("disinfection", {"method": "washer", "temp_c": 85, "seconds": 40}, True),
        ("disinfection", {"method": "washer", "temp_c": 85, "seconds": 39}, False),
        ("disinfection", {"method": "chlorine", "ppm": 250, "minutes": 5}, True),
        ("disinfection", {"method": "chlorine", "ppm": 200, "minutes": 5}, False),
        ("disinfection", {"method": "bought", "certificate": True}, True),
        ("disinfection", {"method": "bought"}, False),
        # a portion may differ by a tenth either way
        ("weighing", {"grams": 90, "menu_grams": 100}, True),
        ("weighing", {"grams": 110, "menu_grams": 100}, True),
        ("weighing", {"grams": 89, "menu_grams": 100}, False),
        ("weighing", {"grams": 111, "menu_grams": 100}, False),
        # whoever is ill is out of range; whoever is not there is not judged
        ("morning_check", {"result": "normal"}, True),
        ("morning_check", {"result": "fever", "off_duty": True}, False),
        ("morning_check", {"result": "absent"}, None),
        # goods want both papers, sound senses and their shelf life
        ("purchase_check", GOOD, True),
        ("purchase_check", {**GOOD, "certificate": False}, False),
        ("purchase_check", {**GOOD, "expires_on": DAY}, True),
        ("purchase_check", {**GOOD, "expires_on": DAY - timedelta(days=1)}, False),
        # a day without problems is good, one problem demands an action
        ("daily_control", {"items": {"STF-02": "ok", "COK-02": "na"}}, True),
        ("daily_control", {"items": {"STF-02": "ok", "COK-02": "wrong"}}, False),
        ("weekly_check", {"result": "wrong"}, False),
        ("sample_disposed", {"kept_until": AT}, True),
        ("sample_disposed", {"kept_until": AT + timedelta(minutes=1)}, False),
        ("sample_disposed", {}, None),
        ("waste", {"quantity_kg": 3}, None),
        ("incident", {"found": "两位老人腹泻"}, False),
    ],
)
def test_an_entry_is_judged_by_the_thresholds_of_its_day(kind, facts, within):
    verdict = judge(draft(kind, **facts), LIMITS)
    assert (verdict.within, bool(verdict.wrong)) == (within, within is False)
    assert verdict.demands is (within is False)


def test_another_threshold_judges_otherwise():
    stricter = Limits({**LIMITS.values, "sample.min_grams": "200"})
    made = draft("sample", grams=130, **FULL)
    assert judge(made, LIMITS).within is True
    assert [one.field for one in judge(made, stricter).wrong] == ["grams"]


@pytest.mark.parametrize(
    ("made", "fields"),
    [
        (draft("core_temp"), ["temp_c"]),
        (draft("core_temp", temp_c=500), ["temp_c"]),
        (Draft("core_temp", DAY, "", "", AT, {"temp_c": 80}), ["subject", "meal"]),
        (draft("morning_check", result="fever"), ["off_duty"]),
        (draft("morning_check", result="fever", off_duty=True), []),
        (draft("morning_check", result="dancing", off_duty=True), ["result"]),
        (draft("disinfection", method="steam", temp_c=100), ["minutes"]),
        (draft("disinfection", method="washer", temp_c=100, minutes=3), ["seconds"]),
        (draft("disinfection"), ["method"]),
        (draft("daily_control", person="甲"), ["items", "items"]),
        (draft("sample", grams=130, kept_until=AT), ["kept_until"]),
        (draft("waste", quantity_kg=1), []),
    ],
)
def test_what_an_entry_must_say_is_asked_for_at_its_field(made, fields):
    assert [one.field for one in lacking(made)] == fields


def test_facts_are_kept_as_json_and_read_back_as_they_were():
    facts = {"grams": 130, "kept_until": AT, "note": "", "person": None, "temp_c": 4.5}
    kept = as_kept(facts)
    assert kept == {"grams": 130, "kept_until": AT.isoformat(), "temp_c": 4.5}
    assert as_read("sample", kept) == {"grams": 130, "kept_until": AT, "temp_c": 4.5}


LUNCH = Serving(True, {"lunch": 5}, staff=3, devices=3)


@pytest.mark.parametrize(
    ("serving", "dues"),
    [
        # a kitchen that serves lunch: everything, as often as the menu, the staff, the devices ask
        (
            LUNCH,
            {
                ("morning_check", ""): 3, ("sample", "lunch"): 5, ("core_temp", "lunch"): 1,
                ("hold_temp", "lunch"): 1, ("disinfection", "lunch"): 1, ("cold_store", ""): 6,
                ("daily_control", ""): 1,
            },
        ),
        # without menu, staff list and devices each is due once (readings twice)
        (
            Serving(True, {"dinner": 0}),
            {
                ("morning_check", ""): 1, ("sample", "dinner"): 1, ("core_temp", "dinner"): 1,
                ("hold_temp", "dinner"): 1, ("disinfection", "dinner"): 1, ("cold_store", ""): 2,
                ("daily_control", ""): 1,
            },
        ),
        # where nobody cooks: tableware of each meal, and the daily control
        (
            Serving(False, {"lunch": 5, "dinner": 5}, staff=3, devices=3),
            {("disinfection", "lunch"): 1, ("disinfection", "dinner"): 1, ("daily_control", ""): 1},
        ),
        # no meal, nothing due, but for the week and the month that end with this day
        (Serving(True, {}, 3, 3), {}),
        (
            Serving(False, {}, week_ends=True, month_ends=True),
            {("weekly_check", ""): 1, ("monthly_meeting", ""): 1},
        ),
    ],
)  # fmt: skip
def test_what_is_due_follows_from_the_kind_of_point_and_what_it_served(serving, dues):
    assert {(one.kind, one.meal): one.wanted for one in rules.due_of(serving)} == dues


def test_a_reading_more_a_day_asks_for_one_more_of_each_device():
    dues = {one.kind: one.wanted for one in rules.due_of(LUNCH, readings_a_day=3)}
    assert dues["cold_store"] == 9


@pytest.mark.parametrize(
    ("have", "now", "state"),
    [
        (5, None, "done"),
        (6, None, "done"),
        (3, None, "partly"),
        (0, None, "missing"),
        (0, time(13, 59), "waiting"),
        (3, time(13, 59), "waiting"),
        (0, time(14, 0), "missing"),
        (3, time(14, 0), "partly"),
        (5, time(9, 0), "done"),
    ],
)
def test_a_due_log_waits_until_its_meal_is_over(have, now, state):
    assert rules.state_of(Due("sample", "lunch", 5), have, now) == state


def test_the_share_that_is_missing_counts_a_half_done_log_by_half():
    states = [(Due("sample", "lunch", 4), 2), (Due("daily_control", "", 1), 0)]
    assert rules.share_missing(states) == pytest.approx(0.75)
    assert rules.share_missing([(Due("sample", "lunch", 4), 9)]) == 0
    assert rules.share_missing([]) == 0


def test_serving_points_answer_only_the_items_that_apply_to_them():
    assert set(rules.control_items("community_canteen")) == set(CONTROL)
    assert set(rules.control_items("serving_point")) == {"DIS-01", "PRC-01", "AGE-02"}


def test_every_threshold_that_a_kind_names_is_a_setting():
    assert {key for kind in KINDS.values() for key in kind.keys} <= LIMITS.values.keys()
