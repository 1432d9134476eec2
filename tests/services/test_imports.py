"""Files brought in: what stays, what comes back, and that the same file twice changes nothing."""

import csv
import io
import json
from datetime import date

import pytest
import xlsxwriter
from sqlalchemy import select

from mealsvc.exchange.importing import import_file
from mealsvc.exchange.refusals import BadFile
from mealsvc.kernel.actors import Actor
from mealsvc.places.models import MealPoint, Operator
from mealsvc.plumbing.db import Base, db
from mealsvc.residents.models import Resident, ResidentFact
from tests.factories.tills import ID_NUMBERS, id_number, small_district

SHELL = Actor("command", "tests")
ZHANG = ID_NUMBERS["张国丰"]


@pytest.fixture
def district(app):
    small_district()
    return app


def brought(kind: str, text: str | bytes, **options):
    """The report of an import of this text."""
    content = text if isinstance(text, bytes) else text.encode()
    return import_file(kind, io.BytesIO(content), SHELL, filename="表.csv", **options)


def document(kind: str, text: str | bytes, **options) -> dict:
    return brought(kind, text, **options).document


def dump() -> str:
    """Everything in the database, as text."""
    tables = {
        table.name: [
            [str(value) for value in row]
            for row in db.session.execute(table.select().order_by(*table.primary_key))
        ]
        for table in Base.metadata.sorted_tables
    }
    db.session.rollback()
    return json.dumps(tables, ensure_ascii=False)


def rejected_rows(kind: str, text: str) -> list[dict[str, str]]:
    out = io.BytesIO()
    brought(kind, text, rejects_to=out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"))))


def lines(heading: str, *rows: str) -> str:
    return "\n".join((heading, *rows)) + "\n"


FILES = {
    "divisions": lines(
        "code,name,level,pop60",
        "320412101,牛塘镇,镇街,12000",
        "320412101001,卢家巷社区,村社区,",
    ),
    "points": lines(
        "code,name,kind,division,supplier,operator,lunch_hours,opened_on",
        "P10,卢家巷分餐点,配送分餐点,320412101001,P11,餐饮公司,10:30-12:30,2023-04-01",
        "P11,中央厨房,中央厨房,320412101,,餐饮公司,,",
    ),
    "candidates": lines("code,lon,lat,build_cost", "C07,119.95,31.7,50000.5"),
    "residents": lines(
        "身份证号,姓名,户籍区划,类别,卡号",
        f"{id_number('19450301', '011')},王桂英,320412100001,TK@2024-01-01..;独居,C011",
        f"{id_number('19450302', '012')},李国强,320412100001,,C012",
    ),
    "departures": lines(
        "id_number,event,from_on,to_on",
        f"{ZHANG},入住机构,2024-05-20,2024-05-25",
        f"{ID_NUMBERS['张桂芳']},去世,2024-05-06,",
    ),
    "budget": lines("年度,资金来源,金额", "2024,区,1200000.50", "2024,福彩,5000"),
    "menus": lines(
        "point,date,meal,name,kind,price,salt_g", "P01,2024-05-06,午餐,套餐一,套餐,12,3.5"
    ),
    "purchases": lines("point,date,item,quantity_kg,supplier", "P01,2024-05-06,大米,50.5,粮油公司"),
    "servings": lines(
        "key,point,credential,served_at,meal,mode,price",
        "S1,P01,C001,2024-05-06T11:30:00+08:00,lunch,dine_in,12",
        "S2,P01,C002,2024-05-06T11:31:00+08:00,午餐,自取,12.00",
        "S3,P09,C002,2024-05-06T11:31:00+08:00,午餐,自取,12.00",
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_the_same_file_twice_changes_nothing(district, kind):
    first = document(kind, FILES[kind])
    assert first.get("created", first.get("recorded")) >= 1
    before = dump()
    again = document(kind, FILES[kind])
    assert dump() == before
    good = first["rows"] - sum(first["rejected"].values())
    assert again.get("unchanged", again.get("replayed")) == good


@pytest.mark.parametrize("kind", FILES)
def test_a_rehearsal_counts_the_same_and_writes_nothing(district, kind):
    before = dump()
    rehearsed = document(kind, FILES[kind], rehearse=True)
    assert dump() == before
    assert document(kind, FILES[kind]) == rehearsed


def test_a_supplier_may_come_later_and_one_unit_runs_both_points(district):
    assert document("points", FILES["points"])["created"] == 2
    point = db.session.scalars(select(MealPoint).where(MealPoint.code == "P10")).one()
    assert (point.supplier, point.lunch_hours, point.address) == ("P11", "10:30-12:30", "")
    assert point.opened_on == date(2023, 4, 1)
    assert db.session.scalars(select(Operator.name)).all() == ["餐饮公司"]


def test_columns_that_a_file_lacks_stay_as_they_are(district):
    brought("points", FILES["points"])
    text = lines("code,name,kind,division", "P10,新名字,serving_point,320412101001")
    assert document("points", text)["updated"] == 1
    point = db.session.scalars(select(MealPoint).where(MealPoint.code == "P10")).one()
    assert (point.name, point.supplier) == ("新名字", "P11")


def test_residents_from_a_chinese_gb18030_file(district):
    text = FILES["residents"].encode("gb18030")
    assert document("residents", text)["created"] == 2
    held = db.session.scalars(select(Resident).where(Resident.name == "王桂英")).one()
    facts = db.session.scalars(select(ResidentFact).where(ResidentFact.resident_id == held.id))
    assert {(one.value, one.from_on) for one in facts} == {
        ("TK", date(2024, 1, 1)),
        ("DJ", None),
    }


def test_servings_from_a_workbook_with_typed_cells(district):
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["流水号", "助餐点编号", "凭证", "就餐时间", "餐次", "方式", "价格"])
        sheet.write_row(1, 0, ["S1", "P01", "C001", "2024-05-06T11:30:00+08:00", "午餐", "堂食"])
        sheet.write_number(1, 6, 12.5)
    assert document("servings", book.getvalue()) == {
        "kind": "servings",
        "rows": 1,
        "recorded": 1,
        "subsidised": 1,
        "replayed": 0,
        "full_price": {},
        "rejected": {},
        "subsidy_fen": 300,
    }


def test_every_bad_resident_comes_back_with_its_reason(district):
    heading = "id_number,name,hukou_division,categories,card_no"
    good = id_number("19450301", "011")
    rows = (
        f"{good},王桂英,320412100001,,C011",
        f"{good},王桂英,320412100001,,C015",
        "320499194503010121,错位,320412100001,,",
        f"{id_number('19450231', '013')},不存在的日子,320412100001,,",
        f"{id_number('19450301', '014')},类别,320412100001,XX,",
        f"{id_number('19450301', '015')},占卡,320412100001,,C001",
        f"{id_number('19450301', '016')},,320412100001,,",
    )
    assert document("residents", lines(heading, *rows), rehearse=True)["rejected"] == {
        "bad_birth_date": 1,
        "bad_id_number": 1,
        "card_taken": 1,
        "duplicate": 1,
        "malformed": 1,
        "unknown_category": 1,
    }
    found = rejected_rows("residents", lines(heading, *rows))
    assert [(row["line"], row["column"], row["code"]) for row in found] == [
        ("3", "id_number", "duplicate"),
        ("4", "id_number", "bad_id_number"),
        ("5", "id_number", "bad_birth_date"),
        ("6", "categories", "unknown_category"),
        ("7", "card_no", "card_taken"),
        ("8", "name", "malformed"),
    ]
    assert found[0]["id_number"] == good


def test_three_bad_rows_in_a_thousand_leave_the_others_in(district):
    rows = [f"2024-01-01,{number:04d},P01,1.5" for number in range(1000)]
    rows[10] = rows[10].replace("P01", "P99")
    rows[500] = rows[500].replace("2024-01-01", "2024-13-01")
    rows[999] = rows[999].replace("1.5", "")
    text = lines("date,item,point,quantity_kg", *rows)
    assert document("purchases", text) == {
        "kind": "purchases",
        "rows": 1000,
        "created": 997,
        "updated": 0,
        "unchanged": 0,
        "rejected": {"malformed": 2, "unknown_point": 1},
    }


def test_of_two_rows_about_one_thing_the_last_counts_and_a_repeat_changes_nothing(district):
    text = lines(
        "id_number,event,from_on,to_on",
        f"{ZHANG},institution,2024-05-20,",
        f"{ZHANG},institution,2024-05-20,2024-05-25",
    )
    first = document("departures", text)
    assert (first["created"], first["updated"]) == (1, 1)
    fact = db.session.scalars(select(ResidentFact).filter_by(kind="departure")).one()
    assert fact.to_on == date(2024, 5, 25)
    before = dump()
    assert document("departures", text)["unchanged"] == 2
    assert dump() == before


def test_a_departure_of_a_stranger_or_backwards_is_rejected(district):
    text = lines(
        "id_number,event,from_on,to_on",
        f"{id_number('19400101', '099')},deceased,2024-05-20,",
        f"{ZHANG},institution,2024-05-20,2024-05-19",
    )
    assert document("departures", text)["rejected"] == {"bad_period": 1, "unknown_resident": 1}


def test_unknown_columns_warn_and_missing_ones_refuse_the_file(district):
    text = lines("code,lon,lat,colour", "C1,119.9,31.7,red")
    assert "colour" in brought("candidates", text).warnings[0]
    with pytest.raises(BadFile, match="纬度"):
        brought("candidates", lines("code,lon", "C1,119.9"))


def test_a_stopped_import_keeps_what_is_in_and_a_repeat_completes_it(district):
    text = lines("code,lon,lat", *(f"C{number:04d},119.9,31.7" for number in range(1200)))
    report = brought("candidates", text, watch=lambda done, total: False)
    assert report.stopped
    assert report.document["created"] == 500
    again = document("candidates", text)
    assert (again["created"], again["unchanged"]) == (700, 500)
