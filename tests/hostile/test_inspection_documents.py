"""Hostile documents sent to an inspection: refused in words or kept, never a fault of ours."""

import json

import pytest

from mealsvc.supervision.inspecting.queries import draft_of
from mealsvc.supervision.visits.models import Visit
from tests.factories import inspections, tills
from tests.factories import visits as made

LEAD = "inspector"
DEEP = "[" * 20_000 + "]" * 20_000
WORDLESS = {  # what no database, no phone and no page can read back: not even a draft
    "deep nesting": DEEP,
    "a number that is none": "NaN",
    "a number without end": "1e999",
    "half of a surrogate pair": '"\\ud800"',
    "a number of 5000 digits": "9" * 5000,
}
SHAPES = ("[]", '"x"', "7", "true", "[[1]]", '{"a": {"b": 1}}', "1e300", '"0001-01-01T00:00:00+14:00"',
          '"9999-12-31T23:59:59Z"', '"9999-12-31T23:59:59-12:00"', str(10**400))  # fmt: skip


@pytest.fixture
def visit(app) -> Visit:
    tills.small_district()
    return inspections.visit_today()


def send(client_request, visit, act, text):
    """Raw text as JSON, with the person's own token."""
    client = client_request.client(LEAD)
    head = {"X-CSRFToken": client_request._tokens[LEAD]}
    url = f"/inspect/{visit.id}/{act}"
    return client.post(url, data=text, headers=head, content_type="application/json")


def twisted(visit) -> list[str]:
    """A good document of which all parts of one depth have one wrong shape, in turn; as JSON."""
    good = made.document(visit)
    good["headcount"] = {"counted": 1, "till": 1, "at": good["started_at"]}
    code, lead = next(iter(good["results"])), ("signatures", "lead")
    result = ("results", code)
    depths = [
        [(name,) for name in good],
        [result, lead, *(("headcount", name) for name in ("counted", "till", "at"))],
        [(*result, name) for name in ("result", "note", "measured", "photos", "outcome")]
        + [(*lead, name) for name in ("name", "strokes")],
        [(*result, "measured", next(iter(good["results"][code]["measured"] or {"x": 1})))],
    ]
    return [_replaced(good, ways, shape) for ways in depths for shape in SHAPES]


def _replaced(good, ways, shape) -> str:
    copy = json.loads(json.dumps(good))
    for way in ways:
        part = copy
        for name in way[:-1]:
            part = part[name]
        part[way[-1]] = "@@"
    return json.dumps(copy).replace('"@@"', shape)


@pytest.mark.parametrize("what", WORDLESS)
def test_what_cannot_be_read_back_is_not_kept(visit, client_request, what):
    body = f'{{"revision": 0, "document": {{"statement": {WORDLESS[what]}}}}}'
    assert send(client_request, visit, "draft", body).status_code == 422
    assert draft_of(visit.id) is None
    assert send(client_request, visit, "conclude", body).status_code == 422


def test_a_draft_of_any_shape_is_kept_and_opens_again(visit, client_request):
    for at, text in enumerate(twisted(visit)):
        body = f'{{"revision": {at}, "document": {text}}}'
        assert send(client_request, visit, "draft", body).status_code in (200, 409), text[-200:]
        for page in ("plain", "data"):
            client_request.get(f"/inspect/{visit.id}/{page}", as_=LEAD)


def test_a_document_of_any_shape_is_judged_in_words(visit, client_request):
    for text in twisted(visit):
        answer = send(client_request, visit, "conclude", f'{{"document": {text}}}')
        assert (answer.status_code, answer.json["code"]) == (422, "bad_document"), text[-300:]
