"""Work of a test's own, so that nothing hangs on what the demo day happens to hold."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import create_engine, text

from tests import database
from tests.browser.house import House
from tests.browser.steps import PASSWORD, call, office

DIGITS = "4711"
CHECKLIST = [
    {"label": "Is it safe here?", "kind": "bool", "required": True, "at_status": "working"},
    {"label": "Pressure", "kind": "number", "required": True},
]
_numbers = itertools.count(1)


def rows(house: House, statement: str, **values: object) -> list[tuple[Any, ...]]:
    """What the server's database holds."""
    engine = create_engine(database.on(house.owner, house.name))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement), values)]
    engine.dispose()
    return found


def admin(house: House) -> str:
    """The administrator's token."""
    return str(call(house, "/auth/token", body={"email": "admin@demo.callout", "password": PASSWORD})["access_token"])


def engineer_of(house: House, who: str) -> str:
    """The id of the engineer who signs in as `who`."""
    query = "SELECT e.id FROM engineers e JOIN users u ON u.id = e.user_id WHERE u.email = :email"
    return str(rows(house, query, email=f"{who}@demo.callout")[0][0])


def new_job(house: House, **template: Any) -> dict[str, Any]:
    """A job at a place of its own, for a customer whose phone ends in `DIGITS`, with one visit tomorrow that waits."""
    token, number = office(house), next(_numbers)
    kind = {"code": f"own-{number}", "name": "Work of a test", "duration_s": 1800, **template}
    job_type = call(house, "/job-types", admin(house), kind)
    account = call(house, "/accounts", token, {"name": f"Customer {number}"})
    contact = {"account_id": account["id"], "name": "Wang Fang", "phone": f"+86 138 0013 {DIGITS}"}
    point = call(house, "/sites?limit=1", token)["items"][0]["location"]
    place = {"account_id": account["id"], "name": f"Site {number}", "access_notes": "Ring twice.", "location": point}
    about = {"account_id": account["id"], "contact_id": call(house, "/contacts", token, contact)["id"]}
    about["site_id"] = call(house, "/sites", token, place)["id"]
    start = datetime.now(UTC) + timedelta(days=1)
    plan = {"window_start": start.isoformat(), "window_end": (start + timedelta(hours=2)).isoformat()}
    work = {**about, "job_type_id": job_type["id"], "summary": f"Own work {number}", "visits": [plan]}
    return dict(call(house, "/jobs", token, work))


def visit_of(house: House, job: dict[str, Any]) -> dict[str, Any]:
    """The job's only visit, as it stands."""
    (found,) = call(house, f"/visits?job_id={job['id']}", office(house))["items"]
    return dict(found)


def give(house: House, visit_id: str, who: str) -> None:
    """The dispatcher gives a visit to an engineer, whatever the rules say."""
    start = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    told = {"engineer_id": engineer_of(house, who), "start": start, "force": True, "reason": "The customer asked"}
    call(house, f"/visits/{visit_id}/assign", office(house), told)


def given(house: House, who: str, **template: Any) -> dict[str, Any]:
    """A visit of a new job that is given to `who`."""
    visit = visit_of(house, new_job(house, **template))
    give(house, visit["id"], who)
    return visit
