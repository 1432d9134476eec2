"""助餐卡: sheets of QR cards, ten on a page of A4 with cut marks, large print, front only.

The code holds the card's number and nothing else, so that every scanner types it into the till.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple

from flask import current_app
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.paper import qr
from mealsvc.plumbing.paper.fonts import faces
from mealsvc.plumbing.paper.geometry import MM
from mealsvc.plumbing.paper.ink import Ink
from mealsvc.plumbing.paper.lines import break_lines, clean
from mealsvc.reports.gathering import is_demo
from mealsvc.residents.card_holders import Wanted, cards_by_holder, holders
from mealsvc.residents.cards import issue_new_numbers
from mealsvc.residents.enrolment import ref_of
from mealsvc.residents.models import Resident
from mealsvc.residents.refusals import UnknownResident
from mealsvc.settings.services import value_on
from mealsvc.settlement.refusals import UnknownSettlementPoint
from mealsvc.trail.services import record

TITLE, RIBBON, CALL = "老年助餐卡", "演示数据", "就餐时请出示"
HELP = "cards.help"
MOST = 10_000  # cards of one file
COLUMNS, ROWS = 2, 5
A_SHEET = COLUMNS * ROWS
PAGE_WIDTH, PAGE_HEIGHT = 210 * MM, 297 * MM
WIDTH, HEIGHT = 85.6 * MM, 54 * MM
LEFT, BOTTOM = (PAGE_WIDTH - COLUMNS * WIDTH) / 2, (PAGE_HEIGHT - ROWS * HEIGHT) / 2
MARK, GAP, CROSS = 5 * MM, 1 * MM, 1.5 * MM
INSET = 5.5 * MM
CODE = 27 * MM  # the dark square of 21 modules, and the white of four of them that readers need
WHITE = CODE * qr.QUIET / 21
NAME_SIZE, TWO_LINES = 34, 18


_REF = re.compile(r"R[0-9]{1,15}")


class TooManyCards(Refusal):
    """一次最多打印 {most} 张卡。请按村、社区分几次打印。"""

    code = "too_many_cards"


class NoCards(Refusal):
    """没有可以打印的卡：这些人已去世、迁出或卡已挂失，或没有符合条件的人。请换一个条件。"""

    code = "nothing_to_print"


class Card(NamedTuple):
    """What one card says."""

    name: str
    ref: str
    number: str


class Count(NamedTuple):
    """What would be printed: cards, of these with a new number; people whose card is lost."""

    cards: int
    new: int
    lost: int

    @property
    def sheets(self) -> int:
        return -(-self.cards // A_SHEET)


def wanted_of(point: str | None, division: str | None, refs: Sequence[str]) -> Wanted:
    """Whose cards a command asks for: those around a point, of a division, or some people.

    Raises `unknown_point`, `unknown_resident`.
    """
    if point:
        found = point_by_code(point)
        if found is None:
            raise UnknownSettlementPoint(point=point)
        return Wanted(division=found.division)
    ids = tuple(int(ref[1:]) if _REF.fullmatch(ref) else 0 for ref in refs)
    known = select(func.count()).where(Resident.id.in_(ids))
    if ids and db.session.scalar(known) != len(set(ids)):
        raise UnknownResident()
    return Wanted(division=division or "", ids=ids)


def count(wanted: Wanted, now: datetime) -> Count:
    """How many cards that is. Raises `TooManyCards`."""
    chosen = _chosen(wanted, now)
    held = cards_by_holder(chosen)
    lost = sum(one.status == "lost" for one in held.values())
    return Count(len(chosen) - lost, len(chosen) - len(held), lost)


def print_cards(wanted: Wanted, subject: str, by: Actor, now: datetime) -> bytes:
    """The sheets as a PDF; who has no card gets a number first, lost cards are left out.

    Opens its own transactions: nothing is drawn while others wait. `subject` says in the trail
    whose cards. Raises `TooManyCards`, `NoCards`.
    """
    with writing():
        chosen = _chosen(wanted, now)
        issued = issue_new_numbers(list(chosen), by, now)
    cards = _cards(chosen)
    if not cards:
        raise NoCards()
    paper = draw(cards, value_on(HELP, local_date(now)), is_demo(), current_app.config)
    with writing():
        told = {"kind": "cards", "cards": len(cards), "issued": issued}
        record(by, "reports.print", f"cards/{subject}".rstrip("/"), told)
    return paper


def draw(
    cards: Sequence[Card], advice: str, demo: bool, fonts: Mapping[str, Any] | None = None
) -> bytes:
    """A PDF of these cards; `advice` is whom to ask, `fonts`: see `Paper`."""
    made, own = BytesIO(), faces(fonts)
    named: dict[str, Any] = {"initialFontName": own["body"].name}
    size = (PAGE_WIDTH, PAGE_HEIGHT)
    canvas = Canvas(made, pagesize=size, pageCompression=1, invariant=1, lang="zh-CN", **named)
    canvas.setTitle(TITLE)
    canvas.setCreator("mealsvc")
    ink, front = Ink(canvas, own), [clean(text) for text in (TITLE, CALL, advice)]
    pages = [cards[start : start + A_SHEET] for start in range(0, len(cards), A_SHEET)]
    for number, page in enumerate(pages, 1):
        ink.put(_marks())
        for place, card in enumerate(page):
            row, column = divmod(place, COLUMNS)
            top = PAGE_HEIGHT - BOTTOM - row * HEIGHT
            _draw_card(ink, card, front, LEFT + column * WIDTH, top, demo)
        foot = f"{RIBBON}　" * demo + f"第 {number} 页　共 {len(pages)} 页　沿裁切线裁开"
        ink.centred(PAGE_WIDTH / 2, BOTTOM - 9 * MM, foot, "table", 8)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def _chosen(wanted: Wanted, now: datetime) -> dict[int, str]:
    """Number and name of each person, in the order of the sheets."""
    found = holders(wanted, local_date(now)).limit(MOST + 1)
    chosen = {one.id: one.name for one in db.session.scalars(found)}
    if len(chosen) > MOST:
        raise TooManyCards(most=f"{MOST:,}")
    return chosen


def _cards(chosen: Mapping[int, str]) -> list[Card]:
    keys, held = vault(), cards_by_holder(chosen)
    active = {holder: one.number for holder, one in held.items() if one.status == "active"}
    return [
        Card(name, ref_of(holder), keys.open(active[holder]))
        for holder, name in chosen.items()
        if holder in active
    ]


def _draw_card(
    ink: Ink, card: Card, front: Sequence[str], left: float, top: float, demo: bool
) -> None:
    title, call, advice = front
    x, right, bottom = left + INSET, left + WIDTH - INSET, top - HEIGHT
    code_left = right - CODE
    room = code_left - x - WHITE
    ink.text(x, top - 10 * MM, title, "hei", 13)
    if demo:
        ink.right(code_left - WHITE, top - 9.5 * MM, RIBBON, "hei", 9)
    ink.put([qr.path(qr.symbol(card.number), code_left, top - 7 * MM - CODE, CODE)])
    _name(ink, x, top - 25 * MM, clean(card.name), room)
    ink.text(x, top - 33 * MM, f"编号 {card.ref}", "table", 11)
    _fitted(ink, x, top - 38.5 * MM, f"卡号 {clean(card.number)}", "table", 11, room)
    ink.text(x, bottom + 6 * MM, call, "hei", 13)
    start = x + ink.faces["hei"].width(call, 13) + 4 * MM
    width = ink.faces["table"].width(advice, 11)
    _fitted(ink, max(right - width, start), bottom + 6 * MM, advice, "table", 11, right - start)


def _name(ink: Ink, x: float, y: float, name: str, room: float) -> None:
    """As large as the room allows, in two lines if it is a long one."""
    face = ink.faces["hei"]
    if face.width(name, TWO_LINES) <= room:
        _fitted(ink, x, y, name, "hei", NAME_SIZE, room)
        return
    half = face.width(name, TWO_LINES) / 2
    first, *rest = break_lines(name, face.widths, TWO_LINES, max(room, half + TWO_LINES))
    y -= 1 * MM
    _fitted(ink, x, y + TWO_LINES * 1.15, first, "hei", TWO_LINES, room)
    _fitted(ink, x, y, "".join(rest), "hei", TWO_LINES, room)


def _fitted(ink: Ink, x: float, y: float, text: str, role: str, size: float, room: float) -> None:
    """One line, in smaller type if it is too long for the room."""
    width = ink.faces[role].width(text, size)
    ink.text(x, y, text, role, size if width <= room else size * room / width)


def _marks() -> list[str]:
    """Cut marks: short lines beyond the cards, and small crosses where four cards meet."""
    across = [LEFT + column * WIDTH for column in range(COLUMNS + 1)]
    upward = [BOTTOM + row * HEIGHT for row in range(ROWS + 1)]
    right, top = across[-1], upward[-1]
    lines = ["0.4 w"]
    for x in across:
        lines += [_line(x, BOTTOM - GAP, x, BOTTOM - MARK), _line(x, top + GAP, x, top + MARK)]
    for y in upward:
        lines += [_line(LEFT - GAP, y, LEFT - MARK, y), _line(right + GAP, y, right + MARK, y)]
    for x in across[1:-1]:
        for y in upward[1:-1]:
            lines += [_line(x - CROSS, y, x + CROSS, y), _line(x, y - CROSS, x, y + CROSS)]
    return lines


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"{x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l S"
