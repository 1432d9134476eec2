"""What another policy would have cost, asked and read on the page."""

import io
import os
from datetime import UTC, datetime

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import Base, db
from mealsvc.policies import document
from mealsvc.policies.models import SubsidyPolicy
from mealsvc.simulation import runs
from mealsvc.trail.models import TrailEvent
from tests.factories import tills
from tests.factories.policies import SAMPLE

NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
DEARER = (
    SAMPLE.replace("TN-2022", "DEARER")
    .replace("amount_fen = 400", "amount_fen = 600")
    .replace("{ district = 200, town = 200 }", "{ district = 200, town = 400 }")
    .replace(
        "effective_from = 2023-04-01", "effective_from = 2022-01-01\neffective_to = 2022-12-31"
    )
)
ASKED = {"policy": "", "first": "2024-05", "last": "2024-05", "document": DEARER}


@pytest.fixture
def may(app, monkeypatch):
    """Three lunches of May, one of a woman of 82; it is June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tills.small_district()
    for card in ("C001", "C002", "C003"):
        tills.serve(card, card)


@pytest.fixture
def ask(may, client_request):
    """Asks as somebody and tells the address of the answer."""

    def asked(as_="district", **fields):
        answer = client_request.send("/simulation", ASKED | fields, as_)
        assert answer.status_code == 303
        return answer.location

    return asked


def rows_of(page, caption):
    """The cells of the table with this caption."""
    table = next(one for one in page.select("table") if caption in one.caption.get_text())
    return [
        [cell.get_text(strip=True) for cell in row.select("th, td")] for row in table.select("tr")
    ]


def everything():
    db.session.rollback()
    tables = Base.metadata.sorted_tables
    return {one.name: db.session.scalar(select(func.count()).select_from(one)) for one in tables}


def test_the_form_offers_the_last_three_months_that_have_ended(may, client_request):
    page = client_request.get("/simulation", "leader")
    months = [page.select_one(f"#{name}")["value"] for name in ("first", "last")]
    assert months == ["2024-03", "2024-05"]
    assert "TN-2022" in page.select_one("#policy").get_text()


def test_the_answer_says_what_it_costs_and_for_whom(ask, client_request):
    page = client_request.get(ask(), "district")
    assert "增加 2.00 元" in page.select_one(".message").get_text()
    assert "1 位老人少付，0 位多付，2 位不变" in page.select_one(".message").get_text()
    assert ["镇", "3.00", "5.00", "2.00", "+66.7%"] in rows_of(page, "按资金来源")
    assert ["80–89岁", "1", "1", "0", "1", "4.00", "6.00", "2.00"] in rows_of(page, "按年龄")
    assert ["没有类别", "3", "1", "0", "3", "7.00", "9.00", "2.00"] in rows_of(page, "按类别")
    assert ["湖塘镇", "3", "1", "0", "3", "7.00", "9.00", "2.00"] in rows_of(page, "镇街")
    changed = rows_of(page, "自付变化最大")[1]
    assert changed == ["R000002", "欧阳**", "1", "8.00", "6.00", "-2.00"]
    assert page.select_one('a[href$="/residents/R000002"]')
    assert "与账上完全一致" in page.get_text()


def test_who_may_not_read_the_register_sees_no_categories_and_no_links(ask, client_request):
    address = ask("finance")
    page = client_request.get(address, "finance")
    assert "按类别" not in page.get_text()
    assert not page.select('a[href*="/residents/"]')
    assert "自付变化最大" not in page.get_text()
    plain = client_request.client("finance").get(f"{address}.json").json
    full = client_request.client("district").get(f"{address}.json").json
    assert full.keys() - plain.keys() == {"categories", "residents"}


def test_a_policy_of_the_register_is_simulated_by_its_code(ask, client_request):
    page = client_request.get(ask(policy="TN-2022", document=""), "approver")
    assert "支出不变" in page.select_one(".message").get_text()
    assert not page.select('form[action$="/draft"]')


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"document": DEARER.replace("= 600", "= 601")}, "document", "funding"),
        ({"document": ""}, "document", "粘贴"),
        ({"policy": "TN-2022"}, "policy", "只能选一种"),
        ({"first": "2024-06"}, "last", "不能早于"),
        ({"first": "2022-05"}, "last", "最多测算24个月"),
        ({"first": "1924-05"}, "last", "最多测算24个月"),
        ({"last": "五月"}, "last", "请输入月份"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    may, client_request, fields, field, words
):
    page = client_request.post("/simulation", ASKED | fields, "district", status=422)
    assert words in page.select_one(f"#{field}-error").get_text()
    sent = (ASKED | fields)["document"]
    assert page.select_one("#document").get_text().strip() == sent.strip()


def test_a_simulation_leaves_one_row_in_the_trail_and_nothing_else(ask, client_request):
    client_request.get("/simulation", "district")
    before = everything()
    ask()
    assert everything() == before | {"trail_event": before["trail_event"] + 1}
    row = db.session.scalar(select(TrailEvent).order_by(TrailEvent.seq.desc()).limit(1))
    assert (row.action, row.subject) == ("simulation.run", "DEARER")


def test_the_answer_becomes_a_draft_that_another_person_approves(ask, client_request):
    address = ask()
    assert client_request.get(address, "district").select('form[action$="/draft"]')
    answer = client_request.send(f"{address}/draft", {}, "district")
    assert answer.location.endswith("/policies/DEARER")
    row = db.session.scalar(select(SubsidyPolicy).where(SubsidyPolicy.code == "DEARER"))
    assert (row.status, row.document) == ("draft", DEARER)
    assert not client_request.get(address, "district").select('form[action$="/draft"]')
    assert client_request.send("/policies/DEARER/approve", {}, "approver").status_code == 303
    again = client_request.send(f"{address}/draft", {}, "district")
    assert again.location.endswith(address)


def test_a_long_one_runs_in_the_background_and_can_be_stopped(ask, client_request, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 0)
    address = ask()
    runs.wait()
    assert "增加 2.00 元" in client_request.get(address, "district").get_text()
    name = address.rpartition("/")[2]
    files = runs.Files(name)
    files.answer.unlink()
    held = files.hold()
    page = client_request.get(address, "district")
    assert "正在测算" in page.get_text()
    assert client_request.send(f"{address}/stop", {}, "district").status_code == 303
    assert files.stop.exists()
    runs._work(name, held)
    assert "测算已停止" in client_request.get(address, "district").get_text()


def test_one_whose_server_ended_says_so(ask, client_request):
    address = ask()
    runs.Files(address.rpartition("/")[2]).answer.unlink()
    assert "请重新测算" in client_request.get(address, "district").get_text()
    client_request.get(f"{address}.json", "district", status=404)


def test_it_is_kept_for_a_day_and_readable_by_the_server_alone(ask, client_request):
    address = ask()
    folder = runs.Files("0" * 32).question.parent
    kept = [path for path in folder.iterdir() if path.stem == address.rpartition("/")[2]]
    assert {path.stat().st_mode & 0o077 for path in kept} == {0}
    for path in kept:
        os.utime(path, (NOW.timestamp() - 25 * 3600,) * 2)
    client_request.get(address, "district", status=404)
    assert not [path for path in kept if path.exists()]


def test_the_workbook_opens_with_the_same_amounts(ask, client_request):
    address = ask()
    answer = client_request.client("district").get(f"{address}.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert "按类别" in book.sheet_names
    costs = book.get_sheet_by_name("支出").to_python()
    assert ["其中镇", 3.0, 5.0, 2.0] in costs
    theirs = client_request.client("leader").get(f"{address}.xlsx")
    names = CalamineWorkbook.from_filelike(io.BytesIO(theirs.data)).sheet_names
    assert "按类别" not in names


def test_another_district_gets_neither_form_nor_answer(ask, client_request):
    address = ask()
    client_request.get("/simulation", "district@320413", status=403)
    client_request.get(address, "finance@320413", status=403)
    client_request.get(f"/simulation/{'0' * 32}", "district", status=404)
    client_request.get("/simulation/nonsense", "district", status=404)


@pytest.mark.parametrize("key", ["a" + ".a" * 9_000, '"a"' + ' . "a"' * 9_000])
def test_a_name_of_thousands_of_parts_is_refused_before_it_takes_the_memory(
    may, client_request, monkeypatch, key
):
    def read(text):
        raise AssertionError("parsed")

    monkeypatch.setattr(document.tomllib, "loads", read)
    form = ASKED | {"document": f"[policy]\n{key} = 1"}
    page = client_request.post("/simulation", form, "finance", status=422)
    assert "第2行：名称里的点太多" in page.get_text()
