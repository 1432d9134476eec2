"""`report inspection`, `rectification`, `notice`: the latest paper of a point, or the one numbered."""

import pytest
from click.testing import CliRunner

from mealsvc.cli import cli
from mealsvc.kernel.months import Month
from mealsvc.reports.case_commands import NoNoticed, NoOrder, NoSignedVisit
from mealsvc.reports.supervision import papers
from tests.factories import inspected, tills
from tests.support.papers import words_of

SAID = {
    "inspection": ("现场检查笔录", "检查结果告知书"),
    "rectification": ("整改通知书", "整改要求"),
    "notice": ("检查通知书", "五个严禁"),
}


@pytest.fixture
def case(app) -> dict[str, int]:
    tills.small_district()
    return inspected.case(photos=1, failed=1)


def run(*args):
    return CliRunner().invoke(cli, ["report", *args])


@pytest.mark.parametrize("kind", list(SAID))
def test_the_latest_paper_of_a_point_is_written(case, kind, tmp_path):
    out = tmp_path / "文书.pdf"
    result = run(kind, "--point", "P01", "--month", "2024-05", "--out", str(out))
    assert result.exit_code == 0, result.output
    words = words_of(out.read_bytes())
    assert all(said in words for said in SAID[kind])
    first = out.read_bytes()
    run(kind, "--point", "P01", "--out", str(out))
    assert out.read_bytes() == first


def test_what_is_meant_is_found_by_point_month_and_number(case):
    may, april = Month(2024, 5), Month(2024, 4)
    for find, key, number in (
        (papers.last_signed, case["record"], "武民测检〔2024〕0001号"),
        (papers.last_order, case["order"], "武民测改〔2024〕0001号"),
        (papers.last_notice, case["notice"], "武民测通〔2024〕0001号"),
    ):
        for asked in (
            ("P01", None, ""),
            ("P01", may, ""),
            ("", None, number),
            ("P01", may, number),
        ):
            row = find(*asked)
            assert row is not None and row.id == key
        for asked in (
            ("P02", None, ""),
            ("P01", april, ""),
            ("", None, "0"),
            ("P02", None, number),
        ):
            assert find(*asked) is None


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [("inspection", NoSignedVisit), ("rectification", NoOrder), ("notice", NoNoticed)],
)
def test_where_there_is_none_it_says_what_to_do(case, kind, refusal, tmp_path):
    out = tmp_path / "文书.pdf"
    result = run(kind, "--point", "P01", "--month", "2024-04", "--out", str(out))
    assert isinstance(result.exception, refusal)
    assert "P01、2024年4月" in str(result.exception)
    assert not out.exists()


@pytest.mark.parametrize(
    "args",
    [
        ["inspection", "--out", "x.pdf"],
        ["notice", "--point", "P01", "--division", "320412100", "--out", "x.pdf"],
        ["inspection", "--point", "P01", "--resident", "R000001", "--out", "x.pdf"],
        ["settlement", "--month", "2024-05", "--number", "1", "--out", "x.pdf"],
    ],
)
def test_options_that_do_not_belong_together_are_refused(args):
    assert run(*args).exit_code == 2
