"""A crew's visit is on all phones; an outsider holds the own visits only, and sees no customer data."""

from __future__ import annotations

from typing import Any

from app.people.models import Crew, CrewMember
from app.places.models import Account
from app.work import commands
from tests import factories
from tests.factories import add, client, within


def rows(phone: Any, collection: str) -> list[dict[str, Any]]:
    """What a phone holds of a collection."""
    page = phone.get(f"/api/v1/sync/pull?collections={collection}").get_json()
    return page["changes"].get(collection, {"upserts": []})["upserts"]  # type: ignore[no-any-return]


def test_a_visit_of_a_crew_is_on_the_phones_of_all_its_members() -> None:
    lead = client("engineer")
    mate, other = client("engineer", lead.org_id), client("engineer", lead.org_id)
    crew = add(lead.org_id, Crew(name="Heavy lifting"))
    with within(lead.org_id) as tx:
        members = (lead.engineer_id, mate.engineer_id)
        tx.session.add_all(CrewMember(crew_id=crew.id, engineer_id=one) for one in members)
    visit = factories.visit(lead.org_id)
    with within(lead.org_id) as tx:
        commands.assign(tx, visit.id, None, crew_id=crew.id)
    held = [[row["id"] for row in rows(phone, "visits")] for phone in (lead, mate, other)]
    assert held == [[str(visit.id)], [str(visit.id)], []]
    assert mate.get(f"/api/v1/visits/{visit.id}").status_code == 200
    assert other.get(f"/api/v1/visits/{visit.id}").status_code == 404


def test_an_outsider_holds_the_own_visits_without_customer_data() -> None:
    outsider = client("subcontractor")
    engineer = client("engineer", outsider.org_id)
    customer = add(outsider.org_id, Account(name="Lin & Sons", number="A-1", tier="gold", notes="pays late"))
    place = factories.site(outsider.org_id, account_id=customer.id)
    own = factories.visit(outsider.org_id, outsider.engineer_id, site_id=place.id)
    foreign = factories.visit(outsider.org_id, engineer.engineer_id, site_id=place.id)
    assert [row["id"] for row in rows(outsider, "visits")] == [str(own.id)]
    shown = rows(outsider, "accounts")[0]
    assert (shown["name"], shown["number"], shown["tier"], shown["notes"]) == ("Lin & Sons", None, None, None)
    assert rows(engineer, "accounts")[0]["tier"] == "gold"
    assert outsider.get(f"/api/v1/visits/{foreign.id}").status_code == 404
    assert [one["id"] for one in outsider.get("/api/v1/visits").get_json()["items"]] == [str(own.id)]
