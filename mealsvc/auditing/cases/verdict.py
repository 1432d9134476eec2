"""Lines of a case held while it is looked into, and the verdict that ends their holds.

Nobody decides alone: who opened a case gives no verdict on it, and a hold is never ended by who
placed it (the rule of `settlement.holding`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from mealsvc.auditing.cases import refusals, rules
from mealsvc.auditing.cases.acts import ready, take
from mealsvc.auditing.cases.models import AuditCase, CaseLine
from mealsvc.auditing.cases.reading import sight_of, standing_of
from mealsvc.auditing.cases.rules import Standing
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.settlement.batches import same_person
from mealsvc.settlement.holding import carve_out, end_holds, hold_lines

OUTCOMES = {"ok": "released", "bad": "refused"}


def hold(case_id: int, by: Actor, now: datetime) -> AuditCase:
    """Holds what can be held, at the wish of who works the case. Raises `NothingToHoldHere`."""
    case = ready(case_id, "held")
    if not hold_free_lines(case, by, now):
        raise refusals.NothingToHoldHere()
    return case


def hold_free_lines(case: AuditCase, by: Actor, now: datetime) -> int:
    """Holds the lines whose month is not approved and that nobody holds; returns how many."""
    rows = standing_of(case)
    free: dict[int, list[CaseLine]] = defaultdict(list)
    for line, month, standing in rows:
        if standing.can_be_held:
            free[month].append(line)
    reason, told = rules.reason_for(case.rules), f"核查案件{case.number}"
    for month, lines in sorted(free.items()):
        sequences = [line.sequence for line in lines]
        args = (Month.from_key(month), case.point_id, sequences, reason, told, by, now)
        for line, placed in zip(lines, hold_lines(*args), strict=True):
            line.hold_id = placed.id
    db.session.flush()
    number = sum(map(len, free.values()))
    if number:
        take(case, "held", "", by, now, _counted([standing for _, _, standing in rows]))
    return number


def decide(
    case_id: int, findings: Mapping[int, str], words: str, by: Actor, now: datetime
) -> AuditCase:
    """The verdict line by line (`ok` or `bad`): what was held and is right is released, what is wrong
    and not approved yet is refused and never paid.

    Raises `QuestionsOpen`, `OpenedByYou`, `FindingMissing`, and `OwnHold` of settlement.
    """
    case = ready(case_id, "verdict")
    if same_person(case.opened_by, case.opened_person, by, case.opened_at):
        raise refusals.OpenedByYou()
    rows = standing_of(case)
    sight = sight_of(case, [standing for _, _, standing in rows])
    if sight.open_questions and case.due_on is not None and local_date(now) <= case.due_on:
        raise refusals.QuestionsOpen(count=sight.open_questions, due=chinese_date(case.due_on))
    missing = sum(findings.get(line.sequence) not in rules.FINDINGS for line, _, _ in rows)
    if missing:
        raise refusals.FindingMissing(count=missing)
    done = {"ok": 0, "bad": 0, "released_fen": 0, "refused_fen": 0}
    ends: dict[int, str] = {}
    free: dict[int, list[CaseLine]] = defaultdict(list)
    for line, month, standing in rows:
        line.finding = finding = findings[line.sequence]
        done[finding] += 1
        if standing.own and line.hold_id is not None:
            ends[line.hold_id] = outcome = OUTCOMES[finding]
            done[f"{outcome}_fen"] += standing.worth_fen
        elif finding == "bad" and standing.can_be_held:
            free[month].append(line)
            done["refused_fen"] += standing.worth_fen
    told = f"核查案件{case.number}："
    notes = {"released": f"{told}核实无误", "refused": f"{told}查实有误"}
    end_holds(ends, notes, by, now)
    _carve_out(case, free, notes["refused"], by, now)
    case.decided_at, case.decided_by = now, str(by)
    take(case, "verdict", words, by, now, done, bad=bool(done["bad"]))
    return case


def _carve_out(
    case: AuditCase, free: Mapping[int, list[CaseLine]], told: str, by: Actor, now: datetime
) -> None:
    """What is wrong and was never held: whoever opened the case and whoever decides are two already."""
    reason = rules.reason_for(case.rules)
    for month, lines in sorted(free.items()):
        for line in lines:
            args = (Month.from_key(month), case.point_id, line.sequence, reason, told, by, now)
            line.hold_id = carve_out(*args).id
    db.session.flush()


def _counted(lines: Iterable[Standing]) -> dict[str, int]:
    """What was held, and what could not be, for the act and the trail."""
    found = rules.what_could_be_held(list(lines))
    return {
        "lines": found["hold"][0],
        "amount_fen": found["hold"][1],
        "approved_fen": found["approved"][1],
        "elsewhere_fen": found["elsewhere"][1],
    }
