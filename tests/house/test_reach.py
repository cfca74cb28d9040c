"""How far a right reaches, for every endpoint that names a row: real rows of another organisation, and of colleagues.

To strangers a row does not exist: 404 (or 422 when the body already says too little), never a hint, never a change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.demo.cities import find
from app.demo.making import make
from app.demo.world import Scale
from app.kernel import clock
from app.kernel.permissions import RIGHTS, Role
from app.work.commands import open_conflict
from app.work.models import Visit
from dispatch.methods.models import Offer
from dispatch.watching.models import Alert
from tests import factories
from tests.house.test_permissions import endpoints

ELSEWHERE = {"media", "uploads"}  # rows with bytes: their room's own tests walk them
MORE = {
    "absences": {"starts_at": "2026-03-02T08:00:00Z", "ends_at": "2026-03-03T08:00:00Z", "reason": "vacation"},
    "api-keys": {"name": "erp", "rights": ["jobs.read"]},
    "crews": {"name": "Heavy lifting"},
    "trackers": {"name": "phone"},
    "expenses": {"kind": "parking", "spent_on": "2026-03-02", "amount": "4.00", "currency": "CNY"},
}
MOVES = "/day"  # what is told of times of arrival moves with the clock
OF_AN_ENGINEER = {"absences", "trackers", "expenses"}
QUERIES = {"/api/v1/engineers/{engineer_id}/track": "?from=2026-03-02T08:00:00Z&to=2026-03-02T18:00:00Z"}
HERE = re.compile(r"/api/v1/(?:dispatch/|media/(?=uploads))?([a-z-]+)/{")


@dataclass
class House:
    """An organisation with a working day, its administrator, and one row for each word of the paths."""

    admin: Any
    rows: dict[str, str]

    def address(self, path: str) -> str | None:
        """`path` with ids that exist here, or None when no row of its kind does."""
        word = HERE.match(path)
        row_id = self.rows.get(word[1]) if word else None
        return re.sub(r"{[^}]+}", row_id, path) + QUERIES.get(path, "") if row_id else None


@pytest.fixture
def house() -> House:
    made = make(Scale(find("London"), 4, 20, 5))
    admin = factories.client("admin", made.world.org_id)
    engineer = admin.get("/api/v1/engineers?limit=1").get_json()["items"][0]["id"]
    for word, body in MORE.items():
        answer = admin.post(
            f"/api/v1/{word}", json=body | ({"engineer_id": engineer} if word in OF_AN_ENGINEER else {})
        )
        assert answer.status_code == 201, answer.get_json()
    visit = admin.get("/api/v1/visits?limit=1").get_json()["items"][0]["id"]
    assert admin.post(f"/api/v1/visits/{visit}/notes", json={"body": "Dog in the yard"}).status_code == 201
    tomorrow = (clock.now() + timedelta(days=1)).date()
    assert admin.post("/api/v1/dispatch/plans", json={"date": tomorrow.isoformat()}).status_code == 202
    factories.device(admin.user)
    with factories.within(admin.org_id) as tx:
        tx.add(Alert(kind="running_late", key="late", engineer_id=UUID(engineer)))
        tx.add(Offer(visit_id=UUID(visit), engineer_id=UUID(engineer), method="auto", answer="declined"))
        job_id = tx.get(Visit, UUID(visit)).job_id
        open_conflict(tx, "jobs", job_id, "field", mine={}, theirs={}, visit_id=UUID(visit), job_id=job_id)
    return House(admin, found(admin.org_id))


def words() -> set[str]:
    """What the paths with ids are about."""
    return {word[1] for _, path, right in endpoints() if right != "open" and (word := HERE.match(path))}


def found(org_id: UUID) -> dict[str, str]:
    """The newest row of each table that a path names."""
    with factories.within(org_id) as tx:
        rows = {
            word: tx.session.scalar(text(f"SELECT id FROM {word.replace('-', '_')} ORDER BY id DESC LIMIT 1"))
            for word in words()
        }
    return {word: str(row_id) for word, row_id in rows.items() if row_id}


def ask(client: Any, method: str, address: str) -> int:
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    options = {"json": {}, "content_type": kind} if method in ("POST", "PUT", "PATCH") else {}
    response = client.open(address, method=method, headers={"If-Match": '"1"'}, **options)
    response.close()
    return int(response.status_code)


def named(house: House) -> list[tuple[str, str, str]]:
    """(method, address with a real id, right) of every endpoint that names a row."""
    walked = [(method, house.address(path), right) for method, path, right in endpoints() if right != "open"]
    return [(method, address, right) for method, address, right in walked if address]


def test_every_kind_of_row_is_walked(house: House) -> None:
    assert words() - set(house.rows) == ELSEWHERE
    assert len(named(house)) > 90


def test_rows_of_another_organisation_do_not_exist(house: House) -> None:
    stranger = factories.client("admin")
    readable = [address for method, address, _ in named(house) if method == "GET" and not address.endswith(MOVES)]
    before = {address: house.admin.get(address).get_data() for address in readable}
    wrong = [
        (method, address, status)
        for method, address, _ in named(house)
        if (status := ask(stranger, method, address)) not in ((404,) if method in ("GET", "DELETE") else (404, 422))
    ]
    assert wrong == []
    assert {address: house.admin.get(address).get_data() for address in readable} == before


def test_own_is_not_a_colleagues(house: House) -> None:
    """An engineer without any work reads nothing of what only its holder may read."""
    newcomer = factories.client("engineer", house.admin.org_id)
    own = [(m, a) for m, a, right in named(house) if m == "GET" and RIGHTS[right].get(Role.ENGINEER) == "own"]
    assert len(own) > 15
    assert [(address, status) for method, address in own if (status := ask(newcomer, method, address)) != 404] == []


def test_a_territory_ends_at_its_border(house: House) -> None:
    """A dispatcher whose only territory is empty reads no work of the others."""
    dispatcher = factories.client("dispatcher", house.admin.org_id)
    area = {"type": "Polygon", "coordinates": [[[9, 9], [9, 9.1], [9.1, 9.1], [9.1, 9], [9, 9]]]}
    made = house.admin.post("/api/v1/territories", json={"name": "Far", "area": area, "timezone": "UTC"}).get_json()
    path = f"/api/v1/users/{dispatcher.user.id}/territories"
    assert house.admin.put(path, json={"territory_ids": [made["id"]]}).status_code == 200
    narrow = [
        (m, a) for m, a, right in named(house) if m == "GET" and RIGHTS[right].get(Role.DISPATCHER) == "territory"
    ]
    assert len(narrow) > 10
    assert [(address, status) for m, address in narrow if (status := ask(dispatcher, m, address)) != 404] == []
