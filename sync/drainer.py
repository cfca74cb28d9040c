"""The drainer process: woken by LISTEN, and by the clock in case nobody rings. Any number may run at once."""

from __future__ import annotations

import threading
import time
from uuid import UUID

import structlog
from sqlalchemy import text

from app.kernel.config import config
from app.kernel.db import new_session
from app.kernel.listening import AWAY, listening
from sync import feed
from sync.audit import audit
from sync.triggers import CHANNEL

POLL_S = 2.0
PAUSE_WITHOUT_DATABASE_S = 2.0
HOUSEKEEPING_S = 3600.0

log = structlog.get_logger()


def run(stop: threading.Event) -> None:
    """Drains until `stop` is set; waits for the database when it is away. The transaction at hand is finished first."""
    while not stop.is_set():
        try:
            _run_connected(stop)
        except AWAY as gone:
            log.warning("drainer waits for the database", reason=str(gone).splitlines()[0])
            stop.wait(PAUSE_WITHOUT_DATABASE_S)


def _run_connected(stop: threading.Event) -> None:
    check_cluster()
    kept = 0.0
    with listening(config().database_drain_url, CHANNEL) as wait:
        while not stop.is_set():
            drain_pending()
            audit_due()
            if time.monotonic() - kept > HOUSEKEEPING_S:
                kept = time.monotonic()
                forget_old()
            wait(POLL_S)


def drain_pending() -> int:
    """Drains every organisation that has something pending or began a new day. Returns how many entries it took."""
    entries = 0
    for org_id in _organisations("organisations_with_pending_sync() UNION SELECT organisations_with_new_day()"):
        try:
            entries += feed.drain(org_id).entries
        except AWAY:
            raise
        except Exception:
            # One organisation's trouble is not the others'. Its lag shows, and the next round tries again.
            log.exception("drain failed", org=str(org_id))
    return entries


def audit_due() -> None:
    """Audits one of the organisations where a day has begun since the last time."""
    for org_id in _organisations("organisations_to_audit() LIMIT 1"):
        if found := audit(org_id):
            log.warning("the feed had missed rows", org=str(org_id), found=found)


def forget_old() -> None:
    """Forgets the old tombstones of every organisation."""
    for org_id in _organisations("organisations_with_sync()"):
        feed.forget(org_id)


def check_cluster() -> int:
    """The generation of this database; a new one when it runs on another cluster or timeline than before."""
    with new_session(feed.pool()) as session, session.begin():
        return int(session.execute(text("SELECT sync_check_cluster()")).scalar_one())


def _organisations(source: str) -> list[UUID]:
    with new_session(feed.pool()) as session, session.begin():
        return list(session.scalars(text(f"SELECT {source}")))
