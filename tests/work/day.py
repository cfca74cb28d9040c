"""A small day for the tests of work: one organisation, its office, one engineer with a dispatched visit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from app.kernel.actor import Actor
from app.kernel.db import transaction
from app.kernel.ids import new_id
from app.work import commands
from app.work.models import Job, Visit, VisitEvent
from tests import factories
from tests.factories import Client


@dataclass
class Day:
    """Clients of the office and of an engineer; `visit` is dispatched to the engineer."""

    type_values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.org_id = factories.organisation().id
        self.office = factories.client("dispatcher", self.org_id)
        self.manager = factories.client("manager", self.org_id)
        self.engineer = factories.client("engineer", self.org_id)
        assert self.engineer.engineer_id
        self.job_type = factories.job_type(self.org_id, **self.type_values)
        made = factories.visit(self.org_id, self.engineer.engineer_id, job_type_id=self.job_type.id)
        self.visit_id, self.job_id = made.id, made.job_id

    def go(self, client: Client, to: str, visit_id: UUID | None = None, **more: Any) -> Any:
        """The answer to a step."""
        return client.post(f"/api/v1/visits/{visit_id or self.visit_id}/transitions", json={"to": to, **more})

    def walk(self, *steps: str) -> None:
        """The engineer takes these steps, each of which must succeed."""
        for to in steps:
            response = self.go(self.engineer, to)
            assert response.status_code == 200, response.get_json()

    def visit(self, visit_id: UUID | None = None) -> Visit:
        with factories.within(self.org_id) as tx:
            return tx.get(Visit, visit_id or self.visit_id)

    def job(self) -> Job:
        with factories.within(self.org_id) as tx:
            return tx.get(Job, self.job_id)

    def events(self, visit_id: UUID | None = None) -> list[VisitEvent]:
        query = select(VisitEvent).where(VisitEvent.visit_id == (visit_id or self.visit_id)).order_by(VisitEvent.seq)
        with factories.within(self.org_id) as tx:
            return list(tx.session.scalars(query))

    def put(self, status: str) -> None:
        """Sets the status behind the application's back."""
        with factories.within(self.org_id) as tx:
            values = {"status": status, "id": self.visit_id}
            tx.session.execute(text("UPDATE visits SET status = :status WHERE id = :id"), values)

    def actor(self, of: Client | None = None, **values: Any) -> Actor:
        """The engineer (or another client) as commands see them."""
        of = of or self.engineer
        return factories.actor_of(of.user, engineer_id=of.engineer_id, **values)

    def offline(self, to: str, base_rev: int, of: Client | None = None, **more: Any) -> Any:
        """What a push of this step comes to."""
        with transaction(self.actor(of)) as tx:
            return commands.transition_from_device(tx, self.visit_id, to, base_rev=base_rev, **more)

    def evidence(self, kind: str, **more: Any) -> None:
        with transaction(self.actor()) as tx:
            commands.record_evidence(tx, self.visit_id, kind, new_id(), **more)
