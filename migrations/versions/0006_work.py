"""Requests, job types, jobs, visits, their facts and their conflicts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from migrations.helpers import append_only, tenant, text_lookup, versioned

revision, down_revision = "0006", "0005"

MOMENT = TIMESTAMP(timezone=True, precision=3)
MERGED = ("jobs", "visits", "notes", "time_entries")
PLAIN = ("job_types", "requests", "checklist_items", "checklist_answers", "part_uses", "visit_evidence", "conflicts")
TRAILS = ("job_events", "visit_events")
REQUEST_WORDS = "coalesce(number, '') || ' ' || coalesce(subject, '') || ' ' || coalesce(description, '')"
JOB_WORDS = "coalesce(number, '') || ' ' || coalesce(summary, '') || ' ' || coalesce(description, '')"

# Columns that tie a row to what it is about: no fact moves to another visit, no visit to another job.
FIXED = {
    "visits": "job_id",
    "checklist_items": "visit_id",
    "checklist_answers": "visit_id,item_id",
    "notes": "job_id,visit_id",
    "time_entries": "visit_id",
    "part_uses": "visit_id,part_id,location_id,quantity",
    "visit_evidence": "visit_id,kind,ref_id",
    "conflicts": "collection,row_id",
}

KEEP_COLUMNS = """
CREATE FUNCTION keep_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY string_to_array(TG_ARGV[0], ',') LOOP
        IF to_jsonb(OLD) -> name IS DISTINCT FROM to_jsonb(NEW) -> name THEN
            RAISE EXCEPTION '% of % never changes', name, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', COLUMN = name, TABLE = TG_TABLE_NAME;
        END IF;
    END LOOP;
    RETURN NEW;
END $$
"""

# Whose phones hold which visits: the engineer's or the crew's, once published, from three days ago to three days
# ahead of the organisation's today; work that is not finished stays however old it is.
VISIT_HOLDERS = """
CREATE VIEW visit_holders WITH (security_invoker = true) AS
SELECT v.org_id, v.id AS visit_id, v.job_id, e.id AS engineer_id, e.user_id, u.role = 'subcontractor' AS outsider
FROM visits v
JOIN organisations o ON o.id = v.org_id
JOIN engineers e ON e.org_id = v.org_id AND e.deleted_at IS NULL AND (e.id = v.engineer_id OR EXISTS (
    SELECT FROM crew_members m
    WHERE m.org_id = v.org_id AND m.crew_id = v.crew_id AND m.engineer_id = e.id))
JOIN users u ON u.org_id = e.org_id AND u.id = e.user_id
CROSS JOIN LATERAL (
    SELECT date_trunc('day', now() AT TIME ZONE o.timezone) AT TIME ZONE o.timezone AS midnight,
           coalesce(v.planned_start, v.window_start, v.created_at) AS starts
) AS day
WHERE v.deleted_at IS NULL AND v.status NOT IN ('draft', 'scheduled')
  AND day.starts < day.midnight + interval '4 days'
  AND (v.status IN ('dispatched', 'accepted', 'en_route', 'on_site', 'working', 'paused')
       OR day.starts >= day.midnight - interval '3 days')
"""


def upgrade() -> None:
    _requests_and_jobs()
    _visits()
    _facts()
    _conflicts()
    tenant(*MERGED, *PLAIN, *TRAILS)
    versioned(*MERGED, fields=True)
    versioned(*PLAIN)
    append_only(*TRAILS)
    text_lookup("requests", REQUEST_WORDS)
    text_lookup("jobs", JOB_WORDS)
    op.execute(KEEP_COLUMNS)
    for table, columns in FIXED.items():
        op.execute(
            f"CREATE TRIGGER keep_columns BEFORE UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION keep_columns('{columns}')"
        )
    op.execute(VISIT_HOLDERS)
    op.execute("GRANT SELECT ON visit_holders TO callout_app, callout_drain")


def _row() -> list[sa.Column[object]]:
    org = sa.ForeignKey("organisations.id")
    return [
        sa.Column("org_id", sa.Uuid, org, primary_key=True, server_default=sa.func.current_org()),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("rev", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("deleted_at", MOMENT),
    ]


def _fact() -> list[sa.Column[object]]:
    return [
        sa.Column("engineer_id", sa.Uuid),
        sa.Column("device_id", sa.Uuid),
        sa.Column("device_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("corrected_at", MOMENT, nullable=False),
        sa.Column("flags", JSONB, nullable=False, server_default="[]"),
    ]


def _fk(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


def _requests_and_jobs() -> None:
    op.create_table(
        "job_types",
        *_row(),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("description", sa.String),
        sa.Column("duration_s", sa.Integer, server_default="3600", nullable=False),
        sa.Column("required_skills", JSONB, server_default="[]", nullable=False),
        sa.Column("checklist", JSONB, server_default="[]", nullable=False),
        sa.Column("parts", JSONB, server_default="[]", nullable=False),
        sa.Column("requires_signature", sa.Boolean, server_default="true", nullable=False),
        sa.Column("required_photos", sa.Integer, server_default="0", nullable=False),
        sa.Column("dispatch_method", sa.String, server_default="manual", nullable=False),
        sa.CheckConstraint(
            "dispatch_method IN ('manual', 'auto', 'round_robin', 'nearest', 'pool')", name=op.f("ck_job_types_method")
        ),
        sa.CheckConstraint("duration_s BETWEEN 60 AND 604800", name=op.f("ck_job_types_duration")),
        sa.CheckConstraint("required_photos BETWEEN 0 AND 100", name=op.f("ck_job_types_photos")),
        sa.UniqueConstraint("org_id", "code"),
    )
    op.create_table(
        "requests",
        *_row(),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("channel", sa.String, server_default="api", nullable=False),
        sa.Column("source", sa.String, server_default="callout", nullable=False),
        sa.Column("external_id", sa.String),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("description", sa.String, server_default="", nullable=False),
        sa.Column("priority", sa.Integer),
        sa.Column("status", sa.String, server_default="new", nullable=False),
        sa.Column("reported_at", MOMENT),
        sa.Column("contact_id", sa.Uuid),
        sa.Column("account_id", sa.Uuid),
        sa.Column("site_id", sa.Uuid),
        sa.Column("asset_id", sa.Uuid),
        sa.Column("job_type_id", sa.Uuid),
        sa.Column("job_id", sa.Uuid),
        sa.Column("merged_into", sa.Uuid),
        sa.Column("attachments", JSONB, server_default="[]", nullable=False),
        sa.Column("details", JSONB, server_default="{}", nullable=False),
        sa.CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name=op.f("ck_requests_merged")),
        sa.CheckConstraint(
            "channel IN ('phone', 'web', 'mail', 'chat', 'api', 'import', 'field')", name=op.f("ck_requests_channel")
        ),
        sa.CheckConstraint(
            "status IN ('new', 'triaged', 'converted', 'merged', 'closed')", name=op.f("ck_requests_status")
        ),
        _fk("account_id", "accounts"),
        _fk("asset_id", "assets"),
        _fk("contact_id", "contacts"),
        _fk("job_type_id", "job_types"),
        _fk("merged_into", "requests"),
        _fk("site_id", "sites"),
        sa.UniqueConstraint("org_id", "number"),
        sa.UniqueConstraint("org_id", "source", "external_id"),
    )
    op.create_index("ix_requests_job", "requests", ["org_id", "job_id"])
    op.create_index("ix_requests_recent", "requests", ["org_id", "created_at", "id"])
    op.create_index("ix_requests_status", "requests", ["org_id", "status", "created_at"])
    op.create_table(
        "jobs",
        *_row(),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("source", sa.String, server_default="callout", nullable=False),
        sa.Column("external_id", sa.String),
        sa.Column("request_id", sa.Uuid),
        sa.Column("job_type_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("site_id", sa.Uuid, nullable=False),
        sa.Column("asset_id", sa.Uuid),
        sa.Column("contact_id", sa.Uuid),
        sa.Column("parent_job_id", sa.Uuid),
        sa.Column("priority", sa.Integer, server_default="3", nullable=False),
        sa.Column("summary", sa.String, nullable=False),
        sa.Column("description", sa.String, server_default="", nullable=False),
        sa.Column("attachments", JSONB, server_default="[]", nullable=False),
        sa.Column("details", JSONB, server_default="{}", nullable=False),
        sa.Column("earliest_start", MOMENT),
        sa.Column("due_at", MOMENT),
        sa.Column("triaged_at", MOMENT),
        sa.Column("held_at", MOMENT),
        sa.Column("hold_reason", sa.String),
        sa.Column("hold_until", MOMENT),
        sa.Column("cancelled_at", MOMENT),
        sa.Column("cancel_reason", sa.String),
        sa.Column("closed_at", MOMENT),
        sa.Column("status", sa.String, server_default="new", nullable=False),
        sa.Column("field_revs", JSONB, server_default="{}", nullable=False),
        sa.CheckConstraint(
            "status IN ('new', 'open', 'scheduled', 'in_progress', 'on_hold', 'completed', 'closed', 'cancelled')",
            name=op.f("ck_jobs_status"),
        ),
        sa.CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name=op.f("ck_jobs_cancel")),
        sa.CheckConstraint("(held_at IS NULL) = (hold_reason IS NULL)", name=op.f("ck_jobs_hold")),
        sa.CheckConstraint("due_at > earliest_start", name=op.f("ck_jobs_due")),
        sa.CheckConstraint("priority BETWEEN 1 AND 4", name=op.f("ck_jobs_priority")),
        _fk("account_id", "accounts"),
        _fk("asset_id", "assets"),
        _fk("contact_id", "contacts"),
        _fk("job_type_id", "job_types"),
        _fk("parent_job_id", "jobs"),
        _fk("request_id", "requests"),
        _fk("site_id", "sites"),
        sa.UniqueConstraint("org_id", "number"),
        sa.UniqueConstraint("org_id", "source", "external_id"),
    )
    op.create_index("ix_jobs_account", "jobs", ["org_id", "account_id"])
    op.create_index("ix_jobs_parent", "jobs", ["org_id", "parent_job_id"])
    op.create_index("ix_jobs_recent", "jobs", ["org_id", "created_at", "id"])
    op.create_index("ix_jobs_site", "jobs", ["org_id", "site_id"])
    op.create_index("ix_jobs_status", "jobs", ["org_id", "status", "due_at"])
    op.create_table(
        "job_events",
        *_row(),
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("user_id", sa.Uuid),
        sa.Column("data", JSONB, server_default="{}", nullable=False),
        _fk("job_id", "jobs"),
    )
    op.create_index("ix_job_events_job", "job_events", ["org_id", "job_id", "created_at"])
    op.create_foreign_key(None, "requests", "jobs", ["org_id", "job_id"], ["org_id", "id"])


def _visits() -> None:
    op.create_table(
        "visits",
        *_row(),
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("territory_id", sa.Uuid),
        sa.Column("engineer_id", sa.Uuid),
        sa.Column("crew_id", sa.Uuid),
        sa.Column("status", sa.String, server_default="draft", nullable=False),
        sa.Column("window_start", MOMENT),
        sa.Column("window_end", MOMENT),
        sa.Column("planned_start", MOMENT),
        sa.Column("planned_end", MOMENT),
        sa.Column("sequence", sa.Integer),
        sa.Column("duration_s", sa.Integer, server_default="3600", nullable=False),
        sa.Column("pinned", sa.Boolean, server_default="false", nullable=False),
        sa.Column("instructions", sa.String, server_default="", nullable=False),
        sa.Column("follow_up_of", sa.Uuid),
        sa.Column("cancel_reason", sa.String),
        sa.Column("abort_asked_at", MOMENT),
        sa.Column("abort_reason", sa.String),
        sa.Column("field_revs", JSONB, server_default="{}", nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'scheduled', 'dispatched', 'accepted', 'rejected', 'en_route', 'on_site', 'working', "
            "'paused', 'completed', 'cannot_complete', 'approved', 'sent_back', 'confirmed', 'disputed', 'cancelled', "
            "'aborted')",
            name=op.f("ck_visits_status"),
        ),
        sa.CheckConstraint("duration_s BETWEEN 60 AND 604800", name=op.f("ck_visits_duration")),
        sa.CheckConstraint("planned_end > planned_start", name=op.f("ck_visits_planned")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_visits_sequence")),
        sa.CheckConstraint("window_end > window_start", name=op.f("ck_visits_window")),
        _fk("crew_id", "crews"),
        _fk("engineer_id", "engineers"),
        _fk("follow_up_of", "visits"),
        _fk("job_id", "jobs"),
        _fk("territory_id", "territories"),
    )
    op.create_index("ix_visits_crew", "visits", ["org_id", "crew_id"])
    op.create_index("ix_visits_engineer", "visits", ["org_id", "engineer_id", "planned_start"])
    op.create_index("ix_visits_job", "visits", ["org_id", "job_id"])
    op.create_index("ix_visits_recent", "visits", ["org_id", "created_at", "id"])
    op.create_index("ix_visits_status", "visits", ["org_id", "status", "planned_start"])
    op.create_index("ix_visits_territory", "visits", ["org_id", "territory_id", "planned_start"])
    op.create_index("ix_visits_window", "visits", ["org_id", "window_start"])
    op.create_index(
        "uq_visits_follow_up",
        "visits",
        ["org_id", "follow_up_of"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled' AND deleted_at IS NULL"),
    )
    op.create_table(
        "visit_events",
        *_row(),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("from_status", sa.String),
        sa.Column("to_status", sa.String, nullable=False),
        sa.Column("applied", sa.Boolean, server_default="true", nullable=False),
        sa.Column("visit_rev", sa.Integer, nullable=False),
        sa.Column("engineer_id", sa.Uuid),
        sa.Column("user_id", sa.Uuid),
        sa.Column("device_id", sa.Uuid),
        sa.Column("reason", sa.String),
        sa.Column("location", Geometry("POINT", srid=4326, spatial_index=False)),
        sa.Column("device_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("corrected_at", MOMENT, nullable=False),
        sa.Column("flags", JSONB, server_default="[]", nullable=False),
        sa.Column("data", JSONB, server_default="{}", nullable=False),
        _fk("engineer_id", "engineers"),
        _fk("visit_id", "visits"),
        sa.UniqueConstraint("org_id", "seq"),
    )
    op.create_index("ix_visit_events_visit", "visit_events", ["org_id", "visit_id", "seq"])


def _facts() -> None:
    op.create_table(
        "checklist_items",
        *_row(),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("key", sa.String),
        sa.Column("label", JSONB, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("required", sa.Boolean, server_default="false", nullable=False),
        sa.Column("at_status", sa.String, server_default="completed", nullable=False),
        sa.Column("options", JSONB, server_default="[]", nullable=False),
        sa.CheckConstraint(
            "at_status IN ('on_site', 'working', 'completed')", name=op.f("ck_checklist_items_at_status")
        ),
        sa.CheckConstraint(
            "kind IN ('bool', 'number', 'text', 'choice', 'photo')", name=op.f("ck_checklist_items_kind")
        ),
        _fk("visit_id", "visits"),
    )
    op.create_index("ix_checklist_items_visit", "checklist_items", ["org_id", "visit_id", "position"])
    op.create_table(
        "checklist_answers",
        *_row(),
        *_fact(),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("value", JSONB, nullable=False),
        sa.Column("comment", sa.String),
        _fk("engineer_id", "engineers"),
        _fk("item_id", "checklist_items"),
        _fk("visit_id", "visits"),
    )
    op.create_index("ix_checklist_answers_item", "checklist_answers", ["org_id", "item_id", "corrected_at"])
    op.create_index("ix_checklist_answers_visit", "checklist_answers", ["org_id", "visit_id"])
    op.create_table(
        "notes",
        *_row(),
        *_fact(),
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid),
        sa.Column("author_id", sa.Uuid),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("internal", sa.Boolean, server_default="false", nullable=False),
        sa.Column("field_revs", JSONB, server_default="{}", nullable=False),
        _fk("engineer_id", "engineers"),
        _fk("job_id", "jobs"),
        _fk("visit_id", "visits"),
    )
    op.create_index("ix_notes_job", "notes", ["org_id", "job_id", "created_at"])
    op.create_index("ix_notes_visit", "notes", ["org_id", "visit_id"])
    op.create_table(
        "time_entries",
        *_row(),
        *_fact(),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_corrected_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_corrected_at", MOMENT),
        sa.Column("note", sa.String),
        sa.Column("field_revs", JSONB, server_default="{}", nullable=False),
        sa.CheckConstraint("kind IN ('travel', 'work', 'pause')", name=op.f("ck_time_entries_kind")),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_time_entries_ended")),
        _fk("engineer_id", "engineers"),
        _fk("visit_id", "visits"),
    )
    op.create_index("ix_time_entries_engineer", "time_entries", ["org_id", "engineer_id", "started_at"])
    op.create_index("ix_time_entries_visit", "time_entries", ["org_id", "visit_id"])
    op.create_table(
        "part_uses",
        *_row(),
        *_fact(),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("part_id", sa.Uuid, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("serial", sa.String),
        sa.Column("stock_move_id", sa.Uuid),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_part_uses_quantity")),
        _fk("engineer_id", "engineers"),
        _fk("location_id", "stock_locations"),
        _fk("part_id", "parts"),
        _fk("visit_id", "visits"),
    )
    op.create_index("ix_part_uses_part", "part_uses", ["org_id", "part_id", "serial"])
    op.create_index("ix_part_uses_visit", "part_uses", ["org_id", "visit_id"])
    op.create_table(
        "visit_evidence",
        *_row(),
        *_fact(),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("ref_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Uuid),
        sa.Column("reason", sa.String),
        sa.CheckConstraint("kind IN ('photo', 'signature', 'refusal')", name=op.f("ck_visit_evidence_kind")),
        _fk("engineer_id", "engineers"),
        _fk("item_id", "checklist_items"),
        _fk("visit_id", "visits"),
        sa.UniqueConstraint("org_id", "visit_id", "kind", "ref_id"),
    )
    op.create_index("ix_visit_evidence_item", "visit_evidence", ["org_id", "item_id"])


def _conflicts() -> None:
    op.create_table(
        "conflicts",
        *_row(),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("row_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("visit_id", sa.Uuid),
        sa.Column("job_id", sa.Uuid),
        sa.Column("engineer_id", sa.Uuid),
        sa.Column("user_id", sa.Uuid),
        sa.Column("device_id", sa.Uuid),
        sa.Column("mine", JSONB),
        sa.Column("theirs", JSONB),
        sa.Column("base", JSONB),
        sa.Column("flags", JSONB, server_default="[]", nullable=False),
        sa.Column("status", sa.String, server_default="open", nullable=False),
        sa.Column("resolution", sa.String),
        sa.Column("resolved_value", JSONB),
        sa.Column("resolved_by", sa.Uuid),
        sa.Column("resolved_at", MOMENT),
        sa.CheckConstraint(
            "(status = 'resolved') = (resolution IS NOT NULL AND resolved_at IS NOT NULL)",
            name=op.f("ck_conflicts_resolved"),
        ),
        sa.CheckConstraint(
            "resolution IN ('keep_mine', 'keep_theirs', 'take_both', 'edit')", name=op.f("ck_conflicts_resolution")
        ),
        sa.CheckConstraint("status IN ('open', 'resolved')", name=op.f("ck_conflicts_status")),
        _fk("engineer_id", "engineers"),
        _fk("job_id", "jobs"),
        _fk("visit_id", "visits"),
    )
    op.create_index("ix_conflicts_row", "conflicts", ["org_id", "collection", "row_id"])
    op.create_index("ix_conflicts_status", "conflicts", ["org_id", "status", "created_at"])
    op.create_index("ix_conflicts_visit", "conflicts", ["org_id", "visit_id"])
