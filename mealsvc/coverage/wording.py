"""What each figure of coverage is: its name, unit, 口径 and 来源, said once for pages and files. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from mealsvc.coverage.rules import GROUP_NAMES

NOTHING = "—"
DIVISIONS, REGISTER, LEDGER, POINTS = "区划人口记录", "居民名册", "就餐流水", "助餐点档案"


@dataclass(frozen=True, slots=True)
class Figure:
    """Name, unit, definition (with `{radius_m}`, `{near_m}`, `{walk_words}`, `{gap_pop60}`,
    `{month}`, `{day}` to be filled in) and where it comes from."""

    name: str
    unit: str
    definition: str
    source: str


FIGURES = {
    "eligible": Figure("60岁以上户籍老人", "人", "区直接管理的村（社区）60岁以上户籍人口；由其他单位管理的镇（街道）不计入。", DIVISIONS),
    "near": Figure("近距离", "%", "村（社区）中心点{near_m}米以内有运营助餐点的户籍老人占户籍老人的比例，球面直线距离。", f"{DIVISIONS}、{POINTS}"),
    "reached": Figure("服务半径内", "%", "村（社区）中心点{radius_m}米以内有运营助餐点的户籍老人占户籍老人的比例，球面直线距离。", f"{DIVISIONS}、{POINTS}"),
    "walked": Figure("步行可达", "%", "村（社区）中心点步行范围内有运营助餐点的户籍老人占户籍老人的比例，步行{walk_words}。", f"{DIVISIONS}、{POINTS}"),
    "registered": Figure("登记老人", "人", "{day}在册、未去世且未迁出，按居住地计，没有居住地的按户籍地计。", REGISTER),
    "reg_reached": Figure("登记老人服务半径内", "%", "登记老人中住处{radius_m}米以内有运营助餐点的比例：有本人住址位置的按本人位置，没有的按村（社区）中心点。", f"{REGISTER}、{POINTS}"),
    "active": Figure("就餐老人", "人", "{month}至少享受过一次补贴就餐（未冲正）的老人，每人计一次，按居住地计；迟到转下月的流水不计入。", LEDGER),
    "penetration": Figure("渗透率", "%", "{month}就餐老人除以户籍老人。", f"{LEDGER}、{DIVISIONS}"),
    "frequency": Figure("人均就餐", "份", "{month}享受补贴的份数除以就餐老人数。", LEDGER),
    "points": Figure("运营助餐点", "个", "{day}正在运营、供老人用餐的助餐点；不含暂停、停业、未开业和没有座位的中央厨房。", POINTS),
    "seats": Figure("千名老人餐位", "个", "有效运营助餐点的座位除以户籍老人，乘以1,000。", f"{POINTS}、{LEDGER}"),
    "capacity": Figure("千名老人供餐能力", "份", "有效运营助餐点的日供餐能力除以户籍老人，乘以1,000。", f"{POINTS}、{LEDGER}"),
    "spots": Figure("空白点", "个", "户籍老人达到{gap_pop60}人、中心点{radius_m}米以内没有运营助餐点的村（社区）。", f"{DIVISIONS}、{POINTS}"),
    **{kind: Figure(name, "人", f"登记的{name}老人中，{{month}}享受过补贴就餐的人数和比例。", f"{REGISTER}、{LEDGER}") for kind, name in GROUP_NAMES.items()},
}  # fmt: skip


def told(words: Mapping[str, object]) -> dict[str, Figure]:
    """The figures with the thresholds and times of one answer filled in."""
    return {
        code: replace(one, definition=one.definition.format_map(words))
        for code, one in FIGURES.items()
    }


def percent(part: int, whole: int, places: int = 1) -> str:
    """45.3%; a dash where there is nothing to divide by."""
    return f"{ratio(part * 100, whole, places)}%" if whole else NOTHING


def ratio(part: int, whole: int, places: int = 1) -> str:
    """part ÷ whole, rounded half up; a dash where there is nothing to divide by."""
    if not whole:
        return NOTHING
    exact = Fraction(part, whole)
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def metres(distance: float | None) -> str:
    """350米 below a kilometre, 1.2公里 above; a dash where nobody knows."""
    if distance is None:
        return NOTHING
    if distance < 1000:
        return f"{distance:.0f}米"
    return f"{distance / 1000:.1f}公里"
