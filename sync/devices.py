"""Devices as the sync sees them: handshakes, clocks, who waits for what."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from app.kernel import audit, synced
from app.kernel.db import Tx
from app.kernel.problems import STATE_CONFLICT, invalid
from app.people.models import Device, Organisation, User
from app.work.models import Conflict
from sync.models import Client
from sync.protocol.clocks import Clock, offset_ms
from sync.scope import scope_of

MIN_APP_VERSION = "1.0.0"
# More rows than a phone should hold; the organisation's setting `max_scope_rows` says otherwise.
MAX_SCOPE_ROWS = 20_000

# Counted no further than the limit, so that a huge scope costs no more to notice than a large one.
SCOPE_ROWS = text("""
    SELECT count(*) FROM (
        SELECT FROM unnest(CAST(:buckets AS text[])) AS b(bucket) CROSS JOIN LATERAL (
            SELECT FROM sync_state s WHERE s.org_id = current_org() AND s.bucket = b.bucket AND s.live
            LIMIT :limit + 1) AS row
        LIMIT :limit + 1) AS rows
""")


def own_device(tx: Tx, device_id: UUID) -> Device:
    """The actor's device, locked, so that its pushes queue; made when it is new.

    Raises 422 when the token belongs to another device, 409 when the device belongs to somebody else.
    """
    if tx.actor.device_id not in (None, device_id):
        raise invalid("/device_id", "You signed in on another device.")
    user_id = scope_of(tx.actor).user_id
    fresh = insert(Device).values(id=device_id, user_id=user_id, name="Device").on_conflict_do_nothing()
    device = tx.find(Device, device_id, lock=True)
    if device is None:
        if tx.session.execute(fresh.returning(Device.id)).one_or_none():
            audit.record(tx, "device.registered", "device", device_id)
        device = tx.get(Device, device_id, lock=True)
    if device.user_id != user_id:
        raise STATE_CONFLICT("This device id belongs to somebody else; make a fresh one for each person.")
    return device


def acting_on(tx: Tx, device: Device) -> Tx:
    """The transaction with the device as part of its actor, also when the token names none."""
    actor = replace(tx.actor, device_id=device.id, device_revoked=device.revoked_at is not None)
    return Tx(tx.session, actor, tx.now)


def handshake(tx: Tx, given: dict[str, Any]) -> dict[str, Any]:
    """Takes note of a device and its clock, tells what it must know before it pushes and pulls.

    A revoked device is told to erase itself, and nothing else about it changes.
    """
    device = own_device(tx, given["device_id"])
    erase = device.revoked_at is not None
    offset = offset_ms(tx.now, given["device_time"])
    if erase:
        device.erased_at = device.erased_at or tx.now
    else:
        _remember(tx, device, given, offset)
    tx.session.flush()
    settings = tx.session.scalars(select(Organisation.settings)).one()
    scope = {} if erase else {"scope": _measure(tx, device, settings)}
    return {
        "server_time": tx.now,
        "clock_offset_ms": offset,
        "collections": {} if erase else {c.name: c.version for c in synced.collections().values()},
        "min_app_version": settings.get("min_app_version", MIN_APP_VERSION),
        "erase": erase,
        **scope,
    }


def scope_limit(settings: dict[str, Any]) -> int:
    """How many rows a phone should hold at most."""
    limit = settings.get("max_scope_rows")
    return limit if isinstance(limit, int) and 0 < limit < 2**31 else MAX_SCOPE_ROWS


def _measure(tx: Tx, device: Device, settings: dict[str, Any]) -> dict[str, Any]:
    """How large the scope is; remembered, so that the office sees who has more than a phone should hold."""
    limit = scope_limit(settings)
    values = {"buckets": list(scope_of(tx.actor).buckets), "limit": limit}
    rows = tx.session.execute(SCOPE_ROWS, values).scalar_one()
    kept = insert(Client).values(device_id=device.id, scope_rows=rows)
    tx.session.execute(kept.on_conflict_do_update(constraint="pk_sync_clients", set_={"scope_rows": rows}))
    return {"rows": rows, "limit": limit, "exceeded": rows > limit}


def _remember(tx: Tx, device: Device, given: dict[str, Any], offset: int) -> None:
    pending = given["pending"]
    device.app_version = given["app_version"]
    device.schema_versions = {**device.schema_versions, "native": given["schema_version"]}
    device.clock_offset_ms = offset
    device.last_seen_at = tx.now
    device.pending_count = pending["count"]
    device.pending_oldest_at = pending["oldest_at"]
    key = given.get("public_key")
    if key and key != device.public_key:
        device.public_key = key
        audit.record(tx, "device.key_registered", "device", device.id, {"public_key": key})
    if pending["count"] == 0:
        settled = insert(Client).values(device_id=device.id, settled_at=tx.now)
        tx.session.execute(
            settled.on_conflict_do_update(
                constraint="pk_sync_clients", set_={"settled_at": settled.excluded.settled_at}
            )
        )


def waiting_and_clock(tx: Tx, device: Device) -> tuple[datetime | None, Clock]:
    """Since when its mutations wait for a missing number (None: they do not), and what is known of its clock."""
    query = select(Client.waiting_since, Client.settled_at).where(Client.device_id == device.id)
    waiting_since, settled = tx.session.execute(query).one_or_none() or (None, None)
    offset = None if device.clock_offset_ms is None else timedelta(milliseconds=device.clock_offset_ms)
    return waiting_since, Clock(offset, settled)


def note_wait(tx: Tx, device: Device, waits: bool) -> None:
    """Remembers since when mutations of the device wait for a number that is missing before them."""
    row = insert(Client).values(device_id=device.id, waiting_since=tx.now if waits else None)
    since = func.coalesce(Client.waiting_since, row.excluded.waiting_since) if waits else None
    tx.session.execute(row.on_conflict_do_update(constraint="pk_sync_clients", set_={"waiting_since": since}))


def status(tx: Tx) -> dict[str, Any]:
    """What the dispatcher's screen shows: every device in use, how far the feed is behind, how many conflicts wait."""
    columns = (
        Device.id, Device.name, Device.platform, Device.app_version, Device.last_seen_at, Device.pending_count,
        Device.pending_oldest_at, Device.push_seq.label("acked_seq"), Device.clock_offset_ms, Device.revoked_at,
        Device.erased_at, User.id.label("user_id"), User.name.label("user_name"), Client.waiting_since,
        Client.scope_rows,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(User, User.id == Device.user_id)
        .outerjoin(Client, Client.device_id == Device.id)
        .where(Device.deleted_at.is_(None), User.deleted_at.is_(None))
        .order_by(Device.last_seen_at.desc().nulls_last(), Device.id)
        .limit(1_000)
    )
    lag = text("""
        SELECT coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::float FROM sync_outbox
        WHERE org_id = current_org()
    """)
    limit = scope_limit(tx.session.scalars(select(Organisation.settings)).one())
    open_conflicts = select(func.count()).select_from(Conflict).where(Conflict.status == "open")
    return {
        "devices": [
            {**row, "scope_exceeded": (row["scope_rows"] or 0) > limit} for row in tx.session.execute(query).mappings()
        ],
        "drain_lag_s": tx.session.scalar(lag),
        "open_conflicts": tx.session.scalar(open_conflicts.where(Conflict.deleted_at.is_(None))),
    }
