"""RxDB's HTTP replication, in the shape of its own server, so that its stock client works unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

from app.kernel import synced
from app.kernel.db import Tx
from app.kernel.problems import ProblemType, not_found
from sync import devices, pull, recall, rows
from sync.faces import running, whole_rows
from sync.faces.whole_rows import OURS, Change, Data, Key, Standing
from sync.protocol.hostile import storable
from sync.protocol.merge import same
from sync.pull import Request
from sync.scope import Scope, scope_of

# Fields that the client's documents have a getter for: it cannot even read a document with one of its own.
OTHERWISE_CALLED = {"collection": "in_collection"}

OUTDATED = ProblemType("outdated-client", 426, "This copy cannot be brought up to date")


def demand_version(name: str, version: str) -> None:
    """Raises 404 for an unknown collection, 426 for a schema version that is not served."""
    collection = synced.collections().get(name)
    if collection is None:
        raise not_found("collection")
    if version != str(collection.version - 1):
        raise OUTDATED(f"The schema of {name} is at version {collection.version - 1}, not {version}.")


def pull_documents(tx: Tx, name: str, lwt: int, limit: int) -> Data:
    """Documents of a collection since the checkpoint `lwt` (0: from scratch), and the checkpoint after them.

    Fewer than `limit` documents mean "no more" to the client, so pages of the feed are added up until there are so
    many. It knows no way to be told "start anew": a checkpoint that would need it (of a database that was restored,
    too old, or of other rights) is answered 426, which the stock client reports as outdated.
    """
    documents: list[Data] = []
    cursor, more = lwt or None, True
    while more and len(documents) < limit:
        page = pull.pull(tx, Request(cursor, limit - len(documents), (name,)))
        if page.replacement and cursor is not None:
            raise OUTDATED("Begin this collection anew: what left it in the meantime is not known any more.")
        documents += _documents(page.changes.get(name, {}))
        cursor, more = page.cursor, page.more
    return {"documents": documents, "checkpoint": {"id": documents[-1]["id"] if documents else "", "lwt": cursor}}


def _documents(kinds: dict[str, bytes]) -> Iterator[Data]:
    """Rows as documents. A row on its way out is not announced: this client keeps a document that it has changed."""
    for row in orjson.loads(b"[" + kinds.get("upserts", b"") + b"]"):
        yield document_of(row)
    for row_id in orjson.loads(b"[" + kinds.get("removed", b"") + b"]"):
        yield {"id": row_id, "_deleted": True}


def document_of(row: Data) -> Data:
    """A row as a document."""
    return {**{OTHERWISE_CALLED.get(name, name): value for name, value in row.items()}, "_deleted": False}


def push_documents(tx: Tx, name: str, device_id: UUID, writes: list[Data]) -> list[Data]:
    """Takes writes; returns the true state of those documents that did not become what the client wanted.

    The values that were not taken are kept in Conflicts. A refused insert comes back as deleted. Never an error for
    one document: it would stop the whole collection for ever.
    """
    device = devices.own_device(tx, device_id)
    tx = devices.acting_on(tx, device)
    scope = scope_of(tx.actor)
    sound = [write for write in writes if isinstance(write.get("newDocumentState"), dict)]
    standing = running.standing(tx, scope, ((name, write["newDocumentState"].get("id")) for write in sound))
    changes = [_change(tx, name, device_id, write, standing) for write in sound]
    results = running.run(tx, device, changes, standing)
    if device.revoked_at is not None:
        return []
    statuses = {c.key: {result["status"] for result in results.get(c.key, [])} for c in changes}
    refused = [c.key for c in changes if statuses[c.key] - {"applied", "merged"} or _is_gone(c, results)]
    # The client passes over what it pulls about a document that it has changed itself: it must come again.
    again = [key for key in statuses if statuses[key] != {"applied"} and key in standing and key not in refused]
    recall.recall(tx, scope, again, 0)
    return _masters(tx, scope, name, [row_id for _, row_id in refused])


def _is_gone(change: Change, results: dict[Key, list[Data]]) -> bool:
    """What was applied may not be the client's to keep: a fact about a visit that is somebody else's by now."""
    told = results.get(change.key, [])
    return bool(told) and change.kind != "delete" and not any("row" in result for result in told)


def _change(tx: Tx, name: str, device_id: UUID, write: Data, known: dict[Key, Standing]) -> Change:
    """The change that a write means: three ways, with what the client assumed as the base, by business fields only.

    The revision in the assumed state may be old, after two quick edits; the values decide. The id is made from the
    write, so that one that is sent again because its answer was lost gets the same answer, and no second Conflict.
    """
    document, assumed = write["newDocumentState"], write.get("assumedMasterState")
    assumed = assumed if isinstance(assumed, dict) else None
    row_id, now = document.get("id"), known.get((name, str(document.get("id"))))
    said = json.dumps(storable([name, document, assumed]), sort_keys=True)
    change = Change(name, row_id, "update", {}, id=uuid5(uuid5(NAMESPACE_URL, str(device_id)), said))
    change.at = whole_rows.moment(document, ("device_at",) if assumed is None else ("updated_at",))
    if assumed is not None:
        change.seen = {key: value for key, value in assumed.items() if key not in OURS}
        change.base_rev = _revision(assumed, now)
    if document.get("_deleted"):
        change.kind = "delete"
        change.base_rev = now.rev if now and not _differences(now.body, change.seen) else change.base_rev
    elif assumed is None and now is None:
        change.kind, change.fields = "create", document
    else:
        change.fields = whole_rows.changed(_differences(change.seen, document), now)
    return change


def _revision(assumed: Data, now: Standing | None) -> int:
    rev = assumed.get("rev")
    sound = isinstance(rev, int) and not isinstance(rev, bool) and 0 <= rev <= (now.rev if now else rev)
    return rev if sound and isinstance(rev, int) else 0


def _differences(old: Data, new: Data) -> Data:
    return {k: v for k, v in new.items() if k not in OURS and (k not in old or not same(old[k], v))}


def _masters(tx: Tx, scope: Scope, name: str, ids: Iterable[str]) -> list[Data]:
    """The true states: rows as their reader may see them, and blank tombstones for the others."""
    asked = {row_id: str(UUID(row_id)) if whole_rows.is_uuid(row_id) else "" for row_id in ids}
    sound = [canonical for canonical in asked.values() if canonical]
    found = {str(row.id): orjson.loads(row.body) for row in rows.read(tx, scope, name, sound)} if sound else {}
    return [
        document_of(found[canonical]) if canonical in found else {"id": storable(row_id), "_deleted": True}
        for row_id, canonical in asked.items()
    ]
