"""A subsidy policy as a TOML text: read it whole, or refuse it with every line that is wrong."""

import re
import tomllib
from collections.abc import Callable, Iterable
from datetime import date
from typing import ClassVar, TypeVar

from mealsvc.kernel.ages import COUNTS_FROM
from mealsvc.kernel.refusals import Refusal
from mealsvc.policies.lines import Lines, without_strings
from mealsvc.policies.point_money import construction, operating, shares
from mealsvc.policies.reading import Document, Problem, Table
from mealsvc.policies.rules import (
    CATEGORIES,
    MEALS,
    MODES,
    Conditions,
    Delivery,
    Funding,
    Policy,
    Rule,
)

Entry = TypeVar("Entry")

TABLES = ("policy", "rule", "delivery", "operating", "construction")
_OLDEST = 150
_DEEP = re.compile(r"\.(?:[^.=,\n\[\]{}]*\.){8}")
_CODE = re.compile(r"[^\s+/]{1,40}")
_TITLE = re.compile(r"\S(?:.{0,98}\S)?")
_LAYER = re.compile(r"\S{1,40}")
_DIVISION = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}")
_PREFIX = re.compile(r"[0-9]{2,12}")


class BadPolicy(Refusal):
    """补贴政策文件有{count}处需要改正。{details}"""

    code: ClassVar[str] = "bad_policy"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__(count=len(self.problems), details="；".join(map(str, self.problems)))


def read_policy(text: str) -> Policy:
    """The policy that a TOML text describes; what is absent always holds.

    Raises BadPolicy with all problems when anything is missing, unknown or inconsistent.
    """
    text = text.removeprefix("\ufeff")
    deep = _DEEP.search(without_strings(text))
    if deep is not None:  # a key of many parts takes memory by the square of their number
        line = deep.string.count("\n", 0, deep.start()) + 1
        raise BadPolicy([Problem(line, "名称里的点太多，请照样例书写")])
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadPolicy([_syntax_problem(text, str(error))]) from error
    document = Document(content, Lines(text), TABLES)
    policy = _policy(document)
    if policy is None or document.problems:
        raise BadPolicy(document.problems)
    return policy


def _syntax_problem(text: str, message: str) -> Problem:
    place = re.search(r"at line (\d+), column (\d+)", message)
    if place is None:
        return Problem(text.count("\n") + 1, "文件不是完整的TOML格式，请检查引号和括号是否成对")
    return Problem(int(place[1]), f"第{place[2]}列附近不合TOML格式，请检查标点、引号和重复的项")


def _policy(document: Document) -> Policy | None:
    rules = _entries(document, "rule", _rule)
    deliveries = _entries(document, "delivery", _delivery)
    by_month = _entries(document, "operating", operating)
    grants = _entries(document, "construction", construction)
    table = document.table("policy")
    if table is None:
        return None
    code = table.text("code", _CODE, "政策编号，40字以内，不含空格、+ 和 /")
    first, last = _period(table)
    policy = Policy(
        code=code,
        title=table.text("title", _TITLE, "政策名称，100字以内", default=code or "-"),
        division=table.text("division", _DIVISION, "区划代码（2、4、6、9或12位数字）"),
        exclude=table.prefixes("exclude", _PREFIX),
        effective_from=first,
        effective_to=last,
        scope=table.choice("scope", ("hukou", "residence"), "hukou"),
        min_age=table.whole("min_age", 0, _OLDEST),
        age_counts_from=table.choice("age_counts_from", COUNTS_FROM, "birthday"),
        min_self_pay_fen=table.whole("min_self_pay_fen", 0) or 0,
        per_day=table.whole("per_day", 1),
        per_month=table.whole("per_month", 1),
        meals=table.choices("meals", MEALS) or frozenset(MEALS),
        rules=rules,
        deliveries=deliveries,
        operating=by_month,
        construction=grants,
    )
    table.finish()
    return policy


def _period(table: Table) -> tuple[date, date | None]:
    first, last = table.day("effective_from"), table.day("effective_to")
    if first is None:
        if not table.has("effective_from"):
            table.refuse("effective_from", "effective_from 请填写生效日期，如 2023-04-01")
        return date.min, last
    if last is not None and last < first:
        table.refuse("effective_to", "effective_to 不能早于 effective_from")
    return first, last


def _entries(
    document: Document, name: str, read: Callable[[Table, str], Entry]
) -> tuple[Entry, ...]:
    """The entries of one kind; a code names one of them only."""
    entries, codes = [], set()
    for table in document.tables(name):
        code = table.text("code", _CODE, "编号，40字以内，不含空格、+ 和 /")
        if code in codes:
            table.refuse("code", f"code 重复：前面已有 {code}，请换一个编号")
        codes.add(code or None)
        entries.append(read(table, code))
        table.finish()
    return tuple(entries)


def _rule(table: Table, code: str) -> Rule:
    amount, percent = table.whole("amount_fen", 0), table.whole("percent", 1, 100)
    max_fen = table.whole("max_fen", 0)
    if table.has("amount_fen") == table.has("percent"):
        table.refuse("percent", "amount_fen 和 percent 请填写其中一项，只填一项")
    elif table.has("max_fen") and not table.has("percent"):
        table.refuse("max_fen", "max_fen 只能和 percent 一起用")
    return Rule(
        code=code,
        layer=table.text("layer", _LAYER, "universal 或 targeted", default="universal"),
        when=_conditions(table),
        amount_fen=amount,
        percent=percent,
        max_fen=max_fen,
        funding=shares(table) if table.has("percent") else _parts(table, amount),
    )


def _delivery(table: Table, code: str) -> Delivery:
    amount = table.whole("amount_fen", 0)
    if not table.has("amount_fen"):
        table.refuse("amount_fen", "请填写 amount_fen")
    return Delivery(code, _conditions(table), amount or 0, _parts(table, amount))


def _conditions(table: Table) -> Conditions:
    min_age, max_age = table.whole("min_age", 0, _OLDEST), table.whole("max_age", 0, _OLDEST)
    if min_age is not None and max_age is not None and max_age < min_age:
        table.refuse("max_age", "max_age 不能小于 min_age")
    return Conditions(
        min_age=min_age,
        max_age=max_age,
        categories=table.choices("categories", CATEGORIES),
        meals=table.choices("meals", MEALS),
        modes=table.choices("modes", MODES),
    )


def _parts(table: Table, amount_fen: int | None) -> Funding:
    """Funding in fen, which adds up to the amount."""
    funding = table.funding()
    if funding is not None and amount_fen is not None:
        total = sum(fen for _, fen in funding)
        if total != amount_fen:
            table.refuse("funding", f"funding 合计 {total} 分，应等于 amount_fen {amount_fen} 分")
    return funding or ()
