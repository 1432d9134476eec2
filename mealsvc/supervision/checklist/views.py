"""Pages: the checklist in its versions, what changed between two, and putting a new one in force."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.supervision.checklist import fields, forms, rules, services
from mealsvc.supervision.checklist.document import LONGEST
from mealsvc.supervision.checklist.refusals import NoChecklist

Answer = str | Response | tuple[str, int]
bp = Blueprint("checklist", __name__, url_prefix="/checklist")


@bp.get("")
@guard("supervision.read")
def index() -> str:
    today, known = local_date(clock.now()), services.versions()
    present = services.checklist_on(today)
    shown = _asked("version") or present
    other = _asked("against")
    items = [item for item in shown.items if _wanted(item)]
    return render_template(
        "supervision/checklist/index.html",
        shown=shown,
        present=present,
        versions=known,
        others=[(row.version, row.version) for row in known if row.version != shown.version],
        groups=[
            (name, own)
            for code, name in shown.groups.items()
            if (own := [item for item in items if item.group == code])
        ],
        count=len(items),
        row=next(row for row in known if row.version == shown.version),
        other=other,
        changes=rules.changes(other, shown) if other else [],
        fields_of=fields.fields_of,
        applies=rules.APPLIES_NAMES,
        modes=rules.MODE_NAMES,
        mode_counts={
            mode: len(rules.items_for(shown, mode, set(rules.APPLIES_NAMES)))
            for mode in rules.MODE_NAMES
        },
        headcount=fields.HEADCOUNT,
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("checklist.write")
def new() -> Answer:
    """First the file is read and its differences shown, then it is put in force."""
    form = forms.VersionForm()
    document, mistakes, seen = _document(form), (), None
    if request.method == "GET":
        form.effective_from.data = local_date(clock.now()) + timedelta(days=1)
    if request.method == "POST" and not document and not form.errors:
        form.form_errors.append("请选择检查表文件。")
    elif form.validate_on_submit():
        try:
            seen = services.preview(document)
            if request.form.get("step") == "issue":
                return _issue(document, form)
        except Refusal as refusal:
            mistakes = refusal.facts.get("mistakes", ())
            show(form, refusal)
    form.document.data = document if seen else ""
    page = render_template(
        "supervision/checklist/new.html", form=form, seen=seen, mistakes=mistakes
    )
    return page, 422 if form.errors else 200


def _issue(document: str, form: forms.VersionForm) -> Response:
    with writing():
        made = services.add_version(
            document, form.effective_from.data, current().actor(), clock.now()
        )
    flash(f"检查表 {made.version} 已发布，从 {made.effective_from} 起的检查使用。", "good")
    return redirect(url_for(".index", version=made.version), 303)


def _document(form: forms.VersionForm) -> str:
    """The text of the file, or of the file that was looked at before."""
    file: Any = form.file.data
    if not file:
        return form.document.data or ""
    content = file.stream.read(LONGEST * 4 + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        form.form_errors.append("文件不是UTF-8编码的文字，请另存为UTF-8后再上传。")
        return ""


def _asked(name: str) -> rules.Checklist | None:
    version = request.args.get(name, "")
    try:
        return services.checklist_of(version) if version else None
    except NoChecklist:
        abort(404)


def _wanted(item: rules.Item) -> bool:
    """Whether an item is within the filters of the address."""
    group, key = request.args.get("group", ""), request.args.get("key", "")
    applies, text = request.args.get("applies", ""), request.args.get("text", "").strip()
    return (
        group in ("", item.group)
        and (not key or item.critical)
        and applies in ("", item.applies)
        and (not text or text in item.text or text.upper() in item.code or text in item.basis)
    )
