"""The kernel: tenancy, change tracking, organisations, audit, events, tasks, idempotency keys, numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from migrations.helpers import tenant, versioned

revision, down_revision = "0001", None

MOMENT = TIMESTAMP(timezone=True, precision=3)

ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'callout_app') THEN CREATE ROLE callout_app LOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'callout_drain') THEN CREATE ROLE callout_drain LOGIN; END IF;
END $$
"""

FUNCTIONS = [
    """
    CREATE FUNCTION current_org() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('callout.org_id', true), '')::uuid
    """,
    """
    CREATE FUNCTION row_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.rev := OLD.rev + 1;
        NEW.updated_at := clock_timestamp();
        RETURN NEW;
    END $$
    """,
    # field_revs names, for each field that ever changed, the revision that changed it last: the base of merging.
    """
    CREATE FUNCTION row_changed_fields() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.rev := OLD.rev + 1;
        NEW.updated_at := clock_timestamp();
        NEW.field_revs := OLD.field_revs || coalesce((
            SELECT jsonb_object_agg(n.key, NEW.rev)
            FROM jsonb_each(to_jsonb(NEW) - '{rev,updated_at,created_at,field_revs,search}'::text[]) AS n
            JOIN jsonb_each(to_jsonb(OLD)) AS o USING (key)
            WHERE n.value IS DISTINCT FROM o.value), '{}');
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
]

AUDIT = [
    # What the hash of an entry covers; one definition for sealing and for checking.
    """
    CREATE FUNCTION audit_digest(prev bytea, entry audit_entries) RETURNS bytea LANGUAGE sql IMMUTABLE
    RETURN sha256(prev || convert_to(jsonb_build_array(entry.org_id, entry.seq, extract(epoch FROM entry.at),
        entry.actor, entry.action, entry.subject_type, entry.subject_id, entry.data)::text, 'UTF8'))
    """,
    """
    CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND NEW.seq IS NOT NULL
           AND (to_jsonb(NEW) - '{seq,prev_hash,hash}'::text[]) = (to_jsonb(OLD) - '{seq,prev_hash,hash}'::text[]) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'audit_entries is append-only' USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_guard()",
    """
    CREATE FUNCTION audit_seal() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    DECLARE entry audit_entries; last_seq bigint; last_hash bytea; sealed integer := 0;
    BEGIN
        IF NOT pg_try_advisory_xact_lock(hashtextextended('audit:' || current_org()::text, 0)) THEN RETURN 0; END IF;
        SELECT seq, hash INTO last_seq, last_hash FROM audit_entries
        WHERE org_id = current_org() AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1;
        last_seq := coalesce(last_seq, 0); last_hash := coalesce(last_hash, '\\x'::bytea);
        FOR entry IN SELECT * FROM audit_entries WHERE org_id = current_org() AND seq IS NULL ORDER BY id LOOP
            last_seq := last_seq + 1;
            entry.seq := last_seq;
            UPDATE audit_entries SET seq = last_seq, prev_hash = last_hash, hash = audit_digest(last_hash, entry)
            WHERE id = entry.id RETURNING hash INTO last_hash;
            sealed := sealed + 1;
        END LOOP;
        RETURN sealed;
    END $$
    """,
    """
    CREATE FUNCTION audit_broken() RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    DECLARE entry audit_entries; expected bigint := 0; previous bytea := '\\x';
    BEGIN
        FOR entry IN SELECT * FROM audit_entries WHERE org_id = current_org() AND seq IS NOT NULL ORDER BY seq LOOP
            expected := expected + 1;
            IF entry.seq <> expected OR entry.prev_hash <> previous OR entry.hash <> audit_digest(previous, entry) THEN
                RETURN expected;
            END IF;
            previous := entry.hash;
        END LOOP;
        RETURN NULL;
    END $$
    """,
]

# Look-ups over all organisations, each narrow: ids only.
ACROSS = [
    """
    CREATE FUNCTION tasks_due(batch integer) RETURNS TABLE (task_id uuid, org_id uuid)
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT tasks.id, tasks.org_id FROM tasks
        WHERE (state = 'queued' AND run_after <= clock_timestamp())
           OR (state = 'running' AND heartbeat_at < now() - interval '10 minutes')
        ORDER BY run_after LIMIT batch;
    END
    """,
    """
    CREATE FUNCTION organisations_with_unsealed_audit() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT DISTINCT org_id FROM audit_entries WHERE seq IS NULL;
    END
    """,
    # What may be forgotten: answers kept for repeats, old events, old finished tasks.
    """
    CREATE FUNCTION kernel_housekeeping() RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        DELETE FROM idempotency_keys WHERE created_at < now() - interval '7 days';
        DELETE FROM events WHERE at < now() - interval '30 days';
        DELETE FROM tasks WHERE state IN ('done', 'failed', 'stopped') AND finished_at < now() - interval '30 days';
    END
    """,
]


def upgrade() -> None:
    op.execute(ROLES)
    op.execute("GRANT USAGE ON SCHEMA public TO callout_app, callout_drain")
    for statement in FUNCTIONS:
        op.execute(statement)
    _organisations()
    _audit()
    _events_and_tasks()
    for statement in ACROSS:
        op.execute(statement)


def _organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("rev", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("timezone", sa.String, nullable=False, server_default="UTC"),
        sa.Column("locale", sa.String, nullable=False, server_default="en"),
        sa.Column("currency", sa.String(3), nullable=False, server_default="EUR"),
        sa.Column("settings", JSONB, nullable=False, server_default="{}"),
        sa.CheckConstraint("locale IN ('en', 'zh-CN')", name=op.f("ck_organisations_locale")),
    )
    tenant("organisations", key="id")
    versioned("organisations")


def _org() -> sa.Column[object]:
    return sa.Column(
        "org_id", sa.Uuid, sa.ForeignKey("organisations.id"), nullable=False, server_default=sa.func.current_org()
    )


def _audit() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        _org(),
        sa.Column("at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("actor", JSONB, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("subject_type", sa.String, nullable=False),
        sa.Column("subject_id", sa.Uuid),
        sa.Column("data", JSONB, nullable=False, server_default="{}"),
        sa.Column("seq", sa.BigInteger),
        sa.Column("prev_hash", sa.LargeBinary),
        sa.Column("hash", sa.LargeBinary),
        sa.UniqueConstraint("org_id", "seq"),
        sa.Index("ix_audit_entries_subject", "org_id", "subject_type", "subject_id"),
        sa.Index("ix_audit_entries_unsealed", "id", postgresql_where=sa.text("seq IS NULL")),
    )
    tenant("audit_entries")
    op.execute("REVOKE UPDATE, DELETE ON audit_entries FROM callout_app")
    for statement in AUDIT:
        op.execute(statement)


def _events_and_tasks() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        _org(),
        sa.Column("at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Index("ix_events_org_id_id", "org_id", "id"),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid, primary_key=True),
        _org(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("key", sa.String),
        sa.Column("args", JSONB, nullable=False),
        sa.Column("state", sa.String, nullable=False, server_default="queued"),
        sa.Column("progress", sa.Float, nullable=False, server_default="0"),
        sa.Column("message", sa.String),
        sa.Column("result", JSONB),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_by", sa.Uuid),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("run_after", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("heartbeat_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        sa.UniqueConstraint("org_id", "name", "key"),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'stopped')", name=op.f("ck_tasks_state")),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name=op.f("ck_tasks_progress")),
        sa.Index("ix_tasks_pending", "run_after", postgresql_where=sa.text("state IN ('queued', 'running')")),
    )
    op.create_table(
        "idempotency_keys",
        _org(),
        sa.Column("caller", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("request_hash", sa.String, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("headers", JSONB),
        sa.Column("body", sa.LargeBinary),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("org_id", "caller", "key"),
    )
    op.create_table(
        "number_counters",
        _org(),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "kind", "year"),
    )
    tenant("events", "tasks", "idempotency_keys", "number_counters")
    op.execute("REVOKE UPDATE, DELETE ON events FROM callout_app")
