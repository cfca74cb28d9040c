"""How a phone's tracker fares, and months of positions that are given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from migrations.helpers import tenant

revision, down_revision = "0023", "0022"

MOMENT = TIMESTAMP(timezone=True, precision=3)

# A month that is long over and holds nothing any more goes as a whole; who cannot have the lock soon comes again.
GIVE_UP = """
    CREATE FUNCTION positions_give_up() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE part text; filled boolean; gone integer := 0;
    BEGIN
        PERFORM set_config('lock_timeout', '2s', true);
        FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'public.positions'::regclass AND c.relname ~ '^positions_[0-9]{4}_[0-9]{2}$'
              AND to_date(right(c.relname, 7), 'YYYY_MM') < date_trunc('month', now() - interval '2 months')
        LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', part) INTO filled;
            IF NOT filled THEN
                BEGIN
                    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', part);
                    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', part) INTO filled; -- a fix may just have come
                    IF NOT filled THEN
                        EXECUTE format('DROP TABLE %I', part);
                        gone := gone + 1;
                    END IF;
                EXCEPTION WHEN lock_not_available THEN NULL;
                END;
            END IF;
        END LOOP;
        RETURN gone;
    END $$
"""
# Organisations that still hold positions have their minutes too: what is old must go, work or not.
TICK = """
    CREATE OR REPLACE FUNCTION tick_organisations(slot text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE made integer;
    BEGIN
        DELETE FROM tasks WHERE name = 'tick' AND state = 'done' AND created_at < now() - interval '1 hour';
        INSERT INTO tasks (org_id, id, name, key, args)
        SELECT o.id, gen_random_uuid(), 'tick', slot, '{}' FROM organisations o
        WHERE EXISTS (SELECT FROM jobs j WHERE j.org_id = o.id AND j.deleted_at IS NULL
                      AND j.status IN ('new', 'open', 'scheduled', 'in_progress'))
           OR EXISTS (SELECT FROM shifts s WHERE s.org_id = o.id AND s.deleted_at IS NULL
                      AND s.starts_at < now() + interval '1 hour' AND s.ends_at > now() - interval '4 hours')
           OR EXISTS (SELECT FROM latest_positions p WHERE p.org_id = o.id)
        ON CONFLICT (org_id, name, key) DO NOTHING;
        GET DIAGNOSTICS made = ROW_COUNT;
        IF made > 0 THEN
            PERFORM pg_notify('callout_tasks', '');
        END IF;
        RETURN made;
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "tracker_health",
        sa.Column(
            "org_id", sa.Uuid, sa.ForeignKey("organisations.id"), nullable=False, server_default=sa.func.current_org()
        ),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("permission", sa.String, nullable=False),
        sa.Column("battery", sa.REAL),
        sa.Column("interval_s", sa.Integer),
        sa.PrimaryKeyConstraint("org_id", "engineer_id"),
        sa.ForeignKeyConstraint(["org_id", "engineer_id"], ["engineers.org_id", "engineers.id"]),
        sa.CheckConstraint(
            "permission IN ('granted', 'while_open', 'denied', 'off')", name=op.f("ck_tracker_health_permission")
        ),
    )
    tenant("tracker_health")
    op.execute(GIVE_UP)
    op.execute("REVOKE EXECUTE ON FUNCTION positions_give_up FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION positions_give_up TO callout_app")
    op.execute(TICK)
