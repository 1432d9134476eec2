"""Files of papers and people: both headings, each row once, bad rows told at their column."""

from datetime import date

import pytest
from sqlalchemy import select

from mealsvc.places.units.models import StaffMember, StaffPaper, UnitDocument
from mealsvc.plumbing.db import db
from tests.factories import units
from tests.services.test_imports import brought, document, dump, lines, rejected_rows

DOCUMENTS = "种类,助餐点编号,编号,发证单位,有效期起,有效期至,备注"
STAFF = (
    "助餐点编号,姓名,岗位,到岗日期,离岗日期,接触直接入口食品,志愿者,健康证明编号,"
    "健康证明发证日期,健康证明有效期至,培训考核日期,食品安全员任命日期"
)


@pytest.fixture
def place(app):
    return units.point("P50", "community_canteen")


def test_documents_come_in_once_and_a_licence_reaches_the_point(place):
    text = lines(
        DOCUMENTS,
        "食品经营许可证,P50,JY23204120000017,市场监管局,2024-01-01,2028-12-31,",
        "agreement,P50,XY-1,区民政局,20240101,2099年12月31日,续签",
        "价格备案公示制度,,武民〔2024〕1号,,2024-01-01,,",
        "服务协议制度,P50,,,2024-01-01,,",
    )
    first = document("documents", text)
    assert (first["created"], first["rejected"]) == (4, {})
    assert (place.licence_no, place.licence_expires_on) == ("JY23204120000017", date(2028, 12, 31))
    of_the_district = select(UnitDocument).where(UnitDocument.point_id.is_(None))
    assert [one.kind for one in db.session.scalars(of_the_district)] == ["rule_price"]
    before = dump()
    assert document("documents", text)["unchanged"] == 4
    assert dump() == before


def test_english_headings_are_the_same_file(place):
    text = lines(
        "kind,point,number,issuer,valid_from,valid_to,note", "fire,P50,X1,,2024-01-01,2099-01-01,"
    )
    assert document("documents", text)["created"] == 1


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("执照,P50,,,,2099-01-01,", "种类", "malformed"),
        ("消防,P99,,,,2099-01-01,", "助餐点编号", "unknown_point"),
        ("消防,P50,,,2024-02-01,2024-01-01,", "有效期至", "bad_period"),
        ("消防,P50,,,2024-02-01,,", "有效期至", "malformed"),
        ("消防,,,,2024-02-01,2099-01-01,", "助餐点编号", "malformed"),
        ("消防,P50,,,昨天,2099-01-01,", "有效期起", "malformed"),
    ],
)
def test_a_document_that_cannot_be_comes_back_at_its_column(place, row, column, code):
    (found,) = rejected_rows("documents", lines(DOCUMENTS, row))
    assert (found["column"], found["code"], found["line"]) == (column, code, "2")


def test_people_come_in_with_certificates_and_again_changes_nothing(place):
    text = lines(
        STAFF,
        "P50,演示甲,厨师,2023-01-10,,,,JK-1,2024-01-05,,2023-01-10,",
        "P50,演示乙,负责人,2023-01-10,,否,,,,,,",
        "P50,演示甲,厨师,2023-01-10,,,,JK-2,2025-01-05,2026-01-04,2024-01-09,2023-02-01",
        "P50,演示丙,送餐员,2024-03-01,2024-04-30,是,是,,,,,",
    )
    report = document("staff", text)
    assert (report["created"], report["updated"], report["rejected"]) == (3, 1, {})
    people = {one.name: one for one in db.session.scalars(select(StaffMember))}
    assert [people[name].handles_food for name in ("演示甲", "演示乙", "演示丙")] == [
        True,
        False,
        True,
    ]
    assert people["演示丙"].volunteer and people["演示丙"].left_on == date(2024, 4, 30)
    papers = db.session.scalars(select(StaffPaper).order_by(StaffPaper.kind, StaffPaper.issued_on))
    assert [(one.kind, one.number, one.valid_to) for one in papers] == [
        ("health", "JK-1", date(2025, 1, 4)),
        ("health", "JK-2", date(2026, 1, 4)),
        ("officer", "", None),
        ("training", "", None),
        ("training", "", None),
    ]
    before = dump()
    assert document("staff", text)["unchanged"] == 4
    assert dump() == before


def test_a_later_file_notes_who_left_and_what_is_not_in_it_stays(place):
    document("staff", lines(STAFF, "P50,演示甲,厨师,2023-01-10,,,,JK-1,2024-01-05,,,"))
    later = lines("助餐点编号,姓名,岗位,到岗日期,离岗日期", "P50,演示甲,厨师,2023-01-10,2024-02-29")
    assert document("staff", later)["updated"] == 1
    member = db.session.scalars(select(StaffMember)).one()
    assert member.left_on == date(2024, 2, 29) and member.handles_food
    assert db.session.scalars(select(StaffPaper)).one().number == "JK-1"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("P99,演示甲,厨师,2023-01-10,,,,,,,,", "助餐点编号", "unknown_point"),
        ("P50,演示甲,掌柜,2023-01-10,,,,,,,,", "岗位", "malformed"),
        ("P50,演示甲,厨师,2023-01-10,2022-01-01,,,,,,,", "离岗日期", "bad_period"),
        ("P50,演示甲,厨师,2023-01-10,,,,JK,,2024-01-01,,", "健康证明发证日期", "malformed"),
        (
            "P50,演示甲,厨师,2023-01-10,,,,JK,2024-02-01,2024-01-01,,",
            "健康证明有效期至",
            "bad_period",
        ),
        ("P50,演示甲,厨师,2023-01-10,,,,,,,2199-01-01,", "培训考核日期", "malformed"),
        ("P50,演示甲,厨师,2023-01-10,,也许,,,,,,", "接触直接入口食品", "malformed"),
    ],
)
def test_somebody_who_cannot_be_comes_back_at_the_column(place, row, column, code):
    (found,) = rejected_rows("staff", lines(STAFF, row))
    assert (found["column"], found["code"]) == (column, code)
    assert db.session.scalars(select(StaffMember)).all() == []


def test_a_rehearsal_keeps_nothing(place):
    before = dump()
    text = lines(DOCUMENTS, "消防,P50,X1,,2024-01-01,2099-01-01,")
    assert brought("documents", text, rehearse=True).document["created"] == 1
    assert dump() == before
