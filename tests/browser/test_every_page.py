"""Every main page, as somebody who works with it, on an office screen and on a narrow one."""

import pytest

from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement.budget_lines import put_budget
from mealsvc.settlement.services import submit
from tests.browser import test_public
from tests.browser.looks import faults_of, press, tab_to
from tests.factories import (
    assessments,
    batches,
    cases,
    closes,
    complaints,
    conflicts,
    contacts,
    deliveries,
    draws,
    findings,
    leads,
    logs,
    menus,
    papers,
    payments,
    plans,
    samples,
    simulations,
    surveys,
    tills,
    units,
    visits,
)
from tests.factories import bookings as ordered
from tests.factories import grants as built

ONE = "/residents/R000001"
PAGES = (
    ("operator", ("/", "/till", "/till/plain", "/servings/{today}/reverse?from=till")),
    ("manager", ("/till/close", "/till/close?day=20240506", "/days?month=2024-05", "/days/P01/2024-05-07/1")),
    ("manager", ("/", "/settlements", "/settlements/2024-04/submit", "/servings/{today}/reverse")),
    ("community", ("/", ONE)),
    ("district", ("/surveys/{undrawn}/draw", "/surveys/{drawn}/draw", "/surveys/{drawn}/draw?again=1",
        "/surveys/{drawn}/estimates?question=D09&by=band")),
    ("district", ("/surveys/{drawn}/assessment", "/surveys/{drawn}/assessment/trials/new",
        "/surveys/{drawn}/assessment/trials/{run}", "/points/P01/economics/cost")),
    ("district", ("/surveys/{drawn}/report", "/surveys/{drawn}/report/supply", "/surveys/{drawn}/lock")),
    ("manager", ("/points/P01/economics?month=2024-05",)),
    ("town", ("/", "/residents?division=320412100", "/reports/cards", "/reports/cards?state=active",
        "/reports/cards/print", "/settlements/2024-05/P01")),
    ("district", (
        "/", "/figures", "/figures?by=town", "/points", "/points?q=nobody", "/points/P01",
        "/points/new", "/points/P01/edit", "/points/P01/suspend", "/divisions", "/residents",
        "/residents/new", ONE, f"{ONE}/reveal", f"{ONE}/correct", f"{ONE}/id-number",
        f"{ONE}/facts/departure", f"{ONE}/facts/hukou", f"{ONE}/cards/new",
    )),
    ("district", (
        "/servings",
        "/servings?day=20240406", "/servings?day=19900101", "/servings/{today}", "/settlements",
        "/settlements?month=2024-04", "/settlements/2024-04/P01", "/policies",
        "/policies/TN-2022", "/policies/draft/new", "/simulation", "/simulation/{run}", "/budget", "/budget/2024/district",
        "/budget/2024/district/months", "/budget/2024/district/batches",
        "/imports", "/reports", "/settings", "/account/password",
    )),
    ("manager", (
        "/menus", "/menus?week=20240513", "/menus/day/P01/2024-05-08/lunch", "/menus/items/1/edit",
        "/menus/items/1/remove", "/menus/week/P01/copy?week=20240513", "/menus/week/P01/publish",
        "/menus/prices", "/menus/prices/P01/new", "/menus/prices/P01/end/1",
    )),
    ("district", ("/menus?point=P01", "/menus/prices", "/menus/prices/flags")),
    ("operator", (
        "/deliveries", "/deliveries/carry", "/deliveries/carry/{waiting}",
        "/deliveries/carry/{shut}", "/deliveries/carry/{done}",
    )),
    ("manager", (
        "/deliveries", "/deliveries/rounds", "/deliveries/rounds/1", "/deliveries/unanswered",
        "/deliveries/{shut}", "/deliveries/{done}",
    )),
    ("town", ("/deliveries", "/deliveries/unanswered", "/deliveries/{shut}")),
    ("manager", (
        "/bookings?day=20240508", "/bookings", "/bookings/new", "/bookings/{booked}",
        "/bookings/{booked}/cancel", "/bookings/dispatch/P01", "/bookings/receiving/P01",
    )),
    ("district", (
        "/bookings/kitchen?day=20240508&kitchen=K01", "/bookings/receiving?day=20240508",
        "/bookings/receiving/checks/{checked}",
    )),
    ("district", ("/settlements/holds", "/settlements/2024-05/P01/review", "/settlements/2024-05/P01/lines")),
    ("manager", ("/till/conflicts", "/till/conflicts/U1", "/till/conflicts/U2", "/till/conflicts/U3")),
    ("operator", ("/till/conflicts/U1", "/till/device")),
    ("approver", ("/policies/TN-2022/end",)),
    ("manager", ("/grants/new", "/grants/{grant_back}", "/grants/{grant_back}/apply")),
    ("town", ("/grants", "/grants/{grant_waiting}")),
    ("district", ("/points/P01/grade", "/policies/JS-2020")),
    ("district", ("/units", "/units/P01", "/units/rules", "/units/rules/new")),
    ("manager", (
        "/units", "/units/P01/documents/new", "/units/P01/staff/new", "/units/P01/events/new?kind=volunteer_hours",
        "/units/staff/{member_id}", "/units/staff/{member_id}/edit", "/units/staff/{member_id}/leave",
        "/units/staff/{member_id}/papers/new", "/units/documents/{document_id}/withdraw",
    )),
    ("district", (
        "/corrections", "/corrections?state=confirmed",
        "/settlements/2024-04/P01/explain?figure=subsidy_fen",
        "/settlements/2024-04/P01/explain?figure=operating_fen",
    )),
    ("finance", ("/budget", "/payments", "/payments/new", "/payees", "/clawbacks")),
    ("district", ("/clawbacks/new", "/settlements/notices", "/settlements/notices/new")),
    ("inspector", ("/", "/points")),
    ("district", (
        "/findings", "/findings?owed=order", "/findings/{finding_id}", "/referrals",
        "/referrals/new", "/referrals/new?point=P01&finding={finding_id}",
        "/referrals/{referral_id}", "/interviews", "/interviews/new", "/interviews/new?point=P01",
        "/interviews/{interview_id}", "/measures", "/measures/new",
        "/measures/new?kind=point&point=P01", "/measures/{measure_id}",
        "/measures/{measure_id}/resume",
    )),
    ("inspector", (
        "/orders", "/orders?overdue=any", "/orders/new", "/orders/new?point=P01",
        "/orders/{rectification}", "/orders/{rectification}/reinspect", "/findings/new",
        "/findings/new?point=P01", "/findings/from-complaint/{upheld}", "/receipts",
        "/receipts/new", "/receipts/new?point=P01", "/receipts/{delivered}",
    )),
    ("manager", ("/orders/{rectification}", "/orders/{rectification}/reply/{ordered}")),
    ("leader", ("/basis", "/basis?part=settings", "/basis?part=indicators", "/basis?part=papers")),
    ("leader", (
        "/supervision", "/supervision?period=2024-Q2&place=P01", "/supervision/indicators/N22-1",
        "/supervision/indicators/N14",
    )),
    ("auditor", ("/servings?state=reversed",)),
    ("leader", ("/coverage/plan?radius=1000&add=2&equity=y", "/coverage/plans", "/coverage/plans/compare?plan=1&plan=2", "/coverage/plans/1", "/coverage/plans/1/drop")),
    ("district", ("/coverage/candidates", "/coverage/candidates/new", "/coverage/candidates/C01/edit")),
    ("leader", ("/", "/reports", "/verify", "/v/{paper}/{check}")),
    ("sys_admin", (
        "/", "/accounts", "/accounts/1", "/accounts/new", "/accounts/1/reset", "/devices",
        "/devices/new", "/devices/1/revoke", "/accounts/permissions", "/settings",
        "/settings/calendar",
        "/settings/serving.price_limit_fen",
    )),
    ("district", (
        "/complaints", "/complaints/{complaint}", "/complaints/new", "/complaints/rate",
        "/complaints/satisfaction", "/c/P01", "/c/P01?thanks=1",
    )),
    ("district", (
        "/samples", "/samples/new", "/samples/new?month=2024-05&method=mus",
        "/samples/{sample_id}?again=1", "/samples/{sample_id}/lines/{sampled}", "/calls",
    )),
    ("inspector", ("/calls",)),
    ("town", (
        "/supervision/prices", "/supervision/prices/deviations", "/supervision/prices/P01",
        "/supervision/standards", "/supervision/standards/P01",
    )),
    ("operator", (
        "/logs", "/logs?day=20240506", "/logs/new/morning_check", "/logs/new/sample?meal=lunch",
        "/logs/new/sample_disposed", "/logs/new/hold_temp?meal=lunch", "/logs/new/cold_store",
        "/logs/new/disinfection?meal=lunch", "/logs/new/purchase_check", "/logs/new/waste",
        "/logs/new/daily_control", "/logs/new/weekly_check", "/logs/new/monthly_meeting",
        "/logs/new/weighing?meal=lunch", "/logs/new/incident", "/logs/samples",
        "/logs/history", "/logs/{logged}", "/logs/{logged}/withdraw",
    )),
    ("town", ("/logs?day=20240506", "/logs?state=missing", "/logs/day/P01?day=20240506", "/logs/history?state=out")),
    ("inspector", (
        "/inspect", "/inspect/{arranged}", "/inspect/{arranged}/plain",
        "/visits", "/visits/{seen}", "/visits/{arranged}", "/visits/{arranged}/change",
        "/visits/new", "/visits/calendar?month=2024-05", "/visits/points",
        "/plans", "/plans/{undecided}?again=1", "/plans/{undecided}/withdraw", "/plans/new",
        "/plans/{ready}/arrange",
    )),
    ("district", (
        "/checklist", "/checklist/new", "/inspectors", "/inspectors/{inspector_id}",
        "/inspectors/new", "/plans/{undecided}/decide",
    )),
    ("town", ("/cases", "/cases/{case_id}", "/cases/new", "/cases/new?point=P01")),
    ("district", ("/cases/{verdict_due}", "/cases/{verdict_due}/decide")),
    ("manager", ("/questions", "/questions/{question_id}")),
    ("district", (
        "/leads?month=2024-05&state=every", "/leads?month=2024-03", "/leads/{lead_id}", "/reconcile?month=2024-05",
        "/reconcile?month=2024-05&point=P01", "/corrections?facts=1-99",
    )),
    ("sec_admin", ("/accounts/1", "/accounts/1/role", "/accounts/1/person", "/accounts/1/disable")),
    ("district", ("/proof", "/batches/manage", "/batches/manage/new", "/batches/manage/{batch_id}/end")),
    ("auditor", ("/batches", "/batches/{batch_id}", "/batches/{batch_id}/lines?point=P01")),
    ("sys_admin", ("/accounts/1/until",)),
    ("audit_admin", ("/trail", "/trail?day=nonsense", "/accounts/permissions")),
    ("district", (
        "/surveys", "/surveys/new", "/surveys/{survey}", "/surveys/{survey}/deadline", "/surveys/{survey}/issue/A",
        "/surveys/{survey}/sheets/{sheet_id}/leave",
    )),
    ("town", (
        "/surveys/{survey}/sheets/{sheet_c}", "/surveys/{survey}/sheets/{sheet_c}/return",
        "/surveys/{survey}/sheets/{sheet_id}/editions/1",
    )),
    ("community", (
        "/surveys", "/surveys/{survey}?state=waiting", "/surveys/{survey}/several?act=village&sheet={sheet_c}",
        "/surveys/{survey}/sheets/{sheet_id}", "/surveys/{survey}/sheets/{sheet_id}/confirm",
        "/surveys/{survey}/sheets/{sheet_d}", "/surveys/{survey}/workbook",
    )),
    ("manager", ("/surveys/{survey}/sheets/{sheet_b}",)),
    ("district", (
        "/coverage/map?at=320412100001", "/coverage/boundaries", "/coverage/boundaries/{division}/delete",
        "/contacts?topic=quiet", "/contacts/notices?kind=stop&point=P01",
    )),
    ("town", ("/coverage/map?radius=walk", "/contacts/{topic}/{ref}")),
    ("leader", ("/overview", "/overview?wall=1", "/coverage", "/coverage?level=town", "/coverage/320412100001")),
    ("town", ("/overview/today", "/coverage?shown=people", "/coverage/320412100", "/coverage/320412100001/elders")),
)  # fmt: skip
FILES_AND_DOORS = {
    "/api/v1/openapi.json", "/healthz", "/readyz", "/settlements.json",
    "/menus/poster.pdf", "/complaints/poster.pdf", "/coverage/map.svg", "/coverage/map.pdf", "/coverage.csv", "/coverage/plan/ground.json", "/overview/today.pdf", "/contacts/sheet.pdf", "/contacts/notice.pdf", "/reports/settlement.pdf", "/reports/supervision.pdf",
    "/reports/town.pdf", "/reports/district.pdf", "/reports/opinions.pdf",
    "/bookings/kitchen.pdf", "/deliveries/route-sheet.pdf", "/deliveries/bag-labels.pdf", "/login", "/login/second-factor",
    "/public/places.json", "/public/map.svg", "/robots.txt", "/reports/posters/all.pdf",
    "/reconcile.csv", "/proof/witness.json", "/proof/witness.pdf", "/till/sw.js", "/inspect/sw.js", "/inspect/state", "/inspect/shell", "/logs/sample-labels.pdf",
}  # fmt: skip


NUMBERS: dict[str, object] = {}  # what stands in addresses, as `the_spring` made it


def now():
    return tills.a_day(7)


def the_spring() -> None:
    """April and May 2024 at two points, a line taken back and full prices."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", now)
        NUMBERS.update(_made())


def _made() -> dict[str, object]:
    tills.small_district()
    april = tills.LUNCH.replace(month=4)
    for place, card in enumerate(("C001", "C002", "C003", "C004")):
        tills.serve(f"april-{place}", card, served_at=april, mode="delivery")
    with writing() as connection:
        reverse_serving(connection, "back", "april-1", "登错人", None, tills.SHELL, april)
        put_budget(2024, "district", 45_000_000, tills.SHELL)
    tills.till_token()
    menus.a_week("P01", tills.a_day(7))
    elsewhere = tills.serve("may-0", "C001", point="P02")
    today = tills.serve("may-1", "C002", served_at=tills.a_day(7))
    with writing():
        closes.close("P01", tills.a_day(7).date())
    conflicts.one_of_each()
    assessments.entered(tills.SHELL, Month(2024, 4))
    paper = papers.issued()
    with writing():
        logged = logs.old_sample(logs.the_point(), tills.a_day(6).date(), tills.a_day(7))
    return {
        "paper": paper.number,
        "check": paper.check_code,
        "today": today.sequence,
        "run": simulations.dearer(Month(2024, 4), Month(2024, 5)),
        **deliveries.a_days_stops(tills.a_day(7)),
        **ordered.a_cold_lunch(),
        **built.one_back_and_one_waiting(),
        **units.one_of_each("P01"),
        "logged": logged.id,
        "lead_id": leads.about(today.sequence),
        "complaint": complaints.brought_to("answered"),
        **samples.under_way(),
        **cases.one_of_each(today.sequence, tills.a_day(7)),
        "verdict_due": cases.waiting_for_a_verdict(elsewhere.sequence, tills.a_day(7)),
        **visits.one_of_each(tills.a_day(7)),
        **findings.one_of_each(tills.a_day(7)),
        **batches.one_of_each(tills.a_day(7)),
        **draws.one_of_each(tills.a_day(7)),
        **surveys.one_of_each(tills.a_day(7), tills.COMMUNITY, 1),
        **contacts.on_the_map(),
        **plans.shown(tills.COMMUNITY),
    }


pytestmark = pytest.mark.ground(by=the_spring)


@pytest.fixture
def spring(app, monkeypatch):
    """It is 7 May 2024: {address part: value}."""
    monkeypatch.setattr(clock, "now", now)
    return NUMBERS


@pytest.mark.parametrize(("role", "paths"), PAGES)
def test_every_page_of_a_role_is_legible_fits_and_pleases_axe(
    spring, role, paths, enter, page, serious
):
    enter(role)
    faults = []
    for path in paths:
        answer = page.goto(path.format(**spring))
        assert answer is not None and answer.status == 200, path
        faults += faults_of(page, serious)
    assert not faults


def test_a_late_line_fits_the_settlement_it_is_carried_to(spring, enter, page, serious):
    with writing():
        submit(Month(2024, 4), None, tills.SHELL, clock.now())
    tills.serve("late", "C004", served_at=tills.LUNCH.replace(month=4, day=9))
    enter("district")
    page.goto("/settlements/2024-05/P01")
    assert "april" not in page.inner_text("main") and "late" in page.inner_text("main")
    assert not faults_of(page, serious)


MONEY = {
    "finance": (
        "/payments", "/payments/{order_id}", "/payments/{order_id}/recall",
        "/payments/{order_id}/paid", "/payees", "/payees/P01", "/payments/new",
        "/clawbacks", "/clawbacks/{clawback_id}", "/clawbacks/{clawback_id}/repaid",
    ),
    "district": (
        "/payees/P01/new", "/clawbacks/new?point=P01", "/settlements/notices",
        "/settlements/notices/{notice_id}", "/settlements/notices/new?month=2024-04",
    ),
}  # fmt: skip


@pytest.mark.parametrize("role", list(MONEY))
def test_pages_of_money_on_its_way_are_as_legible(spring, role, enter, page, serious):
    month, now, point = Month(2024, 4), clock.now(), "P01"
    payments.approved(month, point, now)
    line = payments.sequence_of("april-0")
    numbers = payments.one_of_each(month, point, line, now)
    enter(role)
    faults = []
    for path in MONEY[role]:
        answer = page.goto(path.format(**numbers))
        assert answer is not None and answer.status == 200, path
        faults += faults_of(page, serious)
    assert not faults


def test_every_page_without_a_number_in_its_address_is_looked_at(app):
    addresses = [*(path for _, paths in PAGES for path in paths), *test_public.PAGES]
    looked_at = {path.partition("?")[0] for path in addresses}
    pages = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments
    }
    assert pages - looked_at == FILES_AND_DOORS


def test_the_sign_in_page_is_legible_before_and_after_a_wrong_password(app, page, serious):
    page.goto("/login")
    assert not faults_of(page, serious)
    page.fill("#login", "nobody")
    page.fill("#password", "wrong")
    press(page, "Enter")
    assert "登录名或密码不正确" in page.inner_text("main")
    assert not faults_of(page, serious)


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/trail", 403)])
def test_an_error_page_is_as_legible(path, status, app, enter, page, serious):
    enter("district")
    answer = page.goto(path)
    assert answer is not None and answer.status == status
    assert not faults_of(page, serious)


def test_a_form_with_errors_is_as_legible_and_leads_to_its_fields(spring, enter, page, serious):
    enter("district")
    page.goto("/residents/new")
    page.fill("#name", "李秀兰")
    press(page, "Enter")
    assert page.evaluate("document.activeElement.className") == "summary"
    assert page.input_value("#name") == "李秀兰"
    assert not faults_of(page, serious)
    tab_to(page, "a[href='#id_number']")
    page.keyboard.press("Enter")
    page.keyboard.type("3204")
    assert page.input_value("#id_number") == "3204"
