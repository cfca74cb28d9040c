"""What a phone sends: applied, merged, kept as a conflict, rejected and kept; never twice, never lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from app.kernel.ids import new_id
from app.kernel.problems import Problem
from sync import feed
from tests.sync.pusher import Pusher, statuses, without_mark
from tests.sync.world import World

pytestmark = pytest.mark.committed


def test_an_edit_is_applied_and_the_row_comes_back(phone: Pusher, visit: UUID) -> None:
    answer = phone.push(phone.mutation(visit, title="mine"))
    (result,) = answer["results"]
    assert (result["status"], result["rev"], result["row"]["title"], answer["acked_seq"]) == ("applied", 2, "mine", 1)
    assert "expected_seq" not in answer


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_batch_sent_again_changes_nothing_and_gives_the_same_results(phone: Pusher, visit: UUID, times: int) -> None:
    batch = [
        phone.mutation(visit, title="one"),
        phone.mutation(visit, "transition", to="working"),
        phone.mutation(visit, title=7),
        phone.mutation(new_id(), "create", visit_id=str(visit), body="note"),
    ]
    first = phone.push(*batch)
    before, kept = phone.row(visit), phone.conflicts()
    for _ in range(times):
        again = phone.push(*batch)
        assert without_mark(again) == first["results"]
        assert all(result["replayed"] for result in again["results"])
        assert again["acked_seq"] == first["acked_seq"] == 4
    assert phone.row(visit) == before
    assert phone.conflicts() == kept


def test_a_batch_may_overlap_with_the_one_before(phone: Pusher, visit: UUID) -> None:
    one, two = phone.mutation(visit, title="one"), phone.mutation(visit, base_rev=2, title="two")
    phone.push(one)
    answer = phone.push(one, two)
    assert [result.get("replayed", False) for result in answer["results"]] == [True, False]
    assert (phone.row(visit).title, answer["acked_seq"]) == ("two", 2)


def test_disjoint_edits_merge_silently(small_world: World, phone: Pusher, visit: UUID) -> None:
    small_world.run("UPDATE tw_visits SET remark = 'office' WHERE id = :id", id=visit)
    (result,) = phone.push(phone.mutation(visit, title="phone"))["results"]
    assert result["status"] == "merged"
    assert (phone.row(visit).title, phone.row(visit).remark) == ("phone", "office")
    assert phone.conflicts() == []


def test_overlapping_edits_keep_both_values_and_apply_the_rest(small_world: World, phone: Pusher, visit: UUID) -> None:
    small_world.run("UPDATE tw_visits SET title = 'office' WHERE id = :id", id=visit)
    (result,) = phone.push(phone.mutation(visit, title="phone", remark="fine"))["results"]
    assert result["status"] == "conflict"
    assert (phone.row(visit).title, phone.row(visit).remark) == ("office", "fine")
    (conflict,) = phone.conflicts()
    assert str(conflict.id) == result["conflict_id"]
    assert (conflict.kind, conflict.mine, conflict.theirs) == ("field", {"title": "phone"}, {"title": "office"})


def test_the_same_value_from_both_sides_is_no_conflict(small_world: World, phone: Pusher, visit: UUID) -> None:
    small_world.run("UPDATE tw_visits SET title = 'agreed' WHERE id = :id", id=visit)
    assert statuses(phone.push(phone.mutation(visit, title="agreed"))) == ["merged"]
    assert phone.conflicts() == []


def test_a_second_edit_of_ones_own_is_no_conflict(phone: Pusher, visit: UUID) -> None:
    phone.push(phone.mutation(visit, title="first"))
    assert statuses(phone.push(phone.mutation(visit, base_rev=2, title="second"))) == ["applied"]


def test_a_gap_holds_what_comes_behind_it_until_it_is_filled(phone: Pusher, visit: UUID) -> None:
    first = phone.mutation(visit, title="one")
    missing = phone.mutation(visit, base_rev=2, title="two")
    third = phone.mutation(visit, base_rev=3, title="three")
    answer = phone.push(first, third)
    assert (statuses(answer), answer["acked_seq"], answer["expected_seq"]) == (["applied", "held"], 1, 2)
    assert phone.row(visit).title == "one"
    answer = phone.push(missing)
    assert (statuses(answer), answer["acked_seq"]) == (["applied"], 3)
    assert phone.row(visit).title == "three"
    (late,) = phone.push(third)["results"]
    assert (late["status"], late["replayed"]) == ("applied", True)


def test_what_is_held_and_sent_again_with_another_number_is_one_mutation(phone: Pusher, visit: UUID) -> None:
    first, held = phone.mutation(visit, title="one"), phone.mutation(new_id(), "create", visit_id=str(visit), body="x")
    assert statuses(phone.push(held)) == ["held"]
    answer = phone.push(first, held | {"seq": 3})
    assert (statuses(answer), answer["acked_seq"], answer["expected_seq"]) == (["applied", "held"], 1, 2)
    answer = phone.push(phone.mutation(visit, base_rev=2, title="two") | {"seq": 2})
    assert (statuses(answer), answer["acked_seq"]) == (["applied"], 3)
    (told,) = phone.push(held)["results"]
    assert (told["status"], told["seq"], told["replayed"]) == ("applied", 3, True)
    assert phone.conflicts() == []


def test_a_batch_in_any_order_runs_by_number(phone: Pusher, visit: UUID) -> None:
    batch = [phone.mutation(visit, base_rev=rev, title=f"title {rev}") for rev in (1, 2, 3)]
    assert statuses(phone.push(*reversed(batch))) == ["applied"] * 3
    assert phone.row(visit).title == "title 3"


POISON: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "wrong value": lambda m: m | {"data": {"title": 7}},
    "unknown collection": lambda m: m | {"collection": "nowhere"},
    "collection of another type": lambda m: m | {"collection": ["x"]},
    "read-only collection": lambda m: m | {"collection": "tw_sites"},
    "unknown type": lambda m: m | {"type": "explode"},
    "no row": lambda m: m | {"row_id": "7"},
    "row that never was": lambda m: m | {"row_id": str(new_id())},
    "nul": lambda m: m | {"data": {"title": "a\x00b"}},
    "lone surrogate": lambda m: m | {"data": {"title": "\ud800"}},
    "too deep": lambda m: m | {"data": {"title": orjson.loads("[" * 200 + "]" * 200)}},
    "number beyond 64 bits": lambda m: m | {"data": {"title": 10**30}},
    "data is a list": lambda m: m | {"data": [1]},
    "no time": lambda m: m | {"device_at": "yesterday"},
    "time without zone": lambda m: m | {"device_at": "2026-01-01T00:00:00"},
    "far future": lambda m: m | {"device_at": "9999-12-31T23:59:59-23:59"},
    "boolean revision": lambda m: m | {"base_rev": True},
    "unknown member": lambda m: m | {"extra": 1},
    "fault of ours": lambda m: m | {"type": "transition", "data": {}},
    "database error": lambda m: m | {"collection": "tw_notes", "type": "create", "data": {"visit_id": "x", "body": 1}},
}


@pytest.mark.parametrize("poison", list(POISON))
def test_one_poison_mutation_never_blocks_its_neighbours_and_is_kept(phone: Pusher, visit: UUID, poison: str) -> None:
    batch = [
        phone.mutation(visit, title="before"),
        POISON[poison](phone.mutation(visit, base_rev=2)),
        phone.mutation(visit, base_rev=2, remark="after"),
    ]
    answer = phone.push(*batch)
    assert statuses(answer) == ["applied", "rejected", "applied"]
    assert answer["acked_seq"] == 3
    assert (phone.row(visit).title, phone.row(visit).remark) == ("before", "after")
    rejected = answer["results"][1]
    assert rejected["problem"]["status"] in (404, 422, 500)
    (conflict,) = phone.conflicts()
    assert (conflict.kind, str(conflict.id)) == ("rejected", rejected["conflict_id"])
    assert without_mark(phone.push(*batch)) == answer["results"]


def test_a_number_used_twice_is_rejected_and_kept(phone: Pusher, visit: UUID) -> None:
    phone.push(phone.mutation(visit, title="one"))
    again = phone.mutation(visit, title="other") | {"seq": 1}
    answer = phone.push(again)
    assert (statuses(answer), answer["acked_seq"]) == (["rejected"], 1)
    assert answer["results"][0]["problem"]["expected_seq"] == 2
    assert phone.conflicts()[0].mine["data"] == {"title": "other"}


def test_two_mutations_with_one_number_in_a_batch(phone: Pusher, visit: UUID) -> None:
    one = phone.mutation(visit, title="one")
    two = phone.mutation(visit, title="two") | {"seq": 1}
    assert statuses(phone.push(one, two)) == ["applied", "rejected"]


def test_an_edit_that_arrives_after_the_row_left_is_kept(small_world: World, phone: Pusher, visit: UUID) -> None:
    small_world.drain()
    small_world.assign(visit, new_id())
    (result,) = phone.push(phone.mutation(visit, title="unsent edit"))["results"]
    assert result["status"] == "conflict"
    assert "row" not in result
    (conflict,) = phone.conflicts()
    assert (conflict.kind, conflict.mine["data"]) == ("left", {"title": "unsent edit"})
    assert phone.row(visit).title == "visit"


def test_a_transition_after_the_row_left_goes_to_its_room(small_world: World, phone: Pusher, visit: UUID) -> None:
    small_world.drain()
    small_world.assign(visit, None)
    assert statuses(phone.push(phone.mutation(visit, "transition", to="completed"))) == ["conflict"]
    assert phone.row(visit).status == "dispatched"


def test_a_foreign_row_is_as_if_it_were_not_there(small_world: World, phone: Pusher) -> None:
    foreign = small_world.visit(new_id())
    small_world.drain()
    (result,) = phone.push(phone.mutation(foreign, title="mine now"))["results"]
    assert (result["status"], result["problem"]["status"]) == ("rejected", 404)
    assert "row" not in result
    assert phone.row(foreign).title == "visit"


def test_a_revoked_device_is_heard_and_changes_nothing(small_world: World, phone: Pusher, visit: UUID) -> None:
    phone.push(phone.mutation(visit, title="before"))
    small_world.run("UPDATE devices SET revoked_at = now() WHERE id = :id", id=phone.device_id)
    answer = phone.push(phone.mutation(visit, base_rev=2, title="after"), phone.mutation(visit, title=7))
    assert (statuses(answer), answer["acked_seq"]) == (["conflict", "conflict"], 3)
    assert not any("row" in result for result in answer["results"])
    assert phone.row(visit).title == "before"
    assert [conflict.kind for conflict in phone.conflicts()] == ["revoked", "revoked"]


def test_what_a_revoked_device_had_held_is_kept_with_what_it_sends_late(
    small_world: World, phone: Pusher, visit: UUID
) -> None:
    missing, held, late = (phone.mutation(visit, title=title) for title in ("missing", "held", "late"))
    assert statuses(phone.push(held)) == ["held"]
    small_world.run("UPDATE devices SET revoked_at = now() WHERE id = :id", id=phone.device_id)
    assert statuses(phone.push(late)) == ["conflict"]
    kept = [conflict.mine["data"]["title"] for conflict in phone.conflicts()]
    assert sorted(kept) == ["held", "late"]
    assert statuses(phone.push(missing, held)) == ["conflict", "conflict"]
    assert len(phone.conflicts()) == 3


def test_a_device_belongs_to_one_person_and_one_token(small_world: World, phone: Pusher, visit: UUID) -> None:
    phone.push(phone.mutation(visit, title="mine"))
    thief = Pusher(small_world)
    thief.device_id = phone.device_id
    with pytest.raises(Problem, match="invalid"):
        thief.push()
    thief.actor = replace(thief.actor, device_id=None)
    with pytest.raises(Problem, match="state-conflict"):
        thief.push()


@pytest.mark.parametrize("years", [-1, 1])
def test_a_clock_a_year_off_is_corrected_and_flagged(
    small_world: World, phone: Pusher, visit: UUID, years: int
) -> None:
    phone.push()
    offset = timedelta(days=-365 * years)
    small_world.run(
        "UPDATE devices SET clock_offset_ms = :ms WHERE id = :id",
        ms=offset // timedelta(milliseconds=1),
        id=phone.device_id,
    )
    device_at = datetime.now(UTC) - timedelta(minutes=30) - offset
    with small_world.listening("tw_visits", "transition") as seen:
        phone.push(phone.mutation(visit, "transition", to="working") | {"device_at": device_at.isoformat()})
    (mutation,) = seen
    assert abs(mutation.corrected_at - (datetime.now(UTC) - timedelta(minutes=30))) < timedelta(minutes=1)
    assert mutation.flags == ("clock_skew",)


def test_old_mutations_are_forgotten_held_ones_wait_and_a_late_repetition_changes_nothing(
    small_world: World, phone: Pusher, visit: UUID
) -> None:
    first, missing = phone.mutation(visit, title="one"), phone.mutation(visit, base_rev=2, title="two")
    third = phone.mutation(visit, base_rev=3, title="three")
    phone.push(first, third)
    small_world.run("UPDATE sync_mutations SET received_at = now() - interval '46 days'")
    feed.forget(small_world.org_id)
    with small_world.tx() as tx:
        assert tx.session.scalars(text("SELECT status FROM sync_mutations")).all() == ["held"]
    (again,) = phone.push(first)["results"]
    assert (again["status"], again["problem"]["status"]) == ("rejected", 409)
    assert phone.row(visit).title == "one"
    assert phone.push(missing)["acked_seq"] == 3
    assert phone.row(visit).title == "three"


@pytest.mark.parametrize("bases", [(1, 1, 1), (1, 2, 3), (0, 0, 0)], ids=["as it was seen", "counted on", "unknown"])
def test_a_devices_own_edits_of_one_batch_never_clash(phone: Pusher, visit: UUID, bases: tuple[int, ...]) -> None:
    """Whatever revision a client has in mind for its second quick edit, before it heard of its first."""
    batch = [phone.mutation(visit, base_rev=base, title=f"edit {n}") for n, base in enumerate(bases)]
    assert set(statuses(phone.push(*batch))) <= {"applied", "merged"}
    assert phone.row(visit).title == "edit 2"
    assert phone.conflicts() == []


def test_an_edit_of_the_office_between_two_of_ones_own_is_still_a_conflict(
    small_world: World, phone: Pusher, visit: UUID
) -> None:
    phone.push(phone.mutation(visit, title="mine"))
    small_world.run("UPDATE tw_visits SET title = 'office' WHERE id = :id", id=visit)
    batch = [phone.mutation(visit, base_rev=2, title="mine again"), phone.mutation(visit, base_rev=2, remark="fine")]
    assert statuses(phone.push(*batch)) == ["conflict", "merged"]
    assert (phone.row(visit).title, phone.row(visit).remark) == ("office", "fine")
