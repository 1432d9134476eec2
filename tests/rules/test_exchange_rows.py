"""All the good rows and every bad row, in any encoding, both languages and every kind."""

import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from mealsvc.exchange.columns import KINDS
from mealsvc.exchange.headings import match
from mealsvc.exchange.refusals import BadFile
from mealsvc.exchange.rejects import open_rejects
from mealsvc.exchange.rows import Reject, RowReader
from mealsvc.exchange.sheets import SheetColumn, write_sheet
from mealsvc.exchange.spill import spill
from mealsvc.exchange.tables import open_table
from mealsvc.exchange.values import Hours, Spell
from mealsvc.kernel.resident_id import check_digit, normalise

TODAY = date(2024, 6, 1)
NOON = datetime(2024, 5, 6, 3, 30, tzinfo=UTC)


def number(sequence: int) -> str:
    first17 = f"32049919400101{sequence:03d}"
    return first17 + check_digit(first17)


# One good row of each kind, as written and as read.
GOOD: dict[str, tuple[dict[str, str], dict[str, object]]] = {
    "divisions": (
        {"code": "320412100", "name": "湖塘镇", "level": "镇街", "pop60": "38500"},
        {"code": "320412100", "name": "湖塘镇", "level": "town", "pop60": 38500},
    ),
    "points": (
        {"code": "WJ001", "name": "花园社区食堂", "kind": "社区食堂", "division": "320412100001",
         "opened_on": "2023-04-01", "catering_mode": "自营", "lunch_hours": "10:30-12:30"},
        {"kind": "community_canteen", "opened_on": date(2023, 4, 1), "catering_mode": "self_run",
         "lunch_hours": Hours(time(10, 30), time(12, 30))},
    ),
    "candidates": (
        {"code": "C07", "lon": "119.95", "lat": "31.7", "build_cost_fen": "5000000"},
        {"code": "C07", "lon": 119.95, "lat": 31.7, "build_cost_fen": 5000000},
    ),
    "residents": (
        {"id_number": number(1), "name": "张三", "hukou_division": "320412100001",
         "categories": "TK@2024-01-01..;独居", "phone": "13800138000", "card_no": "C000001"},
        {"id_number": normalise(number(1)), "name": "张三",
         "categories": (Spell("TK", date(2024, 1, 1), None), Spell("DJ", None, None))},
    ),
    "departures": (
        {"id_number": number(1), "event": "去世", "from_on": "2024-05-06"},
        {"event": "deceased", "from_on": date(2024, 5, 6), "to_on": None},
    ),
    "budget": (
        {"year": "2024", "source": "福彩", "amount": "1200000.5"},
        {"year": 2024, "source": "lottery", "amount_fen": 120000050},
    ),
    "menus": (
        {"point": "WJ001", "date": "2024-05-06", "meal": "午餐", "name": "红烧肉", "kind": "大荤",
         "price": "8"},
        {"meal": "lunch", "kind": "大荤", "price_fen": 800},
    ),
    "servings": (
        {"key": "K1", "point": "WJ001", "credential": "C000001", "mode": "送餐", "meal": "晚餐",
         "served_at": "2024-05-06T11:30:00+08:00", "price_fen": "1250", "method": "刷卡"},
        {"key": "K1", "served_at": NOON, "mode": "delivery", "price_fen": 1250, "method": "card"},
    ),
    "reversals": (
        {"key": "K2", "reverses": "K1", "reason": "点错了", "at": "2024-05-06T03:30:00Z"},
        {"reverses": "K1", "at": NOON},
    ),
    "purchases": (
        {"point": "WJ001", "date": "2024-05-06", "item": "青菜", "quantity_kg": "12.5"},
        {"item": "青菜", "date": date(2024, 5, 6)},
    ),
    "logs": (
        {"key": "L1", "point": "WJ001", "kind": "留样", "day": "2024-05-06", "meal": "午餐",
         "subject": "红烧肉", "at": "10:40", "grams": "130", "temp_c": "4.5"},
        {"kind": "sample", "day": date(2024, 5, 6), "meal": "lunch", "at": time(10, 40)},
    ),
    "documents": (
        {"kind": "助餐服务协议", "point": "WJ001", "number": "XY-1", "valid_to": "2026-12-31"},
        {"kind": "agreement", "point": "WJ001", "valid_to": date(2026, 12, 31)},
    ),
    "staff": (
        {"point": "WJ001", "name": "演示员工甲", "post": "厨师", "joined_on": "2023-04-10"},
        {"post": "cook", "joined_on": date(2023, 4, 10)},
    ),
    "inspections": (
        {"key": "ZZ-1", "point": "WJ001", "started_at": "2024-05-06T11:30:00+08:00",
         "ended_at": "2024-05-06T12:30:00+08:00", "lead": "甲", "second": "乙", "item": "SUB-01",
         "result": "PASS"},
        {"key": "ZZ-1", "item": "SUB-01", "result": "PASS"},  # text until all of it is together
    ),
}  # fmt: skip


def csv_text(headings: Iterable[str], *rows: Iterable[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows([headings, *rows])
    return stream.getvalue()


def chinese(kind: str, names: Iterable[str]) -> list[str]:
    return [next(c.chinese for c in KINDS[kind].columns if c.name == name) for name in names]


def read(kind: str, content: str | bytes, size: int = 2000) -> tuple[list, list[Reject]]:
    content = content.encode() if isinstance(content, str) else content
    with open_table(io.BytesIO(content)) as table:
        batches = list(RowReader(KINDS[kind], table, TODAY, size).batches())
    assert all(len(batch.rows) + len(batch.rejects) <= size for batch in batches)
    return [row for b in batches for row in b.rows], [r for b in batches for r in b.rejects]


def xlsx(headings: list[str], row: list[str]) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, headings)
    sheet.write_row(1, 0, row)
    book.close()
    return stream.getvalue()


@pytest.mark.parametrize("language", ["english", "chinese"])
@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "gb18030", "xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_reads_the_same_in_every_form(kind: str, form: str, language: str) -> None:
    written, expected = GOOD[kind]
    headings = list(written) if language == "english" else chinese(kind, written)
    cells = list(written.values())
    content = xlsx(headings, cells) if form == "xlsx" else csv_text(headings, cells).encode(form)
    rows, rejects = read(kind, content)
    assert rejects == []
    assert [row.line for row in rows] == [2]
    assert {name: getattr(rows[0], name) for name in expected} == expected


@pytest.mark.parametrize("kind", KINDS)
def test_columns_may_come_in_any_order(kind: str) -> None:
    written, _ = GOOD[kind]
    turned = dict(reversed(written.items()))
    one = read(kind, csv_text(written, written.values()))
    other = read(kind, csv_text(turned, turned.values()))
    assert one == other


MANDATORY = [
    (kind.name, column.slot)
    for kind in KINDS.values()
    for column in kind.columns
    if column.required and column.name == column.slot
]
LENIENT = {(kind, c.slot) for kind in KINDS for c in KINDS[kind].columns if c.lenient}


@pytest.mark.parametrize(("kind", "slot"), MANDATORY)
def test_a_file_without_a_mandatory_column_is_refused_in_both_languages(
    kind: str, slot: str
) -> None:
    columns = {column.name: column for column in KINDS[kind].columns}
    written = {name: cell for name, cell in GOOD[kind][0].items() if columns[name].slot != slot}
    with pytest.raises(BadFile) as refused:
        read(kind, csv_text(written, written.values()))
    assert slot in refused.value.message
    assert columns[slot].chinese in refused.value.message


@pytest.mark.parametrize(
    ("kind", "slot"),
    # a lenient cell is judged later, with everything that belongs to it
    [(kind, slot) for kind, slot in MANDATORY if (kind, slot) not in LENIENT],
)
def test_an_empty_mandatory_cell_rejects_its_row(kind: str, slot: str) -> None:
    columns = {column.name: column for column in KINDS[kind].columns}
    written = {n: " " if columns[n].slot == slot else c for n, c in GOOD[kind][0].items()}
    rows, rejects = read(kind, csv_text(written, written.values()))
    if slot == "price_fen":  # unreadable is bad_price, and waits for its turn
        assert rows[0].price_fen is None
    else:
        assert [(r.line, columns[r.column].slot, r.code) for r in rejects] == [
            (2, slot, "malformed")
        ]


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("价格", "price"), ("价格分", "price_fen"), ("价格（分）", "price_fen"),
        ("价格(元)", "price"), ("PRICE_FEN", "price_fen"), (" Price ", "price"),
        ("price (fen)", "price_fen"), ("价格（万元）", None), ("价格 （必填）", "price"),
        ("就餐时间（北京时间）", "served_at"), ("＊流水号", "key"), ("备注", None), ("", None),
    ],
)  # fmt: skip
def test_headings_are_forgiving_except_about_units(heading: str, column: str | None) -> None:
    rest = [n for n in GOOD["servings"][0] if n != column]
    found = dict(match(KINDS["servings"], [*rest, heading]).columns)
    last = found.get(len(rest))
    assert (last.name if last else None) == column


def test_unknown_columns_are_ignored_with_a_warning() -> None:
    matched = match(KINDS["budget"], ["year", "备注", "source", "amount", ""])
    assert matched.warnings == ["列“备注”不认识，已忽略。"]


@pytest.mark.parametrize("headings", [["年度", "year"], ["year", "year"]])
def test_a_column_that_comes_twice_refuses_the_file(headings: list[str]) -> None:
    with pytest.raises(BadFile, match="同一列"):
        match(KINDS["budget"], [*headings, "source", "amount"])


def test_a_thousand_rows_with_three_bad_ones_give_all_the_others_and_three_reasons() -> None:
    bad = {
        10: (number(10)[:-1] + ("0" if number(10)[-1] != "0" else "1"), "", "身份证号"),
        500: (number(500), "XX", "类别"),
        1001: (number(1001 % 1000), "TK@坏..", "类别"),
    }
    cells = [
        [*bad.get(line, (number(line % 1000), ""))[:2], "张三", "320412"] for line in range(2, 1002)
    ]
    content = csv_text(["身份证号", "类别", "姓名", "户籍区划"], *cells)
    rows, rejects = read("residents", content.encode("gb18030"), size=100)
    assert len(rows) == 997
    assert [(r.line, r.column, r.code) for r in rejects] == [
        (10, "身份证号", "bad_id_number"),
        (500, "类别", "unknown_category"),
        (1001, "类别", "malformed"),
    ]


def test_a_row_with_several_faults_is_one_reject_that_tells_them_all() -> None:
    _, (reject,) = read("budget", "年度,资金来源,金额\n24,省,十万\n")
    assert (reject.column, reject.code) == ("年度", "malformed")
    assert all(f"{heading}：" in reject.message for heading in ("年度", "资金来源", "金额"))


@pytest.mark.parametrize(
    ("kind", "text", "column", "code"),
    [
        ("departures", f"id_number,event,起,止\n{number(1)},迁出,2024-05-06,2024-05-05\n",
         "止", "bad_period"),
        ("divisions", "code,name,级别\n320412,武进区,镇\n", "级别", "malformed"),
        ("divisions", "code,name,level,lon\n320412,武进区,区,119.9\n", "code", "malformed"),
        ("residents", "身份证号,姓名,户籍区划\n320499202501010018,张三,320412\n",
         "身份证号", "bad_id_number"),
        ("budget", "year,source,amount\n2024,区,10,20\n", "amount", "malformed"),
        ("budget", 'year,source,amount\n2024,"区"x,10\n', "amount", "malformed"),
        ("budget", "year,source,amount,amount_fen\n2024,区,10,20\n", "amount", "malformed"),
        ("budget", "year,source,amount,amount_fen\n2024,区,,\n", "amount", "malformed"),
    ],
)  # fmt: skip
def test_a_bad_row_names_a_heading_of_the_file(
    kind: str, text: str, column: str, code: str
) -> None:
    rows, (reject,) = read(kind, text)
    assert rows == []
    assert (reject.line, reject.column, reject.code) == (2, column, code)


def test_a_birth_date_in_the_future_is_refused_with_its_own_code() -> None:
    first17 = "32049920250101001"
    text = f"id_number,name,hukou_division\n{first17}{check_digit(first17)},张三,320412\n"
    _, (reject,) = read("residents", text)
    assert reject.code == "bad_birth_date"


@pytest.mark.parametrize(
    ("fen", "yuan", "price"),
    [("1250", "", 1250), ("", "12.50", 1250), ("1250", "12.5", 1250), ("1250", "13", None),
     ("", "", None), ("12.5", "", None)],
)  # fmt: skip
def test_a_price_may_stand_in_fen_or_yuan(fen: str, yuan: str, price: int | None) -> None:
    written = {**GOOD["servings"][0], "price_fen": fen, "price": yuan}
    rows, rejects = read("servings", csv_text(written, written.values()))
    assert (rows[0].price_fen, rejects) == (price, [])


def test_short_rows_and_repeated_cells_are_read_like_full_ones() -> None:
    text = "year,source,amount,备注\n2024,区,10\n2024,镇,10,\n2025,区,10,,,\n"
    rows, rejects = read("budget", text)
    assert [(row.year, row.source) for row in rows] == [
        (2024, "district"), (2024, "town"), (2025, "district"),
    ]  # fmt: skip
    assert rejects == []


def test_a_rejects_file_can_be_corrected_and_imported_again() -> None:
    text = "code,name,level\n320412,武进区,区\n3204,=1+1,镇\n320412100,湖塘镇,村\n"
    _, found = read("divisions", text)
    stream = io.BytesIO()
    with open_rejects(["code", "name", "level"]) as rejects:
        rejects.add(reversed(found))
        rejects.write(stream)
        assert rejects.count == 2
    written = stream.getvalue().decode("utf-8-sig")
    assert [line.split(",")[:6] for line in written.splitlines()] == [
        ["code", "name", "level", "line", "column", "code"],
        ["3204", "'=1+1", "镇", "3", "code", "malformed"],
        ["320412100", "湖塘镇", "村", "4", "level", "malformed"],
    ]
    corrected = written.replace("村,4", "镇,4").replace("3204,'", "320412119,'")
    rows, left = read("divisions", corrected)
    assert [(row.code, row.name) for row in rows] == [
        ("320412119", "=1+1"),
        ("320412100", "湖塘镇"),
    ]
    assert left == []


cell_texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("=+-@'\t"), max_size=20
).map(str.strip)


@settings(max_examples=60, deadline=None)
@given(
    ending=st.sampled_from(["csv", "xlsx"]),
    lines=st.lists(st.tuples(cell_texts.filter(bool), st.integers(0, 10**12)), min_size=1),
)
def test_what_is_written_is_read_back_the_same(ending, lines) -> None:
    from mealsvc.kernel.text import tidy

    columns = [SheetColumn("reason"), SheetColumn("key"), SheetColumn("reverses"),
               SheetColumn("at", "instant")]  # fmt: skip
    stream = io.BytesIO()
    write_sheet(stream, ending, columns, ((text, n, "K1", NOON) for text, n in lines))
    rows, rejects = read("reversals", stream.getvalue())
    kept = [(text, n) for text, n in lines if tidy(text) and tidy(text).isprintable()]
    shown = [(row.reason, row.key, row.at) for row in rows if row.reason.isprintable()]
    assert [row for row in shown if row in {(tidy(t), str(n), NOON) for t, n in kept}] == [
        (tidy(text), str(n), NOON) for text, n in kept
    ]
    assert all(reject.column == "reason" for reject in rejects)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_keeps_ids_as_text_money_exact_and_formulas_harmless(ending) -> None:
    columns = [SheetColumn("身份证号"), SheetColumn("金额", "yuan"), SheetColumn("金额分", "fen"),
               SheetColumn("日期", "date"), SheetColumn("次数", "number"), SheetColumn("备注")]  # fmt: skip
    stream = io.BytesIO()
    row = (number(1), 1205, 1205, date(2024, 5, 6), 3, "=HYPERLINK(1)")
    assert write_sheet(stream, ending, columns, [row, (None, None, 0, None, None, "-5")]) == 2
    with open_table(stream) as table:
        assert [cells for _, cells in table.rows] == [
            [number(1), "12.05", "1205", "2024-05-06", "3", "'=HYPERLINK(1)"],
            ["", "", "0", "", "", "-5"],
        ]


def test_more_items_than_fit_in_memory_come_back_in_order() -> None:
    numbers = [(i * 7919) % 10_007 for i in range(10_007)]
    with spill(lambda item: item, run=1_000) as sorter:
        for item in numbers:
            sorter.add(item)
        assert list(sorter) == list(range(10_007))
        assert sorter.count == 10_007


def test_a_workbook_tells_no_time_of_its_making_so_the_same_rows_give_the_same_bytes() -> None:
    stream = io.BytesIO()
    write_sheet(stream, "xlsx", (SheetColumn("金额", "yuan"),), [[1250], [None]])
    with zipfile.ZipFile(stream) as archive:
        core = archive.read("docProps/core.xml").decode()
        stamps = {member.date_time[0] for member in archive.infolist()}
    assert core.count("2000-01-01T00:00:00Z") == 2
    assert stamps == {1980}
