"""Pages of the questionnaire's draw and its answers, and the blank papers."""

from urllib.parse import unquote

import pytest

from mealsvc.plumbing.db import db
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.sampling import queries
from tests.factories import draws, surveys
from tests.support.papers import words_of

pytestmark = [pytest.mark.ground(by=draws.forty_elders), pytest.mark.only("sqlite")]


@pytest.fixture
def row(app):
    return draws.drawn_round()


@pytest.fixture
def answered(row):
    draws.visit(row, [(one, draws.DONE) for one in draws.sheets_of(row)])
    return row


def words(page):
    return " ".join(page.get_text().split())


def test_a_draw_is_planned_made_once_and_proved(app, client_request):
    row = draws.asked_round()
    url = f"/surveys/{row.id}/draw"
    page = words(client_request.get(url, "district"))
    assert "还没有抽样" in page and "本区名册 40 人" in page and "湖塘镇 60至69岁 独居" in page
    assert "抽取并下发问卷" not in words(client_request.get(url, "leader"))
    client_request.post(url, {"size": "19", "seed": "x"}, "district", status=422)
    assert queries.draw_of(row.id) is None
    client_request.post(url, {"size": "", "seed": draws.SEED}, "district")
    client_request.post(url, {"seed": "another"}, "district")
    db.session.rollback()
    assert draws.draw_of(row).seed == draws.SEED
    page = words(client_request.get(f"{url}?again=1", "district"))
    assert "重抽一致" in page and draws.SEED in page


def test_names_are_masked_and_each_town_sees_its_own(row, client_request):
    url = f"/surveys/{row.id}/draw"
    page = words(client_request.get(url, "district"))
    assert "测*子" in page or "测*丑" in page or "测*寅" in page
    assert not any(f"测{one}" in page for one in "甲乙丙丁")
    town = words(client_request.get(url, "town"))
    assert "湖塘镇" in town and "牛塘镇" not in town
    leader = client_request.get(url, "leader")
    assert "测" not in words(leader).replace("测算", "").replace("测试摸排", "")
    filtered = words(
        client_request.get(f"{url}?division={draws.NIUTANG[:9]}&stands=waiting", "district")
    )
    assert "牛塘镇 人民社区" in filtered and "湖塘镇 丰乐社区" not in filtered


def test_who_does_not_read_the_register_learns_no_name_from_a_questionnaire(row, client_request):
    sheet = draws.sheets_of(row)[0]
    here = f"/surveys/{row.id}/sheets/{sheet.id}"
    assert "测*" in words(client_request.get(here, "district"))
    for address in (f"/surveys/{row.id}?form=D", here):
        page = words(client_request.get(address, "leader"))
        assert sheet.unit in page and "测*" not in page
    book = client_request.client("leader").get(f"{here}.xlsx")
    assert "测" not in unquote(book.headers["Content-Disposition"]).replace("测试摸排", "")
    assert book.headers["Cache-Control"] == "no-store"


def test_the_reserve_is_called_up_from_the_page(row, client_request):
    sample = queries.sample_of(row.id)
    spare = {one.stratum for one in sample.people if one.stands == queries.RESERVE}
    first = next(one for one in sample.people if one.stratum in spare)
    sheet = next(one for one in draws.sheets_of(row) if one.unit == first.unit)
    draws.visit(row, [(sheet, {"D00": "away"})])
    url = f"/surveys/{row.id}/draw"
    assert "启用替补 1 人" in words(client_request.get(url, "district"))
    before = len(draws.sheets_of(row))
    client_request.post(f"{url}/reserve", {}, "district")
    db.session.rollback()
    assert len(draws.sheets_of(row)) == before + 1
    assert "已启用替补 1 人" in words(client_request.get(url, "district"))  # told once
    assert "启用替补" not in words(client_request.get(url, "district"))


def test_answers_are_told_with_their_range_and_small_groups_are_not(answered, client_request):
    url = f"/surveys/{answered.id}/estimates"
    page = words(client_request.get(url, "leader"))
    assert "平均 6.00 元" in page and "愿意到点上吃" in page and "100.0%" in page
    detail = words(client_request.get(f"{url}?question=D12&by=living", "leader"))
    assert "第12题" in detail and "独居" in detail
    assert "少于3" in words(client_request.get(f"{url}?question=D07&by=band", "leader"))
    town = words(client_request.get(f"{url}?question=D09&by=town", "town"))
    assert "牛塘镇" not in town and "湖塘镇" in town


def test_before_any_answer_the_page_says_what_to_do(row, client_request):
    url = f"/surveys/{row.id}/estimates"
    assert "还没有收回的问卷" in words(client_request.get(url, "district"))
    other = draws.asked_round()
    assert "还没有抽样" in words(client_request.get(f"/surveys/{other.id}/estimates", "district"))


def test_a_round_without_the_questionnaire_has_no_draw(app, client_request):
    row = surveys.opened("A")
    client_request.get(f"/surveys/{row.id}/draw", "district", status=404)


@pytest.mark.parametrize("letter", "ABCDE")
def test_every_form_can_be_printed_with_all_its_questions(app, client_request, letter):
    row = surveys.opened("ACE")
    answer = client_request.client("town").get(f"/surveys/forms/{letter}.pdf?round={row.id}")
    flat = words_of(answer.data)
    assert row.number in flat
    for field in FORMS[letter].fields:
        if field.kind != "rows":
            assert "".join(field.label.split()) in flat, field.code
        for _, name in field.options:
            assert name in flat, (field.code, name)


def test_numbered_questionnaires_bear_numbers_and_no_names(row, client_request):
    url = f"/surveys/{row.id}/questionnaires.pdf?division={draws.HUTANG}"
    told = words_of(client_request.client("town").get(url).data)
    own = [one.unit for one in draws.sheets_of(row) if one.division == draws.HUTANG]
    assert own and all(unit in told for unit in own)
    assert "测甲" not in told and "测*" not in told
    others = [one.unit for one in draws.sheets_of(row) if one.division == draws.NIUTANG]
    assert not any(unit in told for unit in others)
