"""The checklist's pages and commands: versions, what changed, and what is refused."""

import io
import json
from datetime import date

import pytest
from click.testing import CliRunner
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from mealsvc.cli import cli
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.checklist import services
from mealsvc.supervision.checklist.models import ChecklistVersion
from mealsvc.supervision.checklist.refusals import NoChecklist, TooEarly, VersionExists
from tests.factories import tills
from tests.factories import visits as made
from tests.factories.visit_verbs import next_version
from tests.factories.visits import MAKER, NOW


@pytest.fixture
def may(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tills.small_district()


def words(page):
    return page.find("main").get_text(" ", strip=True)


def sent(document, **fields):
    file = (io.BytesIO(document if isinstance(document, bytes) else document.encode()), "c.json")
    return {"file": file, "effective_from": "20240601", "step": "look"} | fields


def test_a_new_version_is_looked_at_then_issued_and_old_visits_keep_theirs(may, client_request):
    with writing():
        made.inspectors()
        before = made.visit()
    page = client_request.post("/checklist/new", sent(next_version()), "district", 200)
    assert "权重" in words(page) and "发布 2026.2" in words(page)
    kept = page.find("input", {"name": "document"})["value"]
    form = {"document": kept, "effective_from": "20240601", "step": "issue"}
    client_request.post("/checklist/new", form, "district")
    assert services.checklist_on(date(2024, 5, 31)).version == "2026.1-draft"
    assert services.checklist_on(date(2024, 6, 1)).version == "2026.2"
    with writing():
        after = made.visit(planned_on=date(2024, 6, 3))
    assert (before.checklist, after.checklist) == ("2026.1-draft", "2026.2")
    compared = client_request.get("/checklist?version=2026.2&against=2026.1-draft", "town")
    assert "QUA-01 权重 5 6" in words(compared)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "不是有效的JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        ("", "请选择检查表文件"),
        (json.dumps({"version": "x"}), "groups"),
        (next_version().replace("2026.2", "2026.1-draft"), "已经发布过"),
        (next_version().replace("工作衣帽口罩整洁", "别的"), "STF-03"),
    ],
)
def test_what_cannot_be_issued_is_said(may, client_request, document, said):
    assert said in words(client_request.post("/checklist/new", sent(document), "district", 422))
    assert len(services.versions()) == 1


def test_the_list_shows_weight_basis_and_inputs_and_is_narrowed(may, client_request):
    page = words(client_request.get("/checklist", "manager@P01"))
    for said in (
        "60 项，总权重 194，关键项 18 项",
        "中心温度（两个品种中较低的）（℃）",
        "GB 31654",
    ):
        assert said in page, said
    for query, count in (("key=1", 18), ("group=SUB", 5), ("applies=DLV", 4), ("text=cok-0", 5)):
        rows = client_request.get(f"/checklist?{query}", "town").select("main tbody tr")
        assert len(rows) == count, query
    client_request.get("/checklist?version=nope", "town", 404)


def test_a_version_starts_after_the_last_one_and_not_in_the_past(may):
    for day in (date(2022, 1, 1), date(2024, 5, 5)):
        with pytest.raises(TooEarly), writing():
            services.add_version(next_version(), day, MAKER, NOW)
        db.session.rollback()
    with writing():
        services.add_version(next_version(), date(2024, 6, 1), MAKER, NOW)
    with pytest.raises(VersionExists), writing():
        services.add_version(next_version(), date(2024, 7, 1), MAKER, NOW)
    db.session.rollback()
    with pytest.raises(NoChecklist):
        services.checklist_of("nope")
    with pytest.raises(DBAPIError), writing():
        db.session.execute(update(ChecklistVersion).values(document="{}"))


def run(*args):
    return CliRunner().invoke(cli, args)


def test_the_commands_show_check_and_issue(may, tmp_path):
    shown = run("checklist", "show")
    assert "60 项，总权重 194" in shown.stdout and "COK-02 ★" in shown.stdout
    document = json.loads(run("checklist", "show", "--json").stdout)
    assert len(document["items"]) == 60
    path = tmp_path / "new.json"
    path.write_text(next_version(), "utf-8")
    looked = run("checklist", "add", str(path), "--dry-run")
    assert "QUA-01 权重 5 → 6" in looked.stdout and len(services.versions()) == 1
    assert run("checklist", "add", str(path), "--from", "2024-06-01").exit_code == 0
    assert "总权重 195" in run("checklist", "show", "--version", "2026.2").stdout
    path.write_text("{}", "utf-8")
    wrong = run("checklist", "add", str(path))
    assert wrong.exit_code == 1 and "groups：" in wrong.stderr and "items：" in wrong.stderr
    assert run("checklist", "add", str(tmp_path / "none.json")).exit_code == 1
