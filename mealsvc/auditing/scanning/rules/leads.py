"""Groups the anomalies of a point that tell one story into one lead, and weighs it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log10

from mealsvc.auditing.scanning.rules.view import SEVERITIES, Anomaly

# a story belongs to the first family that it touches; its key stays the same from scan to scan
FAMILIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("gone", "离世、迁出或住机构后仍有就餐", ("A01", "A13")),
    ("denied", "本人否认或现场清点不符", ("A27", "A28")),
    ("entered", "登记方式异常（代刷、重放名单、补录）", ("A06", "A07", "A08", "A09", "A23", "A24")),
    ("twice", "一人多吃或多处就餐", ("A03", "A05", "A25")),
    ("volume", "份数与实际能力、采购不符", ("A10", "A11", "A16", "A26")),
    ("enrolled", "集中新登记、共用电话", ("A19", "A20")),
    ("delivered", "送餐无凭据", ("A21",)),
    ("logs", "有餐而无食品安全记录", ("A17",)),
    ("price", "价格与自付异常", ("A14", "A15")),
    ("till", "收款与系统不符", ("A18",)),
    ("eligible", "资格、卡或设备不符", ("A02", "A04", "A22")),
    ("regular", "天天不缺，抽查电话", ("A12",)),
)
OTHER = ("other", "其他异常")
FACTOR = {"block": 8, "high": 4, "case": 2, "watch": 1}
BASE = 10_000  # fen: a lead without money of its own still weighs something
OVERLAP = 0.5  # of the smaller one's lines: then two anomalies tell one story


@dataclass(frozen=True, slots=True)
class Story:
    """Anomalies of a point that belong together, the gravest first.

    `key` tells stories of a month apart and does not change while they grow. `weight` orders leads:
    the subsidy at stake (and 100 yuan for the trouble) in fen, times the severity's factor, less
    where chance may yet explain it.
    """

    key: str
    point: str
    title: str
    severity: str
    weight: int
    summary: str
    honest: str
    rules: tuple[str, ...]
    anomalies: tuple[Anomaly, ...]
    sequences: tuple[int, ...]
    days: tuple[int, ...]
    residents: tuple[int, ...]
    subsidy_fen: int


def leads_of(anomalies: Sequence[Anomaly], subsidies: Mapping[int, int]) -> list[Story]:
    """The stories of a scan, the weightiest first; `subsidies` are fen by the ledger's number."""
    points: dict[str, list[Anomaly]] = {}
    for anomaly in anomalies:
        points.setdefault(anomaly.point, []).append(anomaly)
    stories = [
        _story(point, group, subsidies) for point, all_ in points.items() for group in _groups(all_)
    ]
    return sorted(stories, key=lambda story: (-story.weight, story.key))


def family_of(rule: str) -> int:
    """The place of a rule's family in the list; after all of them if it has none."""
    for number, (_, _, rules) in enumerate(FAMILIES):
        if rule in rules:
            return number
    return len(FAMILIES)


def _groups(anomalies: Sequence[Anomaly]) -> list[list[Anomaly]]:
    """Anomalies of one point that hang together: of one family, or with lines in common."""
    groups: list[list[Anomaly]] = []
    for anomaly in anomalies:
        near = [group for group in groups if any(_related(anomaly, one) for one in group)]
        groups = [group for group in groups if group not in near]
        groups.append([one for group in near for one in group] + [anomaly])
    return groups


def _related(one: Anomaly, other: Anomaly) -> bool:
    if family_of(one.rule) == family_of(other.rule) < len(FAMILIES):
        return True
    smaller = min(len(one.sequences), len(other.sequences))
    common = len(set(one.sequences) & set(other.sequences))
    return smaller > 0 and common >= OVERLAP * smaller


def _story(point: str, group: list[Anomaly], subsidies: Mapping[int, int]) -> Story:
    gravest = sorted(group, key=lambda a: (SEVERITIES.index(a.severity), _luck(a), a.rule))
    first = gravest[0]
    number = min(family_of(one.rule) for one in group)
    key, words = FAMILIES[number][:2] if number < len(FAMILIES) else OTHER
    if key == OTHER[0]:
        key = f"{key}-{first.rule}"
    sequences = _united(one.sequences for one in group)
    residents = _united(one.residents for one in group)
    money = sum(subsidies.get(sequence, 0) for sequence in sequences)
    rules = tuple(dict.fromkeys(one.rule for one in gravest))
    return Story(
        key=f"{point}:{key}",
        point=point,
        title=words + _extent(len(sequences), len(residents)),
        severity=first.severity,
        weight=round((money + BASE) * FACTOR[first.severity] * (1 - _doubt(group))),
        summary=_all_of(gravest),
        honest=first.honest,
        rules=rules,
        anomalies=tuple(gravest),
        sequences=sequences,
        days=_united(one.days for one in group),
        residents=residents,
        subsidy_fen=money,
    )


def _extent(servings: int, residents: int) -> str:
    return f"：{residents}人{servings}笔" if servings else ""


def _all_of(gravest: Sequence[Anomaly]) -> str:
    """The gravest one's sentence, and how many more point the same way."""
    others = [one.rule for one in gravest[1:]]
    if not others:
        return gravest[0].summary
    return (
        f"{gravest[0].summary.rstrip('。')}；另有{'、'.join(dict.fromkeys(others))}指向同一情形。"
    )


def _luck(anomaly: Anomaly) -> float:
    return anomaly.chance or 0.0


def _doubt(group: Sequence[Anomaly]) -> float:
    """Up to a half: how far chance may explain the least likely of them."""
    chance = min(_luck(one) for one in group)
    return 0.0 if chance <= 1e-6 else min(0.5, 0.1 * (6 + log10(chance)))


def _united(parts: Iterable[Iterable[int]]) -> tuple[int, ...]:
    return tuple(sorted({one for part in parts for one in part}))
