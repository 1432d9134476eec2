"""A signed paper record typed in as one long form, without a script; also the way when a phone fails."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard, require_point
from mealsvc.supervision.checklist.fields import fields_of
from mealsvc.supervision.checklist.items import RESULT_NAMES
from mealsvc.supervision.checklist.services import checklist_of
from mealsvc.supervision.inspecting import queries, rules, services
from mealsvc.supervision.inspecting.package import items_of
from mealsvc.supervision.inspecting.typed import document_of, filled, typed_of
from mealsvc.supervision.inspecting.views import links
from mealsvc.supervision.photos.forms import ACCEPT
from mealsvc.supervision.photos.queries import photos_of
from mealsvc.supervision.photos.services import MOST_BYTES, prepare
from mealsvc.supervision.visits import rules as visiting
from mealsvc.supervision.visits import signing
from mealsvc.supervision.visits.document import Problem
from mealsvc.supervision.visits.models import Visit

Answer = str | Response | tuple[str, int]
MOST_SCANS = 20
DEVICE = "网页录入"

bp = Blueprint("inspecting_plain", __name__)


@bp.get("/inspect/<int:visit_id>/plain")
@guard("visits.conduct")
def enter(visit_id: int) -> Answer:
    visit, point = _visit(visit_id)
    if visit.status not in visiting.OPEN:
        return render_template(
            "supervision/inspecting/closed.html", visit=visit, point=point, links=links(visit_id)
        )
    document, revision = _draft(visit_id)
    return _page(visit, point, typed_of(document, items_of(visit)), revision)


@bp.post("/inspect/<int:visit_id>/plain")
@guard("visits.conduct")
def take(visit_id: int) -> Answer:
    """Keeps what was typed, whatever is wrong with it; signs only when asked and nothing is missing."""
    visit, point = _visit(visit_id)
    if visit.status not in visiting.OPEN:
        return redirect(url_for(".enter", visit_id=visit_id), 303)
    items, act = items_of(visit), request.form.get("act", "save")
    typed = {name: request.form[name] for name in request.form}
    if act == "fill":
        typed = filled(typed, items)
    wrong = [Problem("", "scans", message) for message in _scans(visit_id)]
    before, _ = _draft(visit_id)
    document = document_of(typed, items, before)
    revision = _whole(typed.get("revision", ""))
    try:
        with writing():
            revision = services.save_draft(
                visit_id, document, revision, current().actor(), clock.now(), DEVICE
            )
    except Refusal as refusal:
        newer = int(str(refusal.facts.get("revision", revision)))
        return _page(visit, point, typed, newer, [*wrong, _conflict(refusal)]), 422
    if wrong:
        return _page(visit, point, typed, revision, wrong), 422
    if act == "sign":
        return _sign(visit, point, typed, document, revision)
    if act == "fill":
        return _page(visit, point, typed, revision)
    flash("已保存草稿，可以稍后接着录入。", "good")
    return redirect(url_for(".enter", visit_id=visit_id), 303)


def _sign(
    visit: Visit,
    point: MealPoint,
    typed: Mapping[str, str],
    document: Mapping[str, Any],
    revision: int,
) -> Answer:
    try:
        with writing():
            services.conclude(visit.id, document, current().actor(), clock.now())
    except Refusal as refusal:
        found: Any = refusal.facts.get("problems") or [
            Problem("", refusal.field or "", refusal.message)
        ]
        return _page(visit, point, typed, revision, found), 422
    flash("记录已签字锁定。", "good")
    return redirect(url_for(".enter", visit_id=visit.id), 303)


def _page(
    visit: Visit,
    point: MealPoint,
    typed: Mapping[str, str],
    revision: int,
    problems: Iterable[Problem] = (),
) -> str:
    checklist, items = checklist_of(visit.checklist), items_of(visit)
    limits = signing.limits_on(visit.planned_on)
    found: dict[tuple[str, str], list[str]] = {}
    for one in problems:
        found.setdefault((one.item, one.field), []).append(one.message)
    return render_template(
        "supervision/inspecting/plain.html",
        visit=visit,
        point=point,
        people=[one for one in queries.people_of(visit.id) if not one.recused_why],
        groups=[
            (name, [item for item in items if item.group == code])
            for code, name in checklist.groups.items()
        ],
        fields={item.code: fields_of(item) for item in items},
        hints={
            (item.code, one.name): rules.hint_of(one, limits)
            for item in items
            for one in fields_of(item)
        },
        typed=typed,
        revision=revision,
        found=found,
        parts=visiting.PART_NAMES,
        own=visiting.KINDS[visit.kind].own,
        results=RESULT_NAMES,
        outcomes=visiting.OUTCOME_NAMES,
        usual=visiting.USUAL_OUTCOME,
        recusals=[(one, one) for one in rules.RECUSALS],
        scans=photos_of(f"visit/{visit.id}"),
        accept=ACCEPT,
    )


def _scans(visit_id: int) -> list[str]:
    """Keeps the scans that came along at once; what is wrong with the others, in words."""
    files = [one for one in request.files.getlist("scans") if one.filename]
    if len(files) > MOST_SCANS:
        return [f"一次最多上传{MOST_SCANS}个扫描件，请分几次上传。"]
    return [said for one in files if (said := _keep(visit_id, one))]


def _keep(visit_id: int, file: FileStorage) -> str:
    try:
        ready = prepare(file.stream.read(MOST_BYTES + 1))
        key = f"S{visit_id}-{ready.original_sha256[:24]}"
        with writing():
            services.add_photo(visit_id, ready, key, current().actor(), clock.now(), DEVICE)
    except Refusal as refusal:
        return f"“{(file.filename or '')[:40]}”：{refusal.message}"
    return ""


def _conflict(refusal: Refusal) -> Problem:
    if refusal.code != "draft_conflict":
        return Problem("", "draft", refusal.message)
    return Problem(
        "",
        "draft",
        f"{refusal.message}再按一次保存，将以本页内容为准；要看那份内容，请重新打开本页。",
    )


def _draft(visit_id: int) -> tuple[dict[str, Any], int]:
    found = queries.draft_of(visit_id)
    return (found[1], found[0].revision) if found else ({}, 0)


def _visit(visit_id: int) -> tuple[Visit, MealPoint]:
    """A visit within the scope: whoever may conduct visits there may type in a paper record, but
    not who keeps away from this one.
    """
    visit, point = queries.visit_at(visit_id) or abort(404)
    require_point(point.code, point.division)
    if queries.keeps_away(current().login, queries.people_of(visit_id)):
        abort(403, description="您已回避这次检查，不能录入或查看记录。请由其他检查人员录入。")
    return visit, point


def _whole(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 9 else 0
