"""Public pages: what an issued paper says of itself, and whether a file is one that was issued."""

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from mealsvc.papers.forms import FileForm, PaperForm
from mealsvc.papers.queries import paper_at, paper_of, shown
from mealsvc.papers.rules import as_typed, in_groups
from mealsvc.plumbing.guards import public_page
from mealsvc.plumbing.paper.signing import signature_in

Answer = str | BaseResponse | tuple[str, int]

bp = Blueprint("papers", __name__)


@bp.get("/v/<paper>/<check>")
@public_page
def paper(paper: str, check: str) -> str:
    """Where the QR code of a paper leads: a wrong number and a wrong code look the same."""
    found = paper_at(paper, check) or abort(404)
    return render_template(
        "papers/paper.html", paper=shown(found), code=in_groups(found.check_code)
    )


@bp.route("/verify", methods=["GET", "POST"])
@public_page
def verify() -> Answer:
    """By what is printed: number and check code."""
    form = PaperForm()
    if form.validate_on_submit():
        number, code = form.number.data or "", as_typed(form.code.data or "")
        if paper_at(number, code) is not None:
            return redirect(url_for(".paper", paper=number, check=code), 303)
        form.form_errors.append("没有这样的文件：请核对编号和校验码，字母和数字要一个不差。")
    return _page(form, _file_form()), 422 if form.errors else 200


@bp.post("/verify/file")
@public_page
def verify_file() -> Answer:
    """By the file: whether it is, to the byte, one that was issued."""
    form = _file_form()
    if not form.validate_on_submit():
        return _page(PaperForm(formdata=None), form), 422
    content = form.file.data.read()
    found = paper_of(content)
    seal = signature_in(content) if found is not None and found.signer else None
    return render_template(
        "papers/checked.html",
        paper=shown(found) if found else None,
        seal=seal,
        sealed=bool(found and seal and seal.whole and seal.certificate == found.certificate),
        name=form.file.data.filename or "",
    )


def _file_form() -> FileForm:
    """Without a token field of its own: it shares a page with `PaperForm`, and no id may occur twice.
    The guard checks the token, as on every page."""
    return FileForm(meta={"csrf": False})


def _page(form: PaperForm, file_form: FileForm) -> str:
    return render_template("papers/verify.html", form=form, file_form=file_form)
