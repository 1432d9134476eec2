"""Writes rows as a file the way real offices do: encodings, headings, column order, typed cells."""

import csv
import io
import re
from datetime import date
from pathlib import Path
from random import Random

import xlsxwriter

Row = dict[str, str]
HEADINGS = {
    "divisions": "code 区划代码 name 名称 level 级别 managed_by 管理主体 pop60 60岁以上户籍人口",
    "points": "code 助餐点编号 name 名称 kind 类型 division 区划代码 opened_on 开业日期 "
    "closed_on 停业日期",
    "residents": "id_number 身份证号 name 姓名 hukou_division 户籍区划 residence_division 居住区划 "
    "categories 类别 card_no 卡号 phone 电话",
    "departures": "id_number 身份证号 event 事件 from_on 起 to_on 止 source 来源",
    "servings": "key 流水号 point 助餐点编号 credential 凭证 served_at 就餐时间 meal 餐次 mode 方式 "
    "price_fen 价格分 price 价格 method 核验方式 operator 操作员 device 设备",
    "reversals": "key 流水号 reverses 原流水号 reason 原因 at 时间",
    "budget": "year 年度 source 资金来源 amount_fen 金额分 amount 金额",
}
CHINESE = {
    kind: dict(zip(words.split()[::2], words.split()[1::2], strict=True))
    for kind, words in HEADINGS.items()
}
DATES = ("opened_on", "closed_on", "from_on", "to_on")
NUMBERS = ("price_fen", "price", "pop60", "year", "amount_fen", "amount")
DIGITS = ("card_no", "credential", "id_number", "key", "reverses", "code", "division")


def columns_of(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def headings_of(kind: str, columns: list[str], style: Random) -> list[str]:
    """English, Chinese or mixed, with stray blanks and full-width letters now and then."""
    way = style.choice(["english", "chinese", "chinese", "mixed"])
    found = []
    for name in columns:
        chinese = way == "chinese" or (way == "mixed" and style.random() < 0.5)
        found.append(CHINESE[kind][name] if chinese else name)
    return [f" {text} " if style.random() < 0.05 else text for text in found]


def write(kind: str, rows: list[Row], folder: Path, style: Random) -> tuple[Path, list[str]]:
    """The file, and its headings."""
    columns = columns_of(rows)
    style.shuffle(columns)
    headings = headings_of(kind, columns, style)
    table = [[row.get(name, "") for name in columns] for row in rows]
    if style.random() < 0.4:
        place = style.randint(0, len(columns))
        headings.insert(place, style.choice(["备注", "memo"]))
        columns.insert(place, "memo")
        for row in table:
            row.insert(place, style.choice(["", "雨", "a;b", 'say "hi"']))
    if style.random() < 0.3:
        path = folder / f"{kind}.xlsx"
        _workbook(path, columns, headings, table, style)
    else:
        path = folder / f"{kind}.csv"
        path.write_bytes(_text(headings, table, style))
    return path, [heading.strip() for heading in headings]


def _text(headings: list[str], table: list[list[str]], style: Random) -> bytes:
    out = io.StringIO()
    ends = style.choice(["\n", "\r\n"])
    quoting = style.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    csv.writer(out, lineterminator=ends, quoting=quoting).writerows([headings, *table])
    return out.getvalue().encode(style.choice(["utf-8", "utf-8-sig", "gb18030", "gb18030"]))


def _workbook(
    path: Path, columns: list[str], headings: list[str], table: list[list[str]], style: Random
) -> None:
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    book.add_worksheet("other").write_string(0, 0, "not this one")
    sheet.write_row(0, 0, headings)
    for down, row in enumerate(table, start=1):
        for across, (name, text) in enumerate(zip(columns, row, strict=True)):
            _cell(sheet, (down, across), name, text, typed=style.random() < 0.6)
    book.close()


def _cell(sheet: "xlsxwriter.worksheet.Worksheet", at: tuple, name: str, text: str, typed: bool):
    if typed and name in DATES and _is_date(text):
        sheet.write_datetime(*at, date.fromisoformat(text))
    elif typed and name in NUMBERS and _is_number(text):
        sheet.write_number(*at, float(text))
    elif typed and name in DIGITS and _is_code(text):
        sheet.write_number(*at, int(text))
    elif text:
        sheet.write_string(*at, text)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,6}(\.\d{1,3})?", text, re.ASCII))


def _is_code(text: str) -> bool:
    """A number of at most 15 digits survives in a cell."""
    return text.isascii() and text.isdigit() and len(text) <= 15 and text[0] != "0"
