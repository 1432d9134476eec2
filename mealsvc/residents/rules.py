"""What the register knows without a database: its words, and how a name is spelled in pinyin."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import combinations, product, zip_longest
from math import prod
from typing import NamedTuple

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.resident_id import normalise

CATEGORIES = {
    "TK": "特困供养（分散）",
    "DB": "最低生活保障",
    "DBB": "低保边缘",
    "ZCX": "支出型困难",
    "SN": "失能、半失能或失智",
    "CJ": "重度残疾",
    "JS": "计划生育特殊家庭",
    "YF": "重点优抚",
    "DJ": "独居",
    "KC": "空巢",
    "LS": "留守",
    "LM": "劳模",
}
EVENTS = {"deceased": "去世", "moved_out": "迁出", "institution": "入住机构"}
FACT_KINDS = {"hukou": "户籍", "residence": "居住地", "category": "类别", "departure": "变动"}
SEXES = {"male": "男", "female": "女"}

# How these are read as surnames, which is not how they are usually read: the readings of one
# character, the usual one first, or one reading for each of two.
SURNAMES: dict[str, tuple[str, ...]] = {
    "单": ("shan",),
    "曾": ("zeng",),
    "仇": ("qiu",),
    "区": ("ou",),
    "查": ("zha",),
    "解": ("xie",),
    "任": ("ren",),
    "盖": ("ge",),
    "朴": ("piao",),
    "冼": ("xian",),
    "缪": ("miao",),
    "乐": ("yue",),
    "员": ("yun",),
    "翟": ("zhai",),
    "覃": ("qin", "tan"),
    "宓": ("mi", "fu"),
    "种": ("chong",),
    "秘": ("bi",),
    "召": ("shao",),
    "折": ("she",),
    "黑": ("he",),
    "句": ("gou",),
    "能": ("nai",),
    "繁": ("po",),
    "过": ("guo",),
    "贾": ("jia",),
    "石": ("shi",),
    "纪": ("ji",),
    "尉": ("wei",),
    "隗": ("wei",),
    "谌": ("chen",),
    "郇": ("xun",),
    "洗": ("xian",),
    "尉迟": ("yu", "chi"),
    "万俟": ("mo", "qi"),
    "单于": ("chan", "yu"),
    "长孙": ("zhang", "sun"),
    "澹台": ("tan", "tai"),
    "令狐": ("ling", "hu"),
}

Spell = tuple[str, date | None, date | None]  # category, from, to: both inclusive, None is open

MOST_SPELLINGS = 10
MOST_INITIALS = 5
LEAST_REASON = 4
_NOT_TYPED = re.compile("[\\s·•‧・．.'’\\-\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKENS = re.compile(f"[{_HAN}]|[^{_HAN}]+")
_IS_HAN = re.compile(f"[{_HAN}]")


class NameForms(NamedTuple):
    """How a name is sorted, and everything that may be typed from its start to find it."""

    sort_key: str
    keys: tuple[str, ...]


def fold(text: str) -> str:
    """A name as keys hold it: no blanks, dots or hyphens, small letters, ü written v."""
    return _NOT_TYPED.sub("", text).casefold().replace("ü", "v")


def is_chinese(text: str) -> bool:
    """Whether any character is Chinese, also one beyond the basic plane."""
    return bool(_IS_HAN.search(text))


@lru_cache(maxsize=8192)
def forms_of(name: str) -> NameForms:
    """The name itself, its pinyin and its initials, in every reading, the usual ones first.

    At most 16 keys: of a name with many rare readings, those with the most rare ones are left out.
    """
    folded = fold(name)
    readings = _readings(folded)
    initials = [_initials(each) for each in readings]
    keys = [folded, *_spellings(readings, MOST_SPELLINGS), *_spellings(initials, MOST_INITIALS)]
    usual = " ".join(each[0] for each in readings)
    return NameForms(f"{usual} {name}", tuple(dict.fromkeys(filter(None, keys))))


@lru_cache(maxsize=8192)
def count_of_initials(name: str) -> int:
    """How many letters the initials of this name have: one for each character or foreign part."""
    return len(_TOKENS.findall(fold(name)))


def _readings(folded: str) -> list[tuple[str, ...]]:
    tokens = _TOKENS.findall(folded)
    surname = next((part for part in (folded[:2], folded[:1]) if part in SURNAMES), "")
    known = SURNAMES.get(surname, ())
    heads = [known] if len(surname) == 1 else [(one,) for one in known]
    return [
        tuple(dict.fromkeys((*head, *_characters(token)))) if head else _characters(token)
        for token, head in zip_longest(tokens, heads, fillvalue=())
    ]


@lru_cache(maxsize=8192)
def _characters(token: str) -> tuple[str, ...]:
    """Every reading of one Chinese character, the usual one first; other text reads as itself."""
    if not is_chinese(token):
        return (token,)
    from pypinyin import Style, pinyin  # costs 200 ms: not at the start of every process

    readings = pinyin(token, style=Style.NORMAL, heteronym=True)[0]
    return tuple(dict.fromkeys(one.replace("ü", "v") for one in readings))


@lru_cache(maxsize=8192)
def _initials(readings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one[:1] for one in readings))


def _spellings(parts: Sequence[tuple[str, ...]], limit: int) -> list[str]:
    """The combinations of readings, those with the fewest unusual ones first, at most `limit`."""
    if prod(len(part) for part in parts) <= limit:
        return ["".join(spelling) for spelling in product(*parts)]
    usual = [part[0] for part in parts]
    rare = [(place, other) for place, part in enumerate(parts) for other in part[1:]]
    found: dict[str, None] = {}
    for changes in range(len(parts) + 1):
        for picked in combinations(rare, changes):
            other = dict(picked)
            if len(other) < changes:
                continue  # two readings of one character at once
            found["".join(other.get(place, one) for place, one in enumerate(usual))] = None
            if len(found) == limit:
                return list(found)
    return list(found)


def merge_spells(spells: Iterable[Spell]) -> dict[tuple[str, date | None], date | None]:
    """Category and first day → last day; of two spells that start together the longer one."""
    merged: dict[tuple[str, date | None], date | None] = {}
    for code, from_on, to_on in spells:
        held = merged.setdefault((code, from_on), to_on)
        if held is not None and (to_on is None or to_on > held):
            merged[code, from_on] = to_on
    return merged


def place_on(day: date, first: str, moves: Iterable[tuple[date | None, str]]) -> str:
    """The division on that local date: that of the latest move up to then, else the first one."""
    since, place = date.min, first
    for from_on, division in moves:
        start = from_on or date.min
        if since <= start <= day:
            since, place = start, division
    return place


def is_reason(text: str) -> bool:
    """Whether somebody wrote a reason: at least four characters that are not blank."""
    return len("".join(text.split())) >= LEAST_REASON


def id_like(text: str) -> str | None:
    """The 18-digit ID number that a card's number happens to spell; None for other numbers."""
    if len(text) not in (15, 18):
        return None
    try:
        return normalise(text).number
    except Refusal:
        return None
