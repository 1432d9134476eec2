"""What became known of somebody, in words for pages, notes and papers. Pure.

Which category somebody has tells of hardship: it is named only where the reader keeps the register.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.money import display
from mealsvc.policies.wording import CATEGORY_NAMES

EVENTS = {"deceased": "去世", "moved_out": "户籍迁出", "institution": "入住机构"}
KINDS = {"hukou": "户籍迁移", "residence": "居住地变更", "category": "类别认定"}
PUT_RIGHT = {"hukou": "户籍更正", "residence": "居住地更正", "birth": "出生日期更正"}
CHANGES = {"ended": "，止于日期改早", "extended": "，止于日期改晚", "withdrawn": "，登记有误已撤销"}


def fact_in_words(fact: Any, named: bool = False) -> str:
    """2024年4月28日去世; `named` says which category. `fact` has the columns of a `FactChange`."""
    if fact.change == "corrected":
        return PUT_RIGHT.get(fact.kind, "档案更正")
    return f"{held_in_words(fact, named)}{CHANGES.get(fact.change, '')}"


def held_in_words(fact: Any, named: bool = False) -> str:
    """2024年4月28日起户籍迁出，至2024年5月10日: a fact with its days."""
    what = _what(fact, named)
    if fact.value == "deceased":
        return f"{_day(fact.from_on)}{what}"
    since = f"{_day(fact.from_on)}起" if fact.from_on else ""
    until = f"，至{_day(fact.to_on)}" if fact.to_on else ""
    return f"{since}{what}{until}"


def _what(fact: Any, named: bool) -> str:
    kind, value = str(fact.kind), str(fact.value)
    if kind == "departure":
        return EVENTS.get(value, value)
    if kind == "category" and named:
        return CATEGORY_NAMES.get(value, value)
    return KINDS.get(kind, kind)


def _day(day: date | None) -> str:
    return chinese_date(day) if day else ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What confirming some lines does: how many, of submitted months, without a new line; fen that
    settlements change by, that the elder should have paid more, and less.
    """

    lines: int
    frozen: int
    gone: int
    settled_fen: int
    paid_more_fen: int
    paid_less_fen: int


def consequence(effect: Effect) -> str:
    """What happens when these lines are confirmed, said before it happens."""
    anew = effect.lines - effect.gone
    parts = [f"{effect.lines}笔流水将冲正"]
    if anew:
        which = f"其中{anew}笔" if effect.gone else "并"
        parts.append(f"{which}按当天应有的情况重新登记")
    sign = "减少" if effect.settled_fen < 0 else "增加"
    money = f"结算共{sign}{display(abs(effect.settled_fen))}元"
    if effect.frozen:
        where = "全部" if effect.frozen == effect.lines else f"{effect.frozen}笔"
        money += f"（{where}所在月份已提交，计入下一个未提交月份的调整，已提交的月份不变）"
    said = "，".join([*parts, money]) + "。"
    if effect.paid_less_fen:
        said += f"老人多付了{display(effect.paid_less_fen)}元，请通知助餐点当面退给老人。"
    if effect.paid_more_fen:
        said += (
            f"老人当时少付了{display(effect.paid_more_fen)}元，系统不代收，"
            "是否补收请助餐点与老人或家属商定。"
        )
    return said
