"""Changes of every link on which somebody's scope hangs, as plain SQL over a city day."""

from __future__ import annotations

# A visit that one engineer holds, and what it leads to.
HELD = "(SELECT visit_id FROM visit_holders h JOIN visits v ON v.id = h.visit_id WHERE v.engineer_id IS NOT NULL "
HELD += "ORDER BY visit_id LIMIT 1)"
JOB = f"(SELECT job_id FROM visits WHERE id = {HELD})"
SITE = f"(SELECT site_id FROM jobs WHERE id = {JOB})"
ENGINEER = f"(SELECT engineer_id FROM visits WHERE id = {HELD})"
OTHER = f"(SELECT e.id FROM engineers e WHERE e.id <> {ENGINEER} ORDER BY e.id LIMIT 1)"
CREW = "(SELECT id FROM crews LIMIT 1)"
MEMBER = "(SELECT engineer_id FROM crew_members ORDER BY engineer_id LIMIT 1)"

PREPARE = f"""
INSERT INTO crews (id, name) VALUES (gen_random_uuid(), 'Crew');
INSERT INTO crew_members (crew_id, engineer_id) SELECT {CREW}, e.id FROM engineers e ORDER BY e.id LIMIT 2;
UPDATE visits SET engineer_id = NULL, crew_id = {CREW}
WHERE id = (SELECT visit_id FROM visit_holders ORDER BY visit_id DESC LIMIT 1);
INSERT INTO notes (id, job_id, body, internal, device_at, received_at, corrected_at)
SELECT gen_random_uuid(), {JOB}, 'note', true, now(), now(), now();
INSERT INTO conflicts (id, collection, row_id, kind, engineer_id, mine)
SELECT gen_random_uuid(), 'visits', {HELD}, 'field', {ENGINEER}, '{{}}'
"""


def _unused(table: str, column: str) -> str:
    return (
        f"(SELECT t.id FROM {table} t WHERE t.id NOT IN (SELECT {column} FROM jobs WHERE {column} IS NOT NULL) "
        "ORDER BY t.id LIMIT 1)"
    )


CHANGES = {
    "a visit is given to somebody else": f"UPDATE visits SET engineer_id = {OTHER} WHERE id = {HELD}",
    "a visit is taken back": f"UPDATE visits SET engineer_id = NULL, status = 'scheduled' WHERE id = {HELD}",
    "a visit leaves the days that a phone holds": f"""
        UPDATE visits SET planned_start = planned_start + interval '20 days',
                          planned_end = planned_end + interval '20 days' WHERE id = {HELD}""",
    "a visit is deleted": f"UPDATE visits SET deleted_at = now() WHERE id = {HELD}",
    "a visit goes to a crew": f"UPDATE visits SET engineer_id = NULL, crew_id = {CREW} WHERE id = {HELD}",
    "a job is deleted": f"UPDATE jobs SET deleted_at = now() WHERE id = {JOB}",
    "a job moves to another site": f"""
        UPDATE jobs SET asset_id = NULL, site_id = {_unused("sites", "site_id")} WHERE id = {JOB}""",
    "a job gets another contact": f"UPDATE jobs SET contact_id = {_unused('contacts', 'contact_id')} WHERE id = {JOB}",
    "a job gets another account": f"UPDATE jobs SET account_id = {_unused('accounts', 'account_id')} WHERE id = {JOB}",
    "a site goes to another account": f"""
        UPDATE sites SET account_id = {_unused("accounts", "account_id")} WHERE id = {SITE}""",
    "an asset comes to a site": f"""
        UPDATE assets SET parent_id = NULL, site_id = {SITE} WHERE id = (
            SELECT a.id FROM assets a WHERE a.site_id <> {SITE}
            AND NOT EXISTS (SELECT FROM jobs j WHERE j.asset_id = a.id) ORDER BY a.id LIMIT 1)""",
    "an asset goes": f"UPDATE assets SET deleted_at = now() WHERE site_id = {SITE}",
    "an engineer has no account any more": f"UPDATE engineers SET user_id = NULL WHERE id = {ENGINEER}",
    "an engineer goes": f"UPDATE engineers SET deleted_at = now() WHERE id = {ENGINEER}",
    "an employee becomes a subcontractor": f"""
        UPDATE users SET role = 'subcontractor'
        WHERE id = (SELECT user_id FROM engineers WHERE id = {ENGINEER})""",
    "somebody joins a crew": f"""
        INSERT INTO crew_members (crew_id, engineer_id)
        SELECT {CREW}, e.id FROM engineers e WHERE e.id NOT IN (SELECT engineer_id FROM crew_members)""",
    "somebody leaves a crew": f"DELETE FROM crew_members WHERE engineer_id = {MEMBER}",
    "a van changes hands": """
        UPDATE stock_locations SET engineer_id = NULL
        WHERE id = (SELECT id FROM stock_locations WHERE kind = 'van' ORDER BY id LIMIT 1)""",
    "a van is given up": """
        UPDATE stock_locations SET deleted_at = now()
        WHERE id = (SELECT id FROM stock_locations WHERE kind = 'van' ORDER BY id DESC LIMIT 1)""",
    "a skill is taken away": f"DELETE FROM engineer_skills WHERE engineer_id = {ENGINEER}",
    "a part goes": "UPDATE parts SET deleted_at = now() WHERE id = (SELECT id FROM parts ORDER BY id LIMIT 1)",
    "a note becomes public": "UPDATE notes SET internal = NOT internal",
    "a conflict changes hands": f"UPDATE conflicts SET engineer_id = {OTHER}",
    "an organisation lives elsewhere": "UPDATE organisations SET timezone = 'Pacific/Kiritimati'",
}
