"""Whose days have changed since one looked last: the plan revision of an organisation.

Triggers note the engineers whom a change touches together with its transaction (`plan_changes`). A revision is what a
snapshot of the database has seen; whatever it has not seen and a later one sees has changed in between. So it does not
matter in which order transactions commit, and nobody waits for a counter.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from app.kernel.db import Tx

EVERYBODY = UUID(int=0)
"""Stands for a change that may touch any day."""
FIRST = "1:1:"
"""The revision of somebody who has seen nothing."""

# Transactions past the horizon of this snapshot come from the server out of which a dump was restored.
_ASKED = text("""
    SELECT pg_current_snapshot()::text AS revision, pg_postmaster_start_time()::text AS server,
           EXISTS (SELECT FROM plan_changes WHERE xid = pg_current_xact_id_if_assigned()) AS own,
           ARRAY (SELECT DISTINCT engineer_id FROM plan_changes
                  WHERE xid >= pg_snapshot_xmin(CAST(:seen AS pg_snapshot))
                    AND xid < pg_snapshot_xmax(pg_current_snapshot())
                    AND NOT pg_visible_in_snapshot(xid, CAST(:seen AS pg_snapshot))) AS engineers
""")


@dataclass(frozen=True)
class Revision:
    """What has changed since `seen`."""

    seen: str
    """what this statement sees: ask again with it later"""
    server: str
    """since when the database server runs; another one may have lost changes that are not on disk"""
    own: bool
    """whether this transaction itself changes plans: what it reads is nobody else's business"""
    engineers: frozenset[UUID]


def changes(tx: Tx, seen: str) -> Revision:
    """The engineers whose days have changed since `seen`, and the revision now."""
    row = tx.session.execute(_ASKED, {"seen": seen}).one()
    return Revision(row.revision, row.server, row.own, frozenset(row.engineers))
