"""The interface against its own description: generated requests, every answer as described."""

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mealsvc.api.openapi import DOCUMENT
from tests.factories import tills

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
GENTLE = settings(
    max_examples=10,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_generated_requests_get_only_answers_that_are_described(app):
    tills.small_district()
    head = {"Authorization": f"Bearer {tills.till_token()}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    seen = {_try(found.ok(), head) for found in schema.get_all_operations()}
    assert seen == DOCUMENT["paths"].keys() - {"/api/v1/openapi.json"}


def _try(operation, head):
    @GENTLE
    @given(operation.as_strategy())
    def check(case):
        case.call_and_validate(headers=head, checks=CHECKS)

    check()
    return operation.path
