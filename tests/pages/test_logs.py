"""The pages of the daily logs: what is due, the sheets, what is wrong at its field, taking back."""

import pytest
from sqlalchemy import func, select

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.logs.models import LogEntry
from tests.factories import logs as made
from tests.factories.logs import DAY, NOON, hours
from tests.support.papers import words_of

COOK = "operator"


@pytest.fixture
def kitchen(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    made.kitchen()


@pytest.fixture
def later(monkeypatch, client_request):
    """`later(hours)`: so much after noon, everybody signed in anew."""

    def now_is(number):
        monkeypatch.setattr(clock, "now", lambda: hours(number))
        vars(client_request)["_clients"].clear()

    return now_is


def said(page):
    return " ".join(page.main.get_text(" ", strip=True).split())


def typed(page, **more):
    """What the browser would send of a sheet, with some fields filled in."""
    found = {}
    for field in page.select("form.sheet input, form.sheet select, form.sheet textarea"):
        if field.get("type") in ("radio", "checkbox") and not field.has_attr("checked"):
            continue
        chosen = field.select_one("option[selected]") if field.name == "select" else None
        found[field["name"]] = chosen["value"] if chosen else field.get("value", "")
    found.pop("csrf_token")
    return found | {name.replace("__", "-"): value for name, value in more.items()}


def entries(kind=None):
    db.session.rollback()
    rows = select(LogEntry).order_by(LogEntry.id)
    return db.session.scalars(rows if kind is None else rows.filter_by(kind=kind)).all()


def test_the_first_page_of_a_point_lists_what_is_due_and_what_was_missing_yesterday(
    kitchen, later, client_request
):
    page = client_request.get("/logs", COOK)
    assert "晨检 缺 0/2" in said(page)
    assert "留样 午餐 待登记 0/5" in said(page)
    later(24)
    page = client_request.get("/logs", COOK)
    assert "昨天缺 7 项" in said(page)
    assert page.select_one('a[href="/logs?day=2024-05-06"]')


def test_the_morning_check_is_preset_to_fit_and_saved_with_one_tap(kitchen, client_request):
    page = client_request.get("/logs/new/morning_check", COOK)
    client_request.post("/logs/new/morning_check", typed(page), COOK)
    assert [(one.subject, one.within) for one in entries()] == [("甲师傅", True), ("乙师傅", True)]
    page = client_request.get("/logs/new/morning_check", COOK)
    assert "l0-result" not in typed(page) and "正常" in said(page)


def test_somebody_ill_who_is_still_on_duty_stops_the_sheet_and_nothing_typed_is_lost(
    kitchen, client_request
):
    page = client_request.get("/logs/new/morning_check", COOK)
    form = typed(page, l1__result="fever", l1__note="三十八度", person="店长")
    page = client_request.post("/logs/new/morning_check", form, COOK, 422)
    assert "必须离岗" in said(page) and not entries()
    again = typed(page)
    assert again["l1-result"] == "fever" and again["l1-note"] == "三十八度"
    client_request.post("/logs/new/morning_check", again | {"l1-off_duty": "y"}, COOK)
    assert [one.within for one in entries()] == [True, False]


def test_the_sample_sheet_takes_its_dishes_from_the_menu_without_the_set_meal(
    kitchen, client_request
):
    page = client_request.get("/logs/new/sample", COOK)
    dishes = [one.get_text() for one in page.select("form.sheet h3")]
    assert dishes == list(made.DISHES)
    assert "不少于 125 克" in said(page) and "GB 31654" in said(page)
    form = typed(page, **{f"l{number}__grams": "130" for number in range(5)}, temp_c="4")
    client_request.post("/logs/new/sample", form, COOK)
    assert [one.subject for one in entries("sample")] == dishes
    assert all(one.within for one in entries())
    client_request.post("/logs/new/sample", form, COOK)  # sent twice
    assert len(entries()) == 5


def test_a_value_out_of_range_asks_for_an_action_at_its_field_before_anything_is_kept(
    kitchen, client_request
):
    url = "/logs/new/core_temp?meal=lunch"
    form = typed(client_request.get(url, COOK), l0__temp_c="62", l1__temp_c="80")
    page = client_request.post(url, form, COOK, 422)
    assert page.select_one("#l0-action-error") and "低于 70 ℃" in said(page)
    assert not entries()
    client_request.post(url, typed(page, l0__action="继续加热"), COOK)
    assert [(one.within, one.action) for one in entries()] == [(False, "继续加热"), (True, "")]


def test_what_is_no_number_is_told_at_its_field(kitchen, client_request):
    url = "/logs/new/core_temp?meal=lunch"
    form = typed(client_request.get(url, COOK), l0__temp_c="很热")
    page = client_request.post(url, form, COOK, 422)
    assert page.select_one("#l0-temp_c-error") and page.select_one("#l0-temp_c")["value"] == "很热"


def test_an_empty_sheet_is_not_saved(kitchen, client_request):
    url = "/logs/new/core_temp?meal=lunch"
    page = client_request.post(url, typed(client_request.get(url, COOK)), COOK, 422)
    assert "一行都没有填写" in said(page)


@pytest.mark.parametrize(
    ("log", "fields", "facts"),
    [
        ("hold_temp", {"l0__temp_c": "63"}, '"temp_c": 63'),
        ("cold_store", {"l1__temp_c": "-18"}, '"device": "freezer"'),
        (
            "disinfection",
            {"l0__method": "washer", "l0__temp_c": "86", "l0__seconds": "45"},
            '"seconds": 45',
        ),
        (
            "purchase_check",
            {
                "l0__subject": "大米", "l0__quantity_kg": "25", "l0__supplier": "粮油",
                "l0__licence": "y", "l0__certificate": "y", "l0__sound": "y",
            },
            '"supplier": "粮油"',
        ),
        ("waste", {"l0__quantity_kg": "8.5"}, '"quantity_kg": 8.5'),
        (
            "daily_control",
            {"person": "甲"} | {f"l0__item_{code}": "ok" for code in ("PRC_01", "AGE_02")},
            '"PRC-01": "ok"',
        ),
        ("weekly_check", {"person": "甲", "l0__result": "ok", "l0__found": "都好"}, '"found": "都好"'),
        (
            "monthly_meeting",
            {"person": "甲", "l0__people": "全体", "l0__found": "通报", "l0__decided": "照办"},
            '"decided": "照办"',
        ),
        ("weighing", {"l0__grams": "100", "l0__menu_grams": "100"}, '"menu_grams": 100'),
        (
            "incident",
            {"l0__subject": "腹泻", "l0__found": "两人", "l0__reported": "镇里", "l0__action": "停供"},
            '"reported": "镇里"',
        ),
    ],
)  # fmt: skip
def test_each_sheet_can_be_filled_in(kitchen, client_request, log, fields, facts):
    url = f"/logs/new/{log}" + ("?meal=lunch" if log in ("hold_temp", "weighing") else "")
    client_request.post(url, typed(client_request.get(url, COOK), **fields), COOK)
    [one] = entries()
    assert facts in one.facts and one.kind == log


def test_the_daily_control_proposes_only_what_the_days_logs_show(kitchen, client_request):
    made.log("core_temp", "C1", meal="lunch", subject="红烧肉", temp_c=80)
    form = typed(client_request.get("/logs/new/daily_control", COOK))
    assert form["l0-item_COK_02"] == "ok"
    assert "l0-item_SMP_01" not in form and "l0-item_AGE_02" not in form


def test_samples_whose_time_is_over_are_listed_and_disposed_of(kitchen, later, client_request):
    made.sample()
    made.sample("S2", "米饭")
    assert "没有到期的留样" in said(client_request.get("/logs/new/sample_disposed", COOK))
    later(49)
    assert "2 份到期" in said(client_request.get("/logs/samples", COOK))
    form = typed(client_request.get("/logs/new/sample_disposed", COOK))
    form.pop("l1-given-tick")
    client_request.post("/logs/new/sample_disposed", form, COOK)
    [gone] = entries("sample_disposed")
    assert (gone.day, gone.meal, gone.subject, gone.within) == (DAY, "lunch", "红烧肉", True)
    assert "1 份到期" in said(client_request.get("/logs/samples", COOK))


def test_the_labels_say_what_the_box_holds_and_until_when(kitchen, client_request):
    made.sample()
    pdf = client_request.client(COOK).get("/logs/sample-labels.pdf?day=20240506").data
    words = words_of(pdf)
    for word in (
        "红烧肉",
        "2024年5月6日",
        "午餐",
        "130克",
        "5月6日11:10",
        "5月8日11:10",
        "甲师傅",
    ):
        assert word in words
    assert (
        client_request.client(COOK).get("/logs/sample-labels.pdf?day=20240505").status_code == 404
    )


def test_an_earlier_day_can_be_filled_in_and_is_marked(kitchen, later, client_request):
    later(24)
    url = "/logs/new/waste?day=20240506"
    page = client_request.get(url, COOK)
    assert "补录" in said(page)
    client_request.post(url, typed(page, l0__quantity_kg="8"), COOK)
    assert "补录" in said(client_request.get(f"/logs/{entries()[0].id}", COOK))
    later(24 * 5)
    page = client_request.get(url, COOK)
    page = client_request.post(url, typed(page, l0__quantity_kg="9"), COOK, 422)
    assert "只能补录最近 3 天" in said(page)


def test_an_entry_is_withdrawn_with_its_reason_and_stays_to_be_seen(kitchen, client_request):
    one = made.sample()
    url = f"/logs/{one.id}/withdraw"
    assert "请写明为什么撤回" in said(client_request.post(url, {"why": ""}, COOK, 422))
    client_request.post(url, {"why": "称错了"}, COOK)
    page = said(client_request.get(f"/logs/{one.id}", COOK))
    assert "已撤回" in page and "称错了" in page
    assert "已经撤回" in said(client_request.post(url, {"why": "再来"}, COOK, 422))


def test_town_and_district_see_point_by_point_what_was_missing_yesterday(
    kitchen, later, client_request
):
    made.log("daily_control", "Z1", items={"STF-02": "ok"}, person="甲师傅")
    later(24)
    for role in ("town", "district", "inspector"):
        page = client_request.get("/logs", role)
        row = " ".join(page.select_one("tbody tr").get_text(" ", strip=True).split())
        assert row.startswith("丰乐助餐点")
        assert row.count("缺") == 6 and row.count("全") == 1
    assert page.select_one('a[href="/logs/day/P01?day=2024-05-06"]')
    page = client_request.get("/logs/day/P01?day=2024-05-06", "town")
    assert "缺 6 项" in said(page) and not page.select("a.duty")
    assert "没有供餐" in said(client_request.get("/logs?day=20240101", "town"))


def test_names_of_the_staff_are_masked_outside_the_point(kitchen, client_request):
    one = made.log("morning_check", "M1", subject="甲师傅", result="normal")
    for url in (f"/logs/{one.id}", "/logs/history?month=2024-05", "/logs/day/P01?day=20240506"):
        assert "甲师傅" in said(client_request.get(url, COOK))
        assert "甲师傅" not in said(client_request.get(url, "town"))


def test_the_history_is_narrowed_by_kind_month_and_verdict(kitchen, client_request):
    made.sample()
    made.log("core_temp", "C1", meal="lunch", subject="鱼", temp_c=60, action="继续加热")

    def rows(query):
        return len(client_request.get(f"/logs/history{query}", COOK).select("tbody tr"))

    assert rows("") == 2
    assert rows("?kind=sample") == rows("?state=out") == 1
    assert rows("?month=2024-04") == 0


def test_a_point_that_only_serves_has_no_sheet_for_the_kitchens_logs(kitchen, client_request):
    with writing():
        made.the_point().kind = "serving_point"
    client_request.get("/logs/new/sample", COOK, 404)
    items = client_request.get("/logs/new/daily_control", COOK).select("fieldset legend")
    assert len(items) == 3


def test_an_unknown_log_or_day_is_answered_calmly(kitchen, client_request):
    client_request.get("/logs/new/nonsense", COOK, 404)
    for url in (
        "/logs?day=99999999",
        "/logs?day=x",
        "/logs/new/sample?meal=x",
        "/logs/history?kind=x&month=x",
    ):
        client_request.get(url, COOK)
    assert db.session.scalar(select(func.count()).select_from(LogEntry)) == 0
