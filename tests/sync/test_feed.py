"""The feed under late commits, two drainers, killed drains, writes past the ORM, new days and new histories."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import psycopg2
import pytest
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import ProgrammingError

from app.kernel import synced
from app.kernel.ids import new_id
from ops.processes import wait_until
from sync import drainer, feed
from sync.protocol.cursor import parse
from sync.triggers import CHANNEL
from tests.sync.world import World

pytestmark = pytest.mark.committed

LISTENERS_ENDED = text("""
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND query = :query AND state = 'idle'
""")


@pytest.fixture
def slow(small_world: World) -> Iterator[Connection]:
    """A connection of its own, whose transaction the test commits when it likes."""
    engine = create_engine(os.environ["CALLOUT_DATABASE_URL"], poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT set_config('callout.org_id', :org, false)"), {"org": str(small_world.org_id)})
        connection.commit()
        yield connection


def positions(world: World) -> list[int]:
    with world.tx() as tx:
        return list(tx.session.scalars(text("SELECT pos FROM sync_state ORDER BY pos")))


def test_a_transaction_that_commits_late_is_not_missed(small_world: World, slow: Connection) -> None:
    phone = small_world.phone()
    early = small_world.visit(phone.actor.user_id)
    phone.sync()
    slow.execute(text("UPDATE tw_visits SET title = 'late' WHERE id = :id"), {"id": early})
    quick = small_world.visit(phone.actor.user_id)
    phone.sync()
    assert str(quick) in phone.rows["tw_visits"]
    slow.commit()
    phone.sync()
    assert phone.rows["tw_visits"][str(early)]["title"] == "late"
    assert phone.equals_truth()


def test_a_commit_held_open_while_paging_is_not_missed(small_world: World, slow: Connection) -> None:
    phone = small_world.phone()
    small_world.many_visits(phone.actor.user_id, 6)
    slow.execute(text("UPDATE tw_visits SET title = 'late'"))
    phone.page(2)
    slow.commit()
    phone.sync(2)
    assert phone.equals_truth()


def test_what_is_rolled_back_never_shows(small_world: World, slow: Connection) -> None:
    phone = small_world.phone()
    small_world.visit(phone.actor.user_id)
    phone.sync()
    slow.execute(text("UPDATE tw_visits SET title = 'never'"))
    slow.rollback()
    assert phone.page()["changes"] == {}


def test_a_drain_that_dies_leaves_everything_for_the_next(small_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = small_world.phone()
    small_world.visit(phone.actor.user_id, small_world.site())

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(feed.stamping, "stamp", die)
        with pytest.raises(KeyboardInterrupt):
            small_world.drain()
    assert positions(small_world) == []
    phone.sync()
    assert phone.equals_truth()


def test_drainers_at_once_give_each_position_once(small_world: World) -> None:
    phone = small_world.phone()
    barrier = threading.Barrier(5)

    def work(number: int) -> None:
        barrier.wait()
        for _ in range(5):
            if number < 2:
                small_world.visit(phone.actor.user_id)
            small_world.drain()

    with ThreadPoolExecutor(5) as threads:
        list(threads.map(work, range(5)))
    small_world.drain()
    found = positions(small_world)
    assert len(found) == len(set(found)) == 10
    phone.sync()
    assert phone.equals_truth()


def test_a_pull_does_not_wait_for_ever_for_a_drainer(
    small_world: World, slow: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "INLINE_PATIENCE", "50ms")
    phone = small_world.phone()
    visit = small_world.visit(phone.actor.user_id)
    phone.sync()
    small_world.run("UPDATE tw_visits SET title = 'news' WHERE id = :id", id=visit)
    slow.execute(feed.LOCK)
    assert phone.page()["changes"] == {}
    slow.rollback()
    assert phone.page()["changes"]["tw_visits"]["upserts"][0]["title"] == "news"


def test_spurious_and_repeated_touches_give_nothing_new(small_world: World) -> None:
    phone = small_world.phone()
    visit = small_world.visit(phone.actor.user_id, small_world.site())
    phone.sync()
    small_world.run(
        "INSERT INTO sync_outbox (collection, row_id, content) SELECT c, :id, false "
        "FROM unnest(ARRAY['tw_visits', 'tw_visits', 'tw_sites', 'nowhere']) AS c",
        id=visit,
    )
    small_world.run(
        "INSERT INTO sync_outbox (collection, row_id, content) VALUES ('tw_visits', :id, true)", id=new_id()
    )
    assert phone.page()["changes"] == {}


def test_a_change_that_ties_nothing_concerns_its_row_alone(small_world: World) -> None:
    """A step or a word of a visit is one row of a drain; whoever holds it is looked at only when that changes."""
    phone, other = small_world.phone(), small_world.phone()
    visit = small_world.visit(phone.actor.user_id, small_world.site())
    note = small_world.note(visit)
    phone.sync()
    small_world.run("UPDATE tw_visits SET title = 'word', status = 'accepted' WHERE id = :id", id=visit)
    assert ties(small_world) == [("tw_visits", False)]
    assert list(phone.page()["changes"]) == ["tw_visits"]
    small_world.assign(visit, other.actor.user_id)
    assert ties(small_world) == [("tw_visits", True)]
    phone.sync()
    other.sync()
    assert not any(phone.rows.values())
    assert str(note) in other.rows["tw_notes"]


def ties(world: World) -> list[tuple[str, bool]]:
    """What is pending: collections and whether what hangs on the row is concerned."""
    with world.tx() as tx:
        return [tuple(row) for row in tx.session.execute(text("SELECT collection, ties FROM sync_outbox ORDER BY id"))]


def test_copy_and_bulk_statements_count(small_world: World) -> None:
    phone = small_world.phone()
    connection = psycopg2.connect(os.environ["CALLOUT_DATABASE_OWNER_URL"].replace("+psycopg2", ""))
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE ids AS SELECT gen_random_uuid() AS id FROM generate_series(1, 50)")
        cursor.execute(
            "INSERT INTO tw_visits (org_id, id, owner, title) SELECT %s, id, %s, 'bulk' FROM ids",
            (str(small_world.org_id), str(phone.actor.user_id)),
        )
    connection.close()
    phone.sync()
    assert len(phone.rows["tw_visits"]) == 50
    small_world.run("UPDATE tw_visits SET title = 'all'")
    phone.sync()
    assert phone.equals_truth()


def test_large_changes_are_drained_in_batches(small_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "BATCH", 7)
    monkeypatch.setattr(feed.drain_once, "__kwdefaults__", {"patience": None, "batch": 7})
    phone = small_world.phone()
    small_world.many_visits(phone.actor.user_id, 30)
    assert small_world.drain().entries == 30
    phone.sync()
    assert phone.equals_truth()


def test_the_drainer_finds_the_organisations_that_wait(small_world: World) -> None:
    other = World()
    for world in (small_world, other):
        world.visit(new_id())
    assert drainer.drain_pending() >= 2
    assert (len(positions(small_world)), len(positions(other))) == (1, 1)


@contextmanager
def draining() -> Iterator[None]:
    """A drainer at work until the end of the block."""
    stop = threading.Event()
    thread = threading.Thread(target=drainer.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def listeners_ended() -> int:
    """Ends the connections on which drainers wait, as a restart of PostgreSQL does; returns how many."""
    url = os.environ["CALLOUT_DATABASE_DRAIN_URL"]
    with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        return connection.execute(LISTENERS_ENDED, {"query": f"LISTEN {CHANNEL}"}).scalar_one()


def test_the_drainer_wakes_drains_and_stops(small_world: World) -> None:
    with draining():
        small_world.visit(new_id())
        assert wait_until(lambda: bool(positions(small_world)), 30)


def test_the_drainer_outlives_the_connection_on_which_it_waits(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drainer, "PAUSE_WITHOUT_DATABASE_S", 0.01)
    with draining():
        assert wait_until(lambda: listeners_ended() > 0, 30)
        small_world.visit(new_id())
        assert wait_until(lambda: bool(positions(small_world)), 30)


def test_one_organisations_trouble_does_not_stop_the_others(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = World()
    small_world.visit(new_id())
    other.visit(new_id())
    real = feed.drain

    def drain(org_id: object, **more: object) -> feed.Drained:
        if org_id == small_world.org_id:
            raise ValueError("trouble")
        return real(org_id, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(feed, "drain", drain)
        drainer.drain_pending()
    assert (len(positions(small_world)), len(positions(other))) == (0, 1)


def test_forgotten_tombstones_raise_the_floor(small_world: World) -> None:
    stale, fresh = small_world.phone(), small_world.phone()
    fresh.actor = stale.actor
    visit = small_world.visit(stale.actor.user_id)
    stale.sync()
    small_world.assign(visit, None)
    small_world.drain()
    fresh.sync()
    assert feed.forget(small_world.org_id) == 0
    small_world.run("UPDATE sync_state SET stamped_at = now() - interval '46 days' WHERE NOT live")
    assert feed.forget(small_world.org_id) == 1
    assert fresh.page()["mode"] == "delta"
    assert stale.page()["mode"] == "replacement"
    assert stale.equals_truth()


@pytest.fixture
def owner() -> Iterator[Connection]:
    """The owner's connection; generations are put back at the end."""
    with create_engine(os.environ["CALLOUT_DATABASE_OWNER_URL"], poolclass=NullPool).connect() as connection:
        last = connection.scalar(text("SELECT max(id) FROM sync_generations"))
        yield connection
        connection.rollback()
        connection.execute(text("DELETE FROM sync_generations WHERE id > :last"), {"last": last})
        connection.commit()


def test_a_new_generation_makes_every_old_cursor_meaningless(small_world: World, owner: Connection) -> None:
    phone = small_world.phone()
    small_world.visit(phone.actor.user_id)
    phone.sync()
    old = phone.cursor
    assert old is not None
    drawn = owner.scalar(text("SELECT sync_new_generation()"))
    owner.commit()
    page = phone.page()
    here = parse(page["cursor"])
    assert here is not None
    assert (page["mode"], here.gen) == ("replacement", drawn)
    assert drawn != old >> 42
    assert phone.equals_truth()


def test_generations_are_never_drawn_twice_while_any_is_left(owner: Connection) -> None:
    drawn = owner.scalars(text("SELECT sync_new_generation() FROM generate_series(1, 2046)")).all()
    assert len(set(drawn)) == 2046
    assert owner.scalar(text("SELECT sync_new_generation()")) in range(1, 2048)
    owner.rollback()


def test_another_cluster_or_timeline_begins_a_new_history(owner: Connection) -> None:
    same = drainer.check_cluster()
    assert drainer.check_cluster() == same
    for changed in ("system = '1'", "timeline = 99"):
        owner.execute(text(f"UPDATE sync_generations SET {changed} WHERE id = (SELECT max(id) FROM sync_generations)"))
        before = owner.scalar(text("SELECT sync_generation()"))
        assert owner.scalar(text("SELECT sync_check_cluster()")) != before
        owner.rollback()


def test_the_application_cannot_draw_a_generation(small_world: World) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        small_world.run("SELECT sync_new_generation()")


def test_a_day_later_the_feed_is_audited_once(small_world: World) -> None:
    phone = small_world.phone()
    visit = small_world.visit(phone.actor.user_id)
    phone.sync()
    small_world.run("UPDATE sync_counters SET day = '2026-01-02', audited = '2026-01-01'")
    with small_world.tx() as tx:
        tx.session.execute(text("UPDATE tw_visits SET owner = NULL WHERE id = :id"), {"id": visit})
        tx.session.execute(text("DELETE FROM sync_outbox"))
    while small_world.org_id in drainer._organisations("organisations_to_audit()"):
        drainer.audit_due()
    phone.sync()
    assert phone.equals_truth()


def test_rows_that_hang_on_the_date_are_touched_when_a_day_begins(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = small_world.visit(new_id())
    small_world.drain()
    daily = "SELECT id FROM tw_visits WHERE CAST(:yesterday AS date) < CAST(:today AS date)"
    collections = dict(synced.collections())
    monkeypatch.setattr(
        synced, "_collections", {**collections, "tw_visits": replace(collections["tw_visits"], daily=daily)}
    )
    assert small_world.drain().entries == 0
    small_world.run("UPDATE sync_counters SET day = '2026-01-01'")
    assert small_world.org_id in drainer._organisations("organisations_with_new_day()")
    small_world.run("UPDATE sync_state SET live = false WHERE row_id = :id", id=visit)
    assert small_world.drain().entries == 1
    with small_world.tx() as tx:
        assert tx.session.scalar(text("SELECT live FROM sync_state WHERE row_id = :id"), {"id": visit})
