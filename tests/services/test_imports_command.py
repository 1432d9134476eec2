"""`mealsvc import` and `mealsvc export`: what they print, where, and how they end."""

import csv
import json
import stat

import pytest
from sqlalchemy import select

from mealsvc.cli import main
from mealsvc.exchange.columns import KINDS
from mealsvc.exchange.commands import IMPORTED
from mealsvc.plumbing.db import db
from mealsvc.trail.models import TrailEvent
from tests.factories.policies import SAMPLE
from tests.factories.tills import ID_NUMBERS, a_day, serve, small_district
from tests.services.test_imports import dump

CANDIDATES = "code,lon,lat\nC1,119.9,31.7\nC2,x,31.7\n"


SHOWN = {
    "servings": "TN-2022：U60 3.00（区2.00+镇1.00）",
    "settlement": "2024-05,P01,preview,1,1,0,0,12.00,3.00,9.00",
    "residents": "张*丰",
}


@pytest.fixture
def command(app, tmp_path, monkeypatch, capsys):
    """Runs a command in a folder of its own: exit status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        db.session.rollback()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def test_every_kind_of_file_has_its_command():
    assert set(IMPORTED) == {*KINDS, "policy"}


def test_json_stands_alone_on_stdout(command, tmp_path):
    (tmp_path / "c.csv").write_text(CANDIDATES.replace("lat", "lat,colour", 1))
    status, out, err = command("import", "candidates", "c.csv", "--json")
    assert status == 0
    assert json.loads(out) == {
        "kind": "candidates",
        "rows": 2,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": {"malformed": 1},
    }
    assert "colour" in err


def test_without_json_the_summary_is_chinese(command, tmp_path):
    (tmp_path / "c.csv").write_text(CANDIDATES)
    status, out, err = command("import", "candidates", "c.csv")
    assert status == 0
    assert "候选点位" in out and "新增 1 行" in out and "退回·格式不对：1 行" in out
    assert "第 3 行 lon" in err


def test_rejected_rows_go_to_a_file_for_its_owner(command, tmp_path):
    (tmp_path / "c.csv").write_text(CANDIDATES)
    assert command("import", "candidates", "c.csv", "--rejects", "bad.csv")[0] == 0
    path = tmp_path / "bad.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
    assert [(row["code"], row["line"], row["column"]) for row in rows] == [
        ("malformed", "3", "lon")
    ]
    assert list(tmp_path.glob(".*")) == []


def test_a_dry_run_writes_nothing(command, tmp_path):
    (tmp_path / "c.csv").write_text(CANDIDATES)
    before = dump()
    assert json.loads(command("import", "candidates", "c.csv", "--dry-run", "--json")[1])["created"]
    assert dump() == before


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("candidates", "gone.csv"), 1, "找不到文件"),
        (("candidates", "empty.csv"), 1, "文件是空的"),
        (("policy", "gone.toml"), 1, "找不到"),
        (("people", "c.csv"), 2, "people"),
        (("candidates",), 2, "FILE"),
        (("candidates", "c.csv", "--rejects", "no/where.csv"), 1, "无法写入文件"),
    ],
)
def test_what_cannot_be_done_ends_with_one_line(command, tmp_path, words, status, says):
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "c.csv").write_text(CANDIDATES)
    ended, out, err = command("import", *words)
    assert (ended, out) == (status, "")
    assert says in err
    assert status == 2 or err.count("\n") == 1


def test_a_policy_comes_into_force_once(command, tmp_path):
    (tmp_path / "p.toml").write_text(SAMPLE)
    assert json.loads(command("import", "policy", "p.toml", "--json")[1])["created"] == 1
    assert json.loads(command("import", "policy", "p.toml", "--json")[1])["unchanged"] == 1


def test_a_refused_policy_names_every_problem(command, tmp_path):
    wrong = SAMPLE.replace("amount_fen = 400", "amount_fen = 401").replace(
        "min_age = 60\n", "x = 1\n", 1
    )
    (tmp_path / "p.toml").write_text(wrong)
    status, out, err = command("import", "policy", "p.toml", "--json")
    assert (status, out) == (1, "")
    assert "有2处需要改正" in err


@pytest.mark.parametrize("kind", ["servings", "settlement", "residents"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_is_masked_and_leaves_a_trail_row(command, tmp_path, kind, ending):
    small_district()
    serve("S1")
    status, out, err = command("export", kind, "--month", "2024-05", "--out", f"x.{ending}")
    assert (status, out) == (0, "")
    assert "已导出" in err
    assert stat.S_IMODE((tmp_path / f"x.{ending}").stat().st_mode) == 0o600
    last = db.session.scalars(select(TrailEvent).order_by(TrailEvent.seq.desc()).limit(1)).one()
    assert last.action == "exchange.export"
    assert last.subject.startswith(kind)
    if ending == "csv":
        text = (tmp_path / "x.csv").read_text("utf-8-sig")
        assert "张国丰" not in text
        assert not any(number in text for number in ID_NUMBERS.values())
        assert SHOWN[kind] in text


def test_an_export_needs_a_month_and_a_known_ending(command):
    assert command("export", "servings", "--out", "x.csv")[0] == 2
    assert command("export", "servings", "--month", "2024-5", "--out", "x.csv")[0] == 2
    assert command("export", "servings", "--month", "2024-05", "--out", "x.pdf")[0] == 1


def test_late_facts_are_told_beside_the_document_not_in_it(command, tmp_path):
    small_district()
    serve("L7", "C001", served_at=a_day(7))
    number = ID_NUMBERS["张国丰"]
    (tmp_path / "d.csv").write_text(f"id_number,event,from_on\n{number},deceased,20240506\n")
    status, out, err = command("import", "departures", "d.csv", "--json")
    assert status == 0
    assert set(json.loads(out)) == {
        "kind", "rows", "created", "updated", "unchanged", "rejected"
    }  # fmt: skip
    assert "已登记的就餐中有1份受影响：1位老人，1个助餐点，原补贴3.00元，应为0.00元。" in err
    assert "/corrections?facts=1-1" in err


def test_a_rehearsal_of_late_facts_names_no_place_to_handle_them(command, tmp_path):
    small_district()
    serve("L7", "C001", served_at=a_day(7))
    number = ID_NUMBERS["张国丰"]
    (tmp_path / "d.csv").write_text(f"id_number,event,from_on\n{number},deceased,20240506\n")
    _, _, err = command("import", "departures", "d.csv", "--dry-run")
    assert "有1份受影响" in err
    assert "/corrections" not in err
