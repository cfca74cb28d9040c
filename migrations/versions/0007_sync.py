"""Sync: outbox, feed, counters, generations, what devices sent. The touch triggers are `sync.triggers`' business."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON, JSONB, TIMESTAMP

from migrations.helpers import tenant

revision, down_revision = "0007", "0006"

MOMENT = TIMESTAMP(timezone=True, precision=3)

FUNCTIONS = [
    """
    CREATE FUNCTION sync_generation() RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT gen FROM sync_generations ORDER BY id DESC LIMIT 1;
    END
    """,
    # Random, because the same dump restored twice must not continue twice under one number. When all 2,047 were used,
    # the one that was left longest ago comes again.
    """
    CREATE FUNCTION sync_new_generation() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    DECLARE drawn integer;
    BEGIN
        LOCK TABLE sync_generations IN EXCLUSIVE MODE;
        SELECT n INTO drawn FROM generate_series(1, 2047) AS n
        WHERE NOT EXISTS (SELECT FROM sync_generations g WHERE g.gen = n) ORDER BY random() LIMIT 1;
        IF drawn IS NULL THEN
            DELETE FROM sync_generations WHERE id = (SELECT min(id) FROM sync_generations) RETURNING gen INTO drawn;
        END IF;
        INSERT INTO sync_generations (gen, system, timeline)
        SELECT drawn, (SELECT system_identifier::text FROM pg_control_system()),
               (SELECT timeline_id FROM pg_control_checkpoint());
        RETURN drawn;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION sync_new_generation() FROM PUBLIC",
    # Another cluster or timeline means that this database is a copy, or lost its newest commits: a new history begins.
    """
    CREATE FUNCTION sync_check_cluster() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    DECLARE last sync_generations;
    BEGIN
        SELECT * INTO last FROM sync_generations ORDER BY id DESC LIMIT 1;
        IF last.system = (SELECT system_identifier::text FROM pg_control_system())
           AND last.timeline = (SELECT timeline_id FROM pg_control_checkpoint()) THEN
            RETURN last.gen;
        END IF;
        RETURN sync_new_generation();
    END $$
    """,
    """
    CREATE FUNCTION organisations_with_pending_sync() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT DISTINCT org_id FROM sync_outbox;
    END
    """,
    # Organisations whose local date is not the one looked at last; rows whose scope hangs on the date are due.
    """
    CREATE FUNCTION organisations_with_new_day() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT c.org_id FROM sync_counters c JOIN organisations o ON o.id = c.org_id
        WHERE c.day IS DISTINCT FROM (now() AT TIME ZONE o.timezone)::date::text;
    END
    """,
    """
    CREATE FUNCTION organisations_to_audit() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT org_id FROM sync_counters WHERE audited < day;
    END
    """,
    """
    CREATE FUNCTION organisations_with_sync() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT org_id FROM sync_counters;
    END
    """,
    """
    CREATE FUNCTION sync_lag_seconds() RETURNS double precision
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::double precision FROM sync_outbox;
    END
    """,
]


def upgrade() -> None:
    _feed()
    _clients()
    _generations()
    for statement in FUNCTIONS:
        op.execute(statement)
    op.execute("SELECT sync_new_generation()")


def _org() -> sa.Column[object]:
    return sa.Column("org_id", sa.Uuid, nullable=False, server_default=sa.func.current_org())


def _feed() -> None:
    op.create_table(
        "sync_outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        _org(),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("row_id", sa.Uuid, nullable=False),
        sa.Column("content", sa.Boolean, nullable=False),
        sa.Column("at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Index("ix_sync_outbox_org_id_id", "org_id", "id"),
    )
    op.create_table(
        "sync_state",
        _org(),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("row_id", sa.Uuid, nullable=False),
        sa.Column("bucket", sa.String, nullable=False),
        sa.Column("pos", sa.BigInteger, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("leaving_pos", sa.BigInteger),
        sa.Column("stamped_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("org_id", "collection", "row_id", "bucket"),
        sa.Index("uq_sync_state_feed", "org_id", "bucket", "pos", unique=True),
        sa.Index(
            "ix_sync_state_leaving",
            *("org_id", "bucket", "leaving_pos"),
            postgresql_where=sa.text("leaving_pos IS NOT NULL"),
        ),
        sa.Index("ix_sync_state_tombstones", "org_id", "stamped_at", postgresql_where=sa.text("NOT live")),
    )
    op.create_table(
        "sync_counters",
        _org(),
        sa.Column("pos", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("floor", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("day", sa.String),
        sa.Column("audited", sa.String),
        sa.PrimaryKeyConstraint("org_id"),
    )
    op.create_table(
        "sync_views",
        _org(),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "user_id"),
    )
    # It is emptied all day: without its garbage, to ask whether anything is pending stays a matter of one page.
    op.execute(
        "ALTER TABLE sync_outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, "
        "autovacuum_vacuum_insert_threshold = -1)"
    )
    tenant("sync_outbox", "sync_state", "sync_counters", "sync_views")
    # A pull drains too when its organisation has something pending, as whoever it is that pulls.
    for table in ("sync_outbox", "sync_state", "sync_counters", "sync_views"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO callout_drain")


def _clients() -> None:
    op.create_table(
        "sync_tickets",
        _org(),
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("base", sa.BigInteger, nullable=False),
        sa.Column("pos", sa.BigInteger, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("org_id", "number"),
    )
    op.create_table(
        "sync_clients",
        _org(),
        sa.Column("device_id", sa.Uuid, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("waiting_since", MOMENT),
        sa.PrimaryKeyConstraint("org_id", "device_id"),
    )
    op.create_table(
        "sync_mutations",
        _org(),
        sa.Column("device_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("sent", JSONB, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("result", JSON),
        sa.Column("received_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("org_id", "device_id", "id"),
        sa.CheckConstraint(
            "status IN ('applied', 'merged', 'conflict', 'rejected', 'held')", name=op.f("ck_sync_mutations_status")
        ),
        sa.Index("ix_sync_mutations_held", "org_id", "device_id", "seq", postgresql_where=sa.text("status = 'held'")),
        sa.Index("ix_sync_mutations_received_at", "org_id", "received_at"),
    )
    tenant("sync_tickets", "sync_clients", "sync_mutations")
    op.execute("GRANT DELETE ON sync_tickets TO callout_drain")


def _generations() -> None:
    op.create_table(
        "sync_generations",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("gen", sa.SmallInteger, nullable=False),
        sa.Column("system", sa.String, nullable=False),
        sa.Column("timeline", sa.Integer, nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("gen BETWEEN 1 AND 2047", name=op.f("ck_sync_generations_gen")),
        sa.UniqueConstraint("gen"),
    )
    op.execute("ALTER TABLE sync_generations ENABLE ROW LEVEL SECURITY")
