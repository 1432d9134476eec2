"""The inspection document that phone, plain page and file all make: read it, or name what is wrong. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from mealsvc.kernel.dates import parse_instant
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.signatures import is_signature
from mealsvc.kernel.text import is_storable, tidy
from mealsvc.settings.values import DEFAULTS
from mealsvc.supervision.checklist import fields, measures
from mealsvc.supervision.checklist.items import FAIL, NA, PARTIAL, PASS, PATROL, Checklist, Item
from mealsvc.supervision.checklist.rules import items_for
from mealsvc.supervision.visits import rules

LONGEST_NOTE, LONGEST_NAME, LONGEST_LINE = 1000, 50, 200
MOST_PHOTOS = 9
LONGEST_VISIT = timedelta(hours=24)
BUILT_IN: Mapping[str, str] = {one.key: one.value for one in DEFAULTS}
_KEYS = {
    "started_at", "ended_at", "present", "cards_shown", "recusal", "results", "headcount",
    "statement", "refused_why", "paper", "signatures",
}  # fmt: skip


class Problem(NamedTuple):
    """What is wrong: the item's code (empty: the visit as a whole), the field, what to do."""

    item: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Result:
    """What was found for an item; `photos` are photo keys, `outcome` only where it was not kept."""

    result: str
    note: str = ""
    measured: Mapping[str, str] = field(default_factory=dict)
    photos: tuple[str, ...] = ()
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class HeadCount:
    """Diners that the inspector counted at an instant, and what the point's till said then."""

    counted: int
    till: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature: the name, and the strokes (empty: signed on paper)."""

    name: str
    strokes: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """A whole visit as it was entered, without a mistake."""

    started_at: datetime
    ended_at: datetime
    present: str
    cards_shown: bool
    recusal: str
    results: Mapping[str, Result]
    headcount: HeadCount | None
    statement: str
    refused_why: str
    paper: bool
    signatures: Mapping[str, Signed]


def check(
    document: Any,
    checklist: Checklist,
    mode: str,
    traits: Collection[str],
    open_items: Collection[str] = (),
    *,
    kind: str = rules.ADMIN,
    limits: Mapping[str, str] = BUILT_IN,
) -> Entered | list[Problem]:
    """The visit that the document describes, or everything that is wrong with it.

    `limits` are the thresholds (setting → value) of the visit's day.
    """
    if not isinstance(document, dict):
        return [Problem("", "document", "检查记录的格式不对，请刷新页面后再试。")]
    found = _Reader(document, rules.KINDS[kind])
    found.times()
    found.words()
    asked = items_for(checklist, mode, traits, open_items)
    found.results(checklist, asked, mode, traits, limits)
    found.headcount(asked)
    found.signatures()
    return found.problems or found.entered()


class _Reader:
    """Reads one document part by part, and keeps both what is right and what is wrong."""

    def __init__(self, document: dict[str, Any], kind: rules.Kind):
        self._from, self._kind = document, kind
        self.problems: list[Problem] = []
        self._paper = document.get("paper") is True
        self._got: dict[str, Any] = {}
        for name in sorted(document.keys() - _KEYS, key=str):
            self._wrong(str(name)[:40], "没有这个栏目，请删去。")

    def entered(self) -> Entered:
        return Entered(paper=self._paper, **self._got)

    def times(self) -> None:
        """Beginning and end, to the minute."""
        start = self._instant("started_at", "开始时间")
        end = self._instant("ended_at", "结束时间")
        self._got |= {"started_at": start, "ended_at": end}
        if start and end and not timedelta() <= end - start <= LONGEST_VISIT:
            self._wrong("ended_at", "结束时间应在开始时间之后，检查不超过24小时。")

    def words(self) -> None:
        """Who was present, cards, recusal, what was said."""
        self._got["present"] = self._text(
            "present", LONGEST_LINE, "请填写被检查单位在场人员的姓名和职务。"
        )
        self._got["recusal"] = self._text("recusal", LONGEST_LINE) or rules.NOT_RECUSED
        self._got["statement"] = self._text("statement", LONGEST_NOTE)
        self._got["refused_why"] = self._text("refused_why", LONGEST_LINE)
        shown = self._from.get("cards_shown") is True
        if not shown and not self._kind.own:
            self._wrong("cards_shown", "请先出示证件，再勾选“已出示证件”。")
        self._got["cards_shown"] = shown

    def results(
        self,
        checklist: Checklist,
        asked: Iterable[Item],
        mode: str,
        traits: Collection[str],
        limits: Mapping[str, str],
    ) -> None:
        """Every item that is asked, and on a patrol what else was seen."""
        given = self._from.get("results")
        if not isinstance(given, dict):
            self._wrong("results", "请填写检查结果。")
            return
        known = checklist.by_code
        wanted = {item.code for item in asked}
        read: dict[str, Result] = {}
        for code in given:
            item = known.get(code) if isinstance(code, str) else None
            if item is None:
                self._wrong("result", "检查表里没有这一项，请删去。", str(code)[:20])
            elif code not in wanted and not (mode == PATROL and item.applies_to(traits)):
                self._wrong("result", "这次检查不查这一项，请删去。", code)
        for code, item in known.items():
            if code not in given:
                if code in wanted:
                    self._wrong("result", "还没有检查，请选择结果。", code)
                continue
            if one := self._result(item, given[code], limits):
                read[code] = one
        self._got["results"] = read

    def headcount(self, asked: Iterable[Item]) -> None:
        """The diners counted; needed where the servings are compared (SUB-02)."""
        given = self._from.get("headcount")
        self._got["headcount"] = None
        result = self._got.get("results", {}).get(fields.HEADCOUNT)
        if given is None:
            needed = result is not None and result.result != NA and not self._paper
            if needed and any(item.code == fields.HEADCOUNT for item in asked):
                self._wrong("headcount", "请清点正在用餐和已取餐的份数。", fields.HEADCOUNT)
            return
        if not isinstance(given, dict):
            self._wrong("headcount", "清点的写法不对，请重新填写。", fields.HEADCOUNT)
            return
        counted, till = given.get("counted"), given.get("till")
        at = self._instant("at", "清点时间", given, fields.HEADCOUNT)
        if not _is_count(counted):
            self._wrong("counted", "清点份数请填整数。", fields.HEADCOUNT)
        if till is not None and not _is_count(till):
            self._wrong("till", "收银记录份数请填整数，没有就不填。", fields.HEADCOUNT)
        start, end = self._got["started_at"], self._got["ended_at"]
        if at and start and end and not start <= at <= end:
            self._wrong("at", "清点时间应在检查开始和结束之间。", fields.HEADCOUNT)
        if at and _is_count(counted) and (till is None or _is_count(till)):
            self._got["headcount"] = HeadCount(int(str(counted)), till, at)

    def signatures(self) -> None:
        """The inspectors, and the unit's person or why she did not sign with a witness."""
        given = self._from.get("signatures")
        read: dict[str, Signed] = {}
        for part, one in given.items() if isinstance(given, dict) else ():
            if part not in rules.PART_NAMES:
                self._wrong("signatures", f"没有“{str(part)[:20]}”这一方，请删去。")
            elif one is not None and (signed := self._signature(part, one)):
                read[part] = signed
        self._got["signatures"] = read
        for part in self._missing(read):
            self._wrong(part, f"请{rules.PART_NAMES[part]}签字。")
        lead, second = read.get(rules.LEAD), read.get(rules.SECOND)
        if lead and second and lead.name == second.name:
            self._wrong(rules.SECOND, "两名检查人员应是不同的人，请另一人签字。")

    def _missing(self, read: Mapping[str, Signed]) -> list[str]:
        needed = [] if self._kind.own else [rules.LEAD]
        # A record on paper tells what happened; only an administrative inspection is void without.
        if self._kind.two and not (self._paper and not self._kind.planned):
            needed.append(rules.SECOND)
        needed.append(rules.WITNESS if self._got.get("refused_why") else rules.UNIT)
        return [part for part in needed if part not in read]

    def _signature(self, part: str, given: Any) -> Signed | None:
        name, strokes = (
            (given.get("name"), given.get("strokes", "")) if isinstance(given, dict) else (None, "")
        )
        name = tidy(name) if isinstance(name, str) else ""
        if not name and not strokes:
            return None
        if not name or len(name) > LONGEST_NAME or not is_storable(name):
            self._wrong(part, f"请填写{rules.PART_NAMES[part]}的姓名。")
        elif strokes and not (isinstance(strokes, str) and is_signature(strokes)):
            self._wrong(part, "签字没有传完整，请重新签一次。")
        elif not strokes and not self._paper:
            self._wrong(part, f"请{rules.PART_NAMES[part]}在屏幕上签字。")
        else:
            return Signed(name, strokes or "")
        return None

    def _result(self, item: Item, given: Any, limits: Mapping[str, str]) -> Result | None:
        before = len(self.problems)
        say = self._at(item.code)
        if not isinstance(given, dict):
            say("result", "请选择结果。")
            return None
        result, note = given.get("result"), self._note(given, say)
        if result not in item.allowed:
            words = "关键项只能选合格、不合格或不适用。" if item.critical else "请选择结果。"
            say("result", words)
        complete = result in item.allowed and result != NA and not self._paper
        values, wrong = measures.read_measured(item, given.get("measured") or {}, complete)
        for name, message in wrong:
            say(name, message)
        photos = self._photos(given, say)
        if result in (FAIL, PARTIAL):
            if not note:
                say("note", "请写明发现的情况。")
            if not given.get("photos") and not self._paper:
                say("photos", "请至少拍一张照片。")
        if result == PASS and not note and self._got["started_at"]:
            day = local_date(self._got["started_at"])
            for name, message in measures.outside(item, values, limits, day):
                say(name, f"{message}。请改结果，或在备注里写明理由。")
        outcome = self._outcome(given, str(result), say)
        if len(self.problems) > before:
            return None
        return Result(str(result), note, values, photos, outcome)

    def _note(self, given: Mapping[str, Any], say: Callable[[str, str], None]) -> str:
        note = given.get("note") or ""
        if not (isinstance(note, str) and len(note) <= LONGEST_NOTE and is_storable(note)):
            say("note", f"备注请不要超过{LONGEST_NOTE}个字。")
            return ""
        return tidy(note)

    def _photos(self, given: Mapping[str, Any], say: Callable[[str, str], None]) -> tuple[str, ...]:
        photos = given.get("photos") or []
        if not (isinstance(photos, list) and all(isinstance(one, str) and one for one in photos)):
            say("photos", "照片没有传完整，请重新拍照。")
            return ()
        if len(photos) > MOST_PHOTOS:
            say("photos", f"每项最多{MOST_PHOTOS}张照片。")
        return tuple(dict.fromkeys(photos))

    def _outcome(
        self, given: Mapping[str, Any], result: str, say: Callable[[str, str], None]
    ) -> str:
        outcome = given.get("outcome") or ""
        if result not in (FAIL, PARTIAL):
            return ""
        if outcome and outcome not in rules.OUTCOME_NAMES:
            say("outcome", "请选择处理方式。")
        return outcome or rules.USUAL_OUTCOME

    def _instant(
        self, name: str, label: str, within: Mapping[str, Any] | None = None, item: str = ""
    ) -> datetime | None:
        value = (self._from if within is None else within).get(name)
        try:
            return parse_instant(value if isinstance(value, str) else "")
        except ValueError:
            self._wrong(name, f"请填写{label}。", item)
            return None

    def _text(self, name: str, longest: int, please: str = "") -> str:
        value = self._from.get(name) or ""
        if not (isinstance(value, str) and len(value) <= longest and is_storable(value)):
            self._wrong(name, f"请不要超过{longest}个字。")
            return ""
        if please and not tidy(value):
            self._wrong(name, please)
        return tidy(value)

    def _at(self, code: str) -> Callable[[str, str], None]:
        return lambda name, message: self._wrong(name, message, code)

    def _wrong(self, name: str, message: str, item: str = "") -> None:
        self.problems.append(Problem(item, name, message))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100_000
