"""After a large drain the planner learns the organisation at once, not when autovacuum comes by.

Until then a usual drain, a minute later, may walk through all that the organisation has for each row that it asks for.
"""

from __future__ import annotations

from alembic import op

revision, down_revision = "0035", "0034"

READ_BY_SYNC = (
    *("sync_state", "engineers", "territories", "accounts", "contacts", "sites", "assets", "parts", "stock_items"),
    *("expenses", "job_types", "jobs", "visits", "checklist_items", "checklist_answers", "time_entries", "part_uses"),
    *("notes", "conflicts", "media", "signatures"),
)


def upgrade() -> None:
    # Only tables in whose statistics the organisation is missing, although it has rows there. Whoever is at such a
    # table already (autovacuum, another drain) takes its statistics as well: nobody waits for that.
    op.execute(f"""
        CREATE FUNCTION sync_learn_organisation() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        DECLARE
            named text;
            here boolean;
            learnt integer := 0;
        BEGIN
            FOREACH named IN ARRAY '{{{",".join(READ_BY_SYNC)}}}'::text[] LOOP
                CONTINUE WHEN EXISTS (
                    SELECT FROM pg_stats WHERE schemaname = 'public' AND tablename = named AND attname = 'org_id'
                    AND current_org()::text = ANY (most_common_vals::text::text[]));
                EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE org_id = current_org())', named) INTO here;
                CONTINUE WHEN NOT here;
                EXECUTE format('ANALYZE (SKIP_LOCKED) %I', named);
                learnt := learnt + 1;
            END LOOP;
            RETURN learnt;
        END $$
    """)
    op.execute("REVOKE EXECUTE ON FUNCTION sync_learn_organisation() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION sync_learn_organisation() TO callout_drain")
