"""Cards by the sheet: numbers given out, who is left out, what is printed, what the trail says."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from mealsvc.cli import cli
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.reports import meal_cards
from mealsvc.residents import cards
from mealsvc.residents.card_holders import Wanted, cards_by_holder
from mealsvc.residents.card_numbers import is_own
from mealsvc.residents.departures import Departure, record_departure_batch
from mealsvc.residents.enrolment import card_digest
from mealsvc.residents.models import Credential
from mealsvc.residents.search import find
from mealsvc.trail.models import TrailEvent
from tests.factories.residents import CLERK, HOME, NOW, OTHER_TOWN, enrol, number_of, person
from tests.support.papers import pages_of, words_of


@pytest.fixture
def five(app):
    """One with a card, two without, one whose card is lost, one who died."""
    made = enrol(
        person(1, "张桂芳", card_no="C1"),
        person(2, "李国强"),
        person(3, "欧阳秀英", OTHER_TOWN),
        person(4, "王芳", card_no="C4"),
        person(5, "赵福生", card_no="C5"),
    )
    ids = [one.resident_id or 0 for one in made]
    with writing():
        cards.report_lost(ids[3], card_digest(vault(), "C4"), CLERK, NOW)
        gone = Departure(number_of(5), "deceased", NOW.date(), source="民政")
        record_departure_batch([gone], CLERK, NOW)
    return ids


def number_held(resident_id):
    db.session.rollback()
    return vault().open(cards_by_holder([resident_id])[resident_id].number)


def trail(action):
    rows = select(TrailEvent.subject, TrailEvent.detail).where(TrailEvent.action == action)
    return [(subject, json.loads(detail)) for subject, detail in db.session.execute(rows)]


ALL = Wanted()


def printed(wanted=ALL):
    return words_of(meal_cards.print_cards(wanted, "测试", CLERK, NOW))


def test_who_has_no_card_gets_a_number_of_ours_once_and_it_serves(five):
    words = printed()
    number = number_held(five[1])
    assert is_own(number) and number in words
    assert [one.id for one in find(number)] == [five[1]]
    printed()
    assert number_held(five[1]) == number
    issued = trail("cards.issue")
    assert issued[0] == ("R000002", {"card": f"****{number[-4:]}"})
    assert [subject for subject, _ in issued] == ["R000002", "R000003"]
    assert trail("reports.print") == [
        ("cards/测试", {"kind": "cards", "cards": 3, "issued": 2}),
        ("cards/测试", {"kind": "cards", "cards": 3, "issued": 0}),
    ]


def test_a_card_says_the_whole_name_and_the_number_in_use_and_no_id_number(five):
    words = printed(Wanted(ids=(five[0],)))
    assert "张桂芳编号R000001卡号C1就餐时请出示政务服务热线12345" in words
    assert number_of(1).number[-6:] not in words


def test_lost_cards_and_people_who_are_gone_are_left_out(five):
    assert meal_cards.count(Wanted(), NOW) == (3, 2, 1)
    words = printed()
    assert "王芳" not in words and "赵福生" not in words and "C4" not in words
    assert cards_by_holder([five[3]])[five[3]].status == "lost"


def test_a_card_that_serves_counts_before_a_lost_one(five):
    enrol(person(4, "王芳", card_no="C44"))
    assert number_held(five[3]) == "C44"
    assert meal_cards.count(Wanted(), NOW) == (4, 2, 0)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(state="none"), {"李国强", "欧阳秀英"}),
        (Wanted(state="active"), {"张桂芳"}),
        (Wanted(division=OTHER_TOWN), {"欧阳秀英"}),
        (Wanted(scope=HOME), {"张桂芳", "李国强"}),
        (Wanted(scope=HOME, division=OTHER_TOWN), set()),
    ],
)
def test_a_selection_is_by_place_and_by_having_a_card(five, wanted, names):
    assert set(meal_cards._chosen(wanted, NOW).values()) - {"王芳"} == names


def test_nobody_to_print_for_is_refused_and_changes_nothing(five):
    with pytest.raises(meal_cards.NoCards):
        printed(Wanted(ids=(five[3],)))
    assert trail("cards.issue") == trail("reports.print") == []


def test_ten_thousand_is_a_bound(five, monkeypatch):
    monkeypatch.setattr(meal_cards, "MOST", 4)
    assert meal_cards.count(Wanted(), NOW).cards == 3
    monkeypatch.setattr(meal_cards, "MOST", 3)
    for ask in (meal_cards.count, lambda wanted, _: printed(wanted)):
        with pytest.raises(meal_cards.TooManyCards):
            ask(Wanted(), NOW)
    assert trail("cards.issue") == []


def test_a_number_that_somebody_had_is_drawn_again(five, monkeypatch):
    drawn = iter(["QAAAAAAAAAAA", "QAAAAAAAAAAA", "QCCCCCCCCCCC"])
    enrol(person(6, card_no="QAAAAAAAAAAA"))
    monkeypatch.setattr(cards, "new_number", lambda _: next(drawn))
    with writing():
        cards.issue_new_numbers([five[1]], CLERK, NOW)
    assert number_held(five[1]) == "QCCCCCCCCCCC"


def test_eleven_cards_are_two_sheets(app):
    enrol(*(person(number, f"王{number}") for number in range(1, 12)))
    pdf = meal_cards.print_cards(Wanted(), "", CLERK, NOW)
    assert pages_of(pdf) == meal_cards.count(Wanted(), NOW).sheets == 2
    assert "第1页共2页" in words_of(pdf)


def run(*args):
    return CliRunner().invoke(cli, ["report", "cards", *args], catch_exceptions=True)


def test_the_command_writes_the_cards_of_a_division_or_of_some_people(five, tmp_path):
    out = tmp_path / "卡.pdf"
    assert run("--division", HOME, "--out", str(out)).exit_code == 0
    assert "李国强" in words_of(out.read_bytes())
    result = run("--resident", "R000001", "--resident", "R000003", "--out", str(out))
    assert result.exit_code == 0, result.output
    words = words_of(out.read_bytes())
    assert "张桂芳" in words and "欧阳秀英" in words and "李国强" not in words
    assert [subject for subject, _ in trail("reports.print")] == [f"cards/{HOME}", "cards"]


@pytest.mark.parametrize(
    ("args", "exit_code", "code"),
    [
        (["--out", "x.pdf"], 2, None),
        (["--resident", "R000001", "--month", "2024-05", "--out", "x.pdf"], 2, None),
        (["--resident", "R000001", "--division", HOME, "--out", "x.pdf"], 2, None),
        (["--resident", "R999999", "--out", "x.pdf"], 1, "unknown_resident"),
        (["--resident", "1", "--out", "x.pdf"], 1, "unknown_resident"),
        (["--point", "XX", "--out", "x.pdf"], 1, "unknown_point"),
        (["--division", "999999", "--out", "x.pdf"], 1, "nothing_to_print"),
    ],
)
def test_a_command_that_makes_no_sense_gives_no_numbers(
    five, args, exit_code, code, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    result = run(*args)
    assert result.exit_code == exit_code
    assert code is None or (isinstance(result.exception, Refusal) and result.exception.code == code)
    assert not list(tmp_path.iterdir())
    digests = select(func.count()).where(Credential.kind == "card")
    assert db.session.scalar(digests) == 3
