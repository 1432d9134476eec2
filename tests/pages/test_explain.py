"""Why a line is what it is, what became of it, and which lines make a total."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.residents import services as residents
from mealsvc.residents.services import NewFact
from mealsvc.settlement import corrections, holding, steps
from mealsvc.settlement.services import settlement_of, submit
from tests.factories.tills import SHELL, a_day, serve, small_district
from tests.services.test_corrections import proposal

NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
MAY = Month(2024, 5)


@pytest.fixture
def lunches(app, monkeypatch):
    """Lunches of 张国丰 (one of them delivered) and 欧阳秀英 in May at P01; it is June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    small_district()
    with writing():
        fact = NewFact("category", "SN", date(2024, 1, 1), None, "评估")
        residents.add_fact(1, fact, SHELL)
    made = [serve(f"Z{day}", "C001", served_at=a_day(day)) for day in (6, 7)]
    serve("Z8", "C001", served_at=a_day(8), mode="delivery")
    serve("O6", "C002")
    serve("young", "C003")
    return made


def late(kind, value, from_on):
    with writing():
        residents.add_fact(1, NewFact(kind, value, from_on, None, "公安"), SHELL)
        corrections.find_corrections(SHELL, clock.now())


def events(page):
    return [row.get_text(" ", strip=True) for row in page.select("ol.story li")]


def test_a_line_tells_its_policy_rule_usage_and_facts(lunches, client_request):
    page = client_request.get(f"/servings/{lunches[1].sequence}", as_="district")
    for words in (
        "72岁（满周岁当天起算）",
        "演示：按天宁区2022年标准（TN-2022）",
        "U60 普惠：60至79岁，每餐3.00元",
        "当天此前已补贴0餐（每天最多2餐）；当月此前已补贴1餐（每月最多40餐）",
        "户籍：湖塘镇",
        "失能",
        "来源：评估",
    ):
        assert words in page.text, words


def test_what_became_known_later_is_marked(lunches, client_request):
    late("departure", "moved_out", date(2024, 5, 7))
    page = client_request.get(f"/servings/{lunches[1].sequence}", as_="district")
    facts = page.select_one("section[aria-labelledby=facts-title]").get_text(" ", strip=True)
    assert "2024年5月7日起户籍迁出" in facts
    assert "登记就餐后才得知" in facts
    earlier = client_request.get(f"/servings/{lunches[0].sequence}", as_="district")
    assert "登记就餐后才得知" not in earlier.text


def test_a_reader_without_the_register_sees_no_category(lunches, client_request):
    text = client_request.get(f"/servings/{lunches[0].sequence}", as_="operator").text
    assert "类别认定" in text
    assert "失能" not in text


def test_the_chain_goes_from_the_meal_to_the_batch_in_the_order_of_time(
    lunches, client_request, monkeypatch
):
    with writing():
        submit(MAY, None, SHELL, NOW)
    later = NOW + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    late("departure", "deceased", date(2024, 5, 7))
    with writing():
        one = proposal("Z7")
        holding.hold_lines(MAY, one.point_id, [one.sequence], "deceased", "核实", SHELL, later)
    chain = events(client_request.get(f"/servings/{lunches[1].sequence}", as_="district"))
    assert [re.sub(r"^\S+ \S+ ", "", one).split(" ")[0] for one in chain][:1] == ["就餐"]
    titles = "\n".join(chain)
    for words in (
        "登记",
        "2024年5月结算提交",
        "迟到的事实提出更正",
        "3.00元 → 0.00元",
        "暂缓",
        "核实",
    ):
        assert words in titles, words
    assert titles.index("结算提交") < titles.index("提出更正")


def test_a_corrected_line_leads_to_its_reversal_and_its_successor(lunches, client_request):
    late("departure", "moved_out", date(2024, 5, 7))
    with writing():
        done = corrections.confirm_correction(proposal("Z7").id, "已核对", SHELL, NOW)
    page = client_request.get(f"/servings/{lunches[1].sequence}", as_="district")
    assert "更正已确认" in page.text
    undo = page.select_one("ol.story a[href*='/servings/']")
    assert undo is not None
    successor = lunches[1].sequence
    with writing() as connection:
        sql = "SELECT sequence FROM serving_key WHERE key = '" + done.replacement_key + "'"
        successor = connection.exec_driver_sql(sql).scalar_one()
    again = client_request.get(f"/servings/{successor}", as_="district")
    assert "由更正产生" in again.text
    assert f"第{lunches[1].sequence}号" in again.text


def told(page):
    return page.select_one("h1").get_text(strip=True), page.select_one("main").get_text(" ")


@pytest.mark.parametrize(
    "figure", ["subsidy_fen", "delivery_fen", "operating_fen", "rule:U60", "source:district"]
)
def test_the_lines_of_a_figure_add_up_to_it(lunches, client_request, figure):
    url = f"/settlements/2024-05/P01/explain?figure={figure}"
    heading, text = told(client_request.get(url, as_="town"))
    entry = settlement_of(MAY, "P01")["points"][0]
    name, _, code = figure.partition(":")
    expected = {
        "rule": lambda: next(one["subsidy_fen"] for one in entry["rules"] if one["rule"] == code),
        "source": lambda: entry["funding"][code],
    }.get(name, lambda: entry[name])()
    assert expected > 0
    assert f"¥{expected // 100}.{expected % 100:02d}" in heading
    assert "逐笔相加与结算一致" in text


def test_an_adjustment_and_what_is_held_are_explained_too(lunches, client_request):
    with writing():
        submit(MAY, None, SHELL, NOW)
    late("departure", "moved_out", date(2024, 5, 7))
    with writing():
        corrections.confirm_correction(proposal("Z7").id, "", SHELL, NOW)
        held = proposal("Z8")
        holding.hold_lines(MAY, held.point_id, [held.sequence], "deceased", "", SHELL, NOW)
    for month, figure, amount in (
        ("2024-06", "adjustment_fen", "-¥3.50"),
        ("2024-05", "held_fen", "¥"),
    ):
        url = f"/settlements/{month}/P01/explain?figure={figure}"
        heading, text = told(client_request.get(url, as_="district"))
        assert amount in heading
        assert "逐笔相加与结算一致" in text
    assert "更正" in text or "Z7" not in text


def test_a_figure_that_means_nothing_is_not_found(lunches, client_request):
    for figure in ("", "price_fen", "rule:none", "source:moon", "payable_fen"):
        url = f"/settlements/2024-05/P01/explain?figure={figure}"
        client_request.get(url, as_="district", status=404)
    client_request.get(
        "/settlements/2024-05/P01/explain?figure=subsidy_fen", as_="manager@P02", status=403
    )


def test_the_steps_of_the_review_show_on_the_line(lunches, client_request):
    with writing():
        submit(MAY, None, SHELL, NOW)
        steps.first_review(MAY, "P01", "金额正常", SHELL.__class__("user", "town"), NOW)
    chain = events(client_request.get(f"/servings/{lunches[0].sequence}", as_="district"))
    assert any("镇街初审" in one and "金额正常" in one for one in chain)
