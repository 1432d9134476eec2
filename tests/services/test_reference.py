"""The reference of bases: complete, tied to the data, and the same in docs/basis.md."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from mealsvc.cli import cli
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.reports import reference
from mealsvc.reports.indicators import INDICATORS
from mealsvc.reports.supervision.catalogue import BLANK, PAPERS
from mealsvc.settings.services import change_setting
from mealsvc.settings.values import DEFAULTS
from mealsvc.supervision.checklist.services import put_first
from tests.factories.tills import SHELL
from tests.support import tree


def part(parts: list[reference.Part], code: str) -> reference.Part:
    return next(one for one in parts if one.code == code)


def test_the_printed_reference_is_the_one_that_the_data_give():
    written = tree.text(tree.ROOT / "docs" / "basis.md")
    said = "run: mealsvc basis --shipped > docs/basis.md"
    assert written == reference.markdown(reference.shipped()), said


def test_everything_stands_in_it_once():
    parts = reference.shipped()
    assert len(part(parts, "items").rows) == 60
    assert [row[0] for row in part(parts, "settings").rows] == [one.key for one in DEFAULTS]
    assert {row[0] for row in part(parts, "indicators").rows} == {one.code for one in INDICATORS}
    fields = [(kind.title, one.label) for kind in (*PAPERS.values(), BLANK) for one in kind.fields]
    assert [row[:2] for row in part(parts, "papers").rows][: len(fields)] == fields
    assert len(fields) == len(set(fields))


def test_nothing_is_without_a_basis_or_a_state():
    rows = [(one.code, row) for one in reference.shipped() for row in one.rows]
    assert not [row for _, row in rows if not row[-2].strip() or row[-1] not in reference.STATES]


def test_every_threshold_that_a_definition_names_is_filled_in():
    keys = {one.key for one in DEFAULTS}
    holes = {hole for one in INDICATORS for hole in reference.HOLE.findall(one.definition)}
    assert not {hole for hole in holes if hole not in reference.WORDS | reference.HOLES}
    assert not {key for key in reference.HOLES.values() if key not in keys}


@pytest.mark.parametrize(
    ("basis", "verified", "state"),
    [
        ("食品安全法53", True, reference.CHECKED),
        ("食品安全法53", False, reference.TO_CHECK),
        ("区补贴办法", False, reference.LOCAL),
        ("检查监督办法39；服务协议", False, reference.LOCAL),
        ("系统约定：风险分级抽查", False, reference.OWN),
    ],
)
def test_the_state_of_a_basis(basis, verified, state):
    assert reference.state_of(basis, verified) == state


def test_a_threshold_that_was_changed_shows_its_new_basis(app):
    today = clock.now().date()
    with writing():
        put_first(SHELL, clock.now())
        change_setting("order.days", "15", "武民〔2026〕3号", today, True, SHELL, today)
    row = next(
        row for row in part(reference.in_force(today), "settings").rows if row[0] == "order.days"
    )
    assert row[2] == "15工作日" and row[4:] == ("武民〔2026〕3号", reference.CHECKED)
    before = part(reference.in_force(date(2024, 5, 6)), "settings").rows
    assert next(row for row in before if row[0] == "order.days")[2] == "10工作日"


def test_the_command_prints_what_the_program_comes_with():
    result = CliRunner().invoke(cli, ["basis", "--shipped", "--json"])
    assert result.exit_code == 0, result.output
    assert [one["code"] for one in json.loads(result.output)] == [
        one.code for one in reference.shipped()
    ]


def test_the_page_shows_one_part_at_a_time(app, client_request):
    with writing():
        put_first(SHELL, clock.now())
    page = client_request.get("/basis", as_="inspector")
    assert len(page.select("tbody tr")) == 60
    page = client_request.get("/basis?part=papers", as_="manager@P01")
    assert "有权拒绝检查" in page.get_text()
    client_request.get("/basis?part=nonsense", as_="leader", status=404)
    client_request.get("/basis", as_="operator@P01", status=403)
