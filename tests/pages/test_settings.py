"""Thresholds: shown with their basis, changed by a new row from a day on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mealsvc.kernel.meals import local_date
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on
from mealsvc.trail.models import TrailEvent

KEY = "sample.min_grams"


@pytest.fixture
def today(app):
    return local_date(clock.now())


def _change(client_request, status=303, **fields):
    usual = {"value": "200", "basis": "本省实施细则第5条", "effective_from": "20990101"}
    return client_request.post(f"/settings/{KEY}", usual | fields, "sys_admin", status=status)


def test_every_threshold_shows_value_basis_and_whether_it_was_verified(app, client_request):
    rows = client_request.get("/settings", "town").select("tbody tr")
    texts = [row.get_text(" ", strip=True) for row in rows]
    grams = next(text for text in texts if KEY in text)
    assert "125 克 GB 31654-2021" in grams
    assert any("待核实" in text for text in texts)


def test_a_new_value_holds_from_its_day_and_leaves_the_old_one(today, client_request):
    _change(client_request, effective_from=str(today + timedelta(days=3)))
    assert value_on(KEY, today) == "125"
    assert value_on(KEY, today + timedelta(days=3)) == "200"
    assert "起改为 200克" in client_request.get("/settings", "sys_admin").get_text()
    row = db.session.scalars(select(TrailEvent).order_by(TrailEvent.seq.desc())).first()
    assert (row.action, row.subject) == ("settings.change", KEY)
    assert '"before": "125"' in row.detail


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("value", "很多", "请输入一个整数，如 125"),
        ("value", "-1", "请输入一个整数"),
        ("basis", "", "请写明依据"),
        ("effective_from", "20200101", "生效日期不能早于今天"),
        ("effective_from", "", "请输入生效日期"),
    ],
)
def test_a_wrong_change_is_told_at_its_field(app, client_request, field, value, told):
    page = _change(client_request, status=422, **{field: value})
    assert told in page.find(id=f"{field}-error").get_text()


def test_a_day_takes_one_value_only(app, client_request):
    _change(client_request)
    page = _change(client_request, status=422, value="300")
    assert "已有一个取值" in page.find(id="effective_from-error").get_text()


@pytest.mark.parametrize("role", ["district", "sec_admin", "leader"])
def test_nobody_but_the_system_administrator_changes(app, client_request, role):
    client_request.get(f"/settings/{KEY}", role, status=403)
    client_request.get("/settings/no.such.key", "sys_admin", status=404)
