"""A report put together from live records: scene, texts (edited or by themselves), exhibits, annexes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from mealsvc.coverage.planning.effects import Assumed, assumed_on
from mealsvc.coverage.planning.services import Kept, kept_plans
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.survey.assessing.assessment import assess_ground
from mealsvc.survey.assessing.figure_words import UNKNOWN
from mealsvc.survey.assessing.figures import Figure, figures_of
from mealsvc.survey.assessing.gathering import gather
from mealsvc.survey.assessing.ground import Ground
from mealsvc.survey.rounds.models import SurveyRound, SurveySnapshot
from mealsvc.survey.writing.annexes import annexes_of
from mealsvc.survey.writing.exhibits import exhibits_of
from mealsvc.survey.writing.models import SurveyText
from mealsvc.survey.writing.own import own_figures
from mealsvc.survey.writing.rules import problems as told
from mealsvc.survey.writing.rules import sections as words
from mealsvc.survey.writing.rules.blocks import (
    Block,
    Cited,
    Para,
    Part,
    Report,
    from_plain,
    numbered,
)
from mealsvc.survey.writing.rules.layout import blocks_of
from mealsvc.survey.writing.rules.tokens import codes_in
from mealsvc.survey.writing.scene import (
    Plan,
    Scene,
    Spot,
    district_name,
    is_demo,
    months_of,
    rules_of,
)

MOST_PLANS = 4


@dataclass(frozen=True)
class Draft:
    """A report before its lock, with what its editor needs."""

    report: Report
    scene: Scene
    texts: Mapping[str, str]
    defaults: Mapping[str, str]
    edits: Mapping[str, SurveyText]
    exhibits: Mapping[str, Block]

    @property
    def figures(self) -> Mapping[str, Figure]:
        return self.scene.figures


def report_of(round_id: int | None, month: Month | None = None) -> Report:
    """As the lock kept it, or live; without a round of a month (the latest with records)."""
    kept = locked_report(round_id) if round_id else None
    return kept or draft_of(round_id, month).report


def locked_report(round_id: int) -> Report | None:
    """The report as the lock kept it."""
    kept = db.session.get(SurveySnapshot, round_id)
    stored = json.loads(kept.figures) if kept else {}
    return from_plain(stored["report"]) if "report" in stored else None


def draft_of(round_id: int | None, month: Month | None = None) -> Draft:
    """The report as it reads now."""
    scene = scene_of(round_id, month)
    defaults = default_texts(scene)
    edits = latest_texts(round_id) if round_id else {}
    texts = {code: edits[code].text if code in edits else defaults[code] for code in defaults}
    scene = replace(scene, figures={**scene.figures, **_lost(texts, scene.figures)})
    exhibits = exhibits_of(scene)
    return Draft(
        _report(scene, texts, exhibits, ""),
        scene,
        texts,
        defaults,
        edits,
        exhibits,
    )


def dated(draft: Draft, day: str) -> Report:
    """The same report with the day of its lock."""
    return _report(draft.scene, draft.texts, draft.exhibits, day)


def scene_of(round_id: int | None, month: Month | None = None) -> Scene:
    """Reads everything once."""
    row = db.session.get(SurveyRound, round_id) if round_id else None
    ground = gather(round_id, month)
    found = assess_ground(ground)
    figures = figures_of(ground, found)
    rules = rules_of(ground)
    plans = _plans(ground)
    return Scene(
        row,
        ground,
        found,
        {**figures, **own_figures(row, ground, plans, rules)},
        district_name(ground.district),
        months_of(ground.month),
        rules,
        plans,
        is_demo(),
    )


def default_texts(scene: Scene) -> dict[str, str]:
    """The sections as they are written by themselves."""
    figures, district = scene.figures, scene.district
    problems = told.problems(figures)
    return {
        words.INTRO: words.intro(figures, bureau_of(scene), scene.surveyed),
        words.BASICS: words.basics(figures, district),
        words.PRACTICE: words.practice(figures, district),
        words.DEMAND: words.demand(figures, scene.surveyed),
        words.SUPPLY: words.supply(figures, scene.surveyed),
        words.PROBLEMS: told.problems_text(problems),
        words.ELSEWHERE: words.elsewhere(),
        words.PLAN: words.plan(figures),
        words.ADVICE: told.advice_text(problems, figures),
    }


def bureau_of(scene: Scene) -> str:
    return f"{scene.district}民政局"


def latest_texts(round_id: int) -> dict[str, SurveyText]:
    """The sections that somebody wrote, by code; one that went back to its own text is not among
    them."""
    newest = (
        select(func.max(SurveyText.id))
        .where(SurveyText.round_id == round_id)
        .group_by(SurveyText.section)
    )
    rows = db.session.scalars(select(SurveyText).where(SurveyText.id.in_(newest)))
    return {row.section: row for row in rows if row.text}


def _lost(texts: Mapping[str, str], figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Figures that were there when a text was written and are not now (of a plan that was dropped)."""
    codes = {code for text in texts.values() for code in codes_in(text)} - set(figures)
    return {
        code: Figure(code, "写稿以后取消的指标", None, UNKNOWN, "写稿时有，现在没有", "", "", "")
        for code in sorted(codes)
    }


def _report(
    scene: Scene, texts: Mapping[str, str], exhibits: Mapping[str, Block], day: str
) -> Report:
    figures = scene.figures
    sections = tuple(
        Part(code, "" if code == words.INTRO else title, blocks_of(texts[code], exhibits))
        for code, title in words.SECTIONS.items()
    )
    annexes = annexes_of(scene, sections, figures)
    made = numbered([*sections, *annexes])
    sections, annexes = made[: len(sections)], made[len(sections) :]
    as_of = chinese_date(scene.ground.as_of)
    title = f"{scene.district}老年助餐服务调研报告"
    return Report(
        title,
        bureau_of(scene),
        f"{title}（{as_of}）",
        as_of,
        day,
        scene.demo,
        sections,
        annexes,
        _cited(sections, figures),
    )


def _cited(sections: tuple[Part, ...], figures: Mapping[str, Figure]) -> dict[str, Cited]:
    """The figures that the text holds."""
    codes = [
        code
        for part in sections
        for block in part.blocks
        if isinstance(block, Para)
        for code in codes_in(block.text)
    ]
    return {
        code: Cited(one.name, one.text, one.definition, one.as_of, one.source, one.url)
        for code, one in ((code, figures[code]) for code in dict.fromkeys(codes))
    }


def _plans(ground: Ground) -> tuple[Plan, ...]:
    """The newest kept plans that add to the points that exist, those of fewest sites first."""
    kept = [one for one in kept_plans(ground.district) if not one.question.scratch]
    whole = [one for one in kept if len(one.division) <= 6 and one.day <= ground.as_of] or [
        one for one in kept if len(one.division) <= 6
    ]
    assumed = assumed_on(ground.as_of)
    made = [_plan(one, assumed) for one in whole[:MOST_PLANS]]
    return tuple(sorted(made, key=lambda plan: (len(plan.answer.sites), plan.id)))


def _plan(kept: Kept, assumed: Assumed) -> Plan:
    sites = tuple(Spot(site.code, site.title, site.lon, site.lat) for site in kept.sites)
    gained = kept.answer.covered_after - kept.answer.covered_before
    return Plan(kept.id, kept.name, kept.answer, sites, assumed.year_fen(gained), assumed.words)
