"""What the moves of a batch will find: the balances that they take from, locked, so that none has to be written for
the next one to know what is left."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.kernel import rows
from app.kernel.db import Tx
from app.kernel.prepared import prepared
from app.stock.models import Part, StockLocation, StockMove

Pair = tuple[UUID, UUID]

# In one order, so that no two batches wait for one another. The balances are asked for afterwards: a statement that
# has waited for a lock still counts what there was before it waited.
LOCK = prepared(
    """
    SELECT i.location_id, i.part_id
    FROM unnest(CAST(:locations AS uuid[]), CAST(:parts AS uuid[])) AS asked (location_id, part_id)
    JOIN stock_items i ON i.org_id = current_org() AND i.location_id = asked.location_id AND i.part_id = asked.part_id
    ORDER BY i.location_id, i.part_id FOR NO KEY UPDATE OF i
""",
    "lock stock items",
)
# What never lay there is made beforehand, in the same order: were each made by its own move, two batches that take the
# same new parts in different orders would end in a deadlock, again and again.
MAKE = prepared(
    """
    INSERT INTO stock_items (id, location_id, part_id, moves)
    SELECT md5(l.id::text || p.id::text)::uuid, l.id, p.id, 0
    FROM unnest(CAST(:locations AS uuid[]), CAST(:parts AS uuid[])) AS asked (location_id, part_id)
    JOIN stock_locations l ON l.org_id = current_org() AND l.id = asked.location_id
    JOIN parts p ON p.org_id = current_org() AND p.id = asked.part_id
    ORDER BY l.id, p.id ON CONFLICT DO NOTHING
""",
    "make stock items",
)
BALANCES = prepared(
    """
    SELECT location_id, part_id, stock_balance(location_id, part_id) AS quantity
    FROM unnest(CAST(:locations AS uuid[]), CAST(:parts AS uuid[])) AS asked (location_id, part_id)
""",
    "balances",
)


def foresee(tx: Tx, taken: Iterable[Pair]) -> None:
    """Learns the balances of (location, part) where both exist; nobody else moves them before this ends."""
    pairs = sorted(set(taken))
    if not pairs:
        return
    known = _lock(tx, pairs)
    if new := sorted(set(pairs).difference(known)):
        MAKE.run(tx.session, _arrays(new))
        known += _lock(tx, new)
    if not known:
        return
    for row in BALANCES.run(tx.session, _arrays(known)):
        tx.learn(_place(row.location_id, row.part_id), row.quantity)
        tx.learn(("ever", StockLocation, row.location_id), row.location_id)
        tx.learn(("ever", Part, row.part_id), row.part_id)


def _lock(tx: Tx, pairs: Iterable[Pair]) -> list[Pair]:
    return [(row.location_id, row.part_id) for row in LOCK.run(tx.session, _arrays(pairs))]


def balance_of(tx: Tx, location_id: UUID | None, part_id: UUID) -> Decimal | None:
    """What is foreseen to lie there; None when nobody knows without asking."""
    balance: Decimal | None = tx.known(_place(location_id, part_id))
    return balance


def enter(tx: Tx, data: dict[str, Any]) -> StockMove | None:
    """Enters a move out of a place whose balance is known, to be written with others. None: it must be written now,
    and what was foreseen of its ends is known no more."""
    source, target, part_id = data.get("from_location_id"), data.get("to_location_id"), data["part_id"]
    balance = balance_of(tx, source, part_id)
    if balance is None or target is not None or "id" in data:
        _forget(tx, (source, target), part_id)
        return None
    tx.learn(_place(source, part_id), balance - data["quantity"])
    row = tx.append(StockMove(**data, flagged_negative=balance < data["quantity"]))
    rows.written(tx, row, "created", data)
    return row


def _forget(tx: Tx, ends: Iterable[UUID | None], part_id: UUID) -> None:
    for location_id in ends:
        if balance_of(tx, location_id, part_id) is not None:
            tx.session.flush()
            tx.learn(_place(location_id, part_id), None)


def _place(location_id: UUID | None, part_id: UUID) -> tuple[str, UUID | None, UUID]:
    return ("balance", location_id, part_id)


def _arrays(pairs: Iterable[Pair]) -> dict[str, str]:
    locations, parts = zip(*((str(location_id), str(part_id)) for location_id, part_id in pairs), strict=True)
    return {"locations": "{" + ",".join(locations) + "}", "parts": "{" + ",".join(parts) + "}"}
