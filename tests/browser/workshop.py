"""A workshop of three for browser tests: nothing of the demo day, every row known, the same at any hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.kernel.ids import new_id
from tests.browser.house import House
from tests.browser.steps import PASSWORD, call, office

ZONE = ZoneInfo("Asia/Shanghai")
PEOPLE = {"Wang West": 121.30, "Li Lin": 121.45, "East Evans": 121.60}
"""Who works there, from west to east, each at the longitude of the own home."""


@dataclass
class Workshop:
    """An organisation with a dispatcher, three engineers who work tomorrow, one kind of work and a customer.

    `tomorrow` stays the same day when midnight passes while a test runs.
    """

    house: House
    token: str = ""
    engineers: dict[str, str] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)
    kind: str = ""
    tomorrow: date = field(default_factory=lambda: today() + timedelta(days=1))

    def open(self) -> Workshop:
        """Founded from nothing, through the public API."""
        self.house.found("admin@demo.callout", str(ZONE))
        self.token = office(self.house, "admin")
        self._user("dispatcher@demo.callout", "Dina", "dispatcher")
        first = self._user("engineer1@demo.callout", next(iter(PEOPLE)), "engineer")
        account = self.post("/accounts", name="Lin & Sons")
        for name, lon in PEOPLE.items():
            self.engineers[name] = self.post("/engineers", name=name, home=point(lon), user_id=first)
            self.sites[name] = self.post("/sites", name=f"Yard of {name}", account_id=account, location=point(lon))
            first = None
        for person in self.engineers.values():
            hours = {"starts_at": moment(self.tomorrow, 8), "ends_at": moment(self.tomorrow, 17)}
            self.post("/shifts", engineer_id=person, **hours)
        self.kind = self.post("/job-types", code="repair", name="Repair", duration_s=3600, requires_signature=False)
        return self

    def job(self, summary: str, near: str, day: date, hours: tuple[int, int], priority: int = 3) -> dict[str, Any]:
        """A job with one visit that waits, at the site near somebody's home. Returns the visit."""
        window = {"window_start": moment(day, hours[0]), "window_end": moment(day, hours[1])}
        values = {"site_id": self.sites[near], "job_type_id": self.kind, "priority": priority, "summary": summary}
        job = self.post("/jobs", **values, visits=[window])
        return dict(call(self.house, f"/visits?job_id={job}", self.token)["items"][0])

    def post(self, path: str, **values: Any) -> str:
        """A new row; its id."""
        return str(call(self.house, path, self.token, {"id": str(new_id()), **values})["id"])

    def _user(self, email: str, name: str, role: str) -> str | None:
        return self.post("/users", email=email, name=name, role=role, password=PASSWORD)


def today() -> date:
    return datetime.now(ZONE).date()


def moment(day: date, hour: int) -> str:
    return datetime.combine(day, time(hour), ZONE).isoformat()


def point(lon: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, 31.23]}
