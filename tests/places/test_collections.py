"""What phones hold of customers and places, and what they may change of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import bindparam, text

from app.factory import load_rooms
from app.kernel import synced
from app.kernel.clock import now
from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.kernel.problems import Problem
from app.kernel.synced import FieldMutation
from app.people.models import Engineer, User
from app.places.models import Account, Asset, Contact, Site, Territory
from tests import factories

load_rooms()


@dataclass
class Scene:
    """Erin is on her way to a customer's shop; another customer has nothing to do with her."""

    erin: User
    engineer: Engineer
    mine: dict[str, UUID]
    others: dict[str, UUID]

    @property
    def org_id(self) -> UUID:
        return self.erin.org_id


def customer(org_id: UUID) -> dict[str, UUID]:
    account = factories.add(org_id, Account(name="Ltd", notes="Pays late")).id
    site = factories.site(org_id, account_id=account).id
    contact = factories.add(org_id, Contact(account_id=account, name="Ann", phone="123", email="a@example.org")).id
    asset = factories.add(org_id, Asset(site_id=site, name="Boiler")).id
    return {"accounts": account, "sites": site, "contacts": contact, "assets": asset}


def scene(role: str) -> Scene:
    erin = factories.user(role)
    mine, others = customer(erin.org_id), customer(erin.org_id)
    with factories.within(erin.org_id) as tx:
        engineer = tx.session.query(Engineer).filter_by(user_id=erin.id).one()
    job = {"site_id": mine["sites"], "account_id": mine["accounts"], "contact_id": mine["contacts"]}
    factories.visit(erin.org_id, engineer.id, **job)
    return Scene(erin, engineer, mine, others)


@pytest.fixture
def here() -> Scene:
    return scene("engineer")


@pytest.fixture
def tx(here: Scene) -> Iterator[Tx]:
    with factories.within(here.org_id, factories.actor_of(here.erin, engineer_id=here.engineer.id)) as opened:
        yield opened


def buckets(tx: Tx, name: str, *ids: UUID) -> set[tuple[UUID, str]]:
    sql = synced.collections()[name].buckets.replace(":ids", "CAST(:ids AS uuid[])")
    return {tuple(row) for row in tx.session.execute(text(sql), {"ids": list(ids)})}  # type: ignore[misc]


def body(tx: Tx, name: str, row_id: UUID, *, masked: bool = False) -> dict[str, Any]:
    collection = synced.collections()[name]
    sql = text(f"SELECT {collection.body} FROM {collection.source} r WHERE r.id = :id").bindparams(
        bindparam("id", row_id)
    )
    values = {"masked": masked} if ":masked" in collection.body else {}
    return dict(tx.session.execute(sql, values).mappings().one())


def mutation(kind: str, row_id: UUID, **data: Any) -> FieldMutation:
    return FieldMutation(new_id(), 1, row_id, kind, 1, data, new_id(), now(), now())


def run(tx: Tx, name: str, change: FieldMutation) -> None:
    synced.collections()[name].mutations[change.kind](tx, change)


@pytest.mark.parametrize("name", ["accounts", "sites", "contacts", "assets"])
def test_a_phone_holds_what_its_visits_lead_to(here: Scene, tx: Tx, name: str) -> None:
    assert buckets(tx, name, here.mine[name], here.others[name]) == {(here.mine[name], f"user:{here.erin.id}")}


def test_an_account_is_held_for_its_site_too(here: Scene, tx: Tx) -> None:
    factories.visit(here.org_id, here.engineer.id, site_id=here.others["sites"])
    assert buckets(tx, "accounts", here.others["accounts"]) == {(here.others["accounts"], f"user:{here.erin.id}")}
    assert buckets(tx, "contacts", here.others["contacts"]) == set()


def test_deleted_rows_are_nobodys(here: Scene, tx: Tx) -> None:
    tx.get(Asset, here.mine["assets"]).deleted_at = tx.now
    tx.session.flush()
    assert buckets(tx, "assets", here.mine["assets"]) == set()


def test_territories_and_colleagues_are_everybodys(here: Scene, tx: Tx) -> None:
    north = factories.add(here.org_id, Territory(name="North")).id
    assert buckets(tx, "territories", north) == {(north, "org")}
    assert buckets(tx, "engineers", here.engineer.id) == {(here.engineer.id, "org")}
    assert "home" not in body(tx, "engineers", here.engineer.id)
    assert body(tx, "engineers", here.engineer.id)["skills"] == []


def test_bodies_hide_particulars_from_subcontractors(here: Scene, tx: Tx) -> None:
    open_body, masked = (body(tx, "contacts", here.mine["contacts"], masked=flag) for flag in (False, True))
    assert (open_body["phone"], open_body["email"]) == ("123", "a@example.org")
    assert (masked["name"], masked["phone"], masked["email"]) == ("Ann", None, None)
    assert body(tx, "accounts", here.mine["accounts"], masked=True)["notes"] is None
    assert body(tx, "sites", here.mine["sites"])["location"] == {"type": "Point", "coordinates": [121.47, 31.23]}


def test_what_hangs_on_a_site_is_looked_at_with_it(here: Scene, tx: Tx) -> None:
    touches = synced.collections()["sites"].touches
    assert touches
    sql = text(touches.replace(":ids", "CAST(:ids AS uuid[])"))
    found = {tuple(row) for row in tx.session.execute(sql, {"ids": [here.mine["sites"]]})}
    assert found == {("assets", here.mine["assets"]), ("accounts", here.mine["accounts"])}


def test_a_phone_changes_what_it_holds(here: Scene, tx: Tx) -> None:
    run(tx, "sites", mutation("update", here.mine["sites"], access_notes="Dog"))
    run(tx, "contacts", mutation("update", here.mine["contacts"], phone="456"))
    run(tx, "assets", mutation("update", here.mine["assets"], serial="SN-1", warranty_until="2031-01-01"))
    fresh = new_id()
    run(tx, "assets", mutation("create", fresh, site_id=str(here.mine["sites"]), name="Pump"))
    site = tx.get(Site, here.mine["sites"])
    assert (site.access_notes, site.field_revs["access_notes"]) == ("Dog", site.rev)
    assert tx.get(Contact, here.mine["contacts"]).phone == "456"
    assert tx.get(Asset, here.mine["assets"]).serial == "SN-1"
    assert tx.get(Asset, fresh).name == "Pump"


def test_a_phone_does_not_reach_what_is_not_its_own(here: Scene, tx: Tx) -> None:
    for name in ("sites", "contacts", "assets"):
        with pytest.raises(Problem, match="not-found"), tx.savepoint():
            run(tx, name, mutation("update", here.others[name], name="Mine now"))
    with pytest.raises(Problem, match="not-found"), tx.savepoint():
        run(tx, "assets", mutation("create", new_id(), site_id=str(here.others["sites"]), name="X"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("sites", {"account_id": None}),
        ("sites", {"location": {"type": "Point", "coordinates": [500, 0]}}),
        ("sites", {"geofence_m": 1}),
        ("contacts", {"account_id": None}),
        ("contacts", {"email": "x"}),
        ("assets", {"site_id": None}),
        ("assets", {"name": ""}),
    ],
)
def test_a_bad_change_is_refused(here: Scene, tx: Tx, name: str, data: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="invalid") as caught, tx.savepoint():
        run(tx, name, mutation("update", here.mine[name], **data))
    assert caught.value.errors[0].pointer == f"/{next(iter(data))}"


def test_a_subcontractor_cannot_write_over_what_is_hidden() -> None:
    outside = scene("subcontractor")
    actor = factories.actor_of(outside.erin, engineer_id=outside.engineer.id)
    with factories.within(outside.org_id, actor) as tx:
        run(tx, "sites", mutation("update", outside.mine["sites"], access_notes="Dog"))
        with pytest.raises(Problem, match="forbidden"), tx.savepoint():
            run(tx, "contacts", mutation("update", outside.mine["contacts"], phone="•••"))
