"""The commands `report` and `coverage summary`."""

import json

import pytest
from click.testing import CliRunner

from mealsvc.cli import cli
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing.db import writing
from tests.factories import surveys
from tests.factories.tills import COMMUNITY, SHELL, a_day, serve, small_district


@pytest.fixture(autouse=True)
def district(app):
    small_district()
    with writing():
        put_division({"code": COMMUNITY, "pop60": 400, "lon": 119.957, "lat": 31.71}, SHELL)
        put_point({"code": "P01", "lon": 119.957, "lat": 31.711}, SHELL)
    serve("S1", "C001", served_at=a_day(6))


def run(*args):
    return CliRunner().invoke(cli, args, catch_exceptions=True)


@pytest.mark.parametrize(
    "args",
    [
        ["settlement", "--month", "2024-05", "--point", "P01"],
        ["settlement", "--month", "2024-05"],
        ["supervision", "--month", "2024-05"],
        ["supervision", "--quarter", "2024-Q2", "--division", "320412100"],
        ["supervision", "--from", "2024-05-06", "--to", "2024-05-12", "--brief"],
        ["supervision", "--month", "2024-05", "--point", "P01", "--card"],
        ["survey", "--month", "2024-05"],
    ],
)
def test_a_report_is_written_to_its_file(args, tmp_path):
    out = tmp_path / "报告.pdf"
    result = run("report", *args, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(b"%PDF")
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize(
    "args",
    [
        ["supervision", "--out", "x.pdf"],
        ["supervision", "--month", "2024-5", "--out", "x.pdf"],
        ["supervision", "--month", "2024-05"],
        ["supervision", "--month", "2024-05", "--quarter", "2024-Q2", "--out", "x.pdf"],
        ["supervision", "--quarter", "2024-05", "--out", "x.pdf"],
        ["supervision", "--from", "2024-05-01", "--out", "x.pdf"],
        ["supervision", "--month", "2024-05", "--card", "--out", "x.pdf"],
        ["supervision", "--month", "2024-05", "--resident", "R000001", "--out", "x.pdf"],
        ["settlement", "--month", "2024-05", "--brief", "--out", "x.pdf"],
        ["settlement", "--month", "2024-05", "--round", "1", "--out", "x.pdf"],
        ["survey", "--point", "P01", "--out", "x.pdf"],
        ["unknown", "--month", "2024-05", "--out", "x.pdf"],
    ],
)
def test_wrong_usage_exits_with_two(args):
    assert run("report", *args).exit_code == 2


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["--month", "2020-01", "--out", "x.pdf"], "nothing_to_print"),
        (["--month", "2024-05", "--point", "XX", "--out", "x.pdf"], "unknown_point"),
        (["--month", "2024-05", "--out", "/nowhere/x.pdf"], "cannot_write"),
    ],
)
def test_what_cannot_be_printed_is_refused(args, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refusal = run("report", "settlement", *args).exception
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert list(tmp_path.iterdir()) == []


def test_coverage_is_one_json_document():
    result = run("coverage", "summary", "--radius", "1000", "--on", "2024-05-31", "--json")
    assert json.loads(result.stdout) == {
        "radius_m": 1000,
        "eligible": 400,
        "covered": 400,
        "rate": 1.0,
        "towns": [{"code": "320412100", "eligible": 400, "covered": 400}],
        "gaps": [],
    }


def test_coverage_in_words_names_the_gaps():
    result = run("coverage", "summary", "--radius", "50", "--on", "2024-05-31")
    assert "50米内覆盖 0 人，共 400 人（0.0%）；空白点 1 个" in result.stdout


def test_a_radius_of_nought_is_wrong_usage():
    assert run("coverage", "summary", "--radius", "0").exit_code == 2


@pytest.mark.only("sqlite")
def test_the_survey_report_is_of_the_round_asked_for_and_as_word_file_too(tmp_path):
    row = surveys.opened("A")
    out = tmp_path / "报告.docx"
    result = run("report", "survey", "--round", row.number, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(b"PK")
    refused = run("report", "survey", "--round", "没有", "--out", str(out))
    assert isinstance(refused.exception, Refusal)
    assert "没有编号为“没有”的摸排" in refused.exception.message
