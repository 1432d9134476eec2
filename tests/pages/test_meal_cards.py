"""The pages of meal cards: choosing people, the look before, the sheets."""

import pytest

from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import writing
from mealsvc.residents.card_holders import cards_by_holder
from mealsvc.residents.cards import issue_new_numbers
from mealsvc.residents.search import find
from mealsvc.servings.till import search
from tests.factories.residents import CLERK, HOME, NOW, OTHER_TOWN, enrol, person
from tests.support.papers import words_of

TOWN, CARDS = f"town@{HOME[:9]}", "/reports/cards"


@pytest.fixture(autouse=True)
def people(app):
    enrol(person(1, card_no="C1"), person(2, "李国强"), person(3, "欧阳秀英", OTHER_TOWN))


def test_the_list_shows_the_own_people_and_who_has_no_card(client_request):
    page = client_request.get(CARDS, as_=TOWN)
    rows = [row.get_text(" ", strip=True) for row in page.select("tbody tr")]
    assert len(rows) == 2
    assert "R000001" in rows[0] + rows[1] and "没有卡" in rows[0] + rows[1]
    assert "R000003" not in page.get_text()
    page = client_request.get(f"{CARDS}?state=none", as_=TOWN)
    assert [box["value"] for box in page.select("input[name=who]")] == ["R000002"]


def test_the_look_before_tells_cards_sheets_and_new_numbers(client_request):
    page = client_request.get(f"{CARDS}/print", as_=TOWN)
    assert "2 张卡，A4纸 1 页" in page.find(class_="state").get_text()
    assert "1 人没有卡，将发给新卡号" in page.find(class_="confirm").get_text()
    page = client_request.get(f"{CARDS}/print?picked=1&who=R000001", as_=TOWN)
    assert "不发新号" in page.find(class_="confirm").get_text()


def test_nobody_picked_is_not_everybody(client_request):
    page = client_request.get(f"{CARDS}/print?picked=1", as_=TOWN)
    assert "请先选中" in page.find("main").get_text()
    assert page.find(class_="confirm") is None


def test_the_sheets_are_those_that_were_shown(client_request):
    answer = client_request.send(f"{CARDS}/print?who=R000002", as_=TOWN)
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    words = words_of(answer.data)
    assert "李国强" in words and "张桂芳" not in words
    number = words.partition("卡号")[2][:12]
    assert [one.ref for one in find(number)] == ["R000002"]


@pytest.mark.parametrize("who", ["R000003", "R000099", "nonsense", "R000001&who=R000003"])
def test_people_of_another_town_are_not_there(client_request, who):
    client_request.get(f"{CARDS}/print?who={who}", as_=TOWN, status=404)
    client_request.get(f"{CARDS}/print?who=R000001", as_="operator", status=403)


def test_the_register_leads_to_the_cards(client_request):
    page = client_request.get("/residents", as_=TOWN)
    assert page.find("a", href=CARDS) is not None
    page = client_request.get("/residents/R000002", as_=TOWN)
    assert page.find("a", href=f"{CARDS}/print?who=R000002") is not None


def test_the_till_knows_a_printed_card_by_its_number(app):
    with writing():
        issue_new_numbers([2], CLERK, NOW)
    number = vault().open(cards_by_holder([2])[2].number)
    assert [one.method for one in search(number)] == ["qr"]
    assert [one.method for one in search("C1")] == ["card"]
