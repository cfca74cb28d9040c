"""Once a minute, each organisation at work, however many ask."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.kernel import tasks, ticks
from app.kernel.models import Task
from tests import factories


def test_a_minute_is_asked_for_once_and_only_where_there_is_work(monkeypatch: Any) -> None:
    monkeypatch.setattr(ticks, "slot_now", lambda: "a minute of this test")
    factories.app()  # loads the rooms, whose tasks these are
    idle, busy = factories.organisation(), factories.job(factories.organisation().id).org_id
    assert ticks.start_minute() >= 1
    assert ticks.start_minute() == 0
    assert names(idle.id) == []
    assert names(busy) == ["tick"]
    with factories.within(busy) as tx:
        tick = tx.session.scalars(select(Task.id).where(Task.name == "tick")).one()
    tasks.run(str(tick), str(busy))
    assert {"tick", "work.scores"} <= set(names(busy))


def names(org_id: Any) -> list[str]:
    with factories.within(org_id) as tx:
        return list(tx.session.scalars(select(Task.name).order_by(Task.name)))
