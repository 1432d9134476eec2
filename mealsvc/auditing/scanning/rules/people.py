"""Who is registered: cohorts that appear at once, phones that bind many, staff, duplicates."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import log_poisson_tail, normal_tail, remembered
from mealsvc.auditing.scanning.rules.district import (
    OTHER_SEX,
    SAME_DIGITS,
    SAME_NAME,
    District,
    Twin,
)
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.telling import date_words, finding, iso
from mealsvc.auditing.scanning.rules.view import DELIVERY, MANUAL, Anomaly, Ints, PointMonth

BACK = 92  # days that a cohort may have begun before the month
SETTLED = 4  # days after the ledger's first in which everybody is new
WINDOWS = (1, 2, 3, 5)  # days within which a cohort first eats, or is enrolled
FRESH = 45  # days from enrolment to the first meal that still count as new
RESTLESS = 2.0  # honest newcomers come in groups: more variance than Poisson
DAY, BESIDE = 86_400, 300  # seconds
TOGETHER = 1e-6  # chance below which a sign of acting as one counts
WHY = {SAME_NAME: "同名同生日", SAME_DIGITS: "15位与18位号码相同", OTHER_SEX: "仅性别位不同"}


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Who eats here in the month: row numbers in `people`, by elder and by line."""

    row: Ints  # of each line
    who: Ints  # rows that occur, ascending
    days: Ints  # on which anybody ate


def newcomers(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A20: elders whose first meals ever fall on one day (or within three), far above the point's
    usual number, and who act as one after it.

    Signs of acting as one: coming and staying away on the same days, standing next to each other
    in the till's order, a shared phone or birth date, entry by hand, hardly ever missing a day.
    Evidence: `elders`, `first_days`, `usual` newcomers a day, `signs`, `enrolled` days, `chance`.
    """
    if not len(seen.lines):
        return
    crowd = _crowd(seen)
    found = list(_cohorts(seen, crowd, limits))
    held: list[Ints] = []
    signs: set[str] = set()
    chance, usual = 1.0, 0.0
    for cohort, odds, rate in found:
        told = _signs(seen, crowd, cohort)
        if not told:
            continue
        held.append(cohort)
        signs |= told
        chance, usual = min(chance, odds), max(usual, rate)
    if not held:
        return
    who = np.unique(np.concatenate(held))
    which = np.flatnonzero(np.isin(crowd.row, who))
    first = seen.people.first_day[who]
    busiest = int(np.bincount(first - first.min()).argmax() + first.min())
    enrolled = seen.people.enrolled_day[who]
    yield finding(
        seen,
        "A20",
        "case",
        which,
        f"{len(who)}位新登记老人几乎同时登记、首次就餐（{date_words(busiest)}一天首次来"
        f"{int((first == busiest).sum())}位，平时每天约{usual:.1f}位），并且{'、'.join(sorted(signs))}，"
        f"本月共{len(which)}笔。",
        "先核对是否新覆盖的社区集中登记、集体组织来点，可抽查几位电话或上门确认。",
        evidence={
            "elders": len(who),
            "first_days": iso(first.tolist()),
            "usual": round(usual, 2),
            "signs": sorted(signs),
            "enrolled": iso(enrolled[enrolled > 0].tolist()),
        },
        chance=limits.in_district(chance),
    )


def shared_phones(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A19: one phone bound to more elders who eat here than one family has.

    A shared phone alone holds no line (a village clerk helps many to register): lines are held only
    where these elders also act as one (as for A20).
    Evidence: `phones` how many, `elders`, `most` elders of one phone, `signs`.
    """
    if not len(seen.lines):
        return
    crowd = _crowd(seen)
    phones = seen.people.phone[crowd.who]
    known, often = np.unique(phones[phones > 0], return_counts=True)
    many = known[often > limits.phone_elders]
    if not len(many):
        return
    held, signs = [np.zeros(0, np.int64)], set[str]()
    everybody = crowd.who[np.isin(phones, many)]  # one hand may use several phones
    groups = [everybody, *(crowd.who[phones == phone] for phone in many.tolist())]
    for group in groups[: 1 if len(many) == 1 else None]:
        told = _signs(seen, crowd, group) - {"共用电话"}
        if told:
            held.append(np.flatnonzero(np.isin(crowd.row, group)))
            signs |= told
    which = np.concatenate(held)
    days = np.unique(seen.lines.day[np.isin(crowd.row, everybody)])
    acting = f"，并且{'、'.join(sorted(signs))}" if signs else ""
    yield finding(
        seen,
        "A19",
        "case" if signs else "watch",
        which,
        f"{len(many)}个电话各登记了{limits.phone_elders}位以上老人，最多一个登记{int(often.max())}位{acting}。",
        "先核对是否村（社区）干部代为登记、同住亲属或机构统一留号。",
        evidence={
            "phones": len(many),
            "elders": len(everybody),
            "most": int(often.max()),
            "signs": sorted(signs),
        },
        days=days.tolist(),
    )


def staff_meals(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A22: subsidised meals of elders who work at the point. Evidence: `elders`."""
    if not seen.point.staff:
        return
    here = np.isin(seen.lines.resident, np.fromiter(seen.point.staff, np.int64))
    which = np.flatnonzero(here & (seen.lines.subsidy > 0))
    if len(which):
        number = len(np.unique(seen.lines.resident[which]))
        yield finding(
            seen,
            "A22",
            "case",
            which,
            f"{number}位在本点工作的人员作为老人享受补贴{len(which)}笔。",
            "先核对是否已申报、确系符合条件并本人用餐，或同名登记错误。",
            evidence={"elders": number},
        )


def duplicates(seen: District, limits: Limits) -> Iterator[Anomaly]:
    """A25: meals of the younger of two registrations that seem to be one person.

    Lines are held where both eat and one number is a slip of the other, or where two of one name
    and birth date keep eating within minutes of each other.
    Evidence: `pairs`, `why` of each kind, `both_eat` pairs whose lines are held.
    """
    lines = seen.lines
    eating = set(np.unique(lines.resident).tolist())
    twins = [one for one in seen.twins if one.younger in eating]
    for summary in seen.points:
        here = seen.where == summary.point.id
        mine = [one for one in twins if (here & (lines.resident == one.younger)).any()]
        if not mine:
            continue
        which = np.flatnonzero(
            here & np.isin(lines.resident, np.array([one.younger for one in mine]))
        )
        surely = np.array([one.younger for one in mine if _one_person(seen, one)], np.int64)
        held = which[np.isin(lines.resident[which], surely)]
        why = sorted({WHY.get(one.why, one.why) for one in mine})
        yield Anomaly(
            "A25",
            "case",
            summary.point.code,
            tuple(np.sort(lines.sequence[held]).tolist()),
            tuple(np.unique(lines.day[which]).tolist()),
            tuple(np.unique(lines.resident[which]).tolist()),
            f"{len(mine)}位老人疑似重复建档（{'、'.join(why)}），后建档案本月就餐{len(which)}笔。",
            "先核对身份证原件，排除同名同生日的不同老人，确认后合并档案。",
            {"pairs": len(mine), "why": why, "both_eat": len(surely)},
        )


def _one_person(seen: District, twin: Twin) -> bool:
    """Whether the two registrations feed one mouth twice."""
    lines = seen.lines
    older, younger = lines.resident == twin.older, lines.resident == twin.younger
    if not older.any() or not younger.any():
        return False
    if twin.why != SAME_NAME:
        return True
    apart = np.abs(
        (lines.day[younger] * DAY + lines.second[younger])[:, None]
        - (lines.day[older] * DAY + lines.second[older])
    ).min(axis=1)
    return bool((apart <= BESIDE).sum() >= 3 and (apart <= BESIDE).mean() >= 0.5)


@remembered
def _crowd(seen: PointMonth) -> _Crowd:
    row = seen.people.at(seen.lines.resident)
    return _Crowd(row, np.unique(row), np.unique(seen.lines.day))


def _cohorts(
    seen: PointMonth, crowd: _Crowd, limits: Limits
) -> Iterator[tuple[Ints, float, float]]:
    """Groups of newcomers beyond what the other days let expect: rows, chance, usual a day."""
    first = seen.people.first_day[crowd.who]
    enrolled = seen.people.enrolled_day[crowd.who]
    late = (enrolled > 0) & (first - enrolled > FRESH)  # registered long before: no newcomer
    start = max(seen.first_day - BACK, int(first.min()) + SETTLED)
    yield from _clusters(seen, crowd.who, first, (first >= start) & ~late, start, limits)
    start = seen.first_day - BACK
    yield from _clusters(seen, crowd.who, enrolled, enrolled >= start, start, limits)


def _clusters(
    seen: PointMonth,
    who: Ints,
    on: Ints,
    new: NDArray[np.bool_],
    start: int,
    limits: Limits,
) -> Iterator[tuple[Ints, float, float]]:
    """Those of `new` whose day falls into windows with far more of them than usual."""
    if new.sum() < limits.newcomers_least:
        return
    counts = np.bincount(np.maximum(on[new] - start, 0), minlength=seen.last_day - start + 1)
    taken = np.zeros(len(counts), bool)
    for _ in range(len(counts)):
        best = _busiest(counts, taken, limits)
        if best is None or best[2] > limits.false_chance:
            return
        at, width, chance, rate = best
        taken[at : at + width] = True
        inside = new & (on >= start + at) & (on < start + at + width)
        yield who[inside], chance, rate


def _busiest(
    counts: Ints, taken: NDArray[np.bool_], limits: Limits
) -> tuple[int, int, float, float] | None:
    """The window with the least chance: where, how wide, chance over all windows, usual rate."""
    tests = len(WINDOWS) * len(counts)
    best = None
    for width in WINDOWS:
        if len(counts) < width:
            break
        sums = np.convolve(counts * ~taken, np.ones(width, np.int64), "valid")
        for at in np.argsort(-sums, kind="stable")[:3].tolist():
            number = int(sums[at])
            if number < limits.newcomers_least or taken[at : at + width].any():
                continue
            rate = _usual(counts, taken, at, width)
            mean = (rate * width + 0.3) * RESTLESS
            chance = min(1.0, tests * exp(log_poisson_tail(number, mean)))
            if best is None or chance < best[2]:
                best = (at, width, chance, rate)
    return best


def _usual(counts: Ints, taken: NDArray[np.bool_], at: int, width: int) -> float:
    """Newcomers a day on the other days; near the window where the ledger is still young."""
    rest = ~taken
    rest[at : at + width] = False
    near = rest.copy()
    near[: max(0, at - 10)] = False
    near[at + width + 10 :] = False
    means = [float(counts[one].mean()) for one in (rest, near) if one.any()]
    return max(means, default=0.0)


def _signs(seen: PointMonth, crowd: _Crowd, group: Ints) -> set[str]:
    """What makes these elders look like one hand."""
    mine = np.isin(crowd.row, group)
    told = set[str]()
    if _adjacent(seen, mine) < TOGETHER:
        told.add("刷卡总是前后相连")
    if _in_step(seen, crowd, group, mine) < TOGETHER:
        told.add("同来同不来")
    if _tireless(seen, crowd, group) < TOGETHER:
        told.add("几乎一天不缺")
    if _repeated(seen.people.phone[group], seen.people.phone[group] > 0) >= 0.5:
        told.add("共用电话")
    if len(group) >= 5 and _repeated(seen.people.birth_day[group]) >= 0.3:
        told.add("生日雷同")
    if _by_hand(seen, mine) < TOGETHER:
        told.add("多为手工登记")
    return told


def _adjacent(seen: PointMonth, mine: NDArray[np.bool_]) -> float:
    """The chance of so many neighbours in the till's order, courier rounds apart."""
    lines = seen.lines
    own = lines.mode != DELIVERY
    block = (lines.day * 3 + lines.meal)[own]
    member = mine[own]
    if member.sum() < 10:
        return 1.0
    pairs = int((member[1:] & member[:-1] & (block[1:] == block[:-1])).sum())
    _, at = np.unique(block, return_inverse=True)
    whole, part = np.bincount(at), np.bincount(at, weights=member)
    mean = float((part * (part - 1) / np.maximum(whole, 1)).sum())
    apart = float((part * (whole - part)).sum())
    if not apart:  # nobody else was there to stand between
        return 1.0
    return exp(log_poisson_tail(pairs, 1.5 * mean + 1))


def _presence(seen: PointMonth, crowd: _Crowd, group: Ints, since: int) -> NDArray[np.float64]:
    """Elders × days: 1 where the elder ate."""
    days = crowd.days[crowd.days >= since]
    table = np.zeros((len(group), len(days)))
    hit = np.isin(crowd.row, group) & (seen.lines.day >= since)
    table[np.searchsorted(group, crowd.row[hit]), np.searchsorted(days, seen.lines.day[hit])] = 1
    return table


def _in_step(seen: PointMonth, crowd: _Crowd, group: Ints, mine: NDArray[np.bool_]) -> float:
    """The chance that independent elders' numbers swing from day to day as much as these."""
    since = int(max(seen.people.first_day[group].max() + 1, seen.first_day))
    table = _presence(seen, crowd, group, since)
    days = table.shape[1]
    if days < 5 or len(group) < 3:
        return 1.0
    swing = float(table.sum(axis=0).var() * days)
    alone = float(table.var(axis=1).sum() * days)
    others = np.setdiff1d(crowd.who, group)
    if not alone or not len(others):
        return 1.0
    rest = _presence(seen, crowd, others, since)
    common = float(rest.sum(axis=0).var() / max(rest.var(axis=1).sum(), 1e-9))
    ratio = swing / alone / max(1.0, 1 + (common - 1) * min(1.0, len(group) / len(others)))
    freedom = days - 1
    if ratio <= 1:
        return 1.0
    cube = (ratio ** (1 / 3) - (1 - 2 / (9 * freedom))) / (2 / (9 * freedom)) ** 0.5
    return normal_tail(cube)


def _tireless(seen: PointMonth, crowd: _Crowd, group: Ints) -> float:
    """The chance that as many days are missed as few, at the other elders' rate of missing."""
    since = int(max(seen.people.first_day[group].max(), seen.first_day))
    table = _presence(seen, crowd, group, since)
    if table.shape[1] < 4:
        return 1.0
    others = np.setdiff1d(crowd.who, group)
    if len(others) < 5:
        return 1.0
    rest = _presence(seen, crowd, others, since).mean(axis=1)
    often = np.sort(rest)[-max(1, len(rest) // 5) :].mean()  # the most faithful fifth
    share = table.mean(axis=1)
    if share.mean() < 0.8 or (share > 0.6).mean() < 0.9:
        return 1.0
    keen = min(0.9, max(0.25, float((rest >= min(often, 0.85)).mean())))
    return keen ** float((share >= min(often, 0.85)).sum())


def _repeated(values: Ints, known: NDArray[np.bool_] | None = None) -> float:
    """The share of these that equal another one."""
    if known is not None:
        values = values[known]
    if len(values) < 3:
        return 0.0
    _, often = np.unique(values, return_counts=True)
    return float(often[often > 1].sum() / len(values))


def _by_hand(seen: PointMonth, mine: NDArray[np.bool_]) -> float:
    """The chance of so many hand entries, at the share among the other elders."""
    own = seen.lines.mode != DELIVERY
    manual = seen.lines.method == MANUAL
    rest = own & ~mine
    number = int((manual & own & mine).sum())
    share = float((manual & rest).sum() + 1) / (float(rest.sum()) + 2)
    return exp(log_poisson_tail(number, 2 * share * float((own & mine).sum()) + 2))
