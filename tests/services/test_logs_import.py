"""A month of logs from a file: good rows stay, bad ones come back, the same file changes nothing."""

import csv
import io
import json
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from mealsvc.exchange.importing import import_file
from mealsvc.plumbing.db import Base, db
from mealsvc.supervision.logs import queries
from mealsvc.supervision.logs.models import LogEntry, Purchase
from tests.factories import logs as made
from tests.factories.logs import COOK, DAY

HEADING = "流水号,助餐点编号,日志,日期,餐次,对象,时间,温度,重量克,设备类型,结果,已离岗,措施"


@pytest.fixture
def kitchen(app):
    made.kitchen()


def brought(text, out=None):
    return import_file("logs", io.BytesIO(text.encode()), COOK, rejects_to=out).document


def rejected(text):
    out = io.BytesIO()
    brought(text, out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"))))


def lines(*rows):
    return "\n".join((HEADING, *rows)) + "\n"


def everything():
    db.session.rollback()
    tables = [table for table in Base.metadata.sorted_tables if table.name != "import_job"]
    return [
        db.session.execute(select(func.count()).select_from(table)).scalar() for table in tables
    ]


def a_thousand():
    """Two readings of five devices on a hundred days; three rows that nobody can take."""
    rows = []
    for number in range(1000):
        day = date(2024, 1, 1) + timedelta(days=number // 10)
        at = "07:30" if number % 2 else "15:30"
        row = [f"L{number:04}", "P01", "冷藏冷冻", day, "", f"冷藏柜{number % 10 // 2}", at, "4"]
        rows.append([*map(str, row), "", "冷藏柜", "", "", ""])
    rows[10][7] = "热"
    rows[500][7] = "12"
    rows[999][1] = "P77"
    return lines(*(",".join(row) for row in rows))


def test_of_a_thousand_rows_three_come_back_with_line_column_and_reason(kitchen):
    text = a_thousand()
    bad = rejected(text)
    assert [(row["line"], row["column"], row["code"]) for row in bad] == [
        ("12", "温度", "malformed"),
        ("502", "措施", "action_missing"),
        ("1001", "助餐点编号", "unknown_point"),
    ]
    assert "0～8" in bad[1]["message"]
    assert db.session.scalar(select(func.count()).select_from(LogEntry)) == 997
    before = everything()
    assert brought(text) == {
        "kind": "logs", "rows": 1000, "created": 0, "updated": 0, "unchanged": 997,
        "rejected": {"action_missing": 1, "malformed": 1, "unknown_point": 1},
    }  # fmt: skip
    assert everything() == before


def test_both_languages_and_both_ways_to_write_a_time_mean_the_same(kitchen):
    chinese = lines("A1,P01,中心温度,20240506,午餐,红烧肉,10:40,82.5,,,,,")
    english = (
        "key,point,kind,day,meal,subject,at,temp_c\n"
        "A1,P01,core_temp,2024-05-06,lunch,红烧肉,2024-05-06T10:40:00+08:00,82.5\n"
    )
    assert brought(chinese)["created"] == 1
    assert brought(english)["unchanged"] == 1
    one = db.session.scalars(select(LogEntry)).one()
    assert (one.within, json.loads(one.facts)) == (True, {"temp_c": 82.5})


def test_a_month_gives_the_figures_that_it_was_made_of(kitchen):
    lunch = "2024-05-06,午餐"
    rows = [f"S{n},P01,留样,{lunch},{dish},,4,130,,,," for n, dish in enumerate(made.DISHES[1:])]
    rows += [
        f"S9,P01,留样,{lunch},{made.DISHES[0]},,4,90,,,,补足",
        "M1,P01,晨检,2024-05-06,,甲师傅,,,,,正常,,",
        "M2,P01,晨检,2024-05-06,,乙师傅,,,,,发热,是,",
        f"C1,P01,中心温度,{lunch},红烧肉,,65,,,,,继续加热",
        f"C2,P01,中心温度,{lunch},米饭,,85,,,,,",
    ]
    assert brought(lines(*rows))["rejected"] == {}
    control = "key,point,kind,day,person\nZ1,P01,日管控,2024-05-06,甲师傅\n"
    assert brought(control)["created"] == 1
    rows = db.session.execute(select(LogEntry.kind, LogEntry.within).order_by(LogEntry.kind))
    verdicts = [(kind, within) for kind, within in rows]
    assert Counter(verdicts) == {
        ("sample", True): 4, ("sample", False): 1, ("morning_check", True): 1,
        ("morning_check", False): 1, ("core_temp", False): 1, ("core_temp", True): 1,
        ("daily_control", True): 1,
    }  # fmt: skip
    lacking = {one.kind for one in queries.missing_on(DAY, [made.the_point()])[1]}
    assert lacking == {"hold_temp", "disinfection", "cold_store"}


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("A,P01,睡觉,2024-05-06,,,,,,,,,", "日志", "malformed"),
        ("A,P01,留样,2024-05-06,午餐,,,,130,,,,", "对象", "malformed"),
        ("A,P01,留样,2024-05-06,,红烧肉,,,130,,,,", "餐次", "malformed"),
        ("A,P01,留样,2024-05-06,午餐,红烧肉,,,,,,,", "重量克", "malformed"),
        ("A,P01,留样,2024-05-06,午餐,红烧肉,25:00,,130,,,,", "时间", "malformed"),
        ("A,P01,留样,2024-05-06,午餐,鱼,2024-05-07T10:00:00+08:00,,130,,,,", "时间", "malformed"),
        ("A,P01,留样,2024-05-06,午餐,红烧肉,,,90,,,,", "措施", "action_missing"),
        ("A,P01,晨检,2024-05-06,,甲,,,,,发热,,", "已离岗", "malformed"),
        ("A,P01,晨检,2024-05-06,,甲,,,,,很好,,", "结果", "malformed"),
        ("A,P01,留样,2099-05-06,午餐,红烧肉,,,130,,,,", "日期", "in_future"),
    ],
)
def test_each_bad_row_names_its_column_and_code(kitchen, row, column, code):
    [bad] = rejected(lines(row))
    assert (bad["column"], bad["code"]) == (column, code)


def test_goods_of_a_file_stand_in_the_purchase_ledger_and_a_key_has_one_content(kitchen):
    heading = "key,point,kind,day,subject,quantity_kg,supplier,batch,licence,certificate,sound\n"
    row = "P1,P01,进货查验,2024-05-06,大米,25,某粮油,B1,是,是,是\n"
    assert brought(heading + row)["created"] == 1
    [line] = db.session.scalars(select(Purchase))
    assert (line.item, line.quantity_kg) == ("大米", 25)
    assert brought(heading + row.replace("25", "26"))["rejected"] == {"key_conflict": 1}


def test_items_with_problems_are_named_and_the_others_are_in_order(kitchen):
    heading = "key,point,kind,day,items,person,action\n"
    good = "Z1,P01,日管控,2024-05-06,COK-02;AGE-02=今天没有,甲,返工\n"
    assert brought(heading + good)["created"] == 1
    one = db.session.scalars(select(LogEntry)).one()
    answers = json.loads(one.facts)["items"]
    assert (one.within, len(answers)) == (False, 8)
    assert (answers["COK-02"], answers["AGE-02"], answers["STF-02"]) == ("wrong", "na", "ok")
    assert brought(heading + good.replace("Z1", "Z2").replace("COK-02", "XX-1"))["rejected"]
