"""Schemathesis over the whole OpenAPI: no 5xx, no undeclared status, no answer outside its shape."""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import factories

pytestmark = [pytest.mark.fuzz]
EXAMPLES = int(os.environ.get("CALLOUT_FUZZ_EXAMPLES", "20"))
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
schema = schemathesis.pytest.from_fixture("document")


@pytest.fixture(scope="module")
def document() -> object:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", factories.app())


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
def test_the_whole_api(case: schemathesis.Case) -> None:
    response = case.call(headers={"Authorization": f"Bearer {factories.token(factories.user('admin'))}"})
    case.validate_response(response, checks=CHECKS)
