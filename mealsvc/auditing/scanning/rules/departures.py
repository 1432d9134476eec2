"""Facts about people and tills: who had left, who was not entitled, whose device it was."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.telling import date_words, finding, iso
from mealsvc.auditing.scanning.rules.view import Anomaly, Departure, Ints, PointMonth

KINDS = {"deceased": "去世", "moved_out": "迁出", "institution": "入住机构"}
COVERED = {"resident_deceased", "deceased", "moved_out", "in_institution", "institution"}
REASONS = {
    "under_age": "未到年龄",
    "out_of_scope": "不在补贴范围",
    "no_policy": "没有适用政策",
    "no_rule": "不符合任何补贴档次",
    "tier": "补贴档次不符",
    "meal_not_subsidised": "该餐次不补贴",
}


def gone(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A01: any meal of the dead, a subsidised one of those who moved away, from that day on.

    Evidence: `deceased`, `moved_out` lines of each kind; `from` the earliest day of those events;
    `sources` of the lists.
    """
    deceased = _within(seen, _of_kind(seen, "deceased"))
    moved = _subsidised(seen, _within(seen, _of_kind(seen, "moved_out")))
    which = np.union1d(deceased, moved)
    if not len(which):
        return
    told = "、".join(
        f"{KINDS[kind]}后{len(hit)}笔"
        for kind, hit in (("deceased", deceased), ("moved_out", moved))
        if len(hit)
    )
    people = len(np.unique(seen.lines.resident[which]))
    yield finding(
        seen,
        "A01",
        "block",
        which,
        f"{people}位老人{told}仍有就餐记录，最早一笔在{date_words(int(seen.lines.day[which].min()))}。",
        "先核对名单日期和身份证号是否登记错误、是否为家属代取未及时停卡。",
        evidence={
            "deceased": len(deceased),
            "moved_out": len(moved),
            **_events(seen, which, ("deceased", "moved_out")),
        },
    )


def in_institution(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A13: subsidised meals of people who lived in an institution on that day.

    Evidence: `from` the earliest day of those events, `sources` of the lists.
    """
    which = _subsidised(seen, _within(seen, _of_kind(seen, "institution")))
    if not len(which):
        return
    people = len(np.unique(seen.lines.resident[which]))
    yield finding(
        seen,
        "A13",
        "case",
        which,
        f"{people}位老人入住机构期间有{len(which)}笔享受补贴的就餐记录。",
        "先核对入住起止日期，以及是否短期请假回家、名单更新滞后。",
        evidence=_events(seen, which, ("institution",)),
    )


def not_entitled(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A02: lines that today's facts would decide otherwise: age, scope or tier on that day.

    Evidence: `reasons`: lines of each reason.
    """
    if not seen.redecided:
        return
    lines = seen.lines
    left = _within(seen, seen.departures)
    hit = np.flatnonzero(np.isin(lines.sequence, np.fromiter(seen.redecided, np.int64)))
    hit = np.setdiff1d(hit, left)
    why = [seen.redecided[int(number)] for number in lines.sequence[hit]]
    which = hit[np.array([reason not in COVERED for reason in why], bool)]
    if not len(which):
        return
    reasons = Counter(seen.redecided[int(number)] for number in lines.sequence[which])
    told = "、".join(f"{REASONS.get(one, '待遇不符')}{number}笔" for one, number in reasons.items())
    yield finding(
        seen,
        "A02",
        "block",
        which,
        f"按现在掌握的资料重算，{len(which)}笔补贴与当日应有待遇不一致：{told}。",
        "先核对出生日期、户籍和类别的生效日期是否补登或更正过。",
        evidence={"reasons": dict(reasons)},
    )


def twice(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A03: a second subsidised meal of one elder, day and meal. Evidence: none.

    The database keeps one slot for each, so this finds only what was altered from outside.
    """
    lines = seen.lines
    paid = np.flatnonzero(lines.subsidy > 0)
    if not len(paid):
        return
    slot = (lines.resident[paid] * 100_000 + lines.day[paid]) * 3 + lines.meal[paid]
    order = np.argsort(slot, kind="stable")
    again = np.zeros(len(paid), bool)
    again[order[1:]] = np.diff(slot[order]) == 0
    which = paid[again]
    if len(which):
        yield finding(
            seen,
            "A03",
            "block",
            which,
            f"同一老人同一天同一餐次重复享受补贴{len(which)}笔。",
            "先核对是否已冲正或系统数据曾被改动。",
        )


def foreign_device(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A04: lines from a device that is not this point's, or was revoked. Evidence: none."""
    which = np.flatnonzero(
        np.isin(seen.lines.sequence, np.fromiter(seen.foreign_devices, np.int64))
    )
    if len(which):
        yield finding(
            seen,
            "A04",
            "block",
            which,
            f"{len(which)}笔来自不属于本点或已停用的设备。",
            "先核对设备是否临时借用、换机后登记未更新。",
        )


def _of_kind(seen: PointMonth, kind: str) -> list[Departure]:
    return [one for one in seen.departures if one.kind == kind]


def _within(seen: PointMonth, departures: Sequence[Departure]) -> Ints:
    """The places of lines of these people from their day on; only death has no way back."""
    lines = seen.lines
    known = np.array([one.resident for one in departures], np.int64)
    near = np.flatnonzero(np.isin(lines.resident, known))
    hit = np.zeros(len(near), bool)
    who, on = lines.resident[near], lines.day[near]
    for one in departures:
        until = one.to_day if one.to_day is not None and one.kind != "deceased" else None
        hit |= (who == one.resident) & (on >= one.from_day) & (until is None or on <= until)
    return near[hit]


def _subsidised(seen: PointMonth, which: Ints) -> Ints:
    return which[seen.lines.subsidy[which] > 0]


def _events(seen: PointMonth, which: Ints, kinds: tuple[str, ...]) -> dict[str, object]:
    people = set(seen.lines.resident[which].tolist())
    events = [one for one in seen.departures if one.resident in people and one.kind in kinds]
    return {
        "from": iso(one.from_day for one in events),
        "sources": sorted({one.source for one in events if one.source}),
    }
