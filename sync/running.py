"""Running mutations in their order: together as long as all goes well, one by one around what does not.

Together, a batch is one savepoint: rooms prepare in bulk, commands remember what was asked, inserts gather until
somebody asks for them. When a mutation fails, everything is undone, those before it run together again, and it runs
alone, in a savepoint of its own: whatever is wrong with it stays its own affair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from app.kernel import synced
from app.kernel.db import Memory, Tx
from app.kernel.http.rendering import database_problem
from app.kernel.problems import INTERNAL, INVALID, FieldError, Problem
from app.kernel.synced import FieldMutation, Outcome, Prepare
from sync.apply import Own, Scopes, apply, collection_of
from sync.conflicts import keep
from sync.protocol.clocks import Clock
from sync.protocol.hostile import storable
from sync.protocol.mutations import Malformed, Mutation, parse
from sync.scope import Scope

log = structlog.get_logger()

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
    own: Own = field(default_factory=Own)

    def answer(self, sent: Sent, status: str, *, clean: bool = False, **more: Any) -> None:
        """Notes what came of a mutation. clean: it was read, so it holds nothing that cannot be stored."""
        filled = {name: value for name, value in more.items() if value is not None}
        self.results[sent["id"]] = {"id": sent["id"], "seq": sent["seq"], "status": status, **filled}
        self.sent[sent["id"]] = sent if clean else storable(sent)

    def trial(self) -> Batch:
        """A batch with a memory and nothing in it yet, for mutations that may have to be undone."""
        tx = replace(self.tx, memory=Memory())
        return Batch(tx, self.scope, self.clock, self.device_id, own=self.own.copy())

    def take(self, trial: Batch) -> None:
        """Adds what a trial that went well has brought."""
        self.results |= trial.results
        self.sent |= trial.sent
        self.own = trial.own
        for collection, rows in trial.touched.items():
            for row_id, ids in rows.items():
                self.touched[collection][row_id] += ids

    def field_mutation(self, mutation: Mutation) -> FieldMutation:
        """The mutation as rooms get it."""
        corrected_at, flags = self.clock.correct(mutation.device_at, self.tx.now)
        return FieldMutation(
            id=mutation.id,
            seq=mutation.seq,
            row_id=mutation.row_id,
            kind=mutation.kind,
            base_rev=mutation.base_rev,
            data=mutation.data,
            device_id=self.device_id,
            device_at=mutation.device_at,
            corrected_at=corrected_at,
            flags=flags,
        )


def run(batch: Batch, line: Sequence[Sent]) -> None:
    """Runs the mutations of `line` in their order; every one has its answer in `batch` then."""
    rest, many = list(line), len(line)
    while rest:
        some = rest[:many]
        reached = _together(batch, some)
        if 0 < reached < len(some) and _together(batch, some[:reached]) < reached:
            for sent in some[:reached]:
                run_alone(batch, sent)
        if reached < len(some):
            run_alone(batch, some[reached])
        done = min(reached + 1, len(some))
        # Where one was refused more will be: fewer are tried together, so that many bad ones cost little more each.
        refused = reached < len(some) and batch.results[some[reached]["id"]]["status"] == "rejected"
        many = max(1, many // 4) if refused else many * 2
        rest = rest[done:]


def _together(batch: Batch, line: list[Sent]) -> int:
    """Runs all of `line`, or nothing. Returns how many went well before trouble showed: all, or the place of it."""
    if len(line) < 2:
        return 0
    trial = batch.trial()
    mutations: list[Mutation] = []
    try:
        for reached in range(len(line)):
            mutations.append(parse(line[reached]))
        changes = [trial.field_mutation(mutation) for mutation in mutations]
        with trial.tx.savepoint():
            _prepare(trial.tx, mutations, changes)
            scopes = Scopes(trial.tx, trial.scope, mutations)
            for reached in range(len(line)):
                outcome = _apply(trial, mutations[reached], changes[reached], line[reached], scopes)
                _note(trial, mutations[reached], line[reached], outcome)
    except Exception as error:
        if isinstance(error, DBAPIError):
            _raise_if_passing(database_problem(error), error)
        elif not isinstance(error, Problem | Malformed):
            log.warning("batch runs one by one", mutations=len(line), exc_info=error)
        return reached
    batch.take(trial)
    return len(line)


def _prepare(tx: Tx, mutations: Sequence[Mutation], changes: Sequence[FieldMutation]) -> None:
    asked: dict[Prepare, dict[str, list[FieldMutation]]] = defaultdict(lambda: defaultdict(list))
    for mutation, change in zip(mutations, changes, strict=True):
        collection = synced.collections().get(mutation.collection)
        if collection and collection.prepare:
            asked[collection.prepare][mutation.collection].append(change)
    for prepare, by_collection in asked.items():
        prepare(tx, by_collection)


def _apply(batch: Batch, mutation: Mutation, change: FieldMutation, sent: Sent, scopes: Scopes | None) -> Outcome:
    collection = collection_of(mutation.collection, mutation.kind)
    return apply(batch.tx, batch.scope, collection, change, sent, batch.own, scopes)


def run_alone(batch: Batch, sent: Sent) -> None:
    """Applies one mutation in a savepoint; what is wrong with it is its result, and kept."""
    try:
        mutation = parse(sent)
        with batch.tx.savepoint():
            outcome = _apply(batch, mutation, batch.field_mutation(mutation), sent, None)
    except Malformed as error:
        reject(batch, sent, INVALID(error.detail, errors=[FieldError(error.pointer, error.detail)]))
    except Problem as problem:
        _reject_unless_passing(batch, sent, problem, problem)
    except DBAPIError as error:
        _reject_unless_passing(batch, sent, database_problem(error), error)
    except Exception as error:
        _reject_unless_passing(batch, sent, None, error)
    else:
        _note(batch, mutation, sent, outcome)


def _note(batch: Batch, mutation: Mutation, sent: Sent, outcome: Outcome) -> None:
    conflict_id = outcome.conflict_id
    if outcome.status == "rejected" and conflict_id is None:
        conflict_id = keep(batch.tx, sent, "rejected")
    batch.answer(sent, outcome.status, clean=True, conflict_id=conflict_id, problem=outcome.problem)
    batch.touched[mutation.collection][mutation.row_id].append(mutation.id)


def _raise_if_passing(problem: Problem | None, error: Exception) -> None:
    """What passes by itself (deadlock, no connection) fails the whole push, which is then sent again."""
    if problem is not None and problem.kind.status == 503:
        raise error


def _reject_unless_passing(batch: Batch, sent: Sent, problem: Problem | None, error: Exception) -> None:
    _raise_if_passing(problem, error)
    if problem is None:
        log.error("mutation failed", mutation=str(sent["id"]), exc_info=error)
        problem = INTERNAL("This change could not be processed; it is kept and has been written down.")
    reject(batch, sent, problem)


def reject(batch: Batch, sent: Sent, problem: Problem) -> None:
    """Keeps a rejected mutation: it comes back down to its user as a Conflict."""
    conflict_id = keep(batch.tx, storable(sent), "rejected", theirs={"problem": problem.document()})
    batch.answer(sent, "rejected", conflict_id=conflict_id, problem=problem.document())
