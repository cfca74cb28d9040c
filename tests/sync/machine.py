"""What every random life of several phones has in common: a transaction that stays open, pulls, drains, replays."""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID

import orjson
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection, NullPool, create_engine, text

from sync.push import push
from tests.sync.world import Phone, World

PHONES = st.integers(0, 3)
SOME = st.integers(0, 30)


class Lives(RuleBasedStateMachine):
    """Four phones, what each has not sent yet, and the office's visits. The office's own rules come with the world."""

    world: World
    phones: list[Phone]
    visits: list[UUID]

    def __init__(self) -> None:
        super().__init__()
        self.seqs = [0] * 4
        self.queues: list[list[dict[str, Any]]] = [[] for _ in range(4)]
        self.held: tuple[Connection, UUID | None] | None = None

    def free(self, some: int) -> UUID | None:
        """A visit that the transaction held open does not lock."""
        visits = [visit for visit in self.visits if not self.held or visit != self.held[1]]
        return visits[some % len(visits)] if visits else None

    def hold_open(self, visit: UUID | None, values: dict[str, Any], *statements: str) -> None:
        """Keeps a transaction open, while everything else goes on, that has done this and locks the visit."""
        connection = create_engine(os.environ["CALLOUT_DATABASE_URL"], poolclass=NullPool).connect()
        connection.execute(text("SELECT set_config('callout.org_id', :org, true)"), {"org": str(self.world.org_id)})
        for statement in statements:
            connection.execute(text(statement), values)
        self.held = (connection, visit)

    @precondition(lambda self: self.held is not None)
    @rule(commit=st.booleans())
    def release(self, commit: bool) -> None:
        assert self.held is not None
        connection, _ = self.held
        if commit:
            connection.commit()
            self.committed()
        connection.close()
        self.held = None

    def committed(self) -> None:
        """What was held open has happened."""

    @rule(phone=PHONES, limit=st.integers(1, 6) | st.none(), keep=st.booleans())
    def pull(self, phone: int, limit: int | None, keep: bool) -> None:
        self.phones[phone].page(limit, keep=keep)

    @rule(phone=PHONES)
    def sync(self, phone: int) -> None:
        self.phones[phone].sync()

    @rule()
    def drain(self) -> None:
        self.world.drain()

    def sent(self, phone: int, times: int) -> list[dict[str, Any]]:
        """The results of a phone's queue, which is sent so many times: each time they are the same."""
        answers = [self.send(phone, self.queues[phone]) for _ in range(times)]
        told = [[{k: v for k, v in result.items() if k != "replayed"} for result in answer] for answer in answers]
        assert all(again == told[0] for again in told), "a replay gives the same results"
        return told[0]

    def send(self, phone: int, queue: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Pushes once; the results."""
        actor = self.phones[phone].actor
        assert actor.device_id is not None
        with self.world.tx(actor) as tx:
            results: list[dict[str, Any]] = orjson.loads(push(tx, actor.device_id, list(map(dict, queue))))["results"]
            return results


def live(machine: type[Lives], examples: int, steps: int) -> None:
    """So many random lives of so many steps each, the same ones every time."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
