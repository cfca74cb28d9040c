"""What phones may rely on, in the real rooms: a crew's two phones, days that pass, times that are the same, foreign
rows that are only named, and a row that goes and comes back while a phone is reading pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from app.factory import load_rooms
from app.kernel import clock
from app.kernel.ids import new_id
from app.work import commands as work
from sync.audit import audit
from sync.push import push
from tests.sync.company import PEOPLE, Company, copy
from tests.sync.world import Phone

pytestmark = pytest.mark.committed

STEPS = ("accepted", "en_route", "on_site", "working")


@pytest.fixture
def company() -> Company:
    load_rooms()
    return Company()


@dataclass
class Worker:
    """An engineer with a phone that holds a first copy."""

    company: Company
    number: int
    seq: int = 0

    def __post_init__(self) -> None:
        self.phone: Phone = self.company.phone_of(self.number)
        self.phone.sync()

    def does(self, collection: str, kind: str, row_id: Any, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A change that is made now, and not sent yet."""
        self.seq += 1
        about = {"collection": collection, "type": kind, "row_id": str(row_id), "data": data}
        return {"id": new_id(), "seq": self.seq, "device_at": clock.now().isoformat(), **about, **more}

    def steps(self, visit: UUID, *names: str) -> list[dict[str, Any]]:
        rev = self.phone.rows["visits"][str(visit)]["rev"]
        return [self.does("visits", "transition", visit, {"to": name}, base_rev=rev) for name in names]

    def answer(self, visit: UUID, value: bool) -> dict[str, Any]:
        items = self.phone.rows["checklist_items"].values()
        (item,) = [row["id"] for row in items if row["visit_id"] == str(visit)]
        return self.does("checklist_answers", "create", new_id(), {**about(visit), "item_id": item, "value": value})

    def push(self, *mutations: dict[str, Any]) -> list[dict[str, Any]]:
        assert self.phone.actor.device_id
        with self.company.tx(self.phone.actor) as tx:
            answer = push(tx, self.phone.actor.device_id, [dict(m) for m in mutations])
        return orjson.loads(answer)["results"]  # type: ignore[no-any-return]

    def converged(self) -> bool:
        self.phone.sync()
        return copy(self.phone) == self.company.truth(self.phone.actor)


def about(visit: UUID) -> dict[str, Any]:
    return {"visit_id": str(visit)}


def statuses(results: list[dict[str, Any]]) -> set[str]:
    return {result["status"] for result in results}


def count(company: Company, what: str) -> int:
    with company.tx() as tx:
        return int(tx.session.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())


def test_two_offline_phones_of_a_crew_complete_one_visit(company: Company) -> None:
    """The first completion stands, the other's work is kept beside it, and both phones come to the same."""
    visit = company.visit_for(PEOPLE, company.sites[0], 0)
    workers = [Worker(company, number) for number in (0, 1)]
    days = [[*w.steps(visit, *STEPS), w.answer(visit, True), *w.steps(visit, "completed")] for w in workers]
    for worker, day in zip(workers, days, strict=True):
        assert statuses(worker.push(*day)) == {"applied"}
    assert count(company, "visits WHERE status = 'completed'") == 1
    assert count(company, "events WHERE topic = 'visit.completed'") == 1
    assert count(company, "checklist_answers") == 2
    assert count(company, "visit_events WHERE device_id IS NOT NULL AND applied") == 5
    assert (
        count(company, "visit_events WHERE device_id IS NOT NULL AND NOT applied AND jsonb_array_length(flags) > 0")
        == 5
    )
    assert count(company, "conflicts") == 0
    assert all(worker.converged() for worker in workers)


def test_answers_of_a_crew_that_differ_are_both_kept_and_shown(company: Company) -> None:
    visit = company.visit_for(PEOPLE, company.sites[0], 0)
    workers = [Worker(company, number) for number in (0, 1)]
    for worker, value in zip(workers, (True, False), strict=True):
        worker.push(*worker.steps(visit, *STEPS), worker.answer(visit, value))
    assert count(company, "checklist_answers") == 2
    assert count(company, "conflicts WHERE kind = 'answer' AND status = 'open'") == 1
    assert all(worker.converged() for worker in workers)


def test_a_visit_that_goes_and_comes_back_while_a_phone_reads_pages_is_there(company: Company) -> None:
    visits = [company.visit_for(0, site, 0) for site in company.sites]
    phone = company.phone_of(0)
    assert phone.page(4)["more"]
    for holder in (1, 0, 1, 0):  # away and back, between pages
        with company.tx() as tx:
            work.assign(tx, visits[0], **company.holder(holder))
        assert phone.page(4)["more"]
    phone.sync(4)
    assert set(phone.rows["visits"]) == {str(visit) for visit in visits}
    assert copy(phone) == company.truth(phone.actor)


def test_visits_come_and_go_as_days_pass(company: Company) -> None:
    """No row is written: only the date changes."""
    coming, going = company.visit_for(0, company.sites[0], 4), company.visit_for(0, company.sites[1], -3)
    company.run("UPDATE visits SET status = 'approved' WHERE id = :id", id=going)
    worker = Worker(company, 0)
    company.drain()
    assert set(worker.phone.rows["visits"]) == {str(going)}
    company.a_day_passes()
    company.drain()
    assert worker.converged()
    assert set(worker.phone.rows["visits"]) == {str(coming)}
    assert audit(company.org_id) == {}


def test_a_conflict_that_is_long_resolved_goes_as_days_pass(company: Company) -> None:
    row = {"id": new_id(), "row": new_id(), "engineer": company.engineers[0]}
    values = ":id, 'sites', :row, 'field', :engineer, '{}', 'resolved', 'keep_mine', now() - interval '30 days'"
    columns = "id, collection, row_id, kind, engineer_id, mine, status, resolution, resolved_at"
    company.run(f"INSERT INTO conflicts ({columns}) VALUES ({values})", **row)
    worker = Worker(company, 0)
    company.drain()
    assert set(worker.phone.rows["conflicts"]) == {str(row["id"])}
    company.a_day_passes()
    company.drain()
    worker.phone.sync()
    assert worker.phone.rows["conflicts"] == {}
    assert audit(company.org_id) == {}


def test_the_hour_that_comes_twice_and_times_that_are_the_same(company: Company) -> None:
    """Order is by number, not by time; and a time says its zone, so the clocks going back mixes nothing up."""
    visit = company.visit_for(0, company.sites[0], 0)
    worker = Worker(company, 0)
    same = clock.now().isoformat()
    note, words = new_id(), ("one", "two", "three")
    first = worker.does("notes", "create", note, {**about(visit), "body": "none"}) | {"device_at": same}
    edits = [worker.does("notes", "update", note, {"body": word}, base_rev=1) | {"device_at": same} for word in words]
    assert statuses(worker.push(first, *edits)) <= {"applied", "merged"}
    assert count(company, "notes WHERE body = 'three'") == 1
    night = ("2025-10-26T02:30:00+02:00", "2025-10-26T02:30:00+01:00")
    for at in night:
        (result,) = worker.push(
            worker.does("notes", "create", new_id(), {**about(visit), "body": at}) | {"device_at": at}
        )
        assert result["status"] == "applied"
    with company.tx() as tx:
        query = "SELECT device_at FROM notes WHERE body LIKE '2025%' ORDER BY body DESC"
        earlier, later = tx.session.scalars(text(query)).all()
    assert later - earlier == timedelta(hours=1)


FOREIGN = {
    "note": ("notes", lambda foreign, own: {"visit_id": foreign["visit"], "body": "hello"}),
    "note on a job": ("notes", lambda foreign, own: {"job_id": foreign["job"], "body": "hello"}),
    "time": ("time_entries", lambda foreign, own: {"visit_id": foreign["visit"], "kind": "work", "started_at": AT}),
    "part": ("part_uses", lambda foreign, own: {"visit_id": foreign["visit"], "part_id": own["part"], "quantity": "1"}),
    "answer": (
        "checklist_answers",
        lambda foreign, own: {"visit_id": foreign["visit"], "item_id": foreign["item"], "value": True},
    ),
    "answer to another visit's question": (
        "checklist_answers",
        lambda foreign, own: {"visit_id": own["visit"], "item_id": foreign["item"], "value": True},
    ),
    "asset": ("assets", lambda foreign, own: {"site_id": foreign["site"], "name": "Pump"}),
}
AT = "2026-03-02T08:15:00Z"


@pytest.mark.parametrize("what", list(FOREIGN))
def test_what_names_a_foreign_row_is_refused_and_learns_nothing_of_it(company: Company, what: str) -> None:
    """A phone may write what belongs to rows of its own only: the new row is judged, not just an old one."""
    mine, theirs = (company.visit_for(number, company.sites[number], 0) for number in (0, 2))
    company.run("UPDATE sites SET name = 'secret', access_notes = 'secret' WHERE id = :id", id=company.sites[2])
    company.run("UPDATE jobs SET summary = 'secret', description = 'secret' WHERE site_id = :id", id=company.sites[2])
    worker = Worker(company, 0)
    own = {"visit": str(mine), "part": str(company.part)}
    with company.tx() as tx:
        found = tx.session.execute(
            text("""
                SELECT v.id::text AS visit, v.job_id::text AS job, i.id::text AS item, j.site_id::text AS site
                FROM visits v JOIN jobs j ON j.id = v.job_id JOIN checklist_items i ON i.visit_id = v.id
                WHERE v.id = :id"""),
            {"id": theirs},
        ).one()
    collection, data = FOREIGN[what]
    before = count(company, collection)
    (result,) = worker.push(worker.does(collection, "create", new_id(), data(found._asdict(), own)))
    assert (result["status"], result["problem"]["status"]) in {("rejected", 404), ("rejected", 422), ("rejected", 403)}
    assert "row" not in result
    assert "secret" not in str(result)
    assert count(company, collection) == before
    assert worker.converged()
    assert "secret" not in str(worker.phone.rows)
