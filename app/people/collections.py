"""What phones get of people: their colleagues, without homes."""

from __future__ import annotations

from app.kernel.synced import Collection, Watch, declare, watch

declare(
    Collection(
        name="engineers",
        body="""
            r.name, CASE WHEN :masked THEN NULL ELSE r.phone END AS phone, r.active, r.employment, r.user_id,
            coalesce((
                SELECT jsonb_agg(
                    jsonb_build_object('skill_id', s.skill_id, 'level', s.level, 'expires_on', s.expires_on)
                    ORDER BY s.skill_id)
                FROM engineer_skills s WHERE s.org_id = r.org_id AND s.engineer_id = r.id), '[]') AS skills
        """,
        buckets="SELECT id, 'org' FROM engineers WHERE id = ANY(:ids) AND deleted_at IS NULL",
        ties="r.user_id, r.deleted_at",
    )
)
# What a subcontractor is not shown hangs on the role of the account.
watch(Watch(table="users", touches="SELECT 'engineers', id FROM engineers WHERE user_id = ANY(:ids)"))
watch(
    Watch(
        table="engineer_skills",
        key="engineer_id",
        touches="SELECT 'engineers', id FROM engineers WHERE id = ANY(:ids)",
        content=True,
    )
)
