"""A new organisation is known to the planner soon, also where others have a hundred times as much.

The planner knows the share of each organisation from statistics. Of one that has none there it expects a single row,
and then any index that begins with the organisation looks as good as the key: each row of a page may cost a walk
through all of them. A tenth of a table has to change before its statistics are taken again; from here on a fiftieth.
"""

from __future__ import annotations

from alembic import op

revision, down_revision = "0032", "0031"

READ_BY_SYNC = (
    *("sync_state", "engineers", "territories", "accounts", "contacts", "sites", "assets", "parts", "stock_items"),
    *("expenses", "job_types", "jobs", "visits", "checklist_items", "checklist_answers", "time_entries", "part_uses"),
    *("notes", "conflicts", "media", "signatures"),
)


def upgrade() -> None:
    for table in READ_BY_SYNC:
        op.execute(f"ALTER TABLE {table} SET (autovacuum_analyze_scale_factor = 0.02)")
