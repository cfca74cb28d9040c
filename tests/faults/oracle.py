"""What must be true after any fault, asked of the database alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import text

from sync.audit import audit
from tests.factories import within


def count(org_id: UUID, query: str) -> int:
    with within(org_id) as tx:
        return int(tx.session.execute(text(query)).scalar_one())


def pending(org_id: UUID) -> bool:
    """Whether something waits to be drained."""
    return count(org_id, "SELECT count(*) FROM sync_outbox") > 0


def assert_each_happened_once(org_id: UUID, days: Iterable[list[dict[str, Any]]]) -> None:
    """Every mutation of the days of a fleet's phones has one effect of each kind, and one result: `applied`."""
    sent = [mutation for day in days for mutation in day]
    kinds = Counter((mutation["collection"], mutation["type"]) for mutation in sent)
    steps, uses = kinds["visits", "transition"], kinds["part_uses", "create"]
    expected = {
        "sync_mutations WHERE status = 'applied'": len(sent),
        "visits WHERE status <> 'completed'": 0,
        "visit_events WHERE device_id IS NOT NULL": steps,
        "events WHERE topic = 'visit.transitioned'": steps,
        "audit_entries WHERE action = 'visit.transitioned'": steps,
        "stock_moves WHERE kind = 'use'": uses,
        "conflicts": 0,
    }
    for collection in ("notes", "time_entries", "checklist_answers", "part_uses"):
        expected[collection] = kinds[collection, "create"]
    found = {what: count(org_id, f"SELECT count(*) FROM {what}") for what in expected}
    assert found == expected
    assert count(org_id, "SELECT count(DISTINCT (device_id, seq)) FROM sync_mutations") == len(sent)


def assert_the_feed_is_the_truth(org_id: UUID) -> None:
    """The feed holds what the truth says, and each position once, none of them behind the counter."""
    assert audit(org_id) == {}
    assert count(org_id, "SELECT count(*) - count(DISTINCT (bucket, pos)) FROM sync_state") == 0
    assert count(org_id, "SELECT max(pos) - (SELECT pos FROM sync_counters) FROM sync_state") <= 0
