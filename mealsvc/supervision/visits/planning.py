"""Plans: points chosen by hand or drawn at random with their inspectors, approved by another person."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.accounts.persons import together_since
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.papers.numbering import WORD, take_number
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on
from mealsvc.supervision.visits import draw, refusals, rules
from mealsvc.supervision.visits import inspectors as register
from mealsvc.supervision.visits.draw import Candidate
from mealsvc.supervision.visits.models import Inspector, VisitPlan
from mealsvc.trail.services import record

POINTS = "points"
A_PAIR = 2
DISTRICT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan as its maker enters it.

    Either `points` (codes) chosen by hand, or `count` to be drawn from `candidates`; `seed` where
    the maker wants one of her own. `inspectors` chosen by hand for all points (the first leads), or
    none: then two are drawn for each point.
    """

    kind: str
    mode: str
    title: str
    source: str
    basis: str
    from_on: date
    to_on: date
    points: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    count: int = 0
    seed: str = ""
    inspectors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who is visited by whom, and what it was drawn from.

    `assigned`: inspectors of each point (code), who leads first, in the order of drawing. `pools`:
    who could have been drawn for it. `weights` is the setting's value on the day `on`.
    """

    assigned: Mapping[str, tuple[int, ...]]
    candidates: tuple[Candidate, ...] = ()
    pools: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    count: int = 0
    weights: str = ""
    on: str = ""


def plan_visit(proposal: Proposal, by: Actor, now: datetime) -> VisitPlan:
    """Makes a plan, to be approved by somebody else. Raises `BadPlan`, `NothingToDraw`, `NoInspector`."""
    _check(proposal)
    today = local_date(now)
    number = take_number("plan", today.year, value_on(WORD, today))
    by_lot = bool(proposal.candidates)
    seed = (
        (proposal.seed or draw.usual_seed(today, number))
        if by_lot or not proposal.inspectors
        else ""
    )
    content = _choose(proposal, seed, today)
    plan = VisitPlan(
        number=number,
        division=_district(content),
        kind=proposal.kind,
        mode=proposal.mode,
        title=proposal.title,
        source=proposal.source,
        basis=proposal.basis,
        from_on=proposal.from_on,
        to_on=proposal.to_on,
        seed=seed,
        draw=json.dumps(asdict(content), ensure_ascii=False, sort_keys=True),
        status="draft",
        made_by=str(by),
        made_at=now,
    )
    db.session.add(plan)
    db.session.flush()
    told = {"kind": plan.kind, "seed": seed, "points": list(content.assigned)}
    record(by, "visits.plan", f"plan/{plan.id}", {"number": number, **told})
    return plan


def decide_plan(plan_id: int, approve: bool, opinion: str, by: Actor, now: datetime) -> VisitPlan:
    """Approves a plan, or refuses it with the reason; never its maker, under any account."""
    plan = _undecided(plan_id, "审批")
    if _same_person(plan.made_by, by, plan.made_at):
        raise refusals.OwnPlan()
    if not approve and not opinion:
        raise refusals.WhyNeeded()
    _end(plan, "approved" if approve else "refused", opinion, by, now)
    record(by, "visits.approve" if approve else "visits.refuse", f"plan/{plan.id}", {})
    return plan


def withdraw_plan(plan_id: int, why: str, by: Actor, now: datetime) -> VisitPlan:
    """Its maker takes a plan back before it is decided; it stays on the list."""
    plan = _undecided(plan_id, "撤回")
    if not _same_person(plan.made_by, by, plan.made_at):
        raise refusals.NotOwnPlan()
    if not why:
        raise refusals.WhyNeeded()
    _end(plan, "withdrawn", why, by, now)
    record(by, "visits.withdraw", f"plan/{plan.id}", {})
    return plan


def plan_of(plan_id: int) -> VisitPlan:
    """The plan with this id. Raises `NoPlan`."""
    plan = db.session.get(VisitPlan, plan_id, populate_existing=True)
    if plan is None:
        raise refusals.NoPlan()
    return plan


def read_chosen(plan: VisitPlan) -> Chosen:
    """What a plan keeps of its points, inspectors and draw."""
    kept = json.loads(plan.draw or "{}")
    return Chosen(
        {code: tuple(ids) for code, ids in kept.get("assigned", {}).items()},
        tuple(
            Candidate(one["key"], one["weight"], tuple(one["reasons"]))
            for one in kept.get("candidates", ())
        ),
        {code: tuple(ids) for code, ids in kept.get("pools", {}).items()},
        kept.get("count", 0),
        kept.get("weights", ""),
        kept.get("on", ""),
    )


def order_of(chosen: Chosen, seed: str) -> list[str]:
    """The points (codes) in the order of drawing, or of their codes where nothing was drawn."""
    if not chosen.candidates:
        return sorted(chosen.assigned)
    return _draw_points(chosen.candidates, chosen.count, seed)


def draws_again(plan: VisitPlan) -> bool:
    """Draws again from what the plan keeps; whether points and inspectors come out the same."""
    kept = read_chosen(plan)
    codes = order_of(kept, plan.seed)
    drawn = {code: _draw_pair(plan.seed, code, pool) for code, pool in kept.pools.items()}
    return set(codes) == kept.assigned.keys() and all(
        kept.assigned.get(code) == pair for code, pair in drawn.items()
    )


def _check(proposal: Proposal) -> None:
    said = ""
    if proposal.kind not in rules.KINDS or rules.KINDS[proposal.kind].own:
        said = "请选择检查种类；单位自查不编制计划。"
    elif proposal.to_on < proposal.from_on:
        said = "计划结束日期应在开始日期之后。"
    elif bool(proposal.points) == bool(proposal.candidates):
        said = "请选择助餐点，或填写随机抽取的数量。"
    elif proposal.candidates and not 1 <= proposal.count <= len(proposal.candidates):
        said = f"抽取数量应在1到{len(proposal.candidates)}之间。"
    elif proposal.inspectors and len(set(proposal.inspectors)) < A_PAIR:
        said = "请选择两名以上检查人员，或改为随机抽取检查人员。"
    if said:
        raise refusals.BadPlan(said=said)


def _choose(proposal: Proposal, seed: str, today: date) -> Chosen:
    codes = proposal.points or _draw_points(proposal.candidates, proposal.count, seed)
    points = {
        point.code: point
        for point in db.session.scalars(select(MealPoint).where(MealPoint.code.in_(codes)))
    }
    if missing := [code for code in codes if code not in points]:
        raise refusals.BadPlan(said=f"没有编号为{missing[0]}的助餐点，请核对。")
    pools: dict[str, tuple[int, ...]] = {}
    if proposal.inspectors:
        register.chosen(proposal.inspectors)
        assigned = dict.fromkeys(codes, proposal.inspectors)
    else:
        pools = _pools([points[code] for code in codes])
        assigned = {code: _draw_pair(seed, code, pools[code]) for code in codes}
    return Chosen(
        assigned,
        proposal.candidates,
        pools,
        proposal.count,
        value_on("visit.weights", today) if proposal.candidates else "",
        today.isoformat(),
    )


def _district(content: Chosen) -> str:
    """The one district in which all the points lie. Raises `BadPlan` where there are several."""
    found = select(MealPoint.division).where(MealPoint.code.in_(content.assigned))
    districts = {code[:DISTRICT_DIGITS] for code in db.session.scalars(found)}
    if len(districts) != 1:
        raise refusals.BadPlan(said="一个计划只能安排一个区的助餐点，请分开编制。")
    return districts.pop()


def _pools(points: Sequence[MealPoint]) -> dict[str, tuple[int, ...]]:
    """Who may be drawn for each point: active, of an office that covers it, not recused."""
    everybody = db.session.scalars(
        select(Inspector).where(Inspector.active).order_by(Inspector.id)
    ).all()
    away = register.recusals_at(points)
    pools = {
        point.code: tuple(
            one.id
            for one in everybody
            if point.division.startswith(one.division) and one.id not in away[point.id]
        )
        for point in points
    }
    if short := [point.name for point in points if len(pools[point.code]) < A_PAIR]:
        raise refusals.NothingToDraw(what=f"检查人员（{short[0]}不足两人可派）")
    return pools


def _draw_points(candidates: Sequence[Candidate], count: int, seed: str) -> list[str]:
    return draw.draw(seed, POINTS, {one.key: one.weight for one in candidates}, count)


def _draw_pair(seed: str, code: str, pool: Sequence[int]) -> tuple[int, ...]:
    """Two inspectors for a point, all with the same chance; who is drawn first leads."""
    # Keys of equal length, so that their order is that of the numbers.
    keys = {f"{one:09d}": 1 for one in pool}
    return tuple(int(key) for key in draw.draw(seed, f"inspectors|{code}", keys, A_PAIR))


def _undecided(plan_id: int, act: str) -> VisitPlan:
    plan = plan_of(plan_id)
    if plan.status != "draft":
        raise refusals.PlanDecided(state=rules.PLAN_STATUS_NAMES[plan.status], act=act)
    return plan


def _end(plan: VisitPlan, status: str, opinion: str, by: Actor, now: datetime) -> None:
    plan.status, plan.opinion = status, opinion
    plan.decided_by, plan.decided_at = str(by), now
    db.session.flush()


def _same_person(made_by: str, by: Actor, since: datetime) -> bool:
    """Whether `by` is who made it, under this account or another that was theirs since then."""
    if str(by) == made_by:
        return True
    kind, _, login = made_by.partition(":")
    if kind != "user" or by.kind != "user":
        return False
    found = select(Account.login, Account.id).where(Account.login.in_((login, by.name)))
    ids = dict(db.session.execute(found).all())
    if login not in ids or by.name not in ids:
        return False
    return ids[by.name] in together_since([ids[login]], since)[ids[login]]
