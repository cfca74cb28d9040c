"""A customer moves a visit to a time at which somebody can come, and to no other; and reads the sealed report."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.notices.codes import code_of
from app.people.models import Engineer
from app.places.models import Contact
from app.work.models import Job, Visit, VisitEvent
from tests import factories
from tests.dispatch.world import World, at, iso
from tests.media.scene import Scene

DIGITS = {"digits": "8042"}


class Customer:
    """Whoever knows the code of a visit's job and the digits."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.code = visit, code_of(visit.org_id, visit.job_id)

    def post(self, what: str, **body: Any) -> Any:
        told = {**DIGITS, "visit_id": str(self.visit.id), **body}
        return factories.app().test_client().post(f"/api/v1/track/{self.code}/{what}", json=told)

    def slots(self) -> list[str]:
        answer = self.post("slots")
        assert answer.status_code == 200, answer.json
        return [slot["start"][:19] + "Z" for slot in answer.json["slots"]]


@pytest.fixture
def world() -> World:
    return World()


def visit_of(world: World, **values: Any) -> Visit:
    contact = factories.add(world.org_id, Contact(name="Lin", phone="+86 138 0013 8042"))
    return world.visit(contact_id=contact.id, **values)


def busy(world: World, who: Engineer, hour: float, hours: float) -> None:
    """Somebody else's visit, from `hour` on."""
    world.give(world.visit(0.05, (hour, hour + 0.1), visit={"duration_s": int(hours * 3600)}), who, hour)


def test_only_times_at_which_somebody_can_come_are_offered(world: World) -> None:
    visit = visit_of(world)
    customer = Customer(visit)
    assert customer.slots() == [], "nobody works"
    who = world.engineer(shift=(8, 16))
    busy(world, who, 13, 2.5)
    world.give(visit, who, 8)
    assert customer.slots() == [iso(8), iso(10)], "the afternoon is taken"


def test_a_moved_visit_is_promised_anew_and_stays_with_whoever_held_it(world: World) -> None:
    visit, who = visit_of(world), world.engineer()
    world.give(visit, who, 8)
    customer = Customer(visit)
    answer = customer.post("reschedule", start=iso(13))
    assert answer.status_code == 200, answer.json
    (shown,) = answer.json["visits"]
    assert (shown["window_start"], shown["status"]) == (iso(13), "dispatched")
    with factories.within(world.org_id) as tx:
        row = tx.get(Visit, visit.id)
        assert (row.engineer_id, row.window_start, row.window_end) == (who.id, at(13), at(15))
        assert row.planned_start is not None
        assert at(13) <= row.planned_start <= at(15)
        wished = select(VisitEvent.event).where(VisitEvent.data["by"].astext == "customer").order_by(VisitEvent.seq)
        assert tx.session.scalars(wished).all() == ["rescheduled", "replanned"]


def test_what_was_promised_before_stands_on_the_customers_page(world: World) -> None:
    visit, who = visit_of(world), world.engineer()
    world.give(visit, who, 8)
    customer = Customer(visit)
    customer.post("reschedule", start=iso(13))
    (shown,) = customer.post("reschedule", start=iso(10)).json["visits"]
    moves = [(one["window_start"], one["window_end"]) for one in shown["timeline"] if one["status"] == "moved"]
    assert moves == [(iso(13), iso(15)), (iso(10), iso(12))]


def test_it_goes_to_somebody_else_when_its_holder_cannot(world: World) -> None:
    visit, first, second = visit_of(world), world.engineer(shift=(8, 12)), world.engineer(0.02, shift=(12, 16))
    world.give(visit, first, 8)
    assert Customer(visit).post("reschedule", start=iso(13)).status_code == 200
    with factories.within(world.org_id) as tx:
        assert tx.get(Visit, visit.id).engineer_id == second.id


def test_a_time_that_is_gone_or_was_never_offered_changes_nothing(world: World) -> None:
    visit, who = visit_of(world), world.engineer()
    world.give(visit, who, 8)
    customer = Customer(visit)
    assert iso(13) in customer.slots()
    busy(world, who, 13, 2.5)
    for start in (iso(13), iso(9), iso(-48), iso(24 * 30 + 8)):
        answer = customer.post("reschedule", start=start)
        assert (answer.status_code, answer.json["type"]) == (409, "/problems/slot-gone"), start
    with factories.within(world.org_id) as tx:
        row = tx.get(Visit, visit.id)
        assert (row.status, row.planned_start, row.engineer_id) == ("dispatched", at(8), who.id)
    other = visit_of(world)
    assert customer.post("reschedule", start=iso(13), visit_id=str(other.id)).status_code == 404
    assert customer.post("slots", digits="0000").status_code == 404


def test_the_report_is_there_once_it_is_sealed_and_only_for_its_customer() -> None:
    scene = Scene(requires_signature=False)
    with scene.tx() as tx:
        visit = tx.get(Visit, scene.visit_id)
        contact = tx.add(Contact(name="Lin", phone="8042"))
        tx.session.flush()
        tx.get(Job, visit.job_id).contact_id = contact.id
    customer = Customer(visit)
    assert customer.post("report").status_code == 404
    scene.work()
    scene.walk("completed")
    scene.run_tasks()
    path = f"/api/v1/track/{customer.code}"
    (shown,) = factories.app().test_client().post(path, json=DIGITS).json["visits"]
    assert "/verify/" in shown["report"]["proof"]
    answer = customer.post("report")
    assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert customer.post("report", digits="0000").status_code == 404
