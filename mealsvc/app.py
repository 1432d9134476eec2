"""The application factory: the one file that knows every feature."""

import importlib
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from mealsvc.plumbing import db as database
from mealsvc.plumbing.crypto import Vault

ROOT = Path(__file__).resolve().parent.parent
ROOMS_WITH_TABLES = (
    "trail",
    "settings",
    "accounts",
    "places",
    "places.units",
    "papers",
    "residents",
    "policies",
    "menus",
    "servings",
    "bookings",
    "deliveries",
    "settlement",
    "payments",
    "supervision.checklist",
    "supervision.photos",
    "supervision.logs",
    "supervision.visits",
    "supervision.findings",
    "supervision.complaints",
    "auditing.scanning",
    "auditing.cases",
    "auditing.sampling",
    "auditing.sealing",
    "auditing.outside",
    "coverage.mapping",
    "coverage.planning",
    "coverage.outreach",
    "survey.rounds",
    "survey.sampling",
    "survey.assessing",
    "survey.writing",
    "exchange",
)
PAGES = (
    "home.views",
    "home.overview_views",
    "papers.views",
    "accounts.views",
    "accounts.person_views",
    "accounts.device_views",
    "places.views",
    "places.units.views",
    "places.units.staff_views",
    "residents.views",
    "policies.views",
    "menus.views",
    "menus.price_views",
    "servings.views",
    "bookings.views",
    "bookings.receiving_views",
    "reports.kitchen_views",
    "servings.till_views",
    "servings.plain_views",
    "servings.close_views",
    "servings.conflict_views",
    "settlement.views",
    "settlement.act_views",
    "settlement.review_views",
    "settlement.notice_views",
    "settlement.clawback_views",
    "payments.views",
    "payments.payee_views",
    "exchange.payment_views",
    "reports.payment_papers_views",
    "settlement.correction_views",
    "settlement.explain_views",
    "settlement.budget_views",
    "simulation.views",
    "coverage.planning.views",
    "coverage.planning.candidate_views",
    "payments.grant_views",
    "exchange.views",
    "exchange.budget_views",
    "exchange.reconcile_views",
    "reports.views",
    "reports.supervision_views",
    "deliveries.views",
    "deliveries.rounds_views",
    "deliveries.courier_views",
    "reports.delivery_views",
    "supervision.logs.views",
    "reports.sample_label_views",
    "reports.card_views",
    "reports.menu_views",
    "reports.feedback_views",
    "reports.public_poster_views",
    "reports.close_views",
    "reports.supervision_papers_views",
    "reports.lead_sheet_views",
    "reports.reference_views",
    "supervision.photos.views",
    "supervision.checklist.views",
    "supervision.visits.views",
    "supervision.visits.plan_views",
    "supervision.visits.inspector_views",
    "supervision.findings.finding_views",
    "supervision.findings.order_views",
    "supervision.findings.letter_views",
    "supervision.findings.measure_views",
    "supervision.inspecting.views",
    "supervision.inspecting.worker_views",
    "supervision.inspecting.plain_views",
    "supervision.prices.views",
    "supervision.prices.standard_views",
    "supervision.complaints.views",
    "supervision.complaints.satisfaction_views",
    "supervision.complaints.public_views",
    "auditing.desk.views",
    "auditing.reconciling.views",
    "auditing.cases.views",
    "auditing.cases.opening_views",
    "auditing.cases.verdict_views",
    "auditing.cases.question_views",
    "reports.case_papers_views",
    "auditing.sampling.views",
    "auditing.sampling.call_views",
    "reports.sample_paper_views",
    "auditing.sealing.views",
    "reports.proof_views",
    "auditing.outside.views",
    "auditing.outside.manage_views",
    "reports.batch_views",
    "coverage.mapping.views",
    "reports.coverage_map_views",
    "coverage.outreach.views",
    "reports.contact_views",
    "reports.survey_forms_views",
    "coverage.views",
    "exchange.coverage_views",
    "survey.rounds.views",
    "survey.rounds.sheet_views",
    "survey.rounds.review_views",
    "survey.rounds.workbook_views",
    "survey.sampling.views",
    "survey.assessing.views",
    "survey.writing.views",
    "reports.survey_papers_views",
    "survey.assessing.trial_views",
    "survey.assessing.economics_views",
    "reports.economics_sheet_views",
    "trail.views",
    "settings.views",
    "settings.calendar_views",
    "public.views",
    "api.views",
)
PERMANENT = {
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_COOKIE_NAME": "mealsvc",
    "WTF_CSRF_TIME_LIMIT": None,
    "WTF_I18N_ENABLED": False,
    "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
    "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
}
UPLOAD_LIMIT = 64 * 1024 * 1024
VERIFY_LIMIT = 16 * 1024 * 1024
PHOTO_LIMIT = 48 * 1024 * 1024  # a form with some photos; each is refused by itself above 12 MB
PHOTO_DOORS = (
    "/inspect/",
    "/orders/",
    "/units/",
    "/logs/",
    "/complaints/",
    "/cases/",
    "/questions/",
)
BOUNDARY_LIMIT = 17 * 1024 * 1024
STATIC_KEPT, UNSAID = "public, max-age=3600", "no-cache"  # `send_file` says the latter by itself
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

csrf = CSRFProtect()


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """A ready application; `settings` override what the environment says (tests)."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder="static")
    app.config.update(PERMANENT)
    app.config.update(settings if settings and "DATA_KEY" in settings else config.load())
    app.config.update(settings or {})
    app.config["SESSION_COOKIE_SECURE"] = app.config["HTTPS"]
    if proxies := app.config["PROXIES"]:
        vars(app)["wsgi_app"] = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)
    app.extensions["mealsvc.vault"] = Vault(app.config["DATA_KEY"])
    app.extensions["mealsvc.caches"] = {}
    database.init_app(app)
    for room in ROOMS_WITH_TABLES:
        importlib.import_module(f"mealsvc.{room}.models")
    _open_doors(app)
    app.after_request(_with_headers)
    return app


def _open_doors(app: Flask) -> None:
    from mealsvc.accounts.sessions import load_principal, lost_device
    from mealsvc.places.queries import names_within
    from mealsvc.places.services import scope_exists
    from mealsvc.plumbing import addresses, errors, gazetteer, guards, pages
    from mealsvc.policies import wording

    app.before_request(_let_files_in)
    addresses.register(app)
    csrf.init_app(app)
    guards.init(app, load_principal, lost_device)
    pages.register(app)
    pages.add_words(
        app,
        reason_name=wording.REASON_NAMES,
        source_name=wording.SOURCE_NAMES,
        category_name=wording.CATEGORY_NAMES,
    )
    errors.register(app)
    app.extensions["mealsvc.scope_exists"] = scope_exists
    gazetteer.init(app, names_within)
    own_certificate = ("home.certificate_views",) if app.config.get("CERTIFICATE") else ()
    for name in (*PAGES, *own_certificate):
        module = importlib.import_module(f"mealsvc.{name}")
        app.register_blueprint(module.bp)


def _let_files_in() -> None:
    """Only where files are taken, more than a form is: imports, papers to be verified, photos."""
    if request.path == "/imports" or request.path.startswith("/imports/"):
        request.max_content_length = UPLOAD_LIMIT
    elif request.path == "/verify/file":
        request.max_content_length = VERIFY_LIMIT
    elif request.path == "/coverage/boundaries":
        request.max_content_length = BOUNDARY_LIMIT
    elif request.path.startswith("/surveys/") and request.path.endswith("/workbook"):
        request.max_content_length = VERIFY_LIMIT
    elif request.method == "POST" and request.path.startswith(PHOTO_DOORS):
        request.max_content_length = PHOTO_LIMIT


def _with_headers(response: Any) -> Any:
    """What a view has set itself stays; one look at the names, because every answer pays for it."""
    headers = response.headers
    present = set(headers.keys(lower=True))
    for name, value in HEADERS.items():
        if name.lower() not in present:
            headers.add(name, value)
    if request.endpoint == "static" and response.status_code < 400:
        headers["Cache-Control"] = STATIC_KEPT
    elif headers.get("Cache-Control", UNSAID) == UNSAID:  # a paper or an export is nobody else's
        headers["Cache-Control"] = "no-store"
    return response
