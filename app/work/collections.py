"""What phones hold of work: the visits they hold (`visit_holders`) and all that belongs to them."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.http.plain import Plain
from app.kernel.synced import Collection, MutationHandler, Watch, declare, watch
from app.work import pushed
from app.work.preparing import prepare

FACT = "r.engineer_id, r.device_id, r.device_at, r.corrected_at, r.flags"
PARTS_OF_A_VISIT = ("checklist_items", "checklist_answers", "time_entries", "part_uses")

# What leaves or enters the ±3 days of a phone with the change of day, in the terms of `visit_holders`.
ENTERING = """
    SELECT v.id FROM visits v JOIN organisations o ON o.id = v.org_id
    CROSS JOIN LATERAL (
        SELECT (coalesce(v.planned_start, v.window_start, v.created_at) AT TIME ZONE o.timezone)::date AS day
    ) AS local
    WHERE v.deleted_at IS NULL AND v.status NOT IN ('draft', 'scheduled') AND (
        local.day BETWEEN CAST(:yesterday AS date) + 4 AND CAST(:today AS date) + 3
        OR local.day BETWEEN CAST(:yesterday AS date) - 3 AND CAST(:today AS date) - 4)
"""
# Conflicts whose resolution a phone has shown for long enough.
PAST = """
    SELECT c.id FROM conflicts c JOIN organisations o ON o.id = c.org_id
    WHERE c.status <> 'open' AND (c.resolved_at AT TIME ZONE o.timezone)::date
          BETWEEN CAST(:yesterday AS date) - 30 AND CAST(:today AS date) - 31
"""
TOUCHED_WITH_A_VISIT = " UNION ALL ".join(
    [
        "SELECT 'jobs', job_id FROM visits WHERE id = ANY(:ids)",
        *(f"SELECT '{table}', id FROM {table} WHERE visit_id = ANY(:ids)" for table in PARTS_OF_A_VISIT),
    ]
)
# All that `visit_holders` asks of a visit. Most steps of a day's work change none of it.
HOLDING = """
    r.job_id, r.engineer_id, r.crew_id, coalesce(r.planned_start, r.window_start, r.created_at), r.deleted_at,
    r.status IN ('draft', 'scheduled'),
    r.status IN ('dispatched', 'accepted', 'en_route', 'on_site', 'working', 'paused')
"""
# An engineer may lose the account, or go, with visits in hand.
HELD_BY_AN_ENGINEER = """
    SELECT id FROM visits WHERE engineer_id = ANY(:ids)
    UNION SELECT v.id FROM visits v JOIN crew_members m ON m.org_id = v.org_id AND m.crew_id = v.crew_id
        WHERE m.engineer_id = ANY(:ids)
"""
TOUCHED_WITH_A_JOB = """
    SELECT 'sites', site_id FROM jobs WHERE id = ANY(:ids)
    UNION ALL SELECT 'accounts', account_id FROM jobs WHERE id = ANY(:ids) AND account_id IS NOT NULL
    UNION ALL SELECT 'contacts', contact_id FROM jobs WHERE id = ANY(:ids) AND contact_id IS NOT NULL
    UNION ALL SELECT 'accounts', s.account_id FROM jobs j JOIN sites s ON s.org_id = j.org_id AND s.id = j.site_id
        WHERE j.id = ANY(:ids) AND s.account_id IS NOT NULL
    UNION ALL SELECT 'assets', a.id FROM jobs j JOIN assets a ON a.org_id = j.org_id AND a.site_id = j.site_id
        WHERE j.id = ANY(:ids)
    UNION ALL SELECT 'notes', id FROM notes WHERE job_id = ANY(:ids)
"""


def _of_visit(table: str, body: str, mutations: Mapping[str, MutationHandler], creates: Plain | None = None) -> None:
    buckets = f"""
        SELECT r.id, 'user:' || h.user_id FROM {table} r
        JOIN visit_holders h ON h.org_id = r.org_id AND h.visit_id = r.visit_id
        WHERE r.id = ANY(:ids) AND r.deleted_at IS NULL
    """
    fields = frozenset(creates.load_fields) if creates else frozenset()
    declare(Collection(name=table, body=body, buckets=buckets, mutations=mutations, creates=fields, prepare=prepare))


declare(
    Collection(
        name="job_types",
        body="r.code, r.name, r.description, r.duration_s, r.required_skills, r.checklist, r.parts, "
        "r.requires_signature, r.required_photos",
        buckets="SELECT id, 'org' FROM job_types WHERE id = ANY(:ids) AND deleted_at IS NULL",
    )
)
declare(
    Collection(
        name="jobs",
        body="""
            r.number, r.job_type_id, r.account_id, r.site_id, r.asset_id, r.contact_id, r.parent_job_id, r.priority,
            r.summary, r.description, r.attachments, r.earliest_start, r.due_at, r.hold_reason, r.hold_until,
            r.cancel_reason, r.status
        """,
        buckets="""
            SELECT j.id, 'user:' || h.user_id FROM jobs j
            JOIN visit_holders h ON h.org_id = j.org_id AND h.job_id = j.id
            WHERE j.id = ANY(:ids) AND j.deleted_at IS NULL
        """,
        touches=TOUCHED_WITH_A_JOB,
        parents={"site_id": "sites", "account_id": "accounts", "contact_id": "contacts"},
        ties="r.site_id, r.account_id, r.contact_id, r.deleted_at",
        mutations={"update": pushed.change_job},
        prepare=prepare,
    )
)
declare(
    Collection(
        name="visits",
        body="""
            r.job_id, r.territory_id, r.engineer_id, r.crew_id, r.status, r.window_start, r.window_end,
            r.planned_start, r.planned_end, r.sequence, r.duration_s, r.pinned, r.instructions, r.follow_up_of,
            r.cancel_reason, r.abort_asked_at, r.abort_reason, r.offer_expires_at
        """,
        buckets="""
            SELECT visit_id, 'user:' || user_id FROM visit_holders WHERE visit_id = ANY(:ids)
        """,
        touches=TOUCHED_WITH_A_VISIT,
        follows={"engineers": HELD_BY_AN_ENGINEER},
        parents={"job_id": "jobs"},
        ties=HOLDING,
        daily=ENTERING,
        mutations={"transition": pushed.step, "update": pushed.change_visit},
        prepare=prepare,
    )
)
_of_visit("checklist_items", "r.visit_id, r.position, r.key, r.label, r.kind, r.required, r.at_status, r.options", {})
_of_visit(
    "checklist_answers",
    f"r.visit_id, r.item_id, r.value, r.comment, {FACT}",
    {"create": pushed.create_answer},
    pushed.ANSWER,
)
_of_visit(
    "time_entries",
    f"r.visit_id, r.kind, r.started_at, r.ended_at, r.started_corrected_at, r.ended_corrected_at, r.note, {FACT}",
    {"create": pushed.create_time, "update": pushed.change_time},
    pushed.TIME,
)
_of_visit(
    "part_uses",
    f"r.visit_id, r.part_id, r.location_id, r.quantity::text AS quantity, r.serial, {FACT}",
    {"create": pushed.create_part_use},
    pushed.PART,
)
declare(
    Collection(
        name="notes",
        body=f"r.job_id, r.visit_id, r.author_id, r.body, r.internal, {FACT}",
        buckets="""
            SELECT DISTINCT n.id, 'user:' || h.user_id FROM notes n
            JOIN visit_holders h ON h.org_id = n.org_id AND h.job_id = n.job_id
            WHERE n.id = ANY(:ids) AND n.deleted_at IS NULL AND NOT (n.internal AND h.outsider)
        """,
        mutations={"create": pushed.create_note, "update": pushed.change_note},
        prepare=prepare,
        creates=frozenset(pushed.NOTE.load_fields),
    )
)
declare(
    Collection(
        name="conflicts",
        body="""
            r.collection, r.row_id, r.kind, r.visit_id, r.job_id, r.engineer_id, r.mine, r.theirs, r.base, r.flags,
            r.status, r.resolution, r.resolved_value, r.resolved_at
        """,
        buckets="""
            SELECT DISTINCT c.id, 'user:' || coalesce(e.user_id, c.user_id) FROM conflicts c
            JOIN organisations o ON o.id = c.org_id
            LEFT JOIN engineers e ON e.org_id = c.org_id AND e.id = c.engineer_id
            WHERE c.id = ANY(:ids) AND c.deleted_at IS NULL AND coalesce(e.user_id, c.user_id) IS NOT NULL
              AND (c.status = 'open' OR (c.resolved_at AT TIME ZONE o.timezone)::date
                                        >= (now() AT TIME ZONE o.timezone)::date - 30)
        """,
        follows={"engineers": "SELECT id FROM conflicts WHERE engineer_id = ANY(:ids)"},
        daily=PAST,
    )
)
watch(
    Watch(
        table="crew_members",
        touches="SELECT 'visits', id FROM visits WHERE crew_id = ANY(:ids) AND deleted_at IS NULL",
        key="crew_id",
    )
)
