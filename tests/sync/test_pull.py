"""What a phone gets: deltas, removals in two steps, replacements, pages of any size."""

from __future__ import annotations

import time
from dataclasses import replace
from uuid import UUID

import pytest

from app.kernel.db import enter_organisation, new_session
from app.kernel.ids import new_id
from app.kernel.permissions import Role
from sync import feed
from sync.protocol.cursor import Cursor, parse
from sync.scope import scope_of
from tests.sync.world import World

pytestmark = pytest.mark.committed


def test_the_first_page_is_a_replacement_and_holds_what_is_mine(small_world: World) -> None:
    phone = small_world.phone()
    site = small_world.site()
    visit = small_world.visit(phone.actor.user_id, site)
    small_world.visit(new_id(), small_world.site())
    page = phone.page()
    assert (page["mode"], page["more"]) == ("replacement", False)
    assert [row["id"] for row in page["changes"]["tw_visits"]["upserts"]] == [str(visit)]
    assert [row["id"] for row in page["changes"]["tw_sites"]["upserts"]] == [str(site)]
    assert phone.equals_truth()


def test_nothing_new_is_an_empty_delta_with_the_same_cursor(small_world: World) -> None:
    phone = small_world.phone()
    small_world.visit(phone.actor.user_id)
    phone.sync()
    before = phone.cursor
    page = phone.page()
    assert (page["mode"], page["changes"], page["more"], page["cursor"]) == ("delta", {}, False, before)


def test_a_change_comes_as_a_delta_of_that_row_alone(small_world: World) -> None:
    phone = small_world.phone()
    visit = small_world.visit(phone.actor.user_id, small_world.site())
    small_world.visit(phone.actor.user_id)
    phone.sync()
    small_world.run("UPDATE tw_visits SET title = 'changed' WHERE id = :id", id=visit)
    changes = phone.page()["changes"]
    assert list(changes) == ["tw_visits"]
    assert [(row["id"], row["title"], row["rev"]) for row in changes["tw_visits"]["upserts"]] == [
        (str(visit), "changed", 2)
    ]


def test_a_row_leaves_in_two_steps_with_the_page_ending_between_them(small_world: World) -> None:
    phone = small_world.phone()
    visit = small_world.visit(phone.actor.user_id)
    note = small_world.note(visit)
    phone.sync()
    small_world.assign(visit, new_id())
    first, second = phone.sync()
    assert first["more"]
    assert first["changes"]["tw_visits"] == {"upserts": [], "removed": [], "leaving": [str(visit)]}
    assert first["changes"]["tw_notes"]["leaving"] == [str(note)]
    assert second["changes"]["tw_visits"]["removed"] == [str(visit)]
    assert second["changes"]["tw_notes"]["removed"] == [str(note)]
    assert phone.equals_truth()


def test_a_shared_parent_stays_while_any_reason_remains(small_world: World) -> None:
    phone = small_world.phone()
    site = small_world.site()
    one, two = (small_world.visit(phone.actor.user_id, site) for _ in range(2))
    phone.sync()
    small_world.assign(one, None)
    phone.sync()
    assert str(site) in phone.rows["tw_sites"]
    small_world.run("DELETE FROM tw_visits WHERE id = :id", id=two)
    phone.sync()
    assert str(site) not in phone.rows["tw_sites"]


def test_an_old_parent_goes_when_the_row_moves_to_another(small_world: World) -> None:
    phone = small_world.phone()
    old, new = small_world.site("old"), small_world.site("new")
    visit = small_world.visit(phone.actor.user_id, old)
    phone.sync()
    small_world.run("UPDATE tw_visits SET site_id = :site WHERE id = :id", site=new, id=visit)
    phone.sync()
    assert list(phone.rows["tw_sites"]) == [str(new)]


def test_what_leaves_one_bucket_and_lives_in_another_is_not_removed(small_world: World) -> None:
    phone = small_world.phone()
    site = small_world.site(shared=True)
    visit = small_world.visit(phone.actor.user_id, site)
    phone.sync()
    small_world.assign(visit, None)
    pages = phone.sync()
    assert not any(site_id for page in pages for site_id in page["changes"].get("tw_sites", {}).get("removed", []))
    assert phone.equals_truth()


def test_a_watched_table_sends_the_rows_that_show_it(small_world: World) -> None:
    phone = small_world.phone()
    site = small_world.site(shared=True)
    phone.sync()
    small_world.run("INSERT INTO tw_tags (site_id, tag) VALUES (:site, 'dog')", site=site)
    assert phone.page()["changes"]["tw_sites"]["upserts"][0]["tags"] == ["dog"]
    small_world.run("DELETE FROM tw_tags WHERE site_id = :site", site=site)
    assert phone.page()["changes"]["tw_sites"]["upserts"][0]["tags"] == []


def test_coming_back_within_one_interval_is_an_upsert(small_world: World) -> None:
    phone = small_world.phone()
    visit = small_world.visit(phone.actor.user_id)
    phone.sync()
    for owner in (new_id(), phone.actor.user_id):
        small_world.assign(visit, owner)
        small_world.drain()
    (page,) = phone.sync()
    assert page["changes"]["tw_visits"]["upserts"][0]["id"] == str(visit)
    assert page["changes"]["tw_visits"]["leaving"] == []
    assert phone.equals_truth()


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_pages_of_any_size_come_to_the_same_copy(small_world: World, limit: int) -> None:
    phone = small_world.phone()
    for _ in range(3):
        small_world.note(small_world.visit(phone.actor.user_id, small_world.site()))
    small_world.many_visits(phone.actor.user_id, 20)
    modes = [page["mode"] for page in phone.sync(limit)]
    assert modes[0] == "replacement"
    assert set(modes[1:]) <= {"delta"}
    assert phone.equals_truth()


def test_cursors_within_a_replacement_rise(small_world: World) -> None:
    phone = small_world.phone()
    small_world.many_visits(phone.actor.user_id, 9)
    cursors = [page["cursor"] for page in phone.sync(2)]
    assert cursors == sorted(set(cursors))


def test_a_lost_page_is_asked_for_again(small_world: World) -> None:
    phone = small_world.phone()
    small_world.many_visits(phone.actor.user_id, 9)
    phone.page(2, keep=False)
    phone.page(2)
    phone.page(2, keep=False)
    phone.sync(2)
    assert phone.equals_truth()


def test_a_replacement_asked_for_twice_misses_no_removal(small_world: World) -> None:
    """A duplicate of the first request, answered late, must not change what the pages of the first one mean."""
    phone = small_world.phone()
    small_world.many_visits(phone.actor.user_id, 5)
    first = small_world.visit(phone.actor.user_id)
    small_world.drain()
    phone.page(4)
    small_world.run("UPDATE tw_visits SET owner = NULL WHERE title <> 'visit 1'")
    small_world.phone(phone.actor.user_id).page(4)
    phone.sync(4)
    assert str(first) not in phone.rows["tw_visits"]
    assert phone.equals_truth()


def test_a_removal_before_the_replacement_is_not_sent(small_world: World) -> None:
    phone = small_world.phone()
    small_world.visit(phone.actor.user_id)
    gone = small_world.visit(phone.actor.user_id)
    small_world.drain()
    small_world.assign(gone, None)
    pages = phone.sync(1)
    assert not any(page["changes"].get("tw_visits", {}).get("removed") for page in pages)


@pytest.mark.parametrize("number", [0, 1, -5, 2**53, 12345, 2**42 - 1])
def test_what_never_was_a_cursor_gets_a_replacement(small_world: World, number: int) -> None:
    phone = small_world.phone()
    small_world.visit(phone.actor.user_id)
    phone.sync()
    phone.cursor = number
    assert phone.page()["mode"] == "replacement"
    assert phone.equals_truth()


def test_a_cursor_from_the_future_or_of_another_history_gets_a_replacement(small_world: World) -> None:
    phone = small_world.phone()
    phone.sync()
    assert phone.cursor is not None
    here = parse(phone.cursor)
    assert here is not None
    for cursor in (Cursor(here.gen, here.pos + 1), Cursor(here.gen % 2047 + 1, here.pos), Cursor(here.gen, 7, True)):
        phone.cursor = int(cursor)
        assert phone.page()["mode"] == "replacement"


def test_a_cursor_below_the_floor_gets_a_replacement(small_world: World) -> None:
    phone = small_world.phone()
    small_world.many_visits(phone.actor.user_id, 3)
    small_world.run("SELECT 1")
    phone.sync()
    small_world.many_visits(phone.actor.user_id, 1)
    small_world.drain()
    small_world.run("UPDATE sync_counters SET floor = pos")
    assert phone.page(1)["mode"] == "replacement"
    assert [page["mode"] for page in phone.sync(1)] == ["delta"] * 3
    assert phone.equals_truth()


def test_other_buckets_mean_a_replacement_once(small_world: World) -> None:
    phone = small_world.phone()
    small_world.many_visits(phone.actor.user_id, 3)
    phone.sync()
    phone.actor = replace(phone.actor, territory_ids=frozenset({new_id()}))
    assert [page["mode"] for page in phone.sync(2)] == ["replacement", "delta"]
    assert phone.page()["mode"] == "delta"
    assert phone.equals_truth()


def test_pulls_at_once_that_notice_the_same_change_of_buckets_do_not_spoil_each_others_cursors(
    small_world: World,
) -> None:
    """An RxDB client begins with a pull for each collection at the same moment."""
    phone = small_world.phone()
    small_world.visit(phone.actor.user_id)
    phone.sync()
    scope = scope_of(phone.actor)
    feed.renew_view(scope.org_id, scope.user_id, scope.digest)  # of a pull that looked before the first was through
    assert phone.page()["mode"] == "delta"
    assert phone.equals_truth()


@pytest.mark.parametrize("began", [False, True])
def test_a_pull_with_old_buckets_that_another_with_new_ones_overtakes_does_not_pass_for_it(
    small_world: World, monkeypatch: pytest.MonkeyPatch, began: bool
) -> None:
    """Of one user's two devices the slower one would otherwise miss what the new buckets hold, and never hear of it."""
    slow, fast = small_world.phone(), small_world.phone()
    if began:
        slow.sync()
    moved = replace(slow.actor, territory_ids=frozenset({new_id()}))
    fast.actor = replace(moved, device_id=new_id())
    small_world.visit(slow.actor.user_id)  # pending, so that a pull drains
    drain = feed.drain_inline

    def overtaken(org_id: UUID) -> bool:
        monkeypatch.setattr(feed, "drain_inline", drain)
        fast.sync()
        return drain(org_id)

    monkeypatch.setattr(feed, "drain_inline", overtaken)
    slow.sync()
    slow.actor = moved
    assert slow.page()["mode"] == "replacement"
    fast.sync()
    assert (slow.page()["mode"], fast.page()["mode"]) == ("delta", "delta")
    assert slow.equals_truth()


def test_a_first_pull_waits_for_no_drainer_and_moves_nobody(small_world: World) -> None:
    other, phone = small_world.phone(), small_world.phone()
    other.sync()
    with new_session(feed.pool()) as drainer, drainer.begin():
        enter_organisation(drainer, phone.actor.org_id)
        drainer.execute(feed.LOCK)
        assert [page["mode"] for page in phone.sync()] == ["replacement"]
    assert phone.page()["mode"] == "delta"
    before = other.cursor
    assert (other.page()["mode"], other.cursor) == ("delta", before)


def test_requests_that_came_before_a_drain_began_are_served_by_it(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    org_id, drained = small_world.phone().actor.org_id, []
    monkeypatch.setattr(feed, "drain", lambda org_id, patience: drained.append(org_id))
    feed._turns[org_id] = feed.Turn(drained_up_to=time.monotonic() + 3_600)
    assert feed.drain_inline(org_id)
    assert drained == []
    feed._turns[org_id] = feed.Turn()
    assert feed.drain_inline(org_id)
    assert drained == [org_id]
    assert 0 < feed._turns[org_id].drained_up_to <= time.monotonic()


def test_a_body_is_never_shown_to_somebody_who_may_not_see_it_now(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a commit and its drain the feed is behind the truth; bodies are not."""
    phone = small_world.phone()
    taken, mine = (small_world.visit(phone.actor.user_id) for _ in range(2))
    phone.page(keep=False)
    small_world.run("UPDATE tw_visits SET owner = NULL, title = 'not yours' WHERE id = :id", id=taken)
    with monkeypatch.context() as nobody_drains:
        nobody_drains.setattr(feed, "drain_inline", lambda org_id: None)
        page = phone.page()
    assert [row["id"] for row in page["changes"]["tw_visits"]["upserts"]] == [str(mine)]
    phone.sync()
    assert phone.equals_truth()


def test_a_subcontractor_gets_masked_rows(small_world: World) -> None:
    phone = small_world.phone(role=Role.SUBCONTRACTOR)
    small_world.visit(phone.actor.user_id)
    assert phone.page()["changes"]["tw_visits"]["upserts"][0]["secret"] is None


def test_the_other_organisation_is_another_world(small_world: World) -> None:
    phone = small_world.phone()
    other = World()
    other.visit(phone.actor.user_id)
    other.site(shared=True)
    phone.sync()
    assert phone.copy() == {"tw_visits": {}, "tw_sites": {}, "tw_notes": {}}
