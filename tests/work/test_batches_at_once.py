"""Batches that arrive at the same moment: every mutation gets its result, and nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from app.kernel.ids import new_id
from app.kernel.models import Event
from app.stock.models import Part, StockLocation
from app.work.models import Conflict, Note, PartUse
from tests import factories
from tests.work.test_batches import Round, statuses
from tests.work.test_facts import van_with

pytestmark = pytest.mark.committed


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls return, each of a thread of its own."""
    gate, told, errors = threading.Barrier(len(calls)), dict[int, Any](), list[BaseException]()

    def go(number: int, call: Callable[[], Any]) -> None:
        try:
            gate.wait(60)
            told[number] = call()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=go, args=numbered) for numbered in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    return [told[number] for number in range(len(calls))]


def count(one: Round, model: Any) -> int:
    with factories.within(one.day.org_id) as tx:
        return tx.session.scalar(select(func.count()).select_from(model)) or 0


def lying(one: Round, location: StockLocation, part: Part) -> int:
    with factories.within(one.day.org_id) as tx:
        return int(tx.session.scalar(select(func.stock_balance(location.id, part.id))))


def test_a_batch_that_is_sent_several_times_at_once_happens_once() -> None:
    one = Round(checklist=[])
    part, van = van_with(one.day, 1)
    use = {"part_id": str(part.id), "quantity": "1"}
    body = one.body(
        one.step("accepted"), one.fact("notes", body="leaks"), one.fact("part_uses", **use),
        one.fact("part_uses", **{**use, "quantity": "x"}), one.fact("part_uses", **use),
    )  # fmt: skip
    answers = at_once(*[lambda: one.send(body)] * 3)
    expected = ["applied", "applied", "applied", "rejected", "applied"]
    assert [statuses(answer) for answer in answers] == [expected] * 3
    assert sorted(answer[0].get("replayed", False) for answer in answers) == [False, True, True]
    assert (count(one, Note), count(one, PartUse), count(one, Conflict), lying(one, van, part)) == (1, 2, 1, -1)


def test_batches_that_overlap_at_once_run_each_mutation_once_and_hold_what_comes_too_early() -> None:
    one = Round(checklist=[])
    part, van = van_with(one.day, 5)
    uses = [one.fact("part_uses", part_id=str(part.id), quantity="1") for _ in range(20)]
    whole, early = one.body(*uses[:10]), one.body(*uses[10:])
    answers = at_once(lambda: one.send(early), lambda: one.send(whole), lambda: one.send(early))
    assert {status for answer in answers for status in statuses(answer)} <= {"applied", "held"}
    assert statuses(one.send(early)) == ["applied"] * 10
    assert (count(one, PartUse), lying(one, van, part)) == (20, -15)
    with factories.within(one.day.org_id) as tx:
        told = select(func.count()).where(Event.topic == "stock.negative")
        assert tx.session.scalar(told) == 15


def test_a_device_that_is_revoked_while_it_pushes_has_done_all_or_nothing_and_nothing_is_lost() -> None:
    one = Round(checklist=[])
    admin = factories.client("admin", one.day.org_id)
    body = one.body(*(one.fact("notes", new_id(), body=f"note {n}") for n in range(10)))
    address = f"/api/v1/devices/{one.phone.device.id}"
    answer, revoked = at_once(lambda: one.send(body), lambda: admin.delete(address).status_code)
    assert revoked == 204
    assert set(statuses(answer)) in ({"applied"}, {"conflict"})
    assert (count(one, Note), count(one, Conflict)) in ((10, 0), (0, 10))
    assert statuses(one.send(body)) == statuses(answer)
