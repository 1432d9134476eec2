"""Pages: bring a file in, see how it goes, take the rejected rows home."""

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from werkzeug.wrappers import Response

from mealsvc.exchange import services, uploads
from mealsvc.exchange.columns import KINDS
from mealsvc.exchange.counts import figures, kind_name, reasons
from mealsvc.exchange.forms import UploadForm
from mealsvc.exchange.models import ImportJob
from mealsvc.exchange.services import CHECKING, RUNNING
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.settlement.services import district

bp = Blueprint("exchange", __name__, url_prefix="/imports")
bp.add_app_template_filter(kind_name, "kind_name")


@bp.before_request
def _own_district() -> None:
    """Files hold numbers of the whole district: nobody from another one opens them, nor old ones."""
    if here := district():
        require_division(here)
    uploads.sweep(clock.now())


@bp.get("")
@guard("imports.run")
def imports() -> str:
    return _list(UploadForm())


@bp.post("")
@guard("imports.run")
def upload() -> str | Response:
    form = UploadForm()
    if not form.validate_on_submit():
        return _list(form)
    by = current().actor()
    with writing():
        job = services.add_upload(form.kind.data, form.file.data, by, clock.now())
        job_id = job.id
    services.start(job_id, CHECKING, by)
    return redirect(url_for(".job", job_id=job_id), 303)


@bp.get("/<int:job_id>")
@guard("imports.run")
def job(job_id: int) -> str:
    view = services.view_of(_job(job_id))
    document = view.result.get("document")
    return render_template(
        "exchange/job.html",
        view=view,
        figures=figures(document) if document else [],
        reasons=reasons(document) if document else [],
    )


@bp.post("/<int:job_id>/start")
@guard("imports.run")
def start(job_id: int) -> Response:
    """Confirms a rehearsed import, or takes up one that was stopped or interrupted."""
    found = _job(job_id)
    try:
        services.start(job_id, CHECKING if found.state == CHECKING else RUNNING, current().actor())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    return redirect(url_for(".job", job_id=job_id), 303)


@bp.post("/<int:job_id>/stop")
@guard("imports.run")
def stop(job_id: int) -> Response:
    try:
        with writing():
            services.ask_to_stop(_job(job_id), current().actor())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    else:
        flash("正在停止：当前这一批完成后停下，已导入的行保留。", "info")
    return redirect(url_for(".job", job_id=job_id), 303)


@bp.post("/<int:job_id>/discard")
@guard("imports.run")
def discard(job_id: int) -> Response:
    try:
        with writing():
            services.discard(_job(job_id), current().actor())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    else:
        flash("已放弃这次导入，上传的文件已删除，没有写入任何数据。", "good")
    return redirect(url_for(".imports"), 303)


@bp.get("/<int:job_id>/rejects.csv")
@guard("imports.run")
def rejects(job_id: int) -> Response:
    found = _job(job_id)
    path = uploads.Files(found.stored).rejects
    if not path.exists():
        abort(404)
    with writing():
        services.note_rejects_taken(found, current().actor())
    name = f"退回的行-{kind_name(found.kind)}-{found.id}.csv"
    return send_file(path, "text/csv", as_attachment=True, download_name=name)


def _list(form: UploadForm) -> str:
    page = pages.page_of(services.jobs(), pages.page_asked())
    views = [services.view_of(one) for one in page.items]
    return render_template(
        "exchange/list.html", form=form, page=page, views=views, kinds=KINDS.values()
    )


def _job(job_id: int) -> ImportJob:
    found = db.session.get(ImportJob, job_id)
    if found is None:
        abort(404)
    return found
