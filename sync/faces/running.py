"""Running what stock clients meant through the push: rows read before, mutations numbered, results sorted by row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from app.kernel import synced
from app.kernel.db import Tx
from app.people.models import Device
from sync import rows
from sync.faces import whole_rows
from sync.faces.whole_rows import Change, Data, Key, Standing
from sync.push import push
from sync.scope import Scope
from sync.sql import id_array

KNOWN = text("""
    SELECT id FROM sync_mutations
    WHERE org_id = current_org() AND device_id = :device AND id = ANY(CAST(:ids AS uuid[]))
""")


def standing(tx: Tx, scope: Scope, keys: Iterable[tuple[str, Any]]) -> dict[Key, Standing]:
    """The rows as they stand, of those that the actor may see."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for name, row_id in keys:
        if name in synced.collections() and whole_rows.is_uuid(row_id):
            by_name[name].append(row_id)
    found = {}
    for name, ids in by_name.items():
        asked = {str(UUID(row_id)): row_id for row_id in ids}
        for row in rows.read(tx, scope, name, asked):
            found[name, asked[str(row.id)]] = Standing(row.rev, orjson.loads(row.body))
    return found


def run(tx: Tx, device: Device, changes: Iterable[Change], known: dict[Key, Standing]) -> dict[Key, list[Data]]:
    """Pushes what the changes mean, steps of visits after everything else, and returns the results of each row."""
    told: dict[UUID, tuple[Key, Data]] = {}
    for change in changes:
        for mutation in whole_rows.mutations(tx, change, known.get(change.key)):
            told[mutation["id"]] = (change.key, mutation)
    in_order = sorted(told.values(), key=lambda item: item[1]["type"] == "transition")
    results: dict[Key, list[Data]] = defaultdict(list)
    if in_order:
        numbered = _numbered(tx, device, [mutation for _, mutation in in_order])
        for result in orjson.loads(push(tx, device.id, numbered))["results"]:
            results[told[UUID(result["id"])][0]].append(result)
    return results


def _numbered(tx: Tx, device: Device, mutations: list[Data]) -> list[Data]:
    """Numbers for the mutations that were never run; the others only fetch their results."""
    values = {"device": device.id, "ids": id_array(mutation["id"] for mutation in mutations)}
    ran = set(tx.session.scalars(KNOWN, values))
    fresh = (mutation for mutation in mutations if mutation["id"] not in ran)
    numbers = {mutation["id"]: device.push_seq + place for place, mutation in enumerate(fresh, 1)}
    return [{**mutation, "seq": numbers.get(mutation["id"], 1)} for mutation in mutations]
