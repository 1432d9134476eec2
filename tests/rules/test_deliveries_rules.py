"""What a stop's events amount to, what is wrong with a delivery, and the order proposed."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from mealsvc.deliveries import rules
from mealsvc.deliveries.rules import Door, Event, Limits, progress_of
from mealsvc.kernel.signatures import is_signature

AT = datetime(2024, 5, 6, 3, 10, tzinfo=UTC)  # 11:10 in Shanghai
DAY = date(2024, 5, 6)
LIMITS = Limits((time(10, 30), time(12, 30)))


def event(kind, minutes=0, **facts):
    return Event(kind, AT + timedelta(minutes=minutes), **facts)


def events(*kinds):
    """`called:reached` is a call with that result; each a minute after the one before."""
    parts = [one.partition(":") for one in kinds]
    return [
        event(kind.removesuffix("!"), number, result=result, undone=kind.endswith("!"))
        for number, (kind, _, result) in enumerate(parts)
    ]


@pytest.mark.parametrize(
    ("happened", "state", "alarmed"),
    [
        ([], "waiting", False),
        (["delivered"], "delivered", False),
        (["delivered!"], "waiting", False),
        (["delivered!", "delivered"], "delivered", False),
        (["returned"], "returned", False),
        (["returned", "delivered"], "delivered", False),
        (["no_answer"], "no_answer", True),
        (["no_answer", "called:reached"], "no_answer", True),
        (["no_answer", "called:unreached", "reported:village"], "no_answer", True),
        (["no_answer", "closed:safe"], "waiting", False),
        (["no_answer", "closed:out", "returned"], "returned", False),
        (["no_answer", "returned"], "returned", True),
        (["no_answer", "closed:delivered", "delivered"], "delivered", False),
        (["no_answer", "closed:safe", "no_answer"], "no_answer", True),
        (["called:reached"], "waiting", False),
    ],
)
def test_a_delivery_stands_where_its_events_left_it(happened, state, alarmed):
    progress = progress_of(events(*happened))
    assert (progress.state, progress.alarmed) == (state, alarmed)


@pytest.mark.parametrize(
    ("happened", "minutes", "must"),
    [
        (["no_answer"], 14, False),
        (["no_answer"], 15, True),
        (["no_answer", "called:unreached"], 15, True),
        (["no_answer", "called:reached"], 60, False),
        (["no_answer", "reported:family"], 60, False),
        (["no_answer", "closed:safe"], 60, False),
    ],
)
def test_somebody_must_be_told_of_a_shut_door_after_a_quarter_of_an_hour(happened, minutes, must):
    alert = progress_of(events(*happened)).alert
    assert alert is not None
    assert alert.must_report(AT + timedelta(minutes=minutes), 15) is must


def test_the_wait_ends_when_the_alert_does():
    alert = progress_of([event("no_answer"), event("closed", 7)]).alert
    assert alert is not None and alert.minutes(AT + timedelta(hours=5)) == 7


@pytest.mark.parametrize(
    ("minutes", "tenths", "cooked", "receiver", "found"),
    [
        (0, None, None, "self", ()),
        (0, 600, None, "self", ()),
        (0, 599, None, "self", ("cold",)),
        (-41, None, None, "self", ("early",)),
        (-40, None, None, "self", ()),
        (80, None, None, "self", ()),
        (81, None, None, "self", ("late",)),
        (0, None, 120, "self", ()),
        (0, None, 121, "self", ("no_temperature",)),
        (0, 630, 121, "self", ()),
        (0, 550, 121, "self", ("cold",)),
        (0, 630, 240, "self", ()),
        (0, 630, 241, "self", ("too_old",)),
        (0, None, None, "", ("unsigned",)),
    ],
)
def test_what_is_to_be_looked_at_in_a_delivery(minutes, tenths, cooked, receiver, found):
    one = event("delivered", minutes, temperature=tenths, receiver=receiver)
    cooked_at = None if cooked is None else one.at - timedelta(minutes=cooked)
    assert rules.verdicts(one, cooked_at, LIMITS) == found


@pytest.mark.parametrize(
    ("kind", "day", "minutes", "late"),
    [
        (None, DAY, 80, False),
        (None, DAY, 81, True),
        (None, date(2024, 5, 7), 600, False),
        (None, date(2024, 5, 5), 0, True),
        ("no_answer", DAY, 81, True),
        ("delivered", DAY, 81, False),
        ("returned", date(2024, 5, 5), 0, False),
    ],
)
def test_what_is_overdue(kind, day, minutes, late):
    progress = progress_of([event(kind)] if kind else [])
    assert rules.is_overdue(progress, day, AT + timedelta(minutes=minutes), LIMITS) is late


@pytest.mark.parametrize("text", ["1,2", "0,0 599,239", "1,2 3,4;5,6", "1,1;" * 800 + "1,1"])
def test_strokes_are_a_signature(text):
    assert is_signature(text)


@pytest.mark.parametrize(
    "text",
    ["", "x", "1,2;", "1,2 ", "-1,2", "1,2345", "<svg>", "1,2\n", "1,1;" * 1100 + "1,1"],
)
def test_anything_else_is_none(text):
    assert not is_signature(text)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("10:30-12:30", (time(10, 30), time(12, 30))),
        ("6:30-8:30", (time(6, 30), time(8, 30))),
        ("12:30-10:30", None),
        ("25:00-26:00", None),
        ("noon", None),
    ],
)
def test_a_window_is_two_times(text, window):
    assert rules.parse_window(text) == window


def test_the_order_proposed_goes_by_community_and_then_to_the_nearest_next():
    doors = [
        Door(1, "far", 120.10, 31.7),
        Door(2, "near", 120.02, 31.7),
        Door(3, "near", 120.01, 31.7),
        Door(4, "near"),
        Door(5, "far", 120.09, 31.7),
    ]
    assert [one.id for one in rules.in_order(doors, (120.0, 31.7))] == [3, 2, 4, 5, 1]


def test_without_any_position_the_communities_stay_together():
    doors = [Door(1, "b"), Door(2, "a"), Door(3, "b")]
    assert [one.id for one in rules.in_order(doors)] == [2, 1, 3]


def test_the_marks_of_a_box_come_in_one_order_and_unknown_ones_are_left_out():
    assert rules.diet_names("no:奶;low_salt;nonsense") == ["低盐", "奶过敏"]
    assert rules.diet_names("") == []
