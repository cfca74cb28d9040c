"""How an organisation weighs its wishes."""

from __future__ import annotations

from tests import factories
from tests.dispatch.world import World

PATH = "/api/v1/dispatch/settings"


def test_defaults_are_shown_and_changes_are_merged_name_by_name() -> None:
    world = World()
    admin = factories.client("admin", world.org_id)
    assert admin.get(PATH).get_json()["weights"]["travel"] == 1.0
    assert admin.put(PATH, json={"weights": {"travel": 2.5}}).status_code == 200
    changed = admin.put(PATH, json={"weights": {"overtime": 4.0}, "max_travel_s": 3600}).get_json()
    assert (changed["weights"]["travel"], changed["weights"]["overtime"], changed["max_travel_s"]) == (2.5, 4.0, 3600)


def test_a_weight_changes_what_is_recommended_and_the_longest_drive_who_is() -> None:
    world = World()
    world.engineer(0.0)
    visit = world.visit(0.3)
    admin = factories.client("admin", world.org_id)
    (before,) = world.ask(visit_id=str(visit.id)).get_json()["candidates"]
    admin.put(PATH, json={"weights": {"travel": 2.0}})
    (after,) = world.ask(visit_id=str(visit.id)).get_json()["candidates"]
    points = [next(t["points"] for t in c["terms"] if t["name"] == "travel") for c in (before, after)]
    assert points[1] == 2 * points[0]
    admin.put(PATH, json={"max_travel_s": 60})
    answer = world.ask(visit_id=str(visit.id)).get_json()
    assert answer["candidates"] == []
    assert "unreachable" in {reason["rule"] for reason in answer["rejected"][0]["reasons"]}


def test_only_an_admin_changes_them_and_unknown_names_are_refused() -> None:
    world = World()
    assert world.office.put(PATH, json={"max_travel_s": 600}).status_code == 403
    admin = factories.client("admin", world.org_id)
    assert admin.put(PATH, json={"weights": {"luck": 1}}).status_code == 422
    assert admin.put(PATH, json={"weights": {"travel": -1}}).status_code == 422
