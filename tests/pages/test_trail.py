"""The trail's page: for the audit administrator only, without personal data."""

import ast
import re

import pytest
from sqlalchemy import func, select

from mealsvc.plumbing.db import db, writing
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.services import record
from mealsvc.trail.wording import ACTION_NAMES
from tests.factories.tills import SHELL, serve, small_district
from tests.support import tree

WRITERS = {"record", "_put", "_tell"}
ACTION = re.compile(r"[a-z]+\.[a-z_]+")


@pytest.fixture
def events(app):
    small_district()
    serve("key-1")
    with writing():
        detail = {"name": "张国丰", "phone": "13812345678", "fields": ["phone"], "reason": "更正"}
        record(SHELL, "residents.correct", "R000001", detail)


def _rows(page):
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in page.select("tbody tr")
    ]


def test_the_newest_is_first_and_reads_in_words(events, client_request):
    page = client_request.get("/trail", "audit_admin")
    number, _, actor, action, subject, detail = _rows(page)[0]
    newest = db.session.scalar(select(func.max(TrailEvent.seq)))
    assert int(number) <= newest
    rows = {row[4]: row for row in _rows(page)}
    assert rows["key-1"][2:4] == ["命令 tests", "登记就餐"]
    assert rows["key-1"][5].startswith("流水摘要：")
    assert rows["TN-2022"][3] == "批准政策"
    assert (actor, action, subject, detail) != ("", "", "", "")
    assert "mealsvc audit verify" in page.get_text()


def test_what_is_personal_stays_unshown(events, client_request):
    text = client_request.get("/trail?subject=R000001&action=residents.correct", "audit_admin")
    shown = text.get_text()
    assert "改动的项目：电话" in shown
    assert "原因：更正" in shown
    assert "张国丰" not in shown
    assert "13812345678" not in shown


def test_the_trail_is_narrowed_by_action_actor_subject_and_day(events, client_request):
    for query, subjects in (
        ("action=servings.record", {"key-1"}),
        ("subject=P01", {"P01"}),
        ("actor=tests&action=policies.approve", {"TN-2022"}),
        ("actor=nobody", set()),
        ("day=20200101", set()),
    ):
        page = client_request.get(f"/trail?{query}", "audit_admin")
        assert {row[4] for row in _rows(page)} == subjects, query
    unread = client_request.get("/trail?day=昨天", "audit_admin")
    assert "“昨天”不是日期" in unread.get_text()


def test_a_long_trail_is_leafed_through_without_missing_a_row(events, client_request):
    with writing():
        for number in range(230):
            record(SHELL, "menus.put", f"dish-{number}")
    seen, url = [], "/trail?action=menus.put"
    while url:
        page = client_request.get(url, "audit_admin")
        seen += [row[4] for row in _rows(page)]
        older = [link for link in page.select(".pager a") if "更早" in link.get_text()]
        url = older[0]["href"] if older else None
    assert seen == [f"dish-{number}" for number in range(229, -1, -1)]


@pytest.mark.parametrize("role", ["district", "approver", "auditor", "sys_admin", "sec_admin"])
def test_nobody_else_reads_the_trail(events, client_request, role):
    client_request.get("/trail", role, status=403)


def _recorded_actions():
    """The actions that are written in the source: arguments of what writes the trail."""
    for path in tree.files(".py"):
        if path.parts[0] != "mealsvc":
            continue
        for node in ast.walk(tree.tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in WRITERS:
                yield from (
                    arg.value
                    for arg in node.args
                    if isinstance(arg, ast.Constant) and ACTION.fullmatch(str(arg.value))
                )


def test_every_action_that_is_recorded_has_a_name():
    actions = set(_recorded_actions())
    assert {"policies.approve", "places.point", "settings.change"} <= actions
    assert not actions - ACTION_NAMES.keys()
