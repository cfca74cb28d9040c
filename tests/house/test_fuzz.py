"""Schemathesis over the whole OpenAPI: no 5xx, no undeclared status, no answer outside its shape.

Half of the calls name rows that exist. The two endless streams are left out: a fuzzer would wait for their end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import factories

pytestmark = [pytest.mark.fuzz]
EXAMPLES = int(os.environ.get("CALLOUT_FUZZ_EXAMPLES", "12"))
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
ENDLESS = {"/api/v1/events", "/api/v1/sync/stream"}
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


def operations() -> Iterator[Any]:
    """Every operation but the streams."""
    document = schemathesis.openapi.from_wsgi("/api/openapi.json", factories.app())
    for result in document.get_all_operations():
        operation = result.ok()
        if operation.path not in ENDLESS:
            yield operation


def rows(client: Any) -> dict[str, str]:
    """Ids that exist, by the word before them in a path."""
    visit = factories.visit(client.org_id)
    found = {"visits": visit.id, "jobs": visit.job_id}
    for word in ("sites", "accounts", "job-types", "engineers", "users"):
        items = client.get(f"/api/v1/{word}?limit=1").get_json()["items"]
        if items:
            found[word] = items[0]["id"]
    return {word: str(row_id) for word, row_id in found.items()}


def fuzz(operation: Any, client: Any, known: dict[str, str]) -> None:
    """Calls one operation with what schemathesis makes up."""
    word = operation.path.split("/")[3] if operation.path.count("/") > 3 else ""

    @SETTINGS
    @given(case=operation.as_strategy(), real=st.booleans())
    def run(case: Any, real: bool) -> None:
        if real and word in known and operation.method != "delete":
            for name in case.path_parameters or {}:
                case.path_parameters[name] = known[word]
        headers = {"Authorization": client.environ_base["HTTP_AUTHORIZATION"], "Accept-Encoding": "identity"}
        case.validate_response(case.call(headers=headers), checks=CHECKS)

    run()


def test_the_whole_api() -> None:
    client = factories.client("admin")
    known = rows(client)
    failed = {}
    count = 0
    for operation in operations():
        count += 1
        try:
            fuzz(operation, client, known)
        except Exception as error:
            failed[f"{operation.method.upper()} {operation.path}"] = f"{type(error).__name__}: {error}"[:1500]
    assert count > 150
    assert not failed, "\n\n".join(f"{name}\n{what}" for name, what in failed.items())
