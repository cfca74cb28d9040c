"""Pushing: a device's mutations in its order, each result stored in the transaction of its deed.

A batch may be sent again any number of times: what has a result gets that result, and nothing happens twice.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from app.kernel.db import Tx
from app.kernel.http.rendering import dumps
from app.kernel.prepared import prepared
from app.kernel.problems import STATE_CONFLICT
from sync import devices, rows, running
from sync.conflicts import keep
from sync.protocol.hostile import storable
from sync.protocol.mutations import line_up
from sync.running import Batch, Sent
from sync.scope import scope_of
from sync.sql import id_array

# What became of those that are sent again, and what waits for the number that was missing before it.
KNOWN = prepared(
    """
    SELECT id, result::text AS result, NULL::jsonb AS sent FROM sync_mutations
    WHERE org_id = current_org() AND device_id = :device AND id = ANY(CAST(:ids AS uuid[])) AND status <> 'held'
    UNION ALL
    SELECT id, NULL, sent FROM sync_mutations
    WHERE org_id = current_org() AND device_id = :device AND status = 'held'
    """,
    "what is known of mutations",
)
STORE = prepared(
    """
    INSERT INTO sync_mutations (device_id, id, seq, user_id, sent, status, result, received_at)
    SELECT CAST(:device AS uuid), m.id, m.seq, CAST(:user AS uuid), m.sent, m.status, m.result,
           CAST(:now AS timestamptz)
    FROM json_to_recordset(CAST(:rows AS json))
      AS m (id uuid, seq bigint, sent jsonb, status text, result json)
    ON CONFLICT (org_id, device_id, id)
    DO UPDATE SET seq = EXCLUDED.seq, sent = EXCLUDED.sent, status = EXCLUDED.status, result = EXCLUDED.result
    WHERE sync_mutations.status = 'held'
    """,
    "store results",
)


# Every statement that follows walks along indexes, whatever the statistics say of tables that were small yesterday.
SETTINGS = text(
    "SELECT set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)"
)


def push(tx: Tx, device_id: UUID, mutations: list[Sent]) -> bytes:
    """Runs the mutations (their `id` and `seq` checked already) and returns the answer as JSON.

    A revoked device's mutations are quarantined: kept as Conflicts, nothing changed, nothing shown.
    """
    tx.session.execute(SETTINGS)
    device = devices.own_device(tx, device_id)
    tx = devices.acting_on(tx, device)
    waiting_since, clock = devices.waiting_and_clock(tx, device)
    batch = Batch(tx, scope_of(tx.actor), clock, device_id)
    replayed, held = _known(batch, [sent["id"] for sent in mutations])
    fresh = [sent for sent in mutations if sent["id"] not in replayed]
    # What is sent once more while it is held counts as it is sent now, whatever number it has now.
    again = {sent["id"] for sent in fresh}
    held = [sent for sent in held if sent["id"] not in again]
    expected = device.push_seq + 1
    if device.revoked_at is not None:
        expected = _quarantine(batch, [*held, *fresh], expected)
        if waiting_since is not None:
            devices.note_wait(tx, device, False)
    elif fresh:
        expected = _run(batch, held, fresh, device.push_seq)
        rows.show(batch.tx, batch.scope, batch.touched, batch.results)
        waits = any(result["status"] == "held" for result in batch.results.values())
        if waits != (waiting_since is not None):
            devices.note_wait(tx, device, waits)
    _store(batch)
    device.push_seq, device.last_seen_at = expected - 1, tx.now if mutations else device.last_seen_at
    tx.session.flush()
    return _encode(batch, mutations, replayed, expected)


def _known(batch: Batch, ids: list[UUID]) -> tuple[dict[UUID, bytes], list[Sent]]:
    """The results of those that ran already, by id, and the mutations that are held."""
    values = {"device": batch.device_id, "ids": id_array(ids)}
    stored: dict[UUID, bytes] = {}
    held: list[Sent] = []
    for row in KNOWN.run(batch.tx.session, values):
        if row.sent is None:
            stored[row.id] = row.result.encode()
        else:
            held.append({**row.sent, "id": row.id})
    return stored, held


def _run(batch: Batch, held: list[Sent], fresh: list[Sent], acked: int) -> int:
    """Runs what is in line, holds what is behind a gap. Returns the number that is expected next."""
    offered: dict[int, Sent] = {}
    twice: list[Sent] = []
    for sent in [*held, *fresh]:
        if offered.setdefault(sent["seq"], sent)["id"] != sent["id"]:
            twice.append(sent)
    line = line_up(acked, offered)
    running.run(batch, [offered[seq] for seq in line.run])
    for sent in [*twice, *(offered[seq] for seq in line.reused)]:
        problem = STATE_CONFLICT(f"Number {sent['seq']} was used for another mutation.", expected_seq=line.expected)
        running.reject(batch, sent, problem)
    for seq in line.held:
        batch.answer(offered[seq], "held")
    return line.expected


def _quarantine(batch: Batch, fresh: list[Sent], expected: int) -> int:
    for sent in fresh:
        batch.answer(sent, "conflict", conflict_id=keep(batch.tx, storable(sent), "revoked"))
        expected = max(expected, sent["seq"] + 1)
    return expected


def _store(batch: Batch) -> None:
    if not batch.results:
        return
    rows = [
        {
            "id": mutation_id,
            "seq": result["seq"],
            "sent": batch.sent[mutation_id],
            "status": result["status"],
            "result": result,
        }
        for mutation_id, result in batch.results.items()
    ]
    values = {"device": batch.device_id, "user": batch.scope.user_id, "now": batch.tx.now, "rows": dumps(rows).decode()}
    STORE.run(batch.tx.session, values)


def _encode(batch: Batch, mutations: list[Sent], replayed: dict[UUID, bytes], expected: int) -> bytes:
    results = [
        orjson.Fragment(b'{"replayed":true,' + replayed[sent["id"]][1:])
        if sent["id"] in replayed
        else batch.results[sent["id"]]
        for sent in mutations
    ]
    answer: dict[str, Any] = {"results": results, "acked_seq": expected - 1}
    if any(result["status"] == "held" for result in batch.results.values()):
        answer["expected_seq"] = expected
    return dumps(answer)
