"""The real rooms under several phones, an office that changes everything, late commits, days that pass, lost and
repeated messages: all copies come true, and whatever a phone ever saved is kept."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import text

from app.factory import load_rooms
from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.problems import Problem
from app.work import commands as work
from sync.audit import audit
from tests.sync.company import PEOPLE, SITES, Company, copy
from tests.sync.machine import PHONES, SOME, Lives, live

pytestmark = pytest.mark.committed

HOLDERS = st.integers(0, PEOPLE) | st.none()
STEPS = ("dispatched", "accepted", "en_route", "on_site", "working", "completed")
NEXT = dict(pairwise(STEPS))


class Days(Lives):
    """Engineers 0 (with two phones) and 1 are a crew, 2 is alone."""

    def __init__(self) -> None:
        super().__init__()
        self.world = self.company = Company()
        self.phones = [self.company.phone_of(index % PEOPLE) for index in range(PEOPLE + 1)]
        self.words: list[str] = []
        begun = [(0, 0), (1, 0), (2, 0), (PEOPLE, 0), (2, 4)]  # the last comes on a phone when a day has passed
        sites = self.company.sites
        self.visits = [self.company.visit_for(holder, sites[holder % 2], days) for holder, days in begun]
        for phone in self.phones:
            phone.sync()

    def word(self) -> str:
        """Something that nobody wrote before."""
        self.words.append(f"w{len(self.words)}w")
        return self.words[-1]

    # The office.

    @rule(holder=HOLDERS, site=st.integers(0, SITES - 1), days=st.integers(-4, 5))
    def create(self, holder: int | None, site: int, days: int) -> None:
        self.visits.append(self.company.visit_for(holder, self.company.sites[site], days))

    @rule(some=SOME, holder=HOLDERS)
    def assign(self, some: int, holder: int | None) -> None:
        if visit := self.free(some):
            with suppress(Problem), self.company.tx() as tx:
                work.assign(tx, visit, **self.company.holder(holder))

    @rule(some=SOME)
    def cancel(self, some: int) -> None:
        if visit := self.free(some):
            with suppress(Problem), self.company.tx() as tx:
                work.transition(tx, visit, "cancelled", reason="not needed")

    @rule(some=SOME, days=st.integers(-5, 5))
    def replan(self, some: int, days: int) -> None:
        if visit := self.free(some):
            with self.company.tx() as tx:
                self.company.plan(tx, visit, days)

    @rule(some=SOME, site=st.integers(0, SITES - 1))
    def move(self, some: int, site: int) -> None:
        if visit := self.free(some):
            statement = "UPDATE jobs SET site_id = :site WHERE id = (SELECT job_id FROM visits WHERE id = :id)"
            self.company.run(statement, site=self.company.sites[site], id=visit)

    @rule(some=SOME)
    def remove(self, some: int) -> None:
        if some % 3 == 0 and (visit := self.free(some // 3)):
            self.company.run("UPDATE visits SET deleted_at = now() WHERE id = :id", id=visit)

    @rule(site=st.integers(0, SITES - 1), field=st.sampled_from(["name", "access_notes"]))
    def change_site(self, site: int, field: str) -> None:
        statement = f"UPDATE sites SET {field} = 'office ' || gen_random_uuid() WHERE id = :id"
        self.company.run(statement, id=self.company.sites[site])

    @rule(number=st.integers(0, PEOPLE - 1), join=st.booleans())
    def change_crew(self, number: int, join: bool) -> None:
        statement = "DELETE FROM crew_members WHERE crew_id = :crew AND engineer_id = :engineer"
        if join:
            statement = (
                "INSERT INTO crew_members (crew_id, engineer_id) VALUES (:crew, :engineer) ON CONFLICT DO NOTHING"
            )
        self.company.run(statement, crew=self.company.crew, engineer=self.company.engineers[number])

    @rule(number=st.integers(0, PEOPLE - 1))
    def load_van(self, number: int) -> None:
        statement = """
            INSERT INTO stock_moves (id, kind, part_id, quantity, to_location_id)
            SELECT gen_random_uuid(), 'receive', :part, 2, id FROM stock_locations WHERE engineer_id = :engineer"""
        self.company.run(statement, part=self.company.part, engineer=self.company.engineers[number])

    @rule(resolution=st.sampled_from(["keep_mine", "keep_theirs", "take_both"]))
    def resolve(self, resolution: str) -> None:
        with self.company.tx() as tx:
            found = tx.session.scalars(
                text("SELECT id FROM conflicts WHERE status = 'open' ORDER BY id LIMIT 1")
            ).first()
        if found and not self.held:
            with suppress(Problem), self.company.tx() as tx:
                work.resolve_conflict(tx, found, resolution)

    @precondition(lambda self: self.held is None)
    @rule()
    def a_day_passes(self) -> None:
        self.company.drain()  # there is a day that can pass
        self.company.a_day_passes()

    # A transaction that is held open while everything else goes on.

    @precondition(lambda self: self.held is None and self.visits)
    @rule(some=SOME, holder=st.integers(0, PEOPLE - 1))
    def hold(self, some: int, holder: int) -> None:
        visit = self.visits[some % len(self.visits)]
        values = {"engineer": self.company.engineers[holder], "id": visit, "note": new_id()}
        self.hold_open(
            visit,
            values,
            "UPDATE visits SET engineer_id = :engineer, crew_id = NULL, instructions = 'late' WHERE id = :id",
            "UPDATE jobs SET description = 'late' WHERE id = (SELECT job_id FROM visits WHERE id = :id)",
            """INSERT INTO notes (id, job_id, body, device_at, received_at, corrected_at)
               SELECT :note, job_id, 'late', now(), now(), now() FROM visits WHERE id = :id""",
        )

    # The phones.

    def write(self, phone: int, collection: str, kind: str, row_id: Any, data: dict[str, Any], **more: Any) -> None:
        self.seqs[phone] += 1
        about = {"collection": collection, "type": kind, "row_id": str(row_id), "device_at": clock.now().isoformat()}
        self.queues[phone].append({"id": new_id(), "seq": self.seqs[phone], **about, "data": data, **more})

    def on(self, phone: int, collection: str, some: int) -> dict[str, Any] | None:
        """One of the rows on a phone."""
        rows = list(self.phones[phone].rows[collection].values())
        return rows[some % len(rows)] if rows else None

    @rule(phone=PHONES, some=SOME, steps=st.integers(1, 5))
    def work(self, phone: int, some: int, steps: int) -> None:
        """The next steps from where the phone believes the visit to be."""
        if row := self.on(phone, "visits", some):
            done = [
                m["data"]["to"] for m in self.queues[phone] if m["row_id"] == row["id"] and m["type"] == "transition"
            ]
            status = [row["status"], *done][-1]
            for _ in range(steps):
                if status in NEXT:
                    status = NEXT[status]
                    self.write(phone, "visits", "transition", row["id"], {"to": status}, base_rev=row["rev"])

    @rule(phone=PHONES, some=SOME, what=st.sampled_from(["note", "answer", "time", "part"]))
    def record(self, phone: int, some: int, what: str) -> None:
        """Something done at a visit."""
        row = self.on(phone, "visits", some)
        items = self.phones[phone].rows["checklist_items"].values()
        item = next((item["id"] for item in items if row and item["visit_id"] == row["id"]), None)
        if not row or not item:
            return
        word, at = self.word(), clock.now().isoformat()
        collection, data = {
            "note": ("notes", {"body": word}),
            "answer": ("checklist_answers", {"item_id": item, "value": some % 2 == 0, "comment": word}),
            "time": ("time_entries", {"kind": "work", "started_at": at, "note": word}),
            "part": ("part_uses", {"part_id": str(self.company.part), "quantity": "1", "serial": word}),
        }[what]
        self.write(phone, collection, "create", new_id(), {"visit_id": row["id"], **data})

    @rule(phone=PHONES, some=SOME)
    def edit_note(self, phone: int, some: int) -> None:
        if row := self.on(phone, "notes", some):
            self.write(phone, "notes", "update", row["id"], {"body": self.word()}, base_rev=row["rev"])

    @rule(phone=PHONES, some=SOME)
    def edit_site(self, phone: int, some: int) -> None:
        if row := self.on(phone, "sites", some):
            self.write(phone, "sites", "update", row["id"], {"access_notes": self.word()}, base_rev=row["rev"])

    @rule(phone=PHONES, times=st.integers(1, 3), late=st.integers(0, 2))
    def push(self, phone: int, times: int, late: int) -> None:
        """The queue, up to three times; before that, what comes behind its first mutations, which waits then."""
        queue = self.queues[phone]
        if self.held and str(self.held[1]) in str(queue):  # it would wait for the transaction
            return
        if late and queue[late:]:
            assert {result["status"] for result in self.send(phone, queue[late:])} == {"held"}
        for mutation, result in zip(queue, self.sent(phone, times), strict=True):
            assert result["status"] in ("applied", "merged", "conflict", "rejected")
            if result["status"] in ("conflict", "rejected"):
                assert self.names(result["conflict_id"], mutation), result
        self.queues[phone] = []

    def names(self, conflict_id: str, mutation: dict[str, Any]) -> bool:
        """Whether the Conflict shows what the phone wanted."""
        with self.company.tx() as tx:
            mine = tx.session.scalar(text("SELECT mine::text FROM conflicts WHERE id = :id"), {"id": conflict_id})
        wish = mutation["data"].get("to") or next(word for word in mutation["data"].values() if word in self.words)
        return wish in (mine or "")

    def teardown(self) -> None:
        if self.held is not None:
            self.release(commit=True)
        for number in range(len(self.phones)):
            self.push(number, 2, 1)
        self.company.drain()
        for phone in self.phones:
            phone.sync(5)
            assert copy(phone) == self.company.truth(phone.actor)
        assert [word for word in self.words if not self.company.is_kept(word)] == []
        assert audit(self.company.org_id) == {}


def test_every_copy_of_the_real_rooms_converges_and_no_edit_is_lost() -> None:
    load_rooms()
    live(Days, 4, 50)


@pytest.mark.long
def test_every_copy_converges_through_hundreds_of_days() -> None:
    load_rooms()
    live(Days, 300, 80)
