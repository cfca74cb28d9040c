"""Who may do what: every endpoint of the OpenAPI stands in `permissions.txt`, and the server keeps to it.

After adding an endpoint, run this file with CALLOUT_WRITE_TABLE=1 and read what it wrote: the file is the reviewed
truth, the code is what is tested against it.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from app.kernel.ids import new_id
from app.kernel.permissions import RIGHTS, Role
from tests import factories

TABLE = Path(__file__).with_name("permissions.txt")
ROLES = [role for role in Role if role not in (Role.SYSTEM, Role.API_KEY, Role.CUSTOMER)]
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


@lru_cache(maxsize=1)
def endpoints() -> list[tuple[str, str, str]]:
    """(method, path, right or "open") of every operation."""
    document = factories.app().test_client().get("/api/openapi.json").get_json()
    return sorted(
        (method.upper(), path, "open" if operation.get("security") == [] else operation["x-right"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    )


def line(method: str, path: str, right: str) -> str:
    """One line of the table: the endpoint, its right, and the scope of each role."""
    if right == "open":
        return f"{method:6} {path}  open"
    scopes = " ".join(f"{role}={RIGHTS[right][role]}" for role in ROLES if role in RIGHTS[right])
    return f"{method:6} {path}  {right}: {scopes}"


def render() -> str:
    return "".join(line(*endpoint) + "\n" for endpoint in endpoints())


def test_every_endpoint_is_in_the_table() -> None:
    if os.environ.get("CALLOUT_WRITE_TABLE"):
        TABLE.write_text(render())
    assert TABLE.read_text().splitlines() == render().splitlines()


def test_every_route_is_documented() -> None:
    """No endpoint hides from the OpenAPI, and so from this table, except files and the documents themselves."""
    plain = {"openapi", "docs", "swagger"}
    rules = {re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", str(rule)) for rule in factories.app().url_map.iter_rules()}
    documented = {path for _, path, _ in endpoints()}
    hidden = {rule for rule in rules if rule.startswith("/api/v1") and rule.rstrip("/") not in documented}
    assert {rule for rule in hidden if not any(word in rule for word in plain)} == set()


def address(path: str) -> str:
    """The path with ids that nobody has."""
    return re.sub(r"{[^}]+}", str(new_id()), path)


def call(client: Any, method: str, path: str) -> int:
    response = client.open(address(path), method=method, json={} if method in ("POST", "PUT", "PATCH") else None)
    response.close()
    return response.status_code  # type: ignore[no-any-return]


def test_strangers_are_unknown_everywhere() -> None:
    client = factories.app().test_client()
    wrong = [e for e in endpoints() if e[2] != "open" and call(client, e[0], e[1]) != 401]
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_refused_exactly_what_the_table_does_not_give(role: Role) -> None:
    client = factories.client(role)
    wrong = []
    for method, path, right in endpoints():
        if right == "open" or path.endswith("/auth/logout"):
            continue
        status = call(client, method, path)
        if (status == 403) != (role not in RIGHTS[right]) or status in (401, 500):
            wrong.append((method, path, right, status))
    assert wrong == []
