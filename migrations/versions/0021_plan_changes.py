"""Whose day has changed, and by which transaction: what is remembered of an organisation's routes is checked by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from migrations.helpers import tenant

revision, down_revision = "0021", "0020"

EVERYBODY = "00000000-0000-0000-0000-000000000000"
HOLDERS = """
    SELECT engineer_id FROM visits WHERE org_id = {{r}}.org_id AND {key} = {value} UNION
    SELECT m.engineer_id FROM visits v JOIN crew_members m ON m.org_id = v.org_id AND m.crew_id = v.crew_id
    WHERE v.org_id = {{r}}.org_id AND v.{key} = {value}
"""
# table -> (columns whose change counts, engineers of a row {r})
WATCHED = {
    "visits": (
        "job_id, engineer_id, crew_id, territory_id, status, pinned, window_start, window_end, planned_start, "
        "planned_end, sequence, duration_s, deleted_at",
        "SELECT {r}.engineer_id UNION "
        "SELECT engineer_id FROM crew_members WHERE org_id = {r}.org_id AND crew_id = {r}.crew_id",
    ),
    "visit_events": (
        "applied, to_status, corrected_at",
        HOLDERS.format(key="id", value="{r}.visit_id"),
    ),
    "shifts": ("engineer_id, starts_at, ends_at, breaks, on_call, deleted_at", "SELECT {r}.engineer_id"),
    "absences": ("engineer_id, starts_at, ends_at, deleted_at", "SELECT {r}.engineer_id"),
    "engineers": (
        "name, home, active, max_jobs_per_day, overtime_limit_s, timezone, deleted_at",
        "SELECT {r}.id",
    ),
    "engineer_skills": ("engineer_id, skill_id, level, expires_on", "SELECT {r}.engineer_id"),
    "engineer_territories": ("engineer_id, territory_id", "SELECT {r}.engineer_id"),
    "crew_members": ("crew_id, engineer_id", "SELECT {r}.engineer_id"),
    "jobs": (
        "site_id, account_id, job_type_id, priority, due_at, earliest_start, cancelled_at, closed_at",
        HOLDERS.format(key="job_id", value="{r}.id"),
    ),
    "job_scores": ("score", HOLDERS.format(key="job_id", value="{r}.job_id")),
    "stock_moves": (
        "",
        "SELECT engineer_id FROM stock_locations "
        "WHERE org_id = {r}.org_id AND id IN ({r}.from_location_id, {r}.to_location_id)",
    ),
    "stock_locations": ("engineer_id, deleted_at", "SELECT {r}.engineer_id"),
    "sites": ("location, account_id", f"SELECT '{EVERYBODY}'::uuid"),
    "job_types": ("required_skills, parts", f"SELECT '{EVERYBODY}'::uuid"),
    "skills": ("code, deleted_at", f"SELECT '{EVERYBODY}'::uuid"),
}
NEW_IS_NO_PLAN = ("sites", "job_types", "skills", "jobs")
"""Rows on which no planned visit can stand yet when they are made."""


def upgrade() -> None:
    op.create_table(
        "plan_changes",
        sa.Column("org_id", sa.Uuid, nullable=False, server_default=sa.func.current_org()),
        sa.Column("xid", sa.Text, nullable=False),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("at", TIMESTAMP(timezone=True, precision=3), nullable=False, server_default=sa.text("now()")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_plan_changes_org_id")),
    )
    op.execute("ALTER TABLE plan_changes ALTER COLUMN xid TYPE xid8 USING xid::xid8")
    op.execute(
        "ALTER TABLE plan_changes ADD CONSTRAINT pk_plan_changes PRIMARY KEY (org_id, xid, engineer_id), "
        "ALTER COLUMN xid SET DEFAULT pg_current_xact_id()"
    )
    op.create_index("ix_plan_changes_at", "plan_changes", ["at"])
    tenant("plan_changes")
    for table, (columns, engineers) in WATCHED.items():
        _watch(table, columns, engineers)
    _forget()


def _watch(table: str, columns: str, engineers: str) -> None:
    """A trigger that notes whose day a change of this table touches, before and after."""
    sides = {"INSERT": ("NEW",), "DELETE": ("OLD",), "UPDATE": ("OLD", "NEW")}
    branches = "\n".join(
        f"IF TG_OP = '{deed}' THEN\n"
        + "\n".join(
            f"INSERT INTO plan_changes (org_id, engineer_id) SELECT {side}.org_id, e FROM "
            f"({engineers.format(r=side)}) AS touched (e) WHERE e IS NOT NULL ON CONFLICT DO NOTHING;"
            for side in names
        )
        + "\nEND IF;"
        for deed, names in sides.items()
    )
    op.execute(f"""
        CREATE FUNCTION {table}_plan_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        BEGIN
            {branches}
            RETURN NULL;
        END $$
    """)
    deeds = ["DELETE", *([] if table in NEW_IS_NO_PLAN else ["INSERT"])]
    deeds += [f"UPDATE OF {columns}"] if columns else []
    op.execute(
        f"CREATE TRIGGER plan_changed AFTER {' OR '.join(deeds)} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_plan_changed()"
    )


def _forget() -> None:
    """Changes are kept for a day: whoever has not looked for that long reads everything anew."""
    op.execute("""
        CREATE OR REPLACE FUNCTION kernel_housekeeping() RETURNS void
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
        BEGIN ATOMIC
            DELETE FROM idempotency_keys WHERE created_at < now() - interval '7 days';
            DELETE FROM events WHERE at < now() - interval '30 days';
            DELETE FROM tasks WHERE state IN ('done', 'failed', 'stopped') AND finished_at < now() - interval '30 days';
            DELETE FROM plan_changes WHERE at < now() - interval '1 day';
        END
    """)
