"""Lists of visits and jobs: filters, scopes, the map layer, and how many statements they cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from app.kernel.db import transaction
from app.places.models import Territory, UserTerritory
from app.work import commands
from tests import factories
from tests.work.day import Day

BOX = "SRID=4326;POLYGON((121 31, 122 31, 122 32, 121 32, 121 31))"


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every SELECT, INSERT and UPDATE that is sent meanwhile."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def ids(response: Any) -> set[str]:
    assert response.status_code == 200, response.get_json()
    return {row["id"] for row in response.get_json()["items"]}


def test_filters() -> None:
    day = Day()
    mine = str(day.visit_id)
    waiting = str(factories.visit(day.org_id, job_type_id=day.job_type.id).id)
    with transaction(day.actor(day.office)) as tx:
        start = tx.now.replace(year=2026, month=3, day=2, hour=8)
        commands.assign(tx, day.visit_id, day.engineer.engineer_id, planned_start=start)
    get = day.office.get
    assert ids(get("/api/v1/visits")) == {mine, waiting}
    assert ids(get("/api/v1/visits?unassigned=true")) == {waiting}
    assert ids(get("/api/v1/visits?unassigned=false")) == {mine}
    assert ids(get("/api/v1/visits?status=dispatched,accepted")) == {mine}
    assert ids(get(f"/api/v1/visits?engineer_id={day.engineer.engineer_id}")) == {mine}
    assert ids(get(f"/api/v1/visits?job_id={day.job_id}")) == {mine}
    assert ids(get("/api/v1/visits?from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z")) == {mine}
    assert ids(get("/api/v1/visits?from=2026-03-03T00:00:00Z&to=2026-03-04T00:00:00Z")) == set()
    assert ids(get("/api/v1/visits?bbox=121,31,122,32")) == {mine, waiting}
    assert ids(get("/api/v1/visits?bbox=0,0,1,1")) == set()
    assert ids(get(f"/api/v1/jobs?q={day.job().number[-4:]}")) == {str(day.job_id)}
    for bad in ("from=yesterday", "bbox=1,2,3", "status_now=x", "job_id=7", "sort=colour", "limit=0", "cursor=x"):
        assert get(f"/api/v1/visits?{bad}").status_code == 422, bad


def test_scopes() -> None:
    day = Day()
    east = factories.add(day.org_id, Territory(name="East", area=BOX))
    west = factories.add(day.org_id, Territory(name="West"))
    site = factories.site(day.org_id, territory_id=west.id)
    foreign = factories.visit(day.org_id, site_id=site.id)
    with factories.within(day.org_id) as tx:
        tx.session.add(UserTerritory(user_id=day.office.user.id, territory_id=east.id))
    assert ids(day.office.get("/api/v1/visits")) == {str(day.visit_id)}
    assert ids(day.office.get("/api/v1/jobs")) == {str(day.job_id)}
    assert day.office.get(f"/api/v1/visits/{foreign.id}").status_code == 404
    assert day.go(day.office, "cancelled", foreign.id, reason="x").status_code == 404
    assert ids(day.manager.get("/api/v1/visits")) == {str(day.visit_id), str(foreign.id)}
    assert ids(day.engineer.get("/api/v1/visits")) == {str(day.visit_id)}
    assert ids(day.engineer.get("/api/v1/jobs")) == {str(day.job_id)}
    assert day.engineer.get("/api/v1/requests").status_code == 403
    stranger = factories.client("admin")
    assert ids(stranger.get("/api/v1/visits")) == set()
    assert stranger.get(f"/api/v1/visits/{day.visit_id}").status_code == 404
    sites = day.engineer.get("/api/v1/sites").get_json()["items"]
    assert len(sites) == 1


def many(org_id: Any, count: int) -> None:
    """`count` further visits of existing jobs, by plain SQL."""
    with factories.within(org_id) as tx:
        tx.session.execute(
            text("""
            INSERT INTO visits (id, job_id, status)
            SELECT gen_random_uuid(), (SELECT id FROM jobs LIMIT 1), 'draft' FROM generate_series(1, :count)
            """),
            {"count": count},
        )


@pytest.mark.parametrize("count", [10, 300])
def test_a_page_costs_the_same_number_of_statements_however_long(count: int) -> None:
    day = Day()
    many(day.org_id, count)
    with statements() as seen:
        response = day.office.get("/api/v1/visits?limit=200")
    assert len(response.get_json()["items"]) == min(count + 1, 200)
    assert len(seen) == 3, seen


def test_a_map_layer_of_five_thousand_visits_is_one_statement() -> None:
    day = Day()
    many(day.org_id, 5_100)
    headers = {"Accept": "application/geo+json"}
    with statements() as seen:
        response = day.office.get("/api/v1/visits?limit=5000&bbox=121,31,122,32", headers=headers)
    layer = response.get_json()
    assert response.mimetype == "application/geo+json"
    assert (len(layer["features"]), layer["more"]) == (5_000, True)
    assert layer["features"][0]["geometry"] == {"type": "Point", "coordinates": [121.47, 31.23]}
    assert {"status", "job_number", "priority", "engineer_id"} <= set(layer["features"][0]["properties"])
    assert "location" not in layer["features"][0]["properties"]
    assert len(seen) == 3, seen
    some = day.office.get("/api/v1/visits?limit=5000&bbox=0,0,1,1", headers=headers).get_json()
    assert (some["features"], some["more"]) == ([], False)


def test_pages_follow_one_another() -> None:
    day = Day()
    many(day.org_id, 7)
    seen: list[str] = []
    for sort in ("-created_at", "priority", "planned_start", "id"):
        seen, cursor = [], ""
        while cursor is not None:
            page = day.office.get(f"/api/v1/visits?limit=3&sort={sort}" + (f"&cursor={cursor}" if cursor else ""))
            seen += [row["id"] for row in page.get_json()["items"]]
            cursor = page.get_json()["next_cursor"]
        assert len(seen) == len(set(seen)) == 8, sort
