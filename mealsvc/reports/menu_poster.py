"""一周菜单海报: a point's week on one page to hang on the wall, large print, with what each age pays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, NamedTuple

from flask import current_app
from reportlab.pdfgen.canvas import Canvas

from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.money import display
from mealsvc.menus.queries import MealMenu, week_menus
from mealsvc.menus.register import filed_prices
from mealsvc.menus.rules import NO_ALLERGENS, diet_names, marks, prices_on, week_of
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.paper.fonts import faces
from mealsvc.plumbing.paper.geometry import MM
from mealsvc.plumbing.paper.ink import ASCENT, Ink
from mealsvc.plumbing.paper.lines import break_lines, clean
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.tiers import PriceRow, tiers_for
from mealsvc.reports.gathering import is_demo
from mealsvc.settings.services import value_on

SIZES = {"A4": 1.0, "A3": 2**0.5}
RIBBON, DRAFT = "演示数据", "草稿，尚未公布"
WIDTH, HEIGHT, MARGIN = 297 * MM, 210 * MM, 9 * MM
HEAD, DAY_HEAD, MEAL_WIDTH, PAD = 46.0, 22.0, 30.0, 4.0
ROW, NOTE = 19.0, 14.0
LARGEST, READABLE, SMALLEST, STEP = 22.0, 12.0, 6.5, 0.5
LOOSEST = 0.8  # of the type size: the most that dishes move apart to fill their cell


class Dish(NamedTuple):
    """What the poster says of a dish."""

    name: str
    price: str
    marks: tuple[str, ...]
    bold: bool


class _Line(NamedTuple):
    """One line of a cell: its type, and how far below it the next one begins."""

    text: str
    role: str
    size: float
    pitch: float


@dataclass(frozen=True, slots=True)
class Poster:
    """Everything on the poster, read from the database."""

    name: str
    days: tuple[date, ...]
    cells: Mapping[tuple[date, str], tuple[Dish, ...]]
    prices: tuple[PriceRow, ...]
    phone: str
    mark: str
    demo: bool

    @property
    def meals(self) -> list[str]:
        """The rows, top to bottom."""
        return [meal for meal in MEALS if any(meal == other for _, other in self.cells)]


def menu_poster(place: MealPoint, monday: date, size: str = "A4") -> bytes:
    """The poster of a point's week as a PDF of one page."""
    return draw(poster_of(place, monday), size, current_app.config)


def poster_of(place: MealPoint, monday: date) -> Poster:
    """The week's dishes, the prices in force, and what they mean for a resident of that place."""
    days = week_of(monday)
    menus = [menu for menu in week_menus(place.id, monday).values() if menu.dishes]
    draft = any(menu.state != "published" for menu in menus)
    return Poster(
        place.name,
        days,
        {(menu.day, menu.meal): _dishes(menu) for menu in menus},
        _prices(place, days, menus),
        value_on("service.complaint_phone", monday),
        DRAFT if draft else "",
        is_demo(),
    )


def _dishes(menu: MealMenu) -> tuple[Dish, ...]:
    return tuple(
        Dish(
            clean(item.name),
            f"{display(item.price_fen)}元" if item.price_fen else "",
            _marks(item.allergens, item.diet),
            item in menu.set_meals,
        )
        for item in menu.dishes
    )


def _marks(allergens: str, diet: str) -> tuple[str, ...]:
    has = "、".join(mark for mark in marks(allergens) if mark != NO_ALLERGENS)
    parts = ("、".join(diet_names(diet)), f"含{has}" if has else "")
    return tuple(clean(part) for part in parts if part)


def _prices(
    place: MealPoint, days: Sequence[date], menus: Sequence[MealMenu]
) -> tuple[PriceRow, ...]:
    """Filed prices of the meals on the menu, else their set meals; a change within the week twice."""
    rows, register, policies = [], filed_prices(), policies_in_force()
    for meal in MEALS:
        served = [menu for menu in menus if menu.meal == meal]
        seen: dict[tuple[str, int, int], date] = {}
        for menu in served:
            filed = prices_on(register.get((place.id, meal), ()), menu.day)
            found = [(price.name, price.public_fen, price.elder_fen) for price in filed]
            for price in found or _set_meals(menu):
                seen.setdefault(price, menu.day)
        for (name, public, elder), since in seen.items():
            later = since > served[0].day
            label = f"{name}（{since.month}月{since.day}日起）" if later else name
            tiers = tiers_for(policies, place.division, since, meal, elder)
            rows.append(PriceRow(MEALS[meal], clean(label), public, elder, tiers))
    return tuple(rows)


def _set_meals(menu: MealMenu) -> list[tuple[str, int, int]]:
    return [
        (item.name, item.price_fen, item.price_fen) for item in menu.set_meals if item.price_fen
    ]


# --- drawing ---


def draw(poster: Poster, size: str = "A4", fonts: Mapping[str, Any] | None = None) -> bytes:
    """One page, A4 or A3 landscape; the dishes as large as they fit."""
    made, own, scale = BytesIO(), faces(fonts), SIZES[size]
    named: dict[str, Any] = {"initialFontName": own["body"].name}
    page = (WIDTH * scale, HEIGHT * scale)
    canvas = Canvas(made, pagesize=page, pageCompression=1, invariant=1, lang="zh-CN", **named)
    canvas.setTitle(f"{clean(poster.name)}一周菜单")
    canvas.setCreator("mealsvc")
    canvas.scale(scale, scale)
    _Sheet(Ink(canvas, own), poster).draw()
    canvas.showPage()
    canvas.save()
    return made.getvalue()


class _Sheet:
    """The one page, from top to bottom; lengths of A4 in points."""

    def __init__(self, ink: Ink, poster: Poster):
        self.ink, self.poster = ink, poster
        self.left, self.right = MARGIN, WIDTH - MARGIN
        self.day_width = (self.right - self.left - MEAL_WIDTH) / 7

    def draw(self) -> None:
        self._head()
        bottom = self._foot()
        top = HEIGHT - MARGIN - HEAD
        self._grid(top, bottom + 6)

    def _head(self) -> None:
        poster, top, middle = self.poster, HEIGHT - MARGIN, WIDTH / 2
        title = f"{clean(poster.name)}　一周菜单"
        room = self.right - self.left - 180
        size = min(28, 28 * room / self.ink.faces["title"].width(title, 28))
        self.ink.centred(middle, top - 26, title, "title", size)
        first, last = poster.days[0], poster.days[-1]
        week = f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日"
        self.ink.centred(middle, top - 41, week, "kai", 12)
        if poster.demo:
            self._boxed(RIBBON, self.right, top)
        if poster.mark:
            width = self.ink.faces["hei"].width(poster.mark, 11) + 12
            self._boxed(poster.mark, self.left + width, top)

    def _boxed(self, word: str, right: float, top: float) -> None:
        width = self.ink.faces["hei"].width(word, 11) + 12
        self.ink.box(right - width, top - 20, width, 18)
        self.ink.centred(right - width / 2, top - 15, word, "hei", 11)

    def _grid(self, top: float, bottom: float) -> None:
        poster, meals = self.poster, self.poster.meals
        self._day_heads(top)
        room = top - DAY_HEAD - bottom
        size, heights = self._fitted(meals, room)
        y = top - DAY_HEAD
        for meal, height in zip(meals, heights, strict=True):
            self._meal_head(meal, y, height)
            row = [poster.cells.get((day, meal), ()) for day in poster.days]
            slack = (height - self._height(meal, size)) / max(map(len, row))
            apart = min(max(slack, 0), LOOSEST * size)
            for number, dishes in enumerate(row):
                x = self.left + MEAL_WIDTH + number * self.day_width
                self._cell(dishes, x, y, size, apart, y - height)
            y -= height
            self.ink.rule(self.left, y, self.right, y, 0.6)
        edges = [self.left, *(self.left + MEAL_WIDTH + n * self.day_width for n in range(8))]
        if not meals:
            self.ink.centred(WIDTH / 2, (y + bottom) / 2, "这一周还没有菜单", "hei", 24)
            y, edges = bottom, [self.left, self.right]
        for x in edges:
            self.ink.rule(x, top, x, y, 0.6)
        self.ink.rule(self.left, y, self.right, y, 0.6)

    def _day_heads(self, top: float) -> None:
        self.ink.rule(self.left, top, self.right, top, 0.6)
        y = top - DAY_HEAD
        for number, day in enumerate(self.poster.days):
            x = self.left + MEAL_WIDTH + (number + 0.5) * self.day_width
            words = f"周{'一二三四五六日'[number]} {day.month}月{day.day}日"
            self.ink.centred(x, y + 6.5, words, "hei", 13)
        self.ink.rule(self.left, y, self.right, y, 0.6)

    def _meal_head(self, meal: str, top: float, height: float) -> None:
        words, x = MEALS[meal], self.left + MEAL_WIDTH / 2
        y = top - height / 2 + len(words) * 9
        for word in words:
            self.ink.centred(x, y - 15, word, "hei", 16)
            y -= 19

    def _fitted(self, meals: Sequence[str], room: float) -> tuple[float, list[float]]:
        """The largest type with which every meal fits, and the height of each meal's row.

        Names keep to one line as long as the type stays readable from some steps away.
        """
        size = min(LARGEST, max(self._one_line(), READABLE))
        while size > SMALLEST and sum(self._height(meal, size) for meal in meals) > room:
            size -= STEP
        heights = [self._height(meal, size) for meal in meals]
        total = sum(heights)
        if total > room:
            return size, [height * room / total for height in heights]
        return size, [height + (room - total) / len(heights) for height in heights]

    def _one_line(self) -> float:
        """The size at which the longest name just fits its column."""
        room, widths = self.day_width - 2 * PAD, self.ink.faces["hei"].widths
        names = {dish.name for dishes in self.poster.cells.values() for dish in dishes}
        longest = max((sum(widths[letter] for letter in name) for name in names), default=1)
        return int(room / longest / STEP) * STEP

    def _height(self, meal: str, size: float) -> float:
        cells = (self.poster.cells.get((day, meal), ()) for day in self.poster.days)
        tallest = max((sum(self._pitches(dishes, size)) for dishes in cells), default=0)
        return max(tallest, 2 * size) + 2 * PAD

    def _pitches(self, dishes: Sequence[Dish], size: float) -> list[float]:
        return [line.pitch for line in self._lines(dishes, size)]

    def _lines(self, dishes: Sequence[Dish], size: float, apart: float = 0) -> list[_Line]:
        """The lines of a cell; `apart` is added below each dish."""
        small = max(size * 0.66, 7.5)
        found: list[_Line] = []
        for dish in dishes:
            role = "hei" if dish.bold else "table"
            found += self._broken(dish.name, role, size)
            found += self._broken(dish.price, "hei", size)
            found += self._marked(dish.marks, small)
            last = found.pop()
            found.append(last._replace(pitch=last.pitch + size * 0.28 + apart))
        return found

    def _marked(self, marked: Sequence[str], size: float) -> list[_Line]:
        """Marks beside each other where they fit, else one below the other."""
        beside = "　".join(marked)
        if self.ink.faces["table"].width(beside, size) <= self.day_width - 2 * PAD:
            return self._broken(beside, "table", size)
        return [line for mark in marked for line in self._broken(mark, "table", size)]

    def _broken(self, text: str, role: str, size: float) -> list[_Line]:
        widths, room = self.ink.faces[role].widths, self.day_width - 2 * PAD
        lines = break_lines(text, widths, size, room) if text else []
        return [_Line(line, role, size, size * 1.22) for line in lines]

    def _cell(
        self, dishes: Sequence[Dish], x: float, top: float, size: float, apart: float, lowest: float
    ) -> None:
        y = top - PAD
        lines = self._lines(dishes, size, apart)
        for number, line in enumerate(lines):
            more = size * 1.2 if number + 1 < len(lines) else 0
            if y - line.size - more < lowest:
                self.ink.text(x + PAD, y - ASCENT * size, "……", "table", size)
                return
            self.ink.text(x + PAD, y - ASCENT * line.size, line.text, line.role, line.size)
            y -= line.pitch

    def _foot(self) -> float:
        """Prices and notes at the lower edge; returns where they begin."""
        rows, notes = self.poster.prices, self._notes()
        y = MARGIN + NOTE * len(notes)
        for number, note in enumerate(notes):
            self.ink.text(self.left, y - (number + 1) * NOTE + 4, note, "table", 10.5)
        if rows:
            y += 5 + ROW * (len(rows) + 1)
            self._price_table(y, rows)
        return y

    def _notes(self) -> list[str]:
        notes = [
            "公示价－企业优惠＝老年价，老年价－政府补贴＝老人实付（元）。补贴按户籍在本地、只按年龄计算；"
            "特殊困难等老人另有补贴，以收银台显示为准。",
            "菜名下标有过敏原（含……）和适宜人群；对食物过敏或有忌口的老人，请先告诉工作人员。"
            "不在标价之外加收费用。",
        ]
        if self.poster.phone:
            notes[1] += f"监督电话：{clean(self.poster.phone)}"
        return notes

    def _price_table(self, top: float, rows: Sequence[PriceRow]) -> None:
        tiers = max((row.tiers for row in rows), key=len)
        heads = ["餐次", "套餐", "公示价", "企业优惠", "老年价", *(t.label for t in tiers)]
        shares = [1.0, 2.6, 1.1, 1.1, 1.1, *(2.6 for _ in tiers)]
        unit = (self.right - self.left) / sum(shares)
        edges = [self.left]
        for share in shares:
            edges.append(edges[-1] + share * unit)
        table = [heads, *(self._price_cells(row, len(tiers)) for row in rows)]
        for line, cells in enumerate(table):
            y = top - (line + 1) * ROW
            for number, text in enumerate(cells):
                middle, room = (edges[number] + edges[number + 1]) / 2, shares[number] * unit - 6
                role = "hei" if line == 0 or number >= 5 else "table"
                size = min(12.0, 12.0 * room / max(self.ink.faces[role].width(text, 12), 1))
                self.ink.centred(middle, y + 5.5, text, role, size)
            self.ink.rule(self.left, y, self.right, y, 0.5)
        self.ink.rule(self.left, top, self.right, top, 0.5)
        for x in edges:
            self.ink.rule(x, top, x, top - ROW * len(table), 0.5)

    def _price_cells(self, row: PriceRow, tiers: int) -> list[str]:
        pays = [
            f"补贴{display(tier.subsidy_fen)} 实付{display(tier.self_pay_fen)}"
            if tier.subsidy_fen
            else f"不补贴 实付{display(tier.self_pay_fen)}"
            for tier in row.tiers
        ]
        prices = (row.public_fen, row.public_fen - row.elder_fen, row.elder_fen)
        return [row.meal, row.name, *map(display, prices), *pays, *[""] * (tiers - len(pays))]
