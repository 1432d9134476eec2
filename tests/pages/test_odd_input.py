"""What nobody types on purpose: days at the edges of the calendar, NUL, huge and negative numbers."""

import pytest

from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from tests.factories import deliveries as made
from tests.factories.deliveries import NOON

HUGE = "9" * 5000
DAYS = ("0001-01-01", "0001-01-02", "9999-12-31", "a%00b", "-1")
PAGES = (
    "/bookings?day={}",
    "/bookings/kitchen?day={}",
    "/bookings/kitchen.pdf?day={}",
    "/bookings/receiving?day={}",
    "/bookings/receiving/P01?day={}",
    "/bookings/dispatch/P01?day={}",
    "/deliveries?day={}",
    "/deliveries/route-sheet.pdf?day={}",
    "/menus?week={}",
    "/menus/poster.pdf?week={}",
    "/menus/day/P01/{}/lunch",
    "/menus/week/P01/copy?week={}",
    "/menus/week/P01/publish?week={}",
)
OTHERS = (
    "/bookings?point=a%00b",
    "/bookings?meal=a%00b",
    "/bookings?mode=a%00b&state=%00",
    "/bookings?page=" + "9" * 30,
    "/bookings/" + "9" * 30,
    "/bookings/" + "9" * 30 + "/cancel",
    "/bookings/kitchen?kitchen=a%00b",
    "/bookings/receiving/a%00b",
    "/bookings/receiving/P01?dispatch=" + "9" * 30,
    "/bookings/receiving/P01?corrects=" + "9" * 30,
    "/bookings/receiving/checks/" + "9" * 30,
    "/bookings/dispatch/P01?corrects=" + "9" * 30,
    "/bookings/dispatch/P01?portions=" + "9" * 30,
    "/deliveries/" + "9" * 30,
    "/deliveries/carry/" + "9" * 30,
    "/deliveries/rounds/" + "9" * 30,
    "/deliveries?point=a%00b",
    "/deliveries/bag-labels.pdf?round=" + "9" * 30,
    "/menus?point=a%00b",
    "/menus/poster.pdf?point=a%00b&week=2024-05-06",
    "/menus/items/" + "9" * 30 + "/edit",
    "/menus/prices/a%00b",
    "/menus/prices/P01/new?name=a%00b",
    "/settlements?month=0001-01",
    "/settlements/0001-01/P01",
    "/settlements/0001-01/P01/review",
    "/settlements/0001-01/P01/lines?signal=x",
    "/settlements/9999-12/submit",
    "/payments?year=" + "9" * 30,
)


@pytest.fixture
def one(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return made.small_rounds()["张国丰"]


def test_a_page_at_the_edge_of_the_calendar_or_of_nonsense_is_told_and_never_an_error(
    one, client_request
):
    broken = []
    for path in [page.format(day) for page in PAGES for day in DAYS] + list(OTHERS):
        for who in ("manager", "district"):
            answer = client_request.client(who).get(path)
            if answer.status_code >= 500:
                broken.append((who, path[:60], answer.status_code))
    assert not broken, "\n".join(map(str, broken))


def test_a_form_of_nonsense_is_told_and_never_an_error(one, client_request):
    token = vault().token(1)
    book = {"credential": token, "point": "P01", "meal": "lunch", "mode": "dine_in"}
    book |= {"pattern": "chosen", "asked_by": "self", "days": "2024-05-09"}
    send = {"point": "S01", "meal": "lunch", "portions": "3", "cooked": "10:00", "left": "10:30"}
    check = {"portions": "3", "expected": "3", "arrived": "11:00", "core": "66.0"}
    check |= {"seal": "ok", "label": "ok", "cooked": "10:00"}
    door = {"key": "V-1", "receiver": "self", "expected": "900"}
    dish = {"name": "汤", "kind": "汤"}
    price = {"meal": "lunch", "name": "套", "public_price": "15", "elder_price": "12"}
    price |= {"effective_from": "2024-06-01", "basis": "协议"}
    step = {"key": "V-2", "step": "called", "result": "reached"}
    forms = {
        "/bookings/new": book,
        "/bookings/new/for": book,
        "/bookings/dispatch/P01": send,
        "/bookings/dispatch/P01?day=0001-01-01": send,
        "/bookings/receiving/P01": check,
        "/bookings/receiving/P01?day=0001-01-01": check,
        "/bookings/receiving/P01?day=9999-12-31": check,
        f"/deliveries/carry/{one}/delivered": door,
        f"/deliveries/carry/{one}/answer": step,
        f"/deliveries/carry/{one}/no-answer": step,
        f"/deliveries/{one}/answer": step,
        f"/deliveries/{one}/return": step,
        "/deliveries/cooked": {"cooked": "10:00"},
        "/deliveries/cooked?day=0001-01-01": {"cooked": "03:00"},
        "/deliveries/rounds": {"name": "西", "courier": ""},
        "/deliveries/rounds/assign": {"round": "1", "resident": "1"},
        "/deliveries/rounds/1/order": {"position-1": "1"},
        "/menus/day/P01/2024-05-30/lunch": {**dish, "price": "3", "portion_g": "1", "salt_g": "1"},
        "/menus/prices/P01/new": price,
    }
    book["meal"] = "breakfast"  # closed on the day before
    broken = []
    odd = (
        "a\0b",
        HUGE,
        "-1",
        "nan",
        "inf",
        "1e400",
        "0001-01-01",
        "9999-12-31",
        "",
        "２",
    )
    for path, usual in forms.items():
        for name in [*usual, None]:
            for value in odd if name else ("",):
                sent = {**usual, name: value} if name else {}
                answer = client_request.send(path, sent, "manager")
                if answer.status_code >= 500:
                    broken.append((path, name, value[:12], answer.status_code))
    assert not broken, "\n".join(map(str, broken))


def test_what_no_database_can_keep_is_told_in_the_forms_of_settlement(one, client_request):
    claw = {"sequences": "a\0b", "reason": "other", "note": "n", "mode": "offset"}
    page = client_request.post("/clawbacks/new?point=P01", claw, "district", status=422)
    assert "看不见的字符" in page.get_text()
    form = {"all": "1", "town": "320412100\0"}
    client_request.post("/settlements/2024-05/first-review", form, "town", status=404)
