"""A day whose waiting visits find somebody by themselves; workers are played by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import clock, tasks
from app.kernel.actor import system_actor
from app.kernel.db import Tx
from app.kernel.models import Event, Task
from app.people.models import Engineer, User
from app.work.models import Visit
from dispatch.methods import offering
from dispatch.methods.models import Offer
from tests import factories
from tests.dispatch.world import World


class Scene(World):
    """A world in which `method` is how the only job type finds its engineers."""

    def __init__(self, method: str, **settings: Any) -> None:
        super().__init__()
        self.job_type = factories.job_type(self.org_id, duration_s=1800, dispatch_method=method)
        if settings:
            admin = factories.client("admin", self.org_id)
            assert admin.put("/api/v1/dispatch/settings", json=settings).status_code == 200

    def work_off(self) -> None:
        """Runs the tasks that are due now, as a worker would, until none is left."""
        while waiting := self._due():
            for task_id in waiting:
                tasks.run(str(task_id), str(self.org_id))

    def _due(self) -> list[UUID]:
        with factories.within(self.org_id) as tx:
            due = select(Task.id).where(Task.state == "queued", Task.run_after <= tx.now + timedelta(seconds=1))
            return list(tx.session.scalars(due.order_by(Task.created_at)))

    def phone(self, of: Engineer) -> Any:
        """The engineer, signed in."""
        user = factories.add(self.org_id, _user(of))
        with factories.within(self.org_id) as tx:
            tx.get(Engineer, of.id).user_id = user.id
        return factories.sign_in(user)

    def offers(self, visit: Visit) -> list[tuple[UUID, str]]:
        """Who was asked for a visit and what they said, in this order."""
        with factories.within(self.org_id) as tx:
            rows = select(Offer).where(Offer.visit_id == visit.id).order_by(Offer.created_at, Offer.id)
            return [(row.engineer_id, row.answer) for row in tx.session.scalars(rows)]

    def topics(self) -> list[str]:
        """The events so far."""
        with factories.within(self.org_id) as tx:
            return list(tx.session.scalars(select(Event.topic).order_by(Event.id)))

    def let_time_pass(self, *, seconds: float | None = None) -> None:
        """Runs the timers of all open offers: as if it were `seconds` later, or the moment at which they end."""
        with factories.within(self.org_id) as tx:
            for made in list(tx.session.scalars(select(Offer).where(Offer.answer == "open"))):
                assert made.expires_at
                late = clock.now() + timedelta(seconds=seconds) if seconds else made.expires_at
                offering.expire(Tx(tx.session, system_actor(self.org_id), late), made.id)


def _user(of: Engineer) -> User:
    return User(email=f"{of.id}@example.org", name=of.name, role="engineer")
