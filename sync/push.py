"""Pushing: a device's mutations in its order, each in a savepoint, each result stored in the transaction of its deed.

A batch may be sent again any number of times: what has a result gets that result, and nothing happens twice.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kernel.db import Tx
from app.kernel.http.rendering import database_problem, dumps
from app.kernel.problems import INTERNAL, INVALID, STATE_CONFLICT, FieldError, Problem
from app.kernel.synced import FieldMutation, Outcome
from sync import devices, rows
from sync.apply import apply, collection_of
from sync.conflicts import keep
from sync.protocol.clocks import Clock
from sync.protocol.hostile import storable
from sync.protocol.mutations import Malformed, Mutation, line_up, parse
from sync.scope import Scope, scope_of

log = structlog.get_logger()

STORED = text("""
    SELECT id, status, result::text AS result FROM sync_mutations
    WHERE org_id = current_org() AND device_id = :device AND id = ANY(CAST(:ids AS uuid[])) AND status <> 'held'
""")
HELD = text("""
    SELECT sent FROM sync_mutations WHERE org_id = current_org() AND device_id = :device AND status = 'held'
""")
STORE = text("""
    INSERT INTO sync_mutations (device_id, id, seq, user_id, sent, status, result, received_at)
    SELECT :device, m.id, m.seq, :user, m.sent, m.status, m.result, :now
    FROM json_to_recordset(CAST(:rows AS json))
      AS m (id uuid, seq bigint, sent jsonb, status text, result json)
    ON CONFLICT (org_id, device_id, id) DO UPDATE SET status = EXCLUDED.status, result = EXCLUDED.result
    WHERE sync_mutations.status = 'held'
""")

Sent = dict[str, Any]


@dataclass
class Batch:
    """One push while it runs. `touched` are the rows to show: {collection: {row id: [mutation id]}}."""

    tx: Tx
    scope: Scope
    clock: Clock
    device_id: UUID
    results: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    sent: dict[UUID, Sent] = field(default_factory=dict)
    touched: dict[str, dict[UUID, list[UUID]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def answer(self, sent: Sent, status: str, **more: Any) -> None:
        """Notes what came of a mutation."""
        filled = {name: value for name, value in more.items() if value is not None}
        self.results[sent["id"]] = {"id": sent["id"], "seq": sent["seq"], "status": status, **filled}
        self.sent[sent["id"]] = storable(sent)


def push(tx: Tx, device_id: UUID, mutations: list[Sent]) -> bytes:
    """Runs the mutations (their `id` and `seq` checked already) and returns the answer as JSON.

    A revoked device's mutations are quarantined: kept as Conflicts, nothing changed, nothing shown.
    """
    device = devices.own_device(tx, device_id)
    tx = devices.acting_on(tx, device)
    batch = Batch(tx, scope_of(tx.actor), devices.clock_of(tx, device), device_id)
    replayed = _stored(batch, [sent["id"] for sent in mutations])
    fresh = [sent for sent in mutations if sent["id"] not in replayed]
    expected = device.push_seq + 1
    if device.revoked_at is not None:
        expected = _quarantine(batch, fresh, expected)
    elif fresh:
        expected = _run(batch, fresh, device.push_seq)
        rows.show(batch.tx, batch.scope, batch.touched, batch.results)
        devices.note_wait(tx, device, any(result["status"] == "held" for result in batch.results.values()))
    _store(batch)
    device.push_seq, device.last_seen_at = expected - 1, tx.now
    tx.session.flush()
    return _encode(batch, mutations, replayed, expected)


def _stored(batch: Batch, ids: list[UUID]) -> dict[UUID, bytes]:
    values = {"device": batch.device_id, "ids": "{" + ",".join(map(str, ids)) + "}"}
    return {row.id: row.result.encode() for row in batch.tx.session.execute(STORED, values)}


def _run(batch: Batch, fresh: list[Sent], acked: int) -> int:
    """Runs what is in line, holds what is behind a gap. Returns the number that is expected next."""
    offered: dict[int, Sent] = {}
    twice: list[Sent] = []
    for sent in [*_held(batch), *fresh]:
        if offered.setdefault(sent["seq"], sent)["id"] != sent["id"]:
            twice.append(sent)
    line = line_up(acked, offered)
    for seq in line.run:
        _run_one(batch, offered[seq])
    for sent in [*twice, *(offered[seq] for seq in line.reused)]:
        problem = STATE_CONFLICT(f"Number {sent['seq']} was used for another mutation.", expected_seq=line.expected)
        _reject(batch, sent, problem)
    for seq in line.held:
        batch.answer(offered[seq], "held")
    return line.expected


def _held(batch: Batch) -> list[Sent]:
    stored = batch.tx.session.scalars(HELD, {"device": batch.device_id})
    return [{**sent, "id": UUID(sent["id"])} for sent in stored]


def _run_one(batch: Batch, sent: Sent) -> None:
    """Applies one mutation in a savepoint; whatever is wrong with it stays its own affair."""
    try:
        mutation = parse(sent)
        with batch.tx.savepoint():
            outcome = _apply(batch, mutation, sent)
    except Malformed as error:
        _reject(batch, sent, INVALID(error.detail, errors=[FieldError(error.pointer, error.detail)]))
    except Problem as problem:
        _reject_unless_passing(batch, sent, problem, problem)
    except DBAPIError as error:
        _reject_unless_passing(batch, sent, database_problem(error), error)
    except Exception as error:
        _reject_unless_passing(batch, sent, None, error)
    else:
        _note(batch, mutation, sent, outcome)


def _apply(batch: Batch, mutation: Mutation, sent: Sent) -> Outcome:
    corrected_at, flags = batch.clock.correct(mutation.device_at, batch.tx.now)
    collection = collection_of(mutation.collection, mutation.kind)
    change = FieldMutation(
        id=mutation.id,
        seq=mutation.seq,
        row_id=mutation.row_id,
        kind=mutation.kind,
        base_rev=mutation.base_rev,
        data=mutation.data,
        device_id=batch.device_id,
        device_at=mutation.device_at,
        corrected_at=corrected_at,
        flags=flags,
    )
    return apply(batch.tx, batch.scope, collection, change, sent)


def _note(batch: Batch, mutation: Mutation, sent: Sent, outcome: Outcome) -> None:
    conflict_id = outcome.conflict_id
    if outcome.status == "rejected" and conflict_id is None:
        conflict_id = keep(batch.tx, sent, "rejected")
    batch.answer(sent, outcome.status, conflict_id=conflict_id, problem=outcome.problem)
    batch.touched[mutation.collection][mutation.row_id].append(mutation.id)


def _reject_unless_passing(batch: Batch, sent: Sent, problem: Problem | None, error: Exception) -> None:
    """What passes by itself (deadlock, no connection) fails the whole push, which is then sent again."""
    if problem is not None and problem.kind.status == 503:
        raise error
    if problem is None:
        log.error("mutation failed", mutation=str(sent["id"]), exc_info=error)
        problem = INTERNAL("This change could not be processed; it is kept and has been written down.")
    _reject(batch, sent, problem)


def _reject(batch: Batch, sent: Sent, problem: Problem) -> None:
    """Keeps a rejected mutation: it comes back down to its user as a Conflict."""
    conflict_id = keep(batch.tx, storable(sent), "rejected", theirs={"problem": problem.document()})
    batch.answer(sent, "rejected", conflict_id=conflict_id, problem=problem.document())


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
    batch.tx.session.execute(STORE, values)


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
