"""Batches run together as long as all goes well; around what does not, the others do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from app.kernel.ids import new_id
from sync import running
from sync.push import push
from sync.schemas import PushSchema
from tests.sync.pusher import Pusher, statuses
from tests.sync.world import World

pytestmark = pytest.mark.committed


def test_a_push_of_a_hundred_does_not_grow_its_fixed_statements(
    small_world: World, phone: Pusher, visit: UUID, count_statements: Callable[[], Any]
) -> None:
    phone.push()
    with count_statements() as one:
        phone.push(phone.mutation(new_id(), "create", visit_id=str(visit), body="x"))
    with count_statements() as many:
        phone.push(*(phone.mutation(new_id(), "create", visit_id=str(visit), body="x") for _ in range(50)))
    per_mutation = (len(many) - len(one)) / 49
    assert per_mutation <= 3, "savepoint, insert, release"


def count_runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long the lines were that ran together, one entry an attempt."""
    lines: list[int] = []
    together = running._together

    def noting(batch: Any, line: list[Any]) -> int:
        lines.append(len(line))
        return together(batch, line)

    monkeypatch.setattr(running, "_together", noting)
    return lines


def test_a_batch_without_trouble_runs_together(phone: Pusher, visit: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = count_runs(monkeypatch)
    answer = phone.push(*(phone.mutation(visit, base_rev=n, title=f"title {n}") for n in range(1, 21)))
    assert (statuses(answer), lines) == (["applied"] * 20, [20])
    assert phone.row(visit).title == "title 20"


def test_around_what_fails_the_others_run_together_and_in_order(
    phone: Pusher, visit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = count_runs(monkeypatch)
    seen = [*range(1, 9), *range(8, 13), *range(12, 19)]
    batch = [phone.mutation(visit, base_rev=rev, title=f"title {n}") for n, rev in enumerate(seen, 1)]
    batch[7]["data"] = {"title": 7}
    batch[12]["device_at"] = "never"
    answer = phone.push(*batch)
    assert [n for n, status in enumerate(statuses(answer)) if status == "rejected"] == [7, 12]
    assert len(lines) <= 5, "twice for each failure, once for the rest"
    assert (phone.row(visit).title, phone.row(visit).rev) == ("title 20", 19)
    assert len(phone.conflicts()) == 2


def test_what_only_the_database_refuses_is_found_and_the_others_stay(small_world: World, phone: Pusher) -> None:
    """An insert may fail long after its mutation ran; then nobody knows whose it was, and each runs alone."""
    visit = small_world.visit(phone.user_id)
    row_id = new_id()
    batch = [
        phone.mutation(new_id(), "create", visit_id=str(visit), body="before"),
        phone.mutation(row_id, "create", visit_id=str(visit), body="first"),
        phone.mutation(row_id, "create", visit_id=str(visit), body="same id"),
        phone.mutation(new_id(), "create", visit_id=str(visit), body="after"),
    ]
    assert statuses(phone.push(*batch)) == ["applied", "applied", "rejected", "applied"]
    with small_world.tx() as tx:
        bodies = set(tx.session.scalars(text("SELECT body FROM tw_notes WHERE visit_id = :id"), {"id": visit}))
    assert bodies == {"before", "first", "after"}


@pytest.mark.parametrize("member", ["base_rev", "data", "row_id", "device_at", "type", "collection"])
def test_a_null_where_something_belongs_stays_the_affair_of_its_mutation(
    small_world: World, visit: UUID, phone: Pusher, member: str
) -> None:
    good, bad = phone.mutation(visit, title="good"), phone.mutation(visit) | {member: None}
    body = {"device_id": phone.device_id, "mutations": [good, bad]}
    loaded = PushSchema().load(orjson.loads(orjson.dumps(body)))
    with small_world.tx(phone.actor) as tx:
        answer = orjson.loads(push(tx, phone.device_id, loaded["mutations"]))
    assert statuses(answer)[0] == "applied"
    assert statuses(answer)[1] in ("rejected", "applied")


def test_many_refused_mutations_are_not_tried_with_all_that_follow_each(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone whose visits are gone sends nothing but what is refused; the work grows with it, not with its square."""
    pusher, parsed = Pusher(small_world), 0

    def counting(sent: dict[str, Any]) -> Any:
        nonlocal parsed
        parsed += 1
        return parse(sent)

    parse = running.parse
    monkeypatch.setattr(running, "parse", counting)
    lost = [pusher.mutation(new_id(), title="nowhere") for _ in range(80)]
    answer = pusher.push(*lost)
    assert {result["status"] for result in answer["results"]} == {"rejected"}
    assert len(pusher.conflicts()) == 80
    assert parsed < 80 * 4
