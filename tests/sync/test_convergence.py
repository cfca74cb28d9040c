"""Several phones, an office that changes everything, late commits, lost and repeated messages: all copies come true."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import text

from app.kernel import clock
from app.kernel.ids import new_id
from tests.sync.machine import PHONES, SOME, Lives, live
from tests.sync.world import World

pytestmark = pytest.mark.committed

PEOPLE = st.integers(0, 2)
SOMEBODY = st.integers(0, 2) | st.none()
WORDS = st.text("ab", min_size=1, max_size=2)


class Days(Lives):
    """Three people with four phones; the first person has two. The oracle is a plain query of what each may see."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.people = [self.world.user() for _ in range(3)]
        self.phones = [self.world.phone(self.people[index % 3]) for index in range(4)]
        self.sites: list[UUID] = [self.world.site(f"site {number}", shared=number == 0) for number in range(5)]
        self.visits = []

    def owner(self, index: int | None) -> UUID | None:
        return None if index is None else self.people[index]

    def change(self, sql: str, some: int, **values: Any) -> None:
        if visit := self.free(some):
            self.world.run(f"{sql} WHERE id = :id", id=visit, **values)

    # The office.

    @rule(owner=SOMEBODY, site=SOME)
    def create(self, owner: int | None, site: int) -> None:
        self.visits.append(self.world.visit(self.owner(owner), self.sites[site % len(self.sites)]))

    @rule(some=SOME, owner=SOMEBODY)
    def assign(self, some: int, owner: int | None) -> None:
        self.change("UPDATE tw_visits SET owner = :owner", some, owner=self.owner(owner))

    @rule(some=SOME, word=WORDS)
    def edit(self, some: int, word: str) -> None:
        self.change("UPDATE tw_visits SET title = :word", some, word=word)

    @rule(some=SOME, site=SOME)
    def move(self, some: int, site: int) -> None:
        self.change("UPDATE tw_visits SET site_id = :site", some, site=self.sites[site % len(self.sites)])

    @rule(some=SOME)
    def remove_and_restore(self, some: int) -> None:
        flip = "CASE WHEN deleted_at IS NULL THEN now() END"
        self.change(f"UPDATE tw_visits SET deleted_at = {flip}", some)

    @rule(some=SOME)
    def destroy(self, some: int) -> None:
        if visit := self.free(some):
            self.world.run("DELETE FROM tw_visits WHERE id = :id", id=visit)
            self.visits.remove(visit)

    @rule(some=SOME)
    def note(self, some: int) -> None:
        if visit := self.free(some):
            self.world.note(visit)

    @rule(site=SOME, word=WORDS, share=st.booleans())
    def change_site(self, site: int, word: str, share: bool) -> None:
        if share:
            self.world.run("UPDATE tw_sites SET shared = NOT shared WHERE id = :id", id=self.sites[site % 5])
        else:
            self.world.run("INSERT INTO tw_tags (site_id, tag) VALUES (:id, :tag)", id=self.sites[site % 5], tag=word)

    # A transaction that is held open while everything else goes on.

    @precondition(lambda self: self.held is None)
    @rule(some=SOME, owner=PEOPLE)
    def hold(self, some: int, owner: int) -> None:
        visit, self.late = self.free(some), new_id()
        values = {"owner": self.people[owner], "id": visit, "new": self.late, "site": self.sites[1]}
        self.hold_open(
            visit,
            values,
            "INSERT INTO tw_visits (id, owner, site_id) VALUES (:new, :owner, :site)",
            "UPDATE tw_visits SET owner = :owner, title = 'late' WHERE id = :id",
        )

    def committed(self) -> None:
        self.visits.append(self.late)

    # The phones.

    @rule(phone=PHONES, some=SOME, field=st.sampled_from(["title", "remark"]), word=WORDS)
    def write_offline(self, phone: int, some: int, field: str, word: str) -> None:
        rows = list(self.phones[phone].rows["tw_visits"].values())
        if rows:
            row = rows[some % len(rows)]
            self.seqs[phone] += 1
            change = {"type": "update", "base_rev": row["rev"], "data": {field: f"{word} {self.seqs[phone]}"}}
            about = {"collection": "tw_visits", "row_id": row["id"], "device_at": clock.now().isoformat()}
            self.queues[phone].append({"id": new_id(), "seq": self.seqs[phone], **about, **change})

    @rule(phone=PHONES, times=st.integers(1, 3))
    def push(self, phone: int, times: int) -> None:
        locked = str(self.held[1]) if self.held else None
        if any(mutation["row_id"] == locked for mutation in self.queues[phone]):
            return
        for mutation, result in zip(self.queues[phone], self.sent(phone, times), strict=True):
            self.not_lost(mutation, result)
        self.queues[phone] = []

    def not_lost(self, mutation: dict[str, Any], result: dict[str, Any]) -> None:
        """The value is in the row (or was, when a later edit of the same batch is), or in an open Conflict."""
        if result["status"] in ("applied", "merged"):
            return
        assert result["status"] in ("conflict", "rejected")
        with self.world.tx() as tx:
            found = tx.session.execute(
                text("SELECT mine::text FROM conflicts WHERE id = :id AND status = 'open'"),
                {"id": result["conflict_id"]},
            ).scalar_one()
        (value,) = mutation["data"].values()
        assert value in found

    def teardown(self) -> None:
        if self.held is not None:
            self.release(commit=True)
        for number in range(4):
            self.push(number, 2)
        for phone in self.phones:
            phone.sync(3)
            assert phone.copy() == self.world.truth(phone.actor)


@pytest.mark.usefixtures("small_world")
def test_every_copy_converges_and_no_edit_is_lost() -> None:
    live(Days, 20, 40)
