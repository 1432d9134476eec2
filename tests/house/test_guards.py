"""Every route declares who may open it; the few open ones are written down here."""

import pytest

from mealsvc.accounts.permissions import LABELS
from mealsvc.plumbing.guards import guard_of

OPEN = {
    "static",
    "accounts.login",
    "device.register",
    "device.forget",
    "till.worker",
    "inspect_worker.worker",
    "accounts.second_factor",
    "api.openapi",
    "api.healthz",
    "api.readyz",
    "papers.paper",
    "papers.verify",
    "papers.verify_file",
    "feedback.feedback",
    "public.index",
    "public.point",
    "public.places",
    "public.picture",
    "public.register",
    "public.complain",
    "public.inspections",
    "public.notice_list",
    "public.notice",
    "public.roster",
    "public.robots",
}


def _endpoints(app):
    return sorted({rule.endpoint for rule in app.url_map.iter_rules()})


def test_every_route_declares_its_guard(built_app):
    assert not [name for name in _endpoints(built_app) if guard_of(built_app, name) is None]


def test_only_these_pages_are_open_to_strangers(built_app):
    public = {name for name in _endpoints(built_app) if guard_of(built_app, name).public}
    assert public == OPEN


def test_every_guard_asks_for_a_right_of_the_table(built_app):
    asked = {guard_of(built_app, name).action for name in _endpoints(built_app)} - {None}
    assert not asked - LABELS.keys()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stranger_gets_nothing_but_the_way_in(app, method):
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if method not in rule.methods or guard_of(app, rule.endpoint).public:
            continue
        values = dict.fromkeys(rule.arguments, 1)
        with app.test_request_context():
            url = app.url_map.bind("localhost").build(rule.endpoint, values)
        status = client.open(url, method=method).status_code
        assert status == (401 if url.startswith("/api/") else 302), url
