"""What goes wrong in the middle leaves nothing behind, and no answer repeats what was sent."""

import re

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from mealsvc.accounts.models import Account, Device
from mealsvc.exchange.exports import export_table
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings import services
from mealsvc.servings.models import Serving, ServingKey, ServingSlot
from mealsvc.trail.models import TrailEvent
from tests.factories import tills, towns
from tests.support.search import all_logs

MARK = "Zx81Marker"
ORDER = {
    "point": "P01",
    "credential": "C001",
    "served_at": "2024-05-06T11:30:00+08:00",
    "meal": "lunch",
    "mode": "dine_in",
    "price_fen": 1200,
}
CARD = {"key": "T1", "at": ORDER["served_at"], "meal": "lunch", "mode": "dine_in", "price": "12"}
REFERENCE = re.compile(r"[0-9A-F]{8}")


@pytest.fixture
def till(app):
    """A till's token in the head of each request, in a district with four elders."""
    tills.small_district()
    head = {"Authorization": f"Bearer {tills.till_token()}", "Idempotency-Key": "K1"}
    client = app.test_client()
    return lambda: client.post("/api/v1/servings", json=ORDER, headers=head)


def kept():
    """What a serving leaves: its line, key, slot and trail row."""
    db.session.rollback()
    tables = (Serving, ServingKey, ServingSlot, TrailEvent)
    return [db.session.scalar(select(func.count()).select_from(one)) for one in tables]


def break_after_the_line(monkeypatch, error):
    """The line and its trail row are written, then something fails before the commit."""
    really = services._INSERT

    def insert(connection, row):
        really(connection, row)
        assert connection.execute(select(func.count()).select_from(Serving)).scalar() == 1
        raise error

    monkeypatch.setattr(services, "_INSERT", insert)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError(MARK), 500, "error"),
        (OperationalError("INSERT", None, Exception(MARK)), 503, "unavailable"),
        (OSError(28, MARK), 503, "unavailable"),
    ],
)
def test_a_failure_after_the_line_leaves_neither_line_nor_trail(
    till, monkeypatch, error, status, code
):
    before = kept()
    with monkeypatch.context() as patch, all_logs() as log:
        break_after_the_line(patch, error)
        answer = till()
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.json["reference"] in "\n".join(log)
    assert MARK not in answer.text + "\n".join(log)
    assert kept() == before
    assert till().status_code == 201
    assert kept() == [count + 1 for count in before]


@pytest.mark.parametrize(
    ("error", "status"),
    [(RuntimeError(MARK), 500), (OperationalError("INSERT", None, Exception(MARK)), 503)],
)
def test_the_page_of_a_failure_names_a_number_and_nothing_that_was_sent(
    app, client_request, monkeypatch, error, status
):
    tills.small_district()
    client_request.client("operator")
    before = kept()
    break_after_the_line(monkeypatch, error)
    with all_logs() as log:
        sent = CARD | {"credential": "C001", "method": "card", "expected": "900"}
        page = client_request.post("/till/plain/serve", sent, as_="operator", status=status)
    told = page.select_one("b.code").get_text()
    assert REFERENCE.fullmatch(told) and told in "\n".join(log)
    assert not [one for one in (MARK, "C001", "张国丰") if one in page.get_text()]
    assert not [line for line in log if "error" in line and ("C001" in line or MARK in line)]
    assert kept() == before


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", f"/{MARK}?q={MARK}", 404),
        ("GET", f"/residents/{MARK}?q={MARK}", 404),
        ("GET", f"/points/{MARK}", 404),
        ("GET", f"/policies/{MARK}", 404),
        ("GET", f"/settlements/{MARK}/P01", 404),
        ("GET", f"/figures?town={MARK}", 403),
        ("GET", f"/reports/settlement.pdf?month=2024-04&point={MARK}", 404),
        ("GET", f"/trail?actor={MARK}", 403),
        ("PUT", f"/residents?q={MARK}", 405),
        ("POST", f"/residents/find?next={MARK}", 400),
        ("POST", "/residents/find", 413),
    ],
)
def test_no_page_of_an_error_repeats_what_was_asked(client_request, method, url, status):
    client = client_request.client("district")
    parts = {"data": {"q": MARK * 200_000 if status == 413 else MARK}}
    parts["content_type"] = "multipart/form-data"
    answer = client.open(url, method=method, **({} if method == "GET" else parts))
    assert answer.status_code == status
    assert MARK not in answer.text


def test_whoever_is_disabled_is_out_at_the_next_request(till, client_request):
    client_request.get("/residents/R000001", as_="district")
    assert till().status_code == 201
    with writing():
        db.session.execute(update(Account).values(disabled_at=clock.now()))
        db.session.execute(update(Device).values(revoked_at=clock.now()))
    before = kept()
    reveal = {"field": "id_number", "reason": "核对发卡身份"}
    for answer in (
        client_request.client("district").get("/residents/R000001"),
        client_request.send("/residents/R000001/reveal", reveal, as_="district"),
    ):
        assert (answer.status_code, "张" in answer.text) == (302, False)
    assert till().status_code == 401
    assert kept() == before


def test_whatever_gives_personal_data_or_papers_out_leaves_a_row(client_request, tmp_path):
    job = towns.two_towns()["job_id"]
    reveal = {"field": "phone", "reason": "电话通知本人"}

    def export():
        with (tmp_path / "out.csv").open("wb") as stream:
            export_table("residents", None, stream, "csv", tills.SHELL)

    client = client_request.client("district")
    for action, act in (
        (
            "residents.reveal",
            lambda: client_request.send("/residents/R000001/reveal", reveal, as_="district"),
        ),
        ("exchange.rejects", lambda: client.get(f"/imports/{job}/rejects.csv")),
        ("exchange.export", export),
        ("reports.print", lambda: client.get("/reports/settlement.pdf?month=2024-04")),
        ("reports.print", lambda: client.get("/reports/supervision.pdf?month=2024-04")),
    ):
        before = kept()[-1]
        act()
        db.session.rollback()
        left = db.session.scalars(select(TrailEvent.action).where(TrailEvent.seq > before)).all()
        assert [one for one in left if one != "papers.issue"] == [action]
