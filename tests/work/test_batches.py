"""What a phone pushes at once is gathered and written late; what it comes to is the same as one by one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from app.kernel import tasks
from app.kernel.ids import new_id
from app.kernel.models import Task
from app.work.models import Conflict
from tests import factories
from tests.work.day import Day
from tests.work.test_facts import van_with
from tests.work.test_sync import AT, Phone

CHECKLIST = [
    {"key": "gas", "label": "Gas off?", "kind": "bool", "required": True, "at_status": "working"},
    {"key": "bar", "label": "Pressure", "kind": "number", "required": True},
    {"key": "dry", "label": "Dry?", "kind": "bool", "required": True},
    {"key": "plate", "label": "Type plate", "kind": "photo", "required": True},
]
Wish = tuple[str, str, Any, dict[str, Any], int | None]


class Round:
    """An engineer's visit, and what the phone pushes about it at once."""

    def __init__(self, **type_values: Any) -> None:
        self.day = Day(type_values={"checklist": CHECKLIST[:3], **type_values})
        self.phone = Phone(self.day, self.day.engineer)
        changes = self.phone.pull()
        self.base = changes["visits"]["upserts"][0]["rev"]
        self.items = {row["key"]: row["id"] for row in changes.get("checklist_items", {}).get("upserts", [])}

    def step(self, to: str) -> Wish:
        return ("visits", "transition", self.day.visit_id, {"to": to}, self.base)

    def answer(self, key: str, value: Any) -> Wish:
        return self.fact("checklist_answers", item_id=self.items[key], value=value)

    def fact(self, collection: str, row_id: Any = None, **data: Any) -> Wish:
        return (collection, "create", row_id or new_id(), {"visit_id": str(self.day.visit_id), **data}, None)

    def push(self, *wishes: Wish) -> list[dict[str, Any]]:
        """The results, in the order of what was pushed."""
        return self.send(self.body(*wishes))

    def body(self, *wishes: Wish) -> bytes:
        """What is sent, to be sent as often as one likes."""
        mutations = []
        for collection, kind, row_id, data, base in wishes:
            self.phone.seq += 1
            seen = {} if base is None else {"base_rev": base}
            mutation = {"id": str(new_id()), "seq": self.phone.seq, "collection": collection, "type": kind, **seen}
            mutations.append({**mutation, "row_id": str(row_id), "data": data, "device_at": AT})
        return orjson.dumps({"device_id": str(self.phone.device.id), "mutations": mutations})

    def send(self, body: bytes) -> list[dict[str, Any]]:
        answer = self.phone.client.post("/api/v1/sync/push", data=body, content_type="application/json")
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()["results"]  # type: ignore[no-any-return]


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


def missing(result: dict[str, Any]) -> list[str]:
    assert result["status"] == "rejected", result
    return [gap["key"] for gap in result["problem"]["missing"]]


def test_a_batch_that_answers_everything_in_time_completes_the_visit() -> None:
    one = Round()
    results = one.push(
        *map(one.step, ("accepted", "en_route", "on_site")), one.answer("gas", True), one.step("working"),
        one.answer("bar", 1), one.answer("bar", 2), one.answer("dry", True), one.step("completed"),
    )  # fmt: skip
    assert statuses(results) == ["applied"] * 9
    assert one.day.visit().status == "completed"
    assert [event.to_status for event in one.day.events()][-4:] == ["en_route", "on_site", "working", "completed"]
    assert len({event.visit_rev for event in one.day.events()}) >= 2


def test_a_step_that_comes_before_its_answers_is_refused_and_names_what_is_missing_then() -> None:
    one = Round()
    results = one.push(
        *map(one.step, ("accepted", "en_route", "on_site")), one.answer("gas", True), one.step("working"),
        one.answer("dry", True), one.step("completed"), one.answer("bar", 2),
    )  # fmt: skip
    assert statuses(results) == [*["applied"] * 6, "rejected", "applied"]
    assert missing(results[6]) == ["bar"]
    assert one.day.visit().status == "working"
    assert statuses(one.push(one.step("completed"), one.fact("notes", body="done"))) == ["applied", "applied"]


def test_an_answer_that_is_refused_answers_nothing() -> None:
    one = Round()
    steps = map(one.step, ("accepted", "en_route", "on_site"))
    results = one.push(*steps, one.answer("gas", "no"), one.step("working"))
    assert statuses(results) == [*["applied"] * 3, "rejected", "rejected"]
    assert missing(results[4]) == ["gas"]


def test_answers_of_an_earlier_batch_count_in_a_later_one() -> None:
    one = Round()
    steps = [one.step(to) for to in ("accepted", "en_route", "on_site", "working")]
    assert missing(one.push(*steps)[3]) == ["gas"]
    assert statuses(one.push(one.answer("gas", True), one.answer("bar", 2))) == ["applied"] * 2
    results = one.push(one.step("working"), one.answer("dry", False), one.step("completed"))
    assert statuses(results) == ["applied"] * 3


def test_a_photo_that_is_asked_for_is_looked_for_in_a_batch_too() -> None:
    one = Round(checklist=CHECKLIST[3:])
    steps = [one.step(to) for to in ("accepted", "en_route", "on_site", "working", "completed")]
    assert missing(one.push(*steps)[4]) == ["plate"]
    one.day.evidence("photo", item_id=one.items["plate"])
    assert statuses(one.push(one.step("completed"), one.fact("notes", body="done"))) == ["applied"] * 2


def test_exactly_those_parts_of_a_batch_that_the_van_does_not_hold_are_flagged() -> None:
    one = Round(checklist=[])
    part, _ = van_with(one.day, 2)
    use = {"part_id": str(part.id), "quantity": "1"}
    note = new_id()
    results = one.push(
        one.step("accepted"), one.fact("part_uses", **use), one.fact("notes", note, body="leaks"),
        one.fact("part_uses", **use), ("notes", "update", note, {"body": "leaks!"}, 1),
        one.fact("part_uses", **use), one.step("en_route"),
    )  # fmt: skip
    assert statuses(results) == ["applied"] * 7
    assert ["negative_stock" in results[n]["row"]["flags"] for n in (1, 3, 5)] == [False, False, True]
    assert [results[n]["row"]["body"] for n in (2, 4)] == ["leaks!"] * 2
    assert one.day.visit().status == "en_route"


def test_a_number_that_no_number_type_holds_is_refused_alone_and_kept_as_it_was_sent() -> None:
    one = Round(checklist=CHECKLIST[1:2])
    for digits in ("1e400", "-1.5E+9999", "7" * 5_000):
        body = one.body(one.answer("bar", 1), one.answer("bar", "digits"), one.fact("notes", body="after"))
        results = one.send(body.replace(b'"digits"', digits.encode()))
        assert statuses(results) == ["applied", "rejected", "applied"]
        with factories.within(one.day.org_id) as tx:
            assert tx.get(Conflict, UUID(results[1]["conflict_id"])).mine["data"]["value"] == digits


def test_what_a_lost_phone_will_never_send_the_beginning_of_is_kept_when_the_phone_is_revoked() -> None:
    one = Round(checklist=[])
    one.body(one.fact("notes", body="never sent"))
    assert statuses(one.push(one.fact("notes", body="waits"))) == ["held"]
    admin = factories.client("admin", one.day.org_id)
    assert admin.delete(f"/api/v1/devices/{one.phone.device.id}").status_code == 204
    with factories.within(one.day.org_id) as tx:
        (task_id,) = tx.session.scalars(select(Task.id).where(Task.name.startswith("on:device.revoked:sync."))).all()
    tasks.run(str(task_id), str(one.day.org_id))
    with factories.within(one.day.org_id) as tx:
        (kept,) = tx.session.scalars(select(Conflict)).all()
        assert (kept.kind, kept.mine["data"]["body"]) == ("revoked", "waits")
        assert (kept.user_id, kept.device_id) == (one.phone.client.user.id, one.phone.device.id)
        assert (kept.engineer_id, kept.visit_id) == (one.day.engineer.engineer_id, one.day.visit_id)
    (row,) = one.day.office.get("/api/v1/sync/status").get_json()["devices"][:1]
    assert (row["id"], row["waiting_since"], row["acked_seq"]) == (str(one.phone.device.id), None, 2)


def test_a_day_at_a_visit_is_a_few_statements_however_much_is_done(
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    """Were something wrong in what a batch does at once, all would still be right, one by one, and nobody would see."""
    one = Round()
    part, _ = van_with(one.day, 100)
    counts = []
    for many in (1, 12):
        facts = [
            *(one.fact("part_uses", part_id=str(part.id), quantity="1") for _ in range(many)),
            *(one.fact("notes", body="leaks") for _ in range(many)),
            *(one.fact("time_entries", kind="work", started_at=AT) for _ in range(many)),
            *(one.answer("dry", True) for _ in range(many)),
        ]
        with count_statements() as statements:
            assert statuses(one.push(*facts)) == ["applied"] * 4 * many
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 40
