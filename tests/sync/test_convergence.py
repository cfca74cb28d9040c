"""Several phones, an office that changes everything, late commits, lost and repeated messages: all copies come true."""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import NullPool, create_engine, text

from app.kernel import clock
from app.kernel.ids import new_id
from sync.push import push
from tests.sync.world import Phone, World

pytestmark = pytest.mark.committed

PEOPLE = st.integers(0, 2)
SOMEBODY = st.integers(0, 2) | st.none()
PHONES = st.integers(0, 3)
SOME = st.integers(0, 30)
WORDS = st.text("ab", min_size=1, max_size=2)


class Days(RuleBasedStateMachine):
    """Three people with four phones; the first person has two. The oracle is a plain query of what each may see."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.people = [self.world.user() for _ in range(3)]
        self.phones = [self.world.phone(self.people[index % 3]) for index in range(4)]
        self.seqs = [0] * 4
        self.queues: list[list[dict[str, Any]]] = [[] for _ in range(4)]
        self.sites: list[UUID] = [self.world.site(f"site {number}", shared=number == 0) for number in range(5)]
        self.visits: list[UUID] = []
        self.held: tuple[Any, UUID | None] | None = None

    def owner(self, index: int | None) -> UUID | None:
        return None if index is None else self.people[index]

    def free(self, some: int) -> UUID | None:
        """A visit that the transaction held open does not lock."""
        visits = [visit for visit in self.visits if not self.held or visit != self.held[1]]
        return visits[some % len(visits)] if visits else None

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
        engine = create_engine(os.environ["CALLOUT_DATABASE_URL"], poolclass=NullPool)
        connection = engine.connect()
        connection.execute(text("SELECT set_config('callout.org_id', :org, true)"), {"org": str(self.world.org_id)})
        visit, created = self.free(some), new_id()
        values = {"owner": self.people[owner], "id": visit, "new": created, "site": self.sites[1]}
        connection.execute(text("INSERT INTO tw_visits (id, owner, site_id) VALUES (:new, :owner, :site)"), values)
        connection.execute(text("UPDATE tw_visits SET owner = :owner, title = 'late' WHERE id = :id"), values)
        self.held = (connection, visit)
        self.late = created

    @precondition(lambda self: self.held is not None)
    @rule(commit=st.booleans())
    def release(self, commit: bool) -> None:
        assert self.held is not None
        connection, _ = self.held
        if commit:
            connection.commit()
            self.visits.append(self.late)
        connection.close()
        self.held = None

    # The phones.

    @rule(phone=PHONES, limit=st.integers(1, 4) | st.none(), keep=st.booleans())
    def pull(self, phone: int, limit: int | None, keep: bool) -> None:
        self.phones[phone].page(limit, keep=keep)

    @rule(phone=PHONES)
    def sync(self, phone: int) -> None:
        self.phones[phone].sync()

    @rule()
    def drain(self) -> None:
        self.world.drain()

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
        answers = [self.send(self.phones[phone], self.queues[phone]) for _ in range(times)]
        results = [[{k: v for k, v in r.items() if k != "replayed"} for r in a["results"]] for a in answers]
        assert all(again == results[0] for again in results), "a replay gives the same results"
        for mutation, result in zip(self.queues[phone], results[0], strict=True):
            self.not_lost(mutation, result)
        self.queues[phone] = []

    def send(self, phone: Phone, queue: list[dict[str, Any]]) -> dict[str, Any]:
        assert phone.actor.device_id is not None
        with self.world.tx(phone.actor) as tx:
            return orjson.loads(push(tx, phone.actor.device_id, [dict(m) for m in queue]))  # type: ignore[no-any-return]

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
    run_state_machine_as_test(
        Days,
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
