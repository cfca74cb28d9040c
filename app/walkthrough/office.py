"""What the people at their desks do: import, plan, change plans, resolve conflicts."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.walkthrough.http import Client

Row = dict[str, Any]
Say = Callable[[str], None]

CHUNK = 500
SHOWN = 3


@dataclass
class Office:
    """A signed-in dispatcher and manager, and what they know of the organisation."""

    dispatcher: Client
    manager: Client
    say: Say

    def organisation(self) -> Row:
        return self.manager.get("/organisation")  # type: ignore[no-any-return]

    def tomorrow(self) -> date:
        """Tomorrow in the organisation's zone."""
        return datetime.now(ZoneInfo(self.organisation()["timezone"])).date() + timedelta(days=1)

    def import_requests(self, file: Path, mapping: Path) -> Row:
        """Imports a CSV through the API, in the background; returns the task's result."""
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
        shape = json.loads(mapping.read_text())
        total: Counter[str] = Counter()
        for begin in range(0, len(rows), CHUNK):
            chunk = {"map": shape, "rows": rows[begin : begin + CHUNK], "first_line": begin + 2}
            task = self.manager.post("/imports/requests", chunk)
            result = self.manager.wait(f"/tasks/{task['id']}", seconds=600)["result"]
            total.update({name: result[name] for name in ("requests", "jobs", "sites", "accounts", "known")})
            total["bad"] += len(result["bad"])
            for bad in result["bad"][:SHOWN]:
                self.say(f"    line {bad['line']}: {bad['reason']}")
        self.say(f"   {len(rows)} lines of {file.name}: " + ", ".join(f"{n} {what}" for what, n in total.items()))
        return {**total, "lines": len(rows)}

    def plan(self, day: date) -> Row:
        """Plans `day`, says who goes where and why, applies the plan; returns it."""
        plan = self.dispatcher.post("/dispatch/plans", {"date": day.isoformat(), "time_limit_s": 10})
        path = f"/dispatch/plans/{plan['id']}"
        plan = self.dispatcher.wait(path, until="status")
        names = {row["id"]: row["name"] for row in self.dispatcher.items("/engineers")}
        busy = [route for route in plan["routes"] if visits_of(route)]
        for route in busy[:SHOWN]:
            self._tell_route(names, route)
        if len(busy) > SHOWN:
            self.say(f"    … and {len(busy) - SHOWN} more engineers")
        self._tell_unassigned(plan["unassigned"])
        self.dispatcher.post(f"{path}/apply", {})
        self.say(f"  Applied: {sum(len(visits_of(route)) for route in busy)} visits for {len(busy)} engineers")
        return plan

    def _tell_route(self, names: dict[str, str], route: Row) -> None:
        self.say(f"    {names[route['engineer_id']]}:")
        for step in visits_of(route)[:SHOWN]:
            self.say(f"      {step['start'][11:16]}Z  {self.why(step['visit_id'], route['engineer_id'])}")

    def why(self, visit_id: str, engineer_id: str) -> str:
        """One line: the job, and the terms that speak for this engineer (or what stands against)."""
        answer = self.dispatcher.post("/dispatch/recommendations", {"visit_id": visit_id, "limit": 50})
        mine = [c for c in answer["candidates"] if c["engineer_id"] == engineer_id]
        terms = "; ".join(term["detail"] for term in mine[0]["terms"]) if mine else "kept where it was"
        return f"{self._job(visit_id)} — {terms}"

    def _job(self, visit_id: str) -> str:
        visit = self.dispatcher.get(f"/visits/{visit_id}")
        return f"{visit['job_number']} {visit['summary'][:40]}"

    def _tell_unassigned(self, unassigned: list[Row]) -> None:
        for row in unassigned[:SHOWN]:
            reasons = ", ".join(f"{one['rule']} × {one['count']}" for one in row["reasons"])
            self.say(f"    not placed: {self._job(row['visit_id'])} ({reasons})")
        if len(unassigned) > SHOWN:
            self.say(f"    … and {len(unassigned) - SHOWN} more not placed, each with its reasons")

    def reassign(self, visit_id: str, to_engineer: str) -> Row:
        """Gives a visit to somebody else, with a reason, whatever the rules say."""
        body = {"engineer_id": to_engineer, "force": True, "reason": "Customer asked for somebody nearer"}
        return self.dispatcher.post(f"/visits/{visit_id}/assign", body)  # type: ignore[no-any-return]

    def edit(self, path: str, changes: Row) -> Row:
        """Changes fields of a row online."""
        return self.dispatcher.patch(path, self.dispatcher.get(path)["rev"], changes)  # type: ignore[no-any-return]

    def open_conflicts(self) -> list[Row]:
        return self.dispatcher.items("/conflicts", status="open")

    def resolve(self, conflict: Row, how: str) -> Row:
        """Resolves a conflict: keep_mine (the device's), keep_theirs (the server's), take_both or edit."""
        return self.dispatcher.post(f"/conflicts/{conflict['id']}/resolve", {"resolution": how})  # type: ignore[no-any-return]


def visits_of(route: Row) -> list[Row]:
    """The steps of a route that are visits, in order."""
    return [step for step in route["steps"] if step.get("visit_id")]
