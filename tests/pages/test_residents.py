"""The register's pages: who sees whom, what is masked, and every change by form."""

import re

import pytest
from sqlalchemy import select

from mealsvc.places.services import put_division
from mealsvc.plumbing.db import db, writing
from mealsvc.residents import cards, services
from mealsvc.residents.models import Resident
from mealsvc.trail.models import TrailEvent
from tests.factories.residents import CLERK, HOME, OTHER_TOWN, enrol, number_of, person

ADDRESS = "湖塘镇花园村18号302室"
PHONE = "13800005678"
NEW = number_of(50, "19480229")


@pytest.fixture
def people(app):
    """R000001 in Hutang with everything, R000002 in Niutang."""
    with writing():
        for code, name, level in (
            ("320412", "武进区", "district"),
            (HOME[:9], "湖塘镇", "town"),
            (HOME, "丰乐社区", "community"),
            (OTHER_TOWN[:9], "牛塘镇", "town"),
            (OTHER_TOWN, "青云社区", "community"),
        ):
            put_division({"code": code, "name": name, "level": level}, CLERK)
    everything = {
        "address": ADDRESS,
        "phone": PHONE,
        "card_no": "88001",
        "residence_division": HOME,
    }
    enrol(
        person(1, "张桂芳", categories=(("JS", None, None),), **everything),
        person(2, "欧阳秀英", OTHER_TOWN),
    )


def only(ref="R000001"):
    db.session.rollback()
    return services.get(int(ref[1:]))


def actions():
    db.session.rollback()  # the pages write in transactions of their own
    return list(db.session.scalars(select(TrailEvent.action).order_by(TrailEvent.seq)))


def test_the_list_masks_everybody(people, client_request):
    page = client_request.get("/residents", as_="district").get_text()
    assert "张*芳" in page
    assert "欧阳**" in page
    assert not [one for one in ("张桂芳", PHONE, ADDRESS, number_of(1).number) if one in page]
    assert "丰乐社区" in page


def test_a_town_sees_its_own_people_only(people, client_request):
    page = client_request.get("/residents", as_="town").get_text()
    assert "R000001" in page
    assert "R000002" not in page
    client_request.get("/residents/R000002", as_="town", status=404)
    client_request.get("/residents/R000009", as_="town", status=404)
    client_request.get("/residents/R1x", as_="town", status=404)


def test_the_list_is_narrowed_by_division(people, client_request):
    page = client_request.get(f"/residents?division={OTHER_TOWN[:9]}", as_="district").get_text()
    assert "R000002" in page
    assert "R000001" not in page


@pytest.mark.parametrize("typed", ["张桂", "zgf", "R000001", "88001", number_of(1).number])
def test_one_match_opens_the_record_without_a_trace_in_the_address(people, client_request, typed):
    answer = client_request.send("/residents/find", {"q": typed}, as_="district")
    assert (answer.status_code, answer.location) == (303, "/residents/R000001")


def test_several_matches_are_listed_and_none_is_told(people, client_request):
    last4 = number_of(1).number[-4:]
    enrol(person(3, "张桂芳"))
    page = client_request.post("/residents/find", {"q": "张桂芳"}, as_="district", status=200)
    assert "找到 2 人" in page.get_text()
    assert "R000001" in page.get_text()
    assert last4 in page.get_text()
    page = client_request.post("/residents/find", {"q": "李四"}, as_="district", status=200)
    assert "没有找到" in page.get_text()
    client_request.post("/residents/find", {"q": " "}, as_="district", status=422)


def test_finding_stays_within_the_scope(people, client_request):
    page = client_request.post("/residents/find", {"q": "欧阳"}, as_="town", status=200)
    assert "没有找到" in page.get_text()


def test_a_record_shows_its_facts_masked(people, client_request):
    page = client_request.get("/residents/R000001", as_="town").get_text()
    number = number_of(1).number
    assert f"{number[:4]}**********{number[-4:]}" in page
    assert "138****5678" in page
    assert "湖塘镇花园村…" in page
    assert "计划生育特殊家庭" in page
    assert not [one for one in ("张桂芳", PHONE, "18号", number) if one in page]


@pytest.mark.parametrize("role", ["approver", "inspector", "auditor"])
def test_who_only_reads_sees_no_hardship_and_no_buttons(people, client_request, role):
    page = client_request.get("/residents/R000001", as_=role)
    assert "计划生育" not in page.get_text()
    links = [str(link.get("href")) for link in page.main.find_all("a")]
    assert not [link for link in links if re.search("reveal|correct|facts|cards", link)]
    client_request.get("/residents/R000001/reveal", as_=role, status=403)
    client_request.get("/residents/R000001/correct", as_=role, status=403)
    client_request.get("/residents/new", as_=role, status=403)


def test_a_number_is_shown_once_against_a_reason(people, client_request):
    url = "/residents/R000001/reveal"
    page = client_request.get(url, as_="town")
    assert number_of(1).number not in page.get_text()
    asked = {"field": "id_number", "reason": "核对"}
    page = client_request.post(url, asked, as_="town", status=422)
    assert "至少4个字" in page.find(class_="summary").get_text()
    assert "residents.reveal" not in actions()
    answer = client_request.send(url, {**asked, "reason": "核对发卡身份"}, as_="town")
    assert answer.headers["Cache-Control"] == "no-store"
    assert number_of(1).number in answer.text
    assert actions()[-1] == "residents.reveal"
    assert number_of(1).number not in client_request.get(url, as_="town").get_text()


def test_a_person_is_registered_by_form(people, client_request):
    assert "登记老人" in client_request.get("/residents/new", as_="town").h1.get_text()
    typed = {
        "id_number": f" {NEW.number} ",
        "name": "单于福",
        "hukou_division": HOME,
        "residence_division": "",
        "address": ADDRESS,
        "phone": PHONE,
        "card_no": "88050",
        "enrolled_on": "20240506",
    }
    answer = client_request.send("/residents/new", typed, as_="town")
    assert (answer.status_code, answer.location) == (303, "/residents/R000003")
    one = only("R000003")
    assert (one.birth_on, one.sex, one.name) == (NEW.birth_on, NEW.sex, "单于福")
    assert [card.last4 for card in cards.cards_of(one.id)] == ["8050"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"id_number": NEW.number[:-1] + ("1" if NEW.number[-1] != "1" else "2")},
            "身份证号不正确",
        ),
        ({"id_number": ""}, "请输入身份证号"),
        ({"id_number": number_of(1, "20990101").number}, "出生日期不正确"),
        ({"name": " "}, "请输入姓名"),
        ({"hukou_division": "湖塘"}, "区划代码"),
        ({"hukou_division": OTHER_TOWN}, "管辖范围"),
        ({"phone": "问儿子"}, "请输入电话号码"),
        ({"card_no": "88001"}, "卡号已经属于另一位"),
        ({"enrolled_on": "明天"}, "请输入一个日期"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(people, client_request, changed, said):
    typed = {"id_number": NEW.number, "name": "单于福", "hukou_division": HOME, **changed}
    page = client_request.post("/residents/new", typed, as_="town", status=422)
    assert said in page.find(class_="summary").get_text()
    for name in ("name", "hukou_division"):
        assert page.find("input", attrs={"name": name})["value"] == typed[name].strip()
    assert len(db.session.scalars(select(Resident)).all()) == 2


def test_registering_a_known_person_leads_to_the_record(people, client_request):
    typed = {"id_number": number_of(1).number, "name": "张某", "hukou_division": HOME}
    page = client_request.post("/residents/new", typed, as_="town", status=422)
    assert page.find("a", href="/residents/R000001")
    typed |= {"id_number": number_of(2).number}
    page = client_request.post("/residents/new", typed, as_="town", status=422)
    assert not page.main.find("a", href="/residents/R000002")


def test_a_record_is_corrected_and_empty_fields_stay(people, client_request):
    url = "/residents/R000001/correct"
    page = client_request.get(url, as_="town")
    assert not [one for one in ("张桂芳", PHONE, ADDRESS) if one in str(page)]
    typed = {"hukou_division": HOME, "residence_division": HOME, "name": "张桂英", "no_phone": "y"}
    client_request.post(url, typed, as_="town")
    one = only()
    assert (one.name, one.phone, one.residence_division) == ("张桂英", None, HOME)
    assert one.address is not None
    assert actions()[-1] == "residents.correct"
    outside = {**typed, "hukou_division": OTHER_TOWN, "residence_division": ""}
    client_request.post(url, outside, as_="town", status=422)


def test_an_id_number_is_put_right_against_a_reason(people, client_request):
    url = "/residents/R000001/id-number"
    client_request.get(url, as_="town")
    typed = {"id_number": number_of(2).number, "reason": "登记抄错一位"}
    page = client_request.post(url, typed, as_="town", status=422)
    assert "已经登记" in page.find(class_="summary").get_text()
    client_request.post(url, {**typed, "id_number": NEW.number}, as_="town")
    assert only().id_last4 == NEW.number[-4:]


def test_a_departure_is_noted_ended_and_withdrawn(people, client_request):
    url = "/residents/R000001/facts/departure"
    page = client_request.get(url, as_="town")
    assert "不能再登记就餐" in page.find(class_="consequence").get_text()
    typed = {"value": "institution", "from_on": "20240501", "source": "养老院名单"}
    client_request.post(url, typed, as_="town")
    page = client_request.post(url, typed, as_="town", status=422)
    assert "已经有了" in page.find(class_="summary").get_text()
    client_request.post(url, {**typed, "from_on": ""}, as_="town", status=422)
    page = client_request.get("/residents/R000001", as_="town")
    assert "在机构" in page.get_text()
    assert "养老院名单" in page.get_text()
    db.session.rollback()
    fact = services.facts_of(1)[0]
    end = f"/residents/R000001/facts/{fact.id}/end"
    client_request.get(end, as_="town")
    client_request.post(end, {"to_on": "20240401"}, as_="town", status=422)
    client_request.post(end, {"to_on": "20240531"}, as_="town")
    assert "在机构" not in client_request.get("/residents/R000001", as_="town").get_text()
    withdraw = f"/residents/R000001/facts/{fact.id}/withdraw"
    client_request.get(withdraw, as_="town")
    client_request.post(withdraw, {"reason": "同名登错"}, as_="town")
    client_request.get(withdraw, as_="town", status=404)
    db.session.rollback()
    assert [one.kind for one in services.facts_of(1)] == ["category"]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("category", "DB", "最低生活保障"),
        ("hukou", OTHER_TOWN, "青云社区"),
        ("residence", OTHER_TOWN, "青云社区"),
    ],
)
def test_categories_and_moves_are_noted_with_their_source(
    people, client_request, kind, value, shown
):
    url = f"/residents/R000001/facts/{kind}"
    client_request.get(url, as_="district")
    typed = {"value": value, "from_on": "2024-05-01", "source": "名单"}
    client_request.post(url, typed, as_="district")
    assert shown in client_request.get("/residents/R000001", as_="district").get_text()
    client_request.post(url, {**typed, "source": ""}, as_="district", status=422)
    client_request.get("/residents/R000001/facts/elsewhere", as_="district", status=404)


def test_a_card_is_lost_found_replaced_and_stopped(people, client_request):
    def change(digest, action, **expect):
        url = f"/residents/R000001/cards/{digest}/{action}"
        page = client_request.get(url, as_="town")
        assert page.find(class_="consequence")
        client_request.post(url, as_="town", **expect)

    def states():
        db.session.rollback()
        return {card.last4: card.status for card in cards.cards_of(1)}

    old = cards.cards_of(1)[0].digest.hex()
    change(old, "lost")
    change(old, "found")
    change(old, "found", status=422)
    assert states() == {"8001": "active"}
    page = client_request.get("/residents/R000001/cards/new", as_="town")
    assert "8001" in page.find(class_="consequence").get_text()
    client_request.post("/residents/R000001/cards/new", {"card_no": ""}, as_="town", status=422)
    client_request.post("/residents/R000001/cards/new", {"card_no": "88077"}, as_="town")
    assert states() == {"8001": "replaced", "8077": "active"}
    db.session.rollback()
    new = next(card.digest.hex() for card in cards.cards_of(1) if card.last4 == "8077")
    change(new, "stop")
    assert states()["8077"] == "stopped"
    client_request.get(f"/residents/R000002/cards/{new}/stop", as_="district", status=404)
    client_request.get(f"/residents/R000001/cards/{new}/burn", as_="town", status=404)


def test_another_town_changes_nothing(people, client_request):
    card = cards.cards_of(1)[0].digest.hex()
    fact = services.facts_of(1)[0].id
    before = len(actions())
    for path in (
        "reveal",
        "correct",
        "id-number",
        "facts/departure",
        f"facts/{fact}/end",
        f"facts/{fact}/withdraw",
        "cards/new",
        f"cards/{card}/stop",
    ):
        client_request.post(f"/residents/R000001/{path}", as_=f"town@{OTHER_TOWN[:9]}", status=404)
    assert [one for one in actions()[before:] if one.startswith(("residents.", "cards."))] == []


def test_an_empty_register_says_what_to_do(app, client_request):
    assert "请先导入居民名册" in client_request.get("/residents", as_="district").get_text()
