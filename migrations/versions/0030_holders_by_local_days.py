"""Who holds a visit is a matter of local days, also in a week in which the clocks change.

Three days before a midnight are not always 72 hours: a finished visit could stay an hour too long on a phone, or go an
hour early, until the nightly audit. Now the days are compared, as they are where rows are touched at midnight.
"""

from alembic import op

revision, down_revision = "0030", "0029"

# The columns are those of before.
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
    SELECT (now() AT TIME ZONE o.timezone)::date AS today,
           (coalesce(v.planned_start, v.window_start, v.created_at) AT TIME ZONE o.timezone)::date AS day
) AS local
WHERE v.deleted_at IS NULL AND v.status NOT IN ('draft', 'scheduled')
  AND local.day <= local.today + 3
  AND (v.status IN ('dispatched', 'accepted', 'en_route', 'on_site', 'working', 'paused')
       OR local.day >= local.today - 3)
"""


def upgrade() -> None:
    op.execute(VIEW)
