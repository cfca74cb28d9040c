"""What comes to the database by other ways than the application: a restored backup, and rows of a replication role."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from app.kernel import db
from bench import fleet
from bench.sync_fleet import Life
from ops.backup import backup, restore
from tests.factories import within
from tests.faults import oracle, phones
from tests.faults.ground import Ground, owner
from tests.faults.processes import await_that

pytestmark = [pytest.mark.committed, pytest.mark.faults]


def lives(ground: Ground) -> list[Life]:
    return [phones.life(ground.server.port, phone) for phone in fleet.make(2, 1)]


def nobody_is_connected() -> bool:
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with owner().connect() as connection:
        return connection.execute(text(f"SELECT count(*) {others}")).scalar_one() == 0


def test_old_phones_carry_on_after_a_backup_of_the_morning_is_restored(ground: Ground, tmp_path: Path) -> None:
    """The backup is taken between two pushes of a phone. What it pushed afterwards is gone there, not on the phone."""
    address, data = os.environ["CALLOUT_DATABASE_OWNER_URL"], ground.stack.data
    early, late = lives(ground)
    days = [list(one.rest) for one in (early, late)]
    early.push(phones.BATCH)
    early.pull()
    backup(tmp_path / "morning.callout", address, data)
    phones.live(early)
    cursor = early.cursor
    for name in ("server", "drainer"):
        ground.kill(name)
    db.close_pools()
    await_that(nobody_is_connected, "the end of what the servers left")
    restore(tmp_path / "morning.callout", address, data)
    ground.start()
    phones.live(late)
    assert early.call("GET", f"/api/v1/sync/pull?cursor={cursor}", None)["mode"] == "replacement"
    early.answers.clear()
    early.rest = list(days[0])
    phones.live(early)
    oracle.assert_each_happened_once(early.phone.org_id, days)
    assert early.converged()
    assert late.converged()


def test_rows_of_a_replication_role_reach_phones_with_the_audit_of_the_night(ground: Ground) -> None:
    """No trigger fires for such a role. The drainer audits when a day has begun since the last time."""
    giver, taker = lives(ground)
    for one in (giver, taker):
        one.pull()
    (moved,) = giver.phone.visits
    assert ground.stack.postgres
    engineer = f"(SELECT id FROM engineers WHERE user_id = '{taker.phone.user_id}')"
    given = f"UPDATE visits SET engineer_id = {engineer} WHERE id = '{moved}'"
    database = str(make_url(os.environ["CALLOUT_DATABASE_OWNER_URL"]).database)
    ground.stack.postgres.sql(f"SET session_replication_role = replica; {given}", database)
    taker.pull()
    assert moved not in taker.copy["visits"], "nobody was told"
    with within(giver.phone.org_id) as tx:
        tx.session.execute(text("UPDATE sync_counters SET audited = '2026-01-01'"))
    await_that(lambda: _has(taker, moved) and not _has(giver, moved), "the audit of the drainer")


def _has(one: Life, visit_id: str) -> bool:
    one.pull()
    return visit_id in one.copy["visits"]
