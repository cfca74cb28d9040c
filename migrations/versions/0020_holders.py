"""What the feed asks at every drain costs what it finds: who holds a visit, and to which jobs a contact belongs.

A visit's holders are its engineer and its crew; so far every engineer of the organisation was looked at for each.
"""

from alembic import op

revision, down_revision = "0020", "0019"

# The columns are those of before. One way to a holder each: no OR, for which every engineer would be looked at.
VIEW = """
CREATE OR REPLACE VIEW visit_holders WITH (security_invoker = true) AS
SELECT v.org_id, v.id AS visit_id, v.job_id, e.id AS engineer_id, e.user_id, u.role = 'subcontractor' AS outsider
FROM visits v
JOIN organisations o ON o.id = v.org_id
CROSS JOIN LATERAL (
    SELECT v.engineer_id AS id
    UNION ALL
    SELECT m.engineer_id FROM crew_members m
    WHERE m.org_id = v.org_id AND m.crew_id = v.crew_id AND m.engineer_id IS DISTINCT FROM v.engineer_id
) AS holder
JOIN engineers e ON e.org_id = v.org_id AND e.id = holder.id AND e.deleted_at IS NULL
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
    op.execute(VIEW)
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # it waits for old transactions, and nobody waits for it
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_jobs_contact")  # the ruin of an attempt that was cut off
        op.create_index("ix_jobs_contact", "jobs", ["org_id", "contact_id"], postgresql_concurrently=True)
        op.execute("SET lock_timeout = '5s'")
