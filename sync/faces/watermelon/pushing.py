"""What a WatermelonDB client pushes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from app.kernel import synced
from app.kernel.db import Tx
from app.kernel.problems import ProblemType
from sync import devices, pull, recall
from sync.faces import running, whole_rows
from sync.faces.devices import own_device_id
from sync.faces.watermelon import memory
from sync.faces.watermelon.columns import nested, unflat
from sync.faces.watermelon.memory import Memory
from sync.faces.whole_rows import Change, Data, Key, Standing
from sync.protocol.cursor import parse
from sync.protocol.hostile import storable
from sync.protocol.merge import same
from sync.scope import Scope, scope_of
from sync.sql import id_array

MODIFIED = ProblemType("modified-since-pull", 409, "A row was changed after your pull; synchronise again")

NEWER = text("""
    SELECT EXISTS (SELECT FROM sync_state WHERE org_id = current_org() AND collection = :collection
                   AND row_id = ANY(CAST(:ids AS uuid[])) AND bucket = ANY(CAST(:buckets AS text[])) AND pos > :pos)
""")

Changes = dict[str, dict[str, list[Any]]]


def push_changes(tx: Tx, last_pulled_at: int, changes: Changes, *, strict: bool = False) -> None:
    """Takes what `pushChanges` sends. There is nothing to answer: what was not taken as it came is kept in a Conflict.

    A rejected id would stay dirty, and be pushed, for ever. Instead the client is sent its rows as they truly are with
    the next pull. strict: raises 409 and changes nothing if any row was changed after the pull.
    """
    device = devices.own_device(tx, own_device_id(tx))
    tx = devices.acting_on(tx, device)
    scope = scope_of(tx.actor)
    if strict:
        _demand_unmodified(tx, scope, last_pulled_at, changes)
    remembered = memory.load(tx, device.id)
    sent = list(_read_changes(changes))
    standing = running.standing(tx, scope, ((c.collection, c.row_id) for c in sent))
    _know_base(tx, scope, remembered.base(last_pulled_at), sent)
    for change in sent:
        _mean(change, standing.get(change.key), remembered.before(_name(change), last_pulled_at))
    results = running.run(tx, device, sent, standing)
    said = {_name(c): {"base_rev": c.base_rev, "data": storable(c.seen | c.fields)} for c in sent}
    memory.pushed(tx, device.id, Memory(remembered.came_from, remembered.went_to, False, last_pulled_at, said))
    if device.revoked_at is None:
        recall.recall(tx, scope, _to_tell(sent, results), last_pulled_at)


def _read_changes(changes: Changes) -> Iterator[Change]:
    """New and changed rows, then deletions; steps of visits are sorted last by whoever runs them."""
    for name, kinds in changes.items():
        inner = nested(name) if name in synced.collections() else frozenset()
        for kind in ("created", "updated"):
            for row in kinds[kind]:
                plain = unflat(row, inner) if isinstance(row, dict) else {}
                yield _read_row(name, kind, plain)
    for name, kinds in changes.items():
        for row_id in kinds["deleted"]:
            yield Change(name, row_id, "delete", {})


def _read_row(name: str, kind: str, row: Data) -> Change:
    """Rows come whole, however little of them was changed: only the columns in `_changed` are meant."""
    touched = [column for column in str(row.get("_changed") or "").split(",") if column]
    fields = {column: row[column] for column in touched if column in row} if kind == "updated" and touched else row
    at = whole_rows.moment(row, ("device_at", "created_at") if kind == "created" else ("updated_at",))
    return Change(name, row.get("id"), "create" if kind == "created" else "update", fields, at=at)


def _know_base(tx: Tx, scope: Scope, base: int | None, sent: list[Change]) -> None:
    """Fills in which revision of each row the client had seen."""
    by_name: dict[str, list[Change]] = defaultdict(list)
    for change in sent:
        if whole_rows.is_uuid(change.row_id):
            by_name[change.collection].append(change)
    for name, of_name in by_name.items():
        revisions = memory.revisions_at(tx, scope, base, name, [change.row_id for change in of_name])
        for change in of_name:
            change.base_rev = revisions.get(change.row_id, 0)


def _name(change: Change) -> str:
    return str(storable(f"{change.collection}/{change.row_id}"))


def _mean(change: Change, standing: Standing | None, before: Data | None) -> None:
    """Leaves of the change what is still to do: not what is so already, nor what the push before this one dealt with.

    A row that comes as new and is there already was pushed before, and its answer was lost.
    """
    if before:
        change.base_rev, change.seen = min(change.base_rev, before["base_rev"]), before["data"]
        change.fields = {k: v for k, v in change.fields.items() if k not in change.seen or not same(change.seen[k], v)}
    if change.kind == "delete":
        return
    if before or standing:
        change.kind = "update"
    change.fields = whole_rows.changed(change.fields, standing)


def _to_tell(sent: list[Change], results: dict[Key, list[Data]]) -> Iterator[Key]:
    """The rows whose client believes something else than what is so."""
    for change in sent:
        told = results.get(change.key, [])
        taken = bool(told) and all(result["status"] == "applied" for result in told)
        # What was applied may not be the client's to keep: a fact about a visit that is somebody else's by now.
        shown = change.kind == "delete" or any("row" in result for result in told)
        if not (taken and shown) and whole_rows.is_uuid(change.row_id):
            yield change.key


def _demand_unmodified(tx: Tx, scope: Scope, last_pulled_at: int, changes: Changes) -> None:
    cursor = parse(last_pulled_at)
    horizon = pull.look(tx, scope, cursor)
    start = horizon.start(cursor)
    for name, kinds in changes.items():
        rows = [row.get("id") for row in (*kinds["created"], *kinds["updated"]) if isinstance(row, dict)]
        ids = [row_id for row_id in (*rows, *kinds["deleted"]) if whole_rows.is_uuid(row_id)]
        values = {"collection": name, "ids": id_array(ids), "buckets": list(scope.buckets), "pos": start.after}
        if start.replacement or tx.session.scalar(NEWER, values):
            raise MODIFIED(f"Rows of {name} were changed after your pull. Pull, merge, and push again.")
