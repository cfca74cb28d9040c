"""A small working day in the database: a dispatcher, engineers with shifts, visits that wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.kernel import tasks
from app.kernel.ids import new_id
from app.people.models import Absence, Engineer, EngineerSkill, Shift, Skill
from app.places.models import EngineerTerritory, Territory
from app.work.models import Visit
from tests import factories

DAY = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
"""Tomorrow, in UTC: the zone of the organisations made here."""


def at(hour: float) -> datetime:
    """A time of tomorrow."""
    return DAY + timedelta(hours=hour)


def iso(hour: float) -> str:
    """A time of tomorrow as on the wire."""
    return at(hour).isoformat().replace("+00:00", "Z")


@dataclass
class World:
    """One organisation. Longitudes place people and sites on a line; 0.01 is about 1.1 km."""

    zone: str = "UTC"
    skills: dict[str, Skill] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.org_id = factories.organisation(timezone=self.zone).id
        self.office = factories.client("dispatcher", self.org_id)
        self.job_type = factories.job_type(self.org_id, duration_s=1800)

    def engineer(self, lon: float = 0.0, *, shift: tuple[float, float] | None = (8, 16), **values: Any) -> Engineer:
        """An engineer who lives at (lon, 0) and works tomorrow."""
        skills, breaks = values.pop("skills", {}), values.pop("breaks", [])
        person = factories.engineer(self.org_id, home=f"SRID=4326;POINT({lon} 0)", **values)
        if shift:
            starts, ends = at(shift[0]), at(shift[1])
            row = Shift(engineer_id=person.id, starts_at=starts, ends_at=ends, breaks=breaks)
            factories.add(self.org_id, row)
        with factories.within(self.org_id) as tx:
            for code, (level, expires) in skills.items():
                skill_id = self.skill(code).id
                row_ = EngineerSkill(engineer_id=person.id, skill_id=skill_id, level=level, expires_on=expires)
                tx.session.add(row_)
        return person

    def skill(self, code: str) -> Skill:
        """The skill of this code, made when it is first wanted."""
        if code not in self.skills:
            self.skills[code] = factories.add(self.org_id, Skill(code=code, name=code))
        return self.skills[code]

    def territory(self, name: str, *engineers: Engineer) -> Territory:
        """A territory that these engineers serve."""
        row = factories.add(self.org_id, Territory(name=name))
        with factories.within(self.org_id) as tx:
            tx.session.add_all(EngineerTerritory(engineer_id=e.id, territory_id=row.id) for e in engineers)
        return row

    def absence(self, of: Engineer, starts: float, ends: float) -> None:
        """The engineer is away."""
        factories.add(self.org_id, Absence(engineer_id=of.id, starts_at=at(starts), ends_at=at(ends)))

    def visit(self, lon: float = 0.0, window: tuple[float, float] | None = (8, 16), **values: Any) -> Visit:
        """A visit that waits, at (lon, 0); `values` are the job's, `visit` those of the visit."""
        needs = [{"skill_id": str(self.skill(c).id), "level": n} for c, n in values.pop("skills", {}).items()]
        parts = values.pop("parts", [])
        kind = self.job_type
        if needs or parts:
            kind = factories.job_type(self.org_id, duration_s=1800, required_skills=needs, parts=parts)
        place = factories.site(self.org_id, lon, 0.0, territory_id=values.pop("territory_id", None))
        bounds = {"window_start": at(window[0]), "window_end": at(window[1])} if window else {}
        inner = {**bounds, **values.pop("visit", {})}
        return factories.visit(self.org_id, site_id=place.id, job_type_id=kind.id, visits=[inner], **values)

    def give(self, visit: Visit, to: Engineer, hour: float) -> Any:
        """Assigns by hand through the API; must succeed."""
        answer = self.assign(visit, to, start=iso(hour))
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def assign(self, visit: Visit, to: Engineer, **body: Any) -> Any:
        """The answer to assigning by hand."""
        return self.office.post(f"/api/v1/visits/{visit.id}/assign", json={"engineer_id": str(to.id), **body})

    def ask(self, **body: Any) -> Any:
        """The answer to a recommendation."""
        return self.office.post("/api/v1/dispatch/recommendations", json=body)

    def plan(self, **body: Any) -> dict[str, Any]:
        """A finished plan of tomorrow."""
        asked = self.office.post("/api/v1/dispatch/plans", json={"date": DAY.date().isoformat(), **body})
        assert asked.status_code == 202, asked.get_json()
        self.work(asked.get_json()["task_id"])
        return self.read(asked.get_json()["id"])

    def work(self, task_id: str) -> None:
        """Runs a task as a worker would."""
        tasks.run(task_id, str(self.org_id))

    def read(self, plan_id: str) -> dict[str, Any]:
        """A plan as on the wire."""
        return self.office.get(f"/api/v1/dispatch/plans/{plan_id}").get_json()  # type: ignore[no-any-return]

    def apply(self, plan_id: str, **body: Any) -> Any:
        """The answer to applying a plan."""
        return self.office.post(f"/api/v1/dispatch/plans/{plan_id}/apply", json=body)

    def now(self, visit: Visit) -> Visit:
        """The visit as it is now."""
        with factories.within(self.org_id) as tx:
            return tx.get(Visit, visit.id)


def nobody() -> UUID:
    """An id that nobody has."""
    return new_id()
