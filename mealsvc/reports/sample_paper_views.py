"""Gives out the working paper of a sample: a stage while calls are under way, then a numbered paper."""

from io import BytesIO

from flask import Blueprint, Response, abort, current_app, send_file
from sqlalchemy import select

from mealsvc.auditing.sampling import queries, wording
from mealsvc.auditing.sampling.queries import Shown
from mealsvc.auditing.sampling.rules.answers import STATES
from mealsvc.auditing.sampling.services import METHODS
from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.papers.rules import facts_digest
from mealsvc.papers.services import Matter, content_of, draft, issue
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.plumbing.pages import fen
from mealsvc.reports import sample_paper
from mealsvc.reports.gathering import is_demo
from mealsvc.reports.sample_paper import PaperLine, SampleFacts
from mealsvc.reports.settlement_facts import bureau
from mealsvc.trail.services import record

CHUNK = 500

bp = Blueprint("sample_papers", __name__)


@bp.get("/samples/<int:sample_id>.pdf")
@guard("samples.read")
def paper(sample_id: int) -> Response:
    """The paper names every line, so it is for whoever sees the whole division."""
    one = queries.sample_shown(sample_id)
    if one is None:
        abort(404)
    require_division(one.row.division)
    facts = facts_of(one)
    if one.projection is None:
        content = sample_paper.draw(facts, None, current_app.config)
        with writing():
            record(current().actor(), "reports.print", facts.number, {"kind": "sample"})
        return _file(content, f"{sample_paper.TITLE}_阶段稿_{facts.number}.pdf")
    ready = draft(
        Matter(
            kind="sample",
            subject=f"sample/{one.row.id}",
            number=facts.number,
            title=f"{facts.month.chinese}{sample_paper.SUBTITLE}{sample_paper.TITLE}",
            issuer=facts.issuer,
            totals={
                "样本": f"{len(facts.lines):,} 笔",
                "查出差错": f"{fen(one.projection.found)} 元",
                "差错上限": f"{fen(one.projection.upper)} 元",
            },
            facts_digest=facts_digest(*facts.told),
        ),
        lambda stamp: sample_paper.draw(facts, stamp, current_app.config),
    )
    with writing():
        issued = issue(ready, current().actor(), clock.now())
        record(current().actor(), "reports.print", issued.number, {"kind": issued.kind})
    return _file(content_of(issued), f"{sample_paper.TITLE}_{issued.number}.pdf")


def facts_of(one: Shown) -> SampleFacts:
    """Everything that the paper shows."""
    row, said = one.row, one.projection
    names = dict(
        db.session.execute(
            select(MealPoint.code, MealPoint.name).where(
                MealPoint.division.startswith(row.division, autoescape=True)
            )
        ).all()
    )
    errors = {
        state: sum(item.error or 0 for item in one.items if item.state == state) for state in STATES
    }
    code = one.population["point"]
    whole = division_names([row.division]).get(row.division, row.division)
    return SampleFacts(
        number=row.number,
        issuer=bureau(),
        month=one.month,
        method=row.method,
        method_name=METHODS[row.method],
        whom=str(names.get(code, code)) if code else f"{whole}全部助餐点",
        seed=row.seed,
        confidence=row.confidence,
        servings=one.population["servings"],
        subsidy_fen=row.population_fen,
        digest=one.population["digest"],
        last_sequence=one.population["last_sequence"],
        leads=len(one.plan["leads"]),
        drawn_on=local_date(row.drawn_at),
        points=names,
        strata=one.strata,
        done=one.done,
        wrong=one.wrong,
        results=tuple(
            (name, one.progress[state], errors[state])
            for state, name in STATES.items()
            if one.progress[state]
        ),
        lines=_lines(one),
        said=said,
        verdict=wording.verdict(said, one.plan["tolerable"])[2] if said else "",
        demo=is_demo(),
    )


def _lines(one: Shown) -> tuple[PaperLine, ...]:
    made = []
    for start in range(0, len(one.items), CHUNK):
        some = one.items[start : start + CHUNK]
        told = queries.details_of(one.row.id, [item.sequence for item in some])
        for item in some:
            line = told[item.sequence]
            made.append(
                PaperLine(
                    place=item.place,
                    key=line.key,
                    served_on=line.served_on,
                    meal=MEALS[line.meal],
                    point=line.point_name,
                    name=mask_name(line.name),
                    stratum=item.stratum,
                    fen=item.fen,
                    state=STATES[item.state],
                    error=item.error,
                )
            )
    return tuple(made)


def _file(content: bytes, name: str) -> Response:
    return send_file(
        BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name
    )
