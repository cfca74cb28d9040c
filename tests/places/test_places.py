"""Customers, sites, assets, territories: constraints, search, maps, and who sees how much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Select, Uuid, event, literal, select

from app.kernel.actor import Actor
from app.places import queries
from tests import factories
from tests.factories import Client

POINT = {"type": "Point", "coordinates": [121.47, 31.23]}
FAR = {"type": "Point", "coordinates": [2.35, 48.85]}


def square(west: float, south: float, size: float = 1) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture
def agent() -> Client:
    return factories.client("agent")


@pytest.fixture
def manager(agent: Client) -> Client:
    return factories.client("manager", agent.org_id)


def created(client: Client, path: str, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 201, answer.text
    return answer.get_json()  # type: ignore[no-any-return]


def patch(client: Client, path: str, **body: Any) -> Any:
    seen = client.get(f"/api/v1/{path}")
    return client.patch(f"/api/v1/{path}", json=body, headers={"If-Match": seen.headers["ETag"]})


def ids(client: Client, path: str) -> list[str]:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.get_json()["items"]]


def test_a_site_gets_the_smallest_territory_around_its_point(agent: Client, manager: Client) -> None:
    created(manager, "territories", name="Land", area=square(110, 20, 20))
    city = created(manager, "territories", name="City", area=square(121, 31))
    site = created(agent, "sites", name="Shop", location=POINT)
    assert site["territory_id"] == city["id"]
    assert (site["location"], site["geofence_m"]) == (POINT, 150)
    moved = patch(agent, f"sites/{site['id']}", location=FAR).get_json()
    assert moved["territory_id"] is None
    kept = patch(agent, f"sites/{site['id']}", location=FAR, territory_id=city["id"]).get_json()
    assert kept["territory_id"] == city["id"]


def test_a_new_territory_adopts_the_sites_inside_it(agent: Client, manager: Client) -> None:
    inside = created(agent, "sites", name="Shop", location=POINT)
    outside = created(agent, "sites", name="Louvre", location=FAR)
    city = created(manager, "territories", name="City", area=square(121, 31))
    assert agent.get(f"/api/v1/sites/{inside['id']}").get_json()["territory_id"] == city["id"]
    assert agent.get(f"/api/v1/sites/{outside['id']}").get_json()["territory_id"] is None
    assert manager.delete(f"/api/v1/territories/{city['id']}").status_code == 409


def test_what_a_row_names_must_exist_here(agent: Client) -> None:
    foreign = created(factories.client("agent"), "accounts", name="Foreign")["id"]
    gone = created(agent, "accounts", name="Gone")["id"]
    assert agent.delete(f"/api/v1/accounts/{gone}").status_code == 204
    for account_id in (foreign, gone, str(uuid4())):
        for path in ("sites", "contacts"):
            answer = agent.post(f"/api/v1/{path}", json={"name": "X", "account_id": account_id})
            assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/account_id")


def test_what_is_in_use_stays(agent: Client) -> None:
    account = created(agent, "accounts", name="Ltd")["id"]
    site = created(agent, "sites", name="Shop", account_id=account)["id"]
    asset = created(agent, "assets", name="Boiler", site_id=site)["id"]
    part = created(agent, "assets", name="Pump", site_id=site, parent_id=asset)["id"]
    for path in (f"accounts/{account}", f"sites/{site}", f"assets/{asset}"):
        assert agent.delete(f"/api/v1/{path}").get_json()["type"] == "/problems/in-use"
    for path in (f"assets/{part}", f"assets/{asset}", f"sites/{site}", f"accounts/{account}"):
        assert agent.delete(f"/api/v1/{path}").status_code == 204


def test_assets_never_contain_themselves(agent: Client) -> None:
    site = created(agent, "sites", name="Shop")["id"]
    top = created(agent, "assets", name="Plant", site_id=site)["id"]
    middle = created(agent, "assets", name="Boiler", site_id=site, parent_id=top)["id"]
    bottom = created(agent, "assets", name="Pump", site_id=site, parent_id=middle)["id"]
    for parent in (top, middle, bottom):
        answer = patch(agent, f"assets/{top}", parent_id=parent)
        assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/parent_id")
    assert agent.get(f"/api/v1/assets/{top}").get_json()["parent_id"] is None
    assert patch(agent, f"assets/{bottom}", parent_id=top).status_code == 200
    assert ids(agent, f"assets?parent_id={top}&sort=name") == [middle, bottom]


def test_an_asset_stands_where_its_parent_stands(agent: Client) -> None:
    here, there = (created(agent, "sites", name=name)["id"] for name in ("Here", "There"))
    top = created(agent, "assets", name="Plant", site_id=here)["id"]
    part = {"name": "Pump", "parent_id": top}
    assert agent.post("/api/v1/assets", json={**part, "site_id": there}).status_code == 422
    pump = created(agent, "assets", **part, site_id=here)["id"]
    assert patch(agent, f"assets/{pump}", site_id=there).status_code == 422
    assert patch(agent, f"assets/{top}", site_id=there).status_code == 422
    assert patch(agent, f"assets/{pump}", site_id=there, parent_id=None).status_code == 200


def test_search_finds_every_word_in_any_script(agent: Client) -> None:
    shop = created(agent, "sites", name="上海第一食品商店", address="南京东路 720 号")["id"]
    pub = created(agent, "sites", name="The 100% Pub", address="1_High Street")["id"]
    assert ids(agent, "sites?q=南京 食品") == [shop]
    assert ids(agent, "sites?q=pub HIGH") == [pub]
    assert ids(agent, "sites?q=100%25") == [pub]
    assert ids(agent, "sites?q=1_h") == [pub]
    assert ids(agent, "sites?q=' OR 1=1 --") == []
    assert ids(agent, "sites?q=%5C") == []
    assert agent.get("/api/v1/sites?q=%00").status_code == 422


def test_every_list_searches_its_own_words(agent: Client) -> None:
    account = created(agent, "accounts", name="Ltd", number="K-17")["id"]
    contact = created(agent, "contacts", name="王伟", phone="13800138000", account_id=account)["id"]
    site = created(agent, "sites", name="Shop")["id"]
    asset = created(agent, "assets", name="Boiler", site_id=site, serial="SN-99", batch="B7")["id"]
    assert ids(agent, "accounts?q=k-17") == [account]
    assert ids(agent, "contacts?q=1380013") == [contact]
    assert ids(agent, "assets?q=sn-99 b7") == [asset]


def test_the_map_shows_what_lies_in_the_box(agent: Client) -> None:
    here = created(agent, "sites", name="Here", location=POINT)["id"]
    fiji = created(agent, "sites", name="Fiji", location={"type": "Point", "coordinates": [179.9, -17]})["id"]
    created(agent, "sites", name="Nowhere")
    assert ids(agent, "sites?bbox=121,31,122,32") == [here]
    assert ids(agent, "sites?bbox=179,-18,-179,-16") == [fiji]
    layer = agent.get("/api/v1/sites?bbox=121,31,122,32", headers={"Accept": "application/geo+json"})
    assert layer.mimetype == "application/geo+json"
    feature = layer.get_json(force=True)["features"][0]
    assert (feature["id"], feature["geometry"], feature["properties"]["name"]) == (here, POINT, "Here")


def test_the_layer_of_territories_meets_the_box(agent: Client, manager: Client) -> None:
    city = created(manager, "territories", name="City", area=square(121, 31))["id"]
    created(manager, "territories", name="Far", area=square(2, 48))
    assert ids(agent, "territories?bbox=121.5,31.5,121.6,31.6") == [city]


@pytest.mark.parametrize(
    "location",
    [
        {"type": "Point", "coordinates": [181, 0]},
        {"type": "Point", "coordinates": [0, 90.5]},
        {"type": "Point", "coordinates": [0]},
        {"type": "Point", "coordinates": [0, 0, 0]},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": [None, 1]},
        {"type": "Point", "coordinates": [True, 1]},
        {"type": "Point", "coordinates": [0, 0], "crs": {"type": "name"}},
        {"type": "Polygon", "coordinates": []},
        "POINT(0 0)",
        7,
    ],
)
def test_a_bad_point_is_refused(agent: Client, location: Any) -> None:
    assert agent.post("/api/v1/sites", json={"name": "X", "location": location}).status_code == 422


@pytest.mark.parametrize(
    "ring",
    [
        [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]],
        [[0, 0], [1, 1]],
        [[0, 0], [0, 0], [0, 0], [0, 0]],
        [],
    ],
)
def test_a_bad_area_is_refused(manager: Client, ring: Any) -> None:
    area = {"type": "Polygon", "coordinates": [ring]}
    assert manager.post("/api/v1/territories", json={"name": "X", "area": area}).status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("accounts", {"name": ""}),
        ("accounts", {"name": "X", "tier": "emperor"}),
        ("accounts", {"name": "X", "tier": None}),
        ("accounts", {"name": "X" * 301}),
        ("contacts", {"name": "X", "email": "nobody"}),
        ("sites", {"name": "X", "geofence_m": 5}),
        ("sites", {"name": "X", "geofence_m": 2**40}),
        ("sites", {"name": "X", "territory_id": "north"}),
        ("sites", {"name": "X", "access_notes": "\x00"}),
        ("assets", {"name": "X"}),
        ("assets", {"name": "X", "site_id": str(uuid4()), "installed_on": "yesterday"}),
    ],
)
def test_bad_fields_are_refused(agent: Client, path: str, body: dict[str, Any]) -> None:
    assert agent.post(f"/api/v1/{path}", json=body).status_code == 422


def test_numbers_and_external_ids_are_taken_once(agent: Client) -> None:
    first = created(agent, "accounts", name="A", number="1", external_id="x")["id"]
    for clash in ({"number": "1"}, {"external_id": "x"}):
        assert agent.post("/api/v1/accounts", json={"name": "B", **clash}).status_code == 409
    agent.delete(f"/api/v1/accounts/{first}")
    created(agent, "accounts", name="B", number="1", external_id="x")
    created(factories.client("agent"), "accounts", name="Other organisation", number="1")


def test_each_change_names_its_fields(agent: Client) -> None:
    """The base of merging: which revision changed which field last."""
    site = created(agent, "sites", name="Shop", access_notes="Ring")["id"]
    patch(agent, f"sites/{site}", access_notes="Knock")
    patch(agent, f"sites/{site}", name="Store")
    with factories.within(agent.org_id) as tx:
        row = tx.get(queries.Site, UUID(site))
        assert row.field_revs == {"access_notes": 2, "name": 3}


def test_a_list_of_sites_is_one_statement_whatever_its_length(agent: Client) -> None:
    for number in range(30):
        created(agent, "sites", name=f"Site {number}", location=POINT)

    def statements(limit: int) -> int:
        seen: list[str] = []
        with factories.within(agent.org_id) as tx:
            engine = tx.session.connection().engine
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listen)
        try:
            assert len(ids(agent, f"sites?limit={limit}")) == limit
        finally:
            event.remove(engine, "before_cursor_execute", listen)
        return len(seen)

    assert statements(2) == statements(30) > 0


@pytest.fixture
def visiting() -> Iterator[dict[str, str]]:
    """Stands in for the room of visits: every engineer's only visit leads to these ids."""
    places: dict[str, str] = {}
    before = queries.own_places

    def own(actor: Actor) -> Select[Any]:
        return select(
            *(literal(places.get(name), Uuid).label(name) for name in ("site_id", "account_id", "contact_id"))
        )

    queries.use_own_places(own)
    yield places
    queries.use_own_places(before)


def customer(agent: Client) -> dict[str, str]:
    account = created(agent, "accounts", name="Ltd", number="K-1", notes="Pays late")["id"]
    site = created(agent, "sites", name="Shop", account_id=account, access_notes="Dog")["id"]
    contact = created(agent, "contacts", name="Ann", phone="123", email="ann@example.org", account_id=account)["id"]
    asset = created(agent, "assets", name="Boiler", site_id=site)["id"]
    return {"site_id": site, "account_id": account, "contact_id": contact, "asset_id": asset}


@pytest.mark.parametrize("role", ["engineer", "subcontractor"])
def test_engineers_see_the_places_of_their_visits_only(agent: Client, visiting: dict[str, str], role: str) -> None:
    mine, other = customer(agent), customer_two(agent)
    visiting.update({key: UUID(value) for key, value in mine.items()})  # type: ignore[arg-type]
    client = factories.client(role, agent.org_id)
    for path in ("sites", "accounts", "contacts", "assets"):
        key = f"{path.removesuffix('s')}_id"
        assert ids(client, path) == [mine[key]]
        assert client.get(f"/api/v1/{path}/{other[key]}").status_code == 404
    assert client.post("/api/v1/sites", json={"name": "X"}).status_code == 403


def customer_two(agent: Client) -> dict[str, str]:
    site = created(agent, "sites", name="Other")["id"]
    return {
        "site_id": site,
        "account_id": created(agent, "accounts", name="Other")["id"],
        "contact_id": created(agent, "contacts", name="Other")["id"],
        "asset_id": created(agent, "assets", name="Other", site_id=site)["id"],
    }


def test_without_visits_there_is_nothing_to_see(agent: Client, visiting: dict[str, str]) -> None:
    customer(agent)
    engineer = factories.client("engineer", agent.org_id)
    assert [ids(engineer, path) for path in ("sites", "accounts", "contacts", "assets")] == [[], [], [], []]


def test_a_subcontractor_sees_no_particulars_of_a_customer(agent: Client, visiting: dict[str, str]) -> None:
    mine = customer(agent)
    visiting.update({key: UUID(value) for key, value in mine.items()})  # type: ignore[arg-type]
    outsider = factories.client("subcontractor", agent.org_id)
    contact = outsider.get(f"/api/v1/contacts/{mine['contact_id']}").get_json()
    assert (contact["name"], contact["phone"], contact["email"]) == ("Ann", None, None)
    account = outsider.get(f"/api/v1/accounts/{mine['account_id']}").get_json()
    assert (account["name"], account["number"], account["notes"]) == ("Ltd", None, None)
    assert outsider.get(f"/api/v1/sites/{mine['site_id']}").get_json()["access_notes"] == "Dog"
    for query in ("contacts?q=123", "contacts?phone=123", "accounts?sort=number", "accounts?number=K-1"):
        assert outsider.get(f"/api/v1/{query}").status_code == 403
    engineer = factories.client("engineer", agent.org_id)
    assert engineer.get(f"/api/v1/contacts/{mine['contact_id']}").get_json()["phone"] == "123"
