"""`report inspection`, `rectification`, `notice`: the latest paper of a point, or the one numbered."""

import pytest
from click.testing import CliRunner

from mealsvc.cli import cli
from mealsvc.reports.case_commands import NoNoticed, NoOrder, NoSignedVisit
from tests.factories import inspected, tills
from tests.support.papers import words_of

SAID = {
    "inspection": ("现场检查笔录", "检查结果告知书"),
    "rectification": ("整改通知书", "整改要求"),
    "notice": ("检查通知书", "五个严禁"),
}


@pytest.fixture(autouse=True)
def case(app) -> dict[str, int]:
    tills.small_district()
    return inspected.case(photos=1, failed=1)


def run(*args):
    return CliRunner().invoke(cli, ["report", *args])


@pytest.mark.parametrize("kind", list(SAID))
@pytest.mark.parametrize("month", [[], ["--month", "2024-05"]])
def test_the_latest_paper_of_a_point_is_written(kind, month, tmp_path):
    out = tmp_path / "文书.pdf"
    result = run(kind, "--point", "P01", *month, "--out", str(out))
    assert result.exit_code == 0, result.output
    words = words_of(out.read_bytes())
    assert all(said in words for said in SAID[kind])
    first = out.read_bytes()
    run(kind, "--point", "P01", "--out", str(out))
    assert out.read_bytes() == first


def test_a_paper_is_found_by_its_number(tmp_path):
    out = tmp_path / "文书.pdf"
    result = run("rectification", "--number", "武民测改〔2024〕0001号", "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "武民测改〔2024〕0001号" in words_of(out.read_bytes())


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [("inspection", NoSignedVisit), ("rectification", NoOrder), ("notice", NoNoticed)],
)
@pytest.mark.parametrize(
    "where",
    [
        ["--point", "P02"],
        ["--point", "P01", "--month", "2024-04"],
        ["--number", "武民测改〔2024〕0099号"],
        ["--number", "武民测改〔2024〕0001号", "--point", "P02"],
    ],
)
def test_where_there_is_none_it_says_what_to_do(kind, refusal, where, tmp_path):
    out = tmp_path / "文书.pdf"
    result = run(kind, *where, "--out", str(out))
    assert isinstance(result.exception, refusal)
    assert where[1] in str(result.exception)
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
