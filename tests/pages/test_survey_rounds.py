"""Pages of survey rounds: issued, filled by hand or workbook, checked, sent back, left out."""

import io
import json

import pytest
from sqlalchemy import select

from mealsvc.plumbing.db import db, writing
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.reading import PRIVATE
from mealsvc.survey.rounds import queries, services
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet
from mealsvc.survey.rounds.workbook import Out, workbook
from mealsvc.trail.models import TrailEvent
from tests.factories import surveys, tills
from tests.support.papers import cells_of

GOOD = {**surveys.TYPED["A"], "do": "check"}
WHY = "按村里登记簿，名册还没登全"
# The register of the tests holds three elders of 60 and over: everything else differs from it.
REASONS = {f"{code}.why": WHY for code in ("A01", "A02", "A03", "A05", "A17", "A18")}

pytestmark = [
    pytest.mark.ground(by=tills.small_district),
    pytest.mark.only("sqlite"),  # what each database does is in tests/services
]


@pytest.fixture
def row(app):
    return surveys.opened("ABC")


@pytest.fixture
def here(row):
    """The address of the community's sheet."""
    return f"/surveys/{row.id}/sheets/{surveys.sheet_of(row).id}"


def now_of(sheet):
    db.session.rollback()  # what others have written since
    return db.session.get_one(SurveySheet, sheet.id, populate_existing=True)


def test_the_district_issues_a_round_and_sees_how_far_it_is(app, client_request):
    page = client_request.get("/surveys/new", "district").get_text()
    assert "A表 1 个村（社区）" in page and "B表 2 个助餐点" in page
    wrong = {"title": "", "as_of": "20240531", "due_on": "20240101", "forms": ["A"]}
    page = client_request.post("/surveys/new", wrong, "district", status=422)
    assert "请写明是哪一次摸排" in page.get_text()
    good = {**wrong, "title": "上半年摸排", "forms": ["A", "B"]}
    page = client_request.post("/surveys/new", good, "district", status=422)
    assert "不能早于今天" in page.get_text() and page.select_one("#title")["value"] == "上半年摸排"
    client_request.post("/surveys/new", {**good, "due_on": "20990105"}, "district")
    page = client_request.get("/surveys/1", "district").get_text()
    assert "0 / 2（0%）" in page and "丰乐社区" in page and "花园助餐点" in page
    assert "上半年摸排" in client_request.get("/surveys", "leader").get_text()


def test_a_sheet_is_filled_corrected_explained_confirmed_and_handed_in(row, here, client_request):
    sheet = surveys.sheet_of(row)
    typed = GOOD | {"A05": "101", "A33": "二十"}
    page = client_request.post(here, typed, "community", status=422)
    assert "应当相等" in page.get_text() and page.select_one("#f-A33")["value"] == "二十"
    assert page.select_one('.summary a[href="#f-A05"]')
    page = client_request.post(here, GOOD, "community", status=422)
    assert "与系统里的数相差较多，请写原因" in page.get_text()
    assert now_of(sheet).state == "issued" and json.loads(now_of(sheet).draft)["A05"] == "100"
    client_request.post(here, GOOD | REASONS, "community")
    page = client_request.get(f"{here}/confirm", "community").get_text()
    assert "将提交丰乐社区的村（社区）需求表" in page and WHY in page
    client_request.post(f"{here}/confirm", {}, "community")
    assert (now_of(sheet).state, now_of(sheet).edition, now_of(sheet).draft) == ("filled", 1, None)
    entry = queries.entry_of(now_of(sheet))
    assert json.loads(entry.answers)["A05"] == 100
    assert json.loads(entry.remarks)["A05"] == WHY
    page = client_request.get(here, "town").get_text()
    assert "与系统不同" in page and WHY in page
    assert client_request.get(f"{here}/editions/1", "leader")


def test_a_draft_is_kept_by_the_button_and_by_the_script(row, here, client_request):
    sheet = surveys.sheet_of(row)
    client_request.post(here, {"A01": "7", "do": "draft", "rubbish": "x"}, "community")
    assert json.loads(now_of(sheet).draft) == {"A01": "7"}
    assert client_request.get(here, "community").select_one("#f-A01")["value"] == "7"
    told = client_request.post(f"{here}/draft", {"A01": "8"}, "community", status=200)
    assert "草稿已保存" in json.loads(str(told))["said"]
    assert json.loads(now_of(sheet).draft) == {"A01": "8"}
    assert now_of(sheet).edition == 0


def test_the_form_opens_with_what_the_system_knows(row, client_request):
    point = surveys.sheet_of(row, "B", "P01")
    page = client_request.get(f"/surveys/{row.id}/sheets/{point.id}", "manager")
    assert page.select_one('input[name="B01"][value="community_canteen"]').has_attr("checked")
    potential = surveys.sheet_of(row, "C")
    url = f"/surveys/{row.id}/sheets/{potential.id}"
    assert len(client_request.get(url, "community").select(".place")) == 1
    more = {"C03": "yes", "C01.1.C11": "老厂房", "do": "more"}
    page = client_request.post(url, more, "community", status=200)
    assert len(page.select(".place")) == 3
    assert page.select_one("#f-C01-1-C11")["value"] == "老厂房"


def test_the_desks_pass_it_on_and_send_it_back_with_reasons_at_the_questions(
    row, here, client_request
):
    sheet = surveys.sheet_of(row)
    surveys.fill(row, sheet)
    client_request.post(f"{here}/review", {"act": "village"}, "community")
    assert now_of(sheet).state == "village"
    page = client_request.post(f"{here}/return", {"reason": ""}, "town", status=422)
    assert "至少四个字" in page.get_text()
    client_request.post(f"{here}/return", {"why.A17": "请逐户核对"}, "town")
    page = client_request.get(here, "community")
    assert "独居：请逐户核对" in page.get_text()
    assert page.select_one("#f-A17")["value"] == "12"
    surveys.fill(row, now_of(sheet), A17="13")
    client_request.post(f"{here}/review", {"act": "village"}, "community")
    client_request.post(f"{here}/review", {"act": "town"}, "town")
    client_request.post(f"{here}/review", {"act": "accept"}, "district")
    assert (now_of(sheet).state, now_of(sheet).edition) == ("accepted", 2)
    assert "第 1 版" in client_request.get(here, "district").get_text()


def test_no_reason_tells_the_number_of_a_person(row, here, client_request):
    number = "13912345678"
    page = client_request.post(here, GOOD | REASONS | {"A17.why": number}, "community", status=422)
    assert PRIVATE in page.get_text()
    sheet = surveys.sheet_of(row)
    surveys.fill(row, sheet)
    for told in ({"why.A17": f"问{number}"}, {"reason": f"请打{number}核对"}):
        page = client_request.post(f"{here}/return", told, "town", status=422)
        assert PRIVATE in page.get_text()
    client_request.post(f"{here}/leave", {"reason": f"请问{number}"}, "district", status=422)
    assert now_of(sheet).state == "filled"


def test_a_desk_that_is_not_its_turn_or_the_same_person_is_told(row, here, client_request):
    sheet = surveys.sheet_of(row)
    client_request.post(f"{here}/review", {"act": "accept"}, "district")
    assert "不能区汇总" in client_request.get(here, "district").get_text()
    client_request.post(f"{here}/review", {"act": "accept"}, "town", status=403)
    client_request.post(f"{here}/review", {"act": "own"}, "district", status=400)
    client_request.post(here, {**GOOD, "do": "draft"}, "town")
    client_request.post(here, GOOD | REASONS, "town")
    client_request.post(f"{here}/confirm", {}, "town")
    client_request.post(f"{here}/review", {"act": "village"}, "town")
    client_request.post(f"{here}/review", {"act": "town"}, "town")
    assert "不能是填报的人" in client_request.get("/surveys", "town").get_text()
    assert now_of(sheet).state == "village"


def test_several_sheets_pass_at_once_after_a_look(row, client_request):
    ids = []
    for form in ("A", "C"):
        sheet = surveys.sheet_of(row, form)
        surveys.fill(row, sheet)
        surveys.review(row, sheet, "village")
        ids.append(sheet.id)
    other = surveys.sheet_of(row, "B", "P01").id
    several = f"/surveys/{row.id}/several"
    page = client_request.get(f"/surveys/{row.id}?state=waiting", "town")
    assert [box["value"] for box in page.select('input[name="sheet"]')] == [str(one) for one in ids]
    asked = "&".join(f"sheet={one}" for one in [*ids, other])
    page = client_request.get(f"{several}?act=town&{asked}", "town").get_text()
    assert "镇（街道）审核通过 2 张" in page and "项" in page
    client_request.post(several, {"act": "town", "sheet": [*ids, other]}, "town")
    db.session.rollback()
    states = db.session.execute(select(SurveySheet.form, SurveySheet.state)).all()
    assert sorted(map(tuple, states)) == [
        ("A", "town"),
        ("B", "issued"),
        ("B", "issued"),
        ("C", "town"),
    ]


def test_the_district_leaves_out_moves_deadlines_and_issues_late(row, here, client_request):
    page = client_request.post(f"{here}/leave", {"reason": ""}, "district", status=422)
    assert "请写明原因" in page.get_text()
    client_request.post(f"{here}/leave", {"reason": "村里正在撤并"}, "district")
    assert "缺报" in client_request.get(here, "district").get_text()
    day = {"form": "B", "due_on": "20990105", "reason": "防汛期间顺延"}
    client_request.post(f"/surveys/{row.id}/deadline", day, "district")
    assert now_of(surveys.sheet_of(row, "B")).due_on.year == 2099
    page = client_request.get(f"/surveys/{row.id}/issue/A", "district").get_text()
    assert "没有要补发的单位" in page
    client_request.get(f"/surveys/{row.id}/issue/D", "district", status=404)


def test_a_locked_round_is_read_and_nothing_else(row, here, client_request):
    for sheet in db.session.scalars(select(SurveySheet)):
        with writing():
            services.leave_out(sheet, row, "村里正在撤并", surveys.DISTRICT, row.opened_at)
    surveys.lock(row)
    page = client_request.get(f"/surveys/{row.id}?check=1", "leader").get_text()
    assert "核对一致" in page and "核对有没有改动" in page
    page = client_request.get(here, "community")
    assert "已锁定" in page.get_text() and not page.select("form.survey-form, .review")
    page = client_request.post(here, GOOD, "community", status=422)
    assert "已经锁定" in page.get_text()
    client_request.post(f"{here}/review", {"act": "accept"}, "district")
    assert "已经锁定" in client_request.get(here, "district").get_text()


def upload(client_request, row, content, who="community", status=200):
    file = (io.BytesIO(content), "tables.xlsx")
    return client_request.post(f"/surveys/{row.id}/workbook", {"file": file}, who, status=status)


def book(row, *filled):
    """A workbook with these sheets: (sheet, answers, remarks)."""
    return workbook(
        [
            Out(one.form, one.unit, "", services.subject(row, one), {}, answers, remarks)
            for one, answers, remarks in filled
        ]
    )


def test_a_workbook_goes_out_with_what_is_known_and_comes_back_as_sheets(row, client_request):
    out = client_request.client("community").get(f"/surveys/{row.id}/workbook.xlsx")
    cells = cells_of(out.data)
    assert "村（社区）需求表　丰乐社区" in cells and "潜在资源表　丰乐社区" in cells
    db.session.rollback()
    taken = select(TrailEvent.detail).where(TrailEvent.action == "exchange.export")
    assert db.session.scalars(taken).all() == ['{"forms": "ABC", "sheets": 4}']
    one, other = surveys.sheet_of(row, "A"), surveys.sheet_of(row, "C")
    remarks = {key.removesuffix(".why"): WHY for key in REASONS}
    good = (one, surveys.answers("A"), remarks)
    bad = (other, {"C03": "yes"}, {})
    page = upload(client_request, row, book(row, good, bad)).get_text()
    assert "已提交 1 张" in page and "存为草稿 1 张" in page and "请至少填一行" in page
    assert (now_of(one).state, now_of(other).state) == ("filled", "issued")
    assert queries.entry_of(now_of(one)).way == "xlsx"
    assert json.loads(now_of(other).draft) == {"C03": "yes"}


def test_a_workbook_takes_only_what_is_the_uploaders(row, client_request):
    point = surveys.sheet_of(row, "B", "P02")
    page = upload(client_request, row, book(row, (point, {"B02": 5}, {})), "manager").get_text()
    assert "没有读取" in page and now_of(point).draft is None
    page = upload(client_request, row, b"PK nonsense", status=422)
    assert page.select_one(".summary")


def test_addresses_of_another_round_or_nobody_are_not_found(row, here, client_request):
    sheet = surveys.sheet_of(row)
    client_request.get(f"/surveys/{row.id + 1}/sheets/{sheet.id}", "district", status=404)
    client_request.get(f"/surveys/{row.id}/sheets/9999", "district", status=404)
    client_request.get("/surveys/9999", "district", status=404)
    client_request.get(f"{here}/editions/3", "district", status=404)
    assert db.session.scalars(select(SurveyRound.id)).all() == [row.id]
    assert set(FORMS) == set("ABCDE")
