"""The public page of our own certificate: how a tablet comes to trust this server."""

from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, send_file

from mealsvc.plumbing.certificate import fingerprint
from mealsvc.plumbing.guards import public_page

bp = Blueprint("certificate", __name__)


@bp.get("/certificate")
@public_page
def page() -> str:
    """What to install, and the fingerprint to compare it with."""
    return render_template("home/certificate.html", fingerprint=fingerprint(_authority()))


@bp.get("/certificate/mealsvc-ca.crt")
@public_page
def download() -> Response:
    return send_file(
        _authority(),
        mimetype="application/x-x509-ca-cert",
        as_attachment=True,
        download_name="mealsvc-ca.crt",
    )


def _authority() -> Path:
    """Our authority's certificate: only a server that serves with it has these pages."""
    return current_app.config["CERTIFICATE"]
