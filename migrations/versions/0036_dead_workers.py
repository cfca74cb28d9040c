"""A task is taken up when its worker has not been heard of for a minute: workers say every ten seconds that they go on.

It was ten minutes, in which a plan stood still whose worker had been killed.
"""

from __future__ import annotations

from alembic import op

revision, down_revision = "0036", "0035"


def upgrade() -> None:
    op.execute("""
        CREATE OR REPLACE FUNCTION tasks_due(batch integer) RETURNS TABLE (task_id uuid, org_id uuid)
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
        BEGIN ATOMIC
            SELECT tasks.id, tasks.org_id FROM tasks
            WHERE (state = 'queued' AND run_after <= clock_timestamp())
               OR (state = 'running' AND heartbeat_at < now() - interval '1 minute')
            ORDER BY run_after LIMIT batch;
        END
    """)
