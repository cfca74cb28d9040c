"""Writes of positions: a batch in one statement; and the trackers that may send them."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from app.kernel import events, rows
from app.kernel.db import Tx
from app.kernel.http.rendering import dumps
from app.kernel.permissions import Scope
from app.kernel.problems import FORBIDDEN, Problem, invalid
from app.people.models import Engineer
from app.positions import rules
from app.positions.models import Tracker, TrackerHealth

# Null without consent; with it, the partitions of the fixes are made, and that of the month after long before its time.
CONSENT = text("""
SELECT CASE WHEN consent_tracking THEN positions_cover(:first, CAST(:last AS timestamptz) + interval '31 days') END
FROM engineers WHERE id = :engineer AND deleted_at IS NULL
""")
# Sorted and stored once, whatever order they came in; what lies outside a shift is only counted. When the engineer is
# on duty is asked once a batch: shifts without absences, as one set of times.
RECORD = text("""
WITH given AS (
    SELECT DISTINCT ON (at) * FROM jsonb_to_recordset(CAST(:fixes AS jsonb)) AS f(
        at timestamptz(3), lat float8, lon float8, accuracy real, speed real, bearing real, altitude real,
        battery real, mock boolean)
    ORDER BY at
), duty AS MATERIALIZED (
    SELECT (SELECT coalesce(range_agg(tstzrange(starts_at, ends_at)), '{}') FROM shifts
            WHERE engineer_id = :engineer AND deleted_at IS NULL AND starts_at <= :last AND ends_at > :first)
         - (SELECT coalesce(range_agg(tstzrange(starts_at, ends_at)), '{}') FROM absences
            WHERE engineer_id = :engineer AND deleted_at IS NULL AND starts_at <= :last AND ends_at > :first) AS times
), judged AS (
    SELECT *, at <@ (SELECT times FROM duty) AS on_shift FROM given
), entered AS (
    INSERT INTO positions
        (engineer_id, device_id, at, location, accuracy, speed, bearing, altitude, battery, mock, received_at)
    SELECT :engineer, :device, at, ST_SetSRID(ST_MakePoint(lon, lat), 4326), accuracy, speed, bearing, altitude,
        battery, coalesce(mock, false), :received
    FROM judged WHERE on_shift ON CONFLICT DO NOTHING RETURNING *
), newest AS (
    INSERT INTO latest_positions AS l
        (engineer_id, at, location, accuracy, speed, bearing, altitude, battery, mock, received_at)
    SELECT engineer_id, at, location, accuracy, speed, bearing, altitude, battery, mock, received_at
    FROM entered ORDER BY at DESC LIMIT 1
    ON CONFLICT (org_id, engineer_id) DO UPDATE SET (at, location, accuracy, speed, bearing, altitude, battery, mock,
        received_at) = (excluded.at, excluded.location, excluded.accuracy, excluded.speed, excluded.bearing,
        excluded.altitude, excluded.battery, excluded.mock, excluded.received_at)
    WHERE excluded.at > l.at RETURNING at
)
SELECT (SELECT count(*) FROM entered) AS stored, (SELECT count(*) FROM judged WHERE NOT on_shift) AS outside_shift,
    (SELECT at FROM newest) AS moved_at
""")


@dataclass(frozen=True)
class Recorded:
    """What became of a batch. `refused`: from the future, or older than `rules.OLDEST`. Without consent nothing is."""

    stored: int = 0
    duplicates: int = 0
    outside_shift: int = 0
    refused: int = 0
    consent: bool = True


def record(tx: Tx, fixes: Sequence[dict[str, Any]], engineer_id: UUID | None = None) -> Recorded:
    """Stores the fixes of the acting engineer (or of `engineer_id`, for those who may write everybody's).

    Each has `at`, `lat`, `lon` and perhaps accuracy (m), speed (m/s), bearing (°), altitude (m), battery (%), mock.
    Late, repeated and unordered ones are fine. Emits `position.moved` when the newest known fix is newer now.
    """
    chosen = _chosen(tx, engineer_id)
    good = [fix for fix in fixes if rules.plausible(fix["at"], tx.now)]
    times = [fix["at"] for fix in good] or [tx.now]
    asked = {"engineer": chosen, "first": min(times), "last": max(times)}
    consent = tx.session.execute(CONSENT, asked).one_or_none()
    if consent is None:
        raise _nobody()
    if consent[0] is None:
        return Recorded(consent=False)
    if not good:
        return Recorded(refused=len(fixes))
    values = {**asked, "device": tx.actor.device_id, "received": tx.now, "fixes": dumps(good).decode()}
    done = tx.session.execute(RECORD, values).one()
    if done.moved_at is not None:
        payload = {"engineer_id": chosen, "at": done.moved_at}
        events.emit(tx, "position.moved", rows.plain(payload))
    repeated = len(good) - done.stored - done.outside_shift
    return Recorded(done.stored, repeated, done.outside_shift, len(fixes) - len(good))


def _chosen(tx: Tx, engineer_id: UUID | None) -> UUID:
    scope = tx.actor.demand("positions.write")
    if engineer_id is not None and scope is not Scope.ALL and engineer_id != tx.actor.engineer_id:
        raise FORBIDDEN("You can send positions of your own only.")
    chosen = engineer_id or tx.actor.engineer_id
    if chosen is None:
        raise _nobody()
    return chosen


def _engineer(tx: Tx, engineer_id: UUID | None) -> Engineer:
    engineer = tx.find(Engineer, _chosen(tx, engineer_id))
    if engineer is None:
        raise _nobody()
    return engineer


def _nobody() -> Problem:
    return invalid("/engineer_id", "Positions belong to an engineer: sign in as one, or name one.")


def record_health(tx: Tx, data: dict[str, Any]) -> None:
    """Keeps what the acting engineer's phone says of its tracker; the newest word counts."""
    engineer = _engineer(tx, None)
    values = {"battery": None, "interval_s": None, **data, "at": tx.now}
    statement = insert(TrackerHealth).values(engineer_id=engineer.id, **values)
    tx.session.execute(statement.on_conflict_do_update(index_elements=["org_id", "engineer_id"], set_=values))


def add_tracker(tx: Tx, name: str, engineer_id: UUID | None = None) -> tuple[Tracker, str]:
    """A tracker for the acting engineer (or a named one). Returns it and its token, which is shown this once."""
    engineer = _engineer(tx, engineer_id)
    token = base64.b32encode(secrets.token_bytes(15)).decode().lower()
    tracker = tx.add(Tracker(engineer_id=engineer.id, name=name, token_hash=token_hash(token)))
    rows.written(tx, tracker, "created", {"engineer_id": engineer.id, "name": name})
    return tracker, token


def token_hash(token: str) -> bytes:
    """What is stored of a token: 120 random bits need no slow hash."""
    return hashlib.sha256(token.strip().lower().encode()).digest()
