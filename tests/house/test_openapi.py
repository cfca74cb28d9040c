"""The OpenAPI document is worth reading, and complete."""

from __future__ import annotations

from typing import Any

import pytest

from app.factory import create_app


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app().test_client().get("/api/openapi.json").get_json()  # type: ignore[no-any-return]


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in {"get", "post", "put", "patch", "delete", "head", "options"}
    ]


def test_it_is_openapi_31(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")


def test_every_operation_explains_itself(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        assert operation.get("summary"), (path, method)
        assert operation.get("operationId"), (path, method)


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def test_every_guarded_operation_names_its_right_and_its_refusals(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if operation.get("security") == []:
            continue
        assert operation.get("x-right"), (path, method)
        for status in ("401", "403", "503"):
            assert status in operation["responses"], (path, method, status)


def test_errors_are_problem_documents(document: dict[str, Any]) -> None:
    assert "application/problem+json" in document["components"]["responses"]["PROBLEM"]["content"]
