"""What each kind of point must hold, who must be trained and certified, and what has run out. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

_LICENSING = "食品安全法35；食品经营许可和备案管理办法"
_ORDERED = "食品安全法57；食品安全法实施条例28"
_RULE = "制度化要求：十二项制度"
_DAY = timedelta(days=1)


class DocumentKind(NamedTuple):
    """A kind of paper: its name, its basis, what to do when it runs out; `dated`: has a last day."""

    name: str
    basis: str
    advice: str
    dated: bool = True


_RULES = {
    "rule_access": "准入退出制度",
    "rule_agreement": "服务协议制度",
    "rule_food_safety": "食品安全制度",
    "rule_price": "价格备案公示制度",
    "rule_menu": "食谱与用餐标准制度",
    "rule_subsidy": "身份核验与补贴制度",
    "rule_settlement": "资金结算与公示制度",
    "rule_staff": "人员管理与培训制度",
    "rule_inspection": "检查与整改制度",
    "rule_complaint": "投诉与满意度制度",
    "rule_emergency": "应急与保险制度",
    "rule_data": "信息与数据安全制度",
}
RULES = tuple(_RULES)
"""The twelve rules of institutionalisation, which the district and each point have to have."""

DOCUMENTS: dict[str, DocumentKind] = {
    "licence": DocumentKind(
        "食品经营许可证", _LICENSING, "向市场监管部门申请延续（应在到期前90至15个工作日提出）"
    ),
    "supplier_licence": DocumentKind(
        "供餐单位食品经营许可证复印件", _ORDERED, "向供餐单位索取有效的许可证复印件"
    ),
    "supplier_contract": DocumentKind("供餐合同", _ORDERED, "与供餐单位续签合同"),
    "contractor_contract": DocumentKind(
        "承包合同及承包方许可证", "食品安全法实施条例28", "与承包方续签合同并核验其许可证"
    ),
    "agreement": DocumentKind("助餐服务协议", "区助餐服务实施意见", "与镇街、区民政局续签服务协议"),
    "business_licence": DocumentKind(
        "营业执照或登记证书", "市场主体登记管理条例", "到登记机关办理", dated=False
    ),
    "institution_filing": DocumentKind(
        "养老机构备案回执", "养老机构管理办法", "到区民政局办理备案", dated=False
    ),
    "liability": DocumentKind(
        "食品安全责任险或公众责任险", "食品安全法43（鼓励参保）；制度化要求第11项", "续保"
    ),
    "fire": DocumentKind(
        "消防安全检查合格证明或承诺", "消防法15", "到消防救援机构办理，或重新自查承诺"
    ),
    "waste": DocumentKind("餐厨废弃物收运协议", "GB 31654-2021；操作规范11", "与有资质的单位续签"),
    "incident_plan": DocumentKind(
        "食品安全事故处置方案", "食品安全法102；检查项UNT-02", "制定并张贴，每年演练", dated=False
    ),
    "health_declaration": DocumentKind(
        "邻里助餐健康承诺", "区助餐服务实施意见：邻里互助点", "请经办家庭重新体检并承诺"
    ),
    **{code: DocumentKind(name, _RULE, "印发并执行", dated=False) for code, name in _RULES.items()},
}

_EVERY_KITCHEN = (
    "licence",
    "agreement",
    "business_licence",
    "liability",
    "fire",
    "waste",
    "incident_plan",
)
_REQUIRED: dict[str, tuple[str, ...]] = {
    "central_kitchen": _EVERY_KITCHEN,
    "community_canteen": _EVERY_KITCHEN,
    "institution_canteen": (*_EVERY_KITCHEN, "institution_filing"),
    "partner_restaurant": _EVERY_KITCHEN,
    "serving_point": (
        "supplier_licence",
        "supplier_contract",
        "agreement",
        "liability",
        "fire",
        "incident_plan",
    ),
    "neighbour_table": ("agreement", "health_declaration"),
}
COOKING = frozenset(
    {"central_kitchen", "community_canteen", "institution_canteen", "partner_restaurant"}
)
SPECIFIC = frozenset({"central_kitchen", "institution_canteen"})
"""The "specific" caterers, whose people are trained every half year."""

# What concerns people and exercises is judged beside the papers, under these codes.
PEOPLE = {
    "health": DocumentKind(
        "从业人员健康证明", "食品安全法45；检查项STF-01", "安排体检换证，换证前不得上岗接触食品"
    ),
    "training": DocumentKind(
        "从业人员培训考核", "食品安全法44；操作规范14；检查项STF-05", "组织培训和考核并登记"
    ),
    "staff": DocumentKind("从业人员名单", "食品安全法44、45", "登记每一位从业人员"),
    "officer": DocumentKind(
        "食品安全员", "食品安全法44；检查项STF-04", "任命食品安全员并登记任命书"
    ),
    "director": DocumentKind(
        "食品安全总监",
        "集中用餐单位落实食品安全主体责任监督管理规定",
        "每餐用餐人数达到规定规模，须任命食品安全总监",
    ),
    "drill": DocumentKind("食品安全应急演练", "食品安全法102；检查项UNT-02", "组织一次演练并登记"),
}
KINDS = DOCUMENTS | PEOPLE
KEY = frozenset({"licence", "supplier_licence", "agreement", "health_declaration", "health"})
"""Without these nobody may go on serving: a point that lacks one is flagged everywhere."""

DIRECTOR_SINCE = date(2025, 4, 15)  # the rule on collective dining units is in force from then

POSTS = {
    "manager": "负责人",
    "director": "食品安全总监",
    "officer": "食品安全员",
    "cook": "厨师",
    "helper": "帮厨",
    "server": "分餐服务员",
    "cashier": "核验收银员",
    "courier": "送餐员",
    "cleaner": "保洁员",
    "other": "其他",
}
STAFF_PAPERS = {
    "health": "健康证明",
    "training": "培训考核",
    "officer": "食品安全员任命",
    "director": "食品安全总监任命",
}
EVENTS = {"drill": "应急演练", "volunteer_hours": "志愿服务"}


class Span(NamedTuple):
    """Days on which a paper holds, both inclusive; None: open at that end."""

    first: date | None
    last: date | None


class Standing(NamedTuple):
    """How papers of one kind stand on a day: `held`, `lapsed` or `missing`.

    `until`: the last day without a gap while held (None: without limit), the day on which the last
    one ended when lapsed.
    """

    state: str
    until: date | None


@dataclass(slots=True)
class UnitState:
    """What a point lacks on a day. Each list holds (kind, day); `kind` is in `KINDS`.

    `lapsed`: with the day it ended; `missing`: None; `expiring`: with its last day.
    """

    point_id: int
    lapsed: list[tuple[str, date | None]] = field(default_factory=list)
    missing: list[tuple[str, date | None]] = field(default_factory=list)
    expiring: list[tuple[str, date]] = field(default_factory=list)
    held: list[tuple[str, date | None]] = field(default_factory=list)

    @property
    def flagged(self) -> bool:
        """A key paper has run out or is not there."""
        return bool(self.key_lapsed or self.key_missing)

    @property
    def key_lapsed(self) -> list[str]:
        return [kind for kind, _ in self.lapsed if kind in KEY]

    @property
    def key_missing(self) -> list[str]:
        return [kind for kind, _ in self.missing if kind in KEY]

    @property
    def words(self) -> str:
        """The key papers that are not in order, in one line."""
        gone = [f"{KINDS[kind].name}已过期" for kind in self.key_lapsed]
        return "，".join([*gone, *(f"{KINDS[kind].name}未登记" for kind in self.key_missing)])

    @property
    def settled(self) -> bool:
        return not (self.lapsed or self.missing or self.expiring)

    def add(self, kind: str, standing: Standing, warn_until: date) -> None:
        """Takes in how one kind stands; what ends by `warn_until` is expiring."""
        if standing.state == "lapsed":
            self.lapsed.append((kind, standing.until))
        elif standing.state == "missing":
            self.missing.append((kind, None))
        else:
            self.held.append((kind, standing.until))
            if standing.until is not None and standing.until <= warn_until:
                self.expiring.append((kind, standing.until))


def required(point_kind: str, catering_mode: str = "") -> tuple[str, ...]:
    """The kinds of papers that a point of this kind must hold."""
    kinds = _REQUIRED.get(point_kind, ())
    return (*kinds, "contractor_contract") if catering_mode == "contracted" else kinds


def standing(papers: Iterable[Span], day: date) -> Standing:
    """How papers of one kind stand on a day; one that begins the day after another renews it."""
    found = list(papers)
    until, held = day - _DAY, False
    for first, last in sorted(found, key=lambda one: one.first or date.min):
        if first is not None and first > until + _DAY:
            break
        if last is None:
            return Standing("held", None)
        if last > until:
            until, held = last, True
    if held:
        return Standing("held", until)
    past = [one.last for one in found if one.last is not None and one.last < day]
    return Standing("lapsed", max(past)) if past else Standing("missing", None)


def together(each: Sequence[Standing]) -> Standing:
    """How a thing stands that every person needs: as the worst of them, the earliest day."""
    for state in ("lapsed", "missing"):
        of_that = [one for one in each if one.state == state]
        if of_that:
            return min(of_that, key=lambda one: one.until or date.max)
    limited = [one for one in each if one.until is not None]
    return (
        min(limited, key=lambda one: one.until or date.max) if limited else Standing("held", None)
    )


def stage(last: date, edges: Mapping[int, date]) -> int | None:
    """The smallest of the warning distances (working days, with the day each reaches) that holds."""
    within = [days for days, until in edges.items() if last <= until]
    return min(within, default=None)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    at = day.year * 12 + day.month - 1 + months
    year, month = divmod(at, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def lasting(begun: date, months: int) -> Span:
    """A paper of so many months: 2024-05-06 to 2025-05-05."""
    return Span(begun, months_later(begun, months) - _DAY)


def training_due(joined: date, trained: Iterable[date], months: int) -> list[tuple[date, bool]]:
    """Every day by which a person's training was due, and whether it was done in time.

    Whoever begins is trained by that day; each training is due again so many months later. What
    nobody did is due for good.
    """
    days = sorted(set(trained))
    due = [(joined, bool(days) and days[0] <= joined)]
    for at, day in enumerate(days):
        by = months_later(day, months)
        due.append((by, any(later <= by for later in days[at + 1 :])))
    return due
