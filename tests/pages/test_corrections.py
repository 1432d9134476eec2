"""Pages of late facts: what is shown to whom, the consequence before the decision, the decision."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.residents import services as residents
from mealsvc.residents.services import NewFact
from mealsvc.servings.models import Serving
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement.correction_models import Correction
from mealsvc.settlement.corrections import count_open, find_corrections
from mealsvc.settlement.services import submit
from tests.factories.tills import SHELL, a_day, serve, small_district

NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
MAY = Month(2024, 5)


@pytest.fixture
def lunches(app, monkeypatch):
    """Two lunches of 张国丰 at P01 in May, which was submitted; it is June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    small_district()
    for day in (6, 7):
        serve(f"Z{day}", "C001", served_at=a_day(day))
    with writing():
        submit(MAY, None, SHELL, NOW)


def death(client_request):
    """A clerk enters a death on the resident's page."""
    form = {"value": "deceased", "from_on": "20240506", "to_on": "", "source": "公安"}
    client_request.post("/residents/R000001/facts/departure", form, as_="district")


def late(kind, value):
    with writing():
        residents.add_fact(1, NewFact(kind, value, date(2024, 5, 6), None, "民政"), SHELL)
        find_corrections(SHELL, NOW)


def states():
    db.session.rollback()  # what other requests have committed since
    return [one.status for one in db.session.scalars(select(Correction).order_by(Correction.id))]


def ids():
    return [str(one) for one in db.session.scalars(select(Correction.id))]


def test_a_death_entered_on_a_page_is_waiting_at_once(lunches, client_request):
    death(client_request)
    assert states() == ["proposed"] * 2
    assert "2笔就餐按晚到的事实待更正" in client_request.get("/", as_="district").text
    text = client_request.get("/corrections", as_="district").text
    assert "张*丰" in text
    assert "2024年5月6日去世" in text
    assert "-6.00" in text


def test_there_is_nothing_to_do_without_late_facts(lunches, client_request):
    assert "没有待办理的更正" in client_request.get("/corrections", as_="district").text


def test_the_list_is_narrowed_by_month_point_and_state(lunches, client_request):
    death(client_request)
    for query, found in (
        ("month=2024-05", True),
        ("month=2024-06", False),
        ("point=P01", True),
        ("point=P02", False),
        ("state=dismissed", False),
        ("state=nonsense", True),
    ):
        text = client_request.get(f"/corrections?{query}", as_="district").text
        assert ("张*丰" in text) is found, query


def test_a_manager_sees_the_own_point_only_and_decides_nothing(lunches, client_request):
    death(client_request)
    page = client_request.get("/corrections/1", as_="manager")
    assert "张*丰" in page.text
    assert page.select("main button[value=confirm]") == []
    client_request.get("/corrections/1", as_="manager@P02", status=404)
    assert "张*丰" not in client_request.get("/corrections", as_="manager@P02").text
    client_request.post("/corrections/1", {"lines": ids()}, as_="manager", status=403)


def test_the_consequence_is_said_before_anything_happens(lunches, client_request):
    death(client_request)
    form = {"lines": ids(), "act": "confirm", "note": "家属确认"}
    page = client_request.post("/corrections/1", form, as_="district", status=200)
    # 2 × (3.00 subsidy + 0.50 operating money)
    assert "2笔流水将冲正，结算共减少7.00元（全部所在月份已提交" in page.text
    assert states() == ["proposed"] * 2
    client_request.post("/corrections/1", {**form, "sure": "y"}, as_="district")
    assert states() == ["confirmed"] * 2
    text = client_request.get("/corrections/1", as_="district").text
    assert "已更正2笔" in text
    assert "家属确认" in text


def test_dismissing_asks_why(lunches, client_request):
    death(client_request)
    form = {"lines": ids()[:1], "act": "dismiss", "note": ""}
    page = client_request.post("/corrections/1", form, as_="district", status=422)
    assert "请写明驳回的原因" in page.text
    assert len(page.select("input[name=lines][checked]")) == 1
    form["note"] = "日期登记有误"
    assert (
        "保持原样" in client_request.post("/corrections/1", form, as_="district", status=200).text
    )
    client_request.post("/corrections/1", {**form, "sure": "y"}, as_="district")
    assert states() == ["dismissed", "proposed"]


def test_nothing_chosen_is_an_error(lunches, client_request):
    death(client_request)
    page = client_request.post("/corrections/1", {"act": "confirm"}, as_="district", status=422)
    assert "请勾选要办理的流水" in page.text


def test_money_that_the_elder_paid_too_much_is_said_to_be_handed_back(lunches, client_request):
    late("category", "TK")
    form = {"lines": ids(), "act": "confirm"}
    text = client_request.post("/corrections/1", form, as_="district", status=200).text
    assert "2笔流水将冲正，并按当天应有的情况重新登记，结算共增加4.00元" in text
    assert "老人多付了4.00元，请通知助餐点当面退给老人" in text


def test_a_category_is_named_to_those_who_keep_the_register_only(lunches, client_request):
    late("category", "TK")
    assert "特困供养" in client_request.get("/corrections/1", as_="district").text
    for role in ("manager", "finance", "auditor", "leader"):
        text = client_request.get("/corrections/1", as_=role).text
        assert "特困" not in text, role
        assert "类别认定" in text, role


def test_what_changed_while_somebody_looked_is_not_confirmed(lunches, client_request):
    death(client_request)
    with writing() as connection:
        reverse_serving(connection, "R", "Z6", "登记错误", None, SHELL, NOW)
    form = {"lines": ids(), "act": "confirm", "sure": "y"}
    client_request.post("/corrections/1", form, as_="district")
    assert "1笔在提出后又有变化" in client_request.get("/corrections/1", as_="district").text
    assert states() == ["superseded", "confirmed"]


def test_looking_again_finds_what_no_page_found(lunches, client_request):
    with writing():
        fact = NewFact("departure", "moved_out", date(2024, 5, 7), None, "公安")
        residents.add_fact(1, fact, SHELL)
    assert states() == []
    client_request.post("/corrections/find", as_="district")
    assert states() == ["proposed"]
    assert "新提出1笔更正" in client_request.get("/corrections", as_="district").text


def test_open_proposals_are_counted_by_month_and_point(lunches, client_request):
    death(client_request)
    point = db.session.scalars(select(Serving.point_id)).first()
    assert count_open(MAY, point) == count_open() == 2
    assert count_open(MAY.next) == count_open(MAY, (point or 0) + 1) == 0


def test_where_a_fact_comes_from_is_told_to_who_keeps_the_register(lunches, client_request):
    with writing():
        fact = NewFact("category", "DB", date(2024, 5, 6), None, "低保名单2024年5月")
        residents.add_fact(1, fact, SHELL)
        find_corrections(SHELL, NOW)
        residents.add_fact(
            1, NewFact("departure", "deceased", date(2024, 5, 6), None, "低保名单"), SHELL
        )
        find_corrections(SHELL, NOW)
    db.session.rollback()
    for change in db.session.scalars(select(Correction.fact_change_id).distinct()).all():
        address = f"/corrections/{change}"
        assert "低保" in client_request.get(address, as_="district").get_text()
        assert "低保" not in client_request.get(address, as_="finance").get_text()
    line = f"/servings/{db.session.scalars(select(Serving.sequence).limit(1)).one()}"
    assert "低保" not in client_request.get(line, as_="manager@P01").get_text()
