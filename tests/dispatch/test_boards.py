"""Boards in memory: every change that matters is seen by the next question, and an answer equals one made afresh."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from app.kernel.actor import system_actor
from app.kernel.db import transaction
from app.people.models import Absence, Engineer, EngineerSkill, Shift, Skill
from app.places.models import EngineerTerritory, Site
from app.work.models import Job, JobType, Visit
from app.work.models.scores import JobScore
from dispatch import recommending, roads, settings
from dispatch.assigning import judge
from dispatch.boards import cache
from dispatch.boards.day import DayBoard, Rules, read
from dispatch.boards.revision import FIRST, changes
from dispatch.saying import Voice
from dispatch.travel.straight import Straight
from tests import factories
from tests.dispatch.world import World, at

pytestmark = pytest.mark.committed


@pytest.fixture
def world() -> Iterator[Any]:
    cache.forget()
    made: Any = World()
    made.near = made.engineer(0.0, skills={"gas": (3, None)})
    made.far = made.engineer(0.05, skills={"gas": (3, None)})
    made.held = made.visit(0.0, window=None)
    made.give(made.held, made.near, 9)
    made.asked = made.visit(0.0, skills={"gas": 2})
    yield made
    cache.forget()


def answer(world: Any) -> dict[str, Any]:
    body: dict[str, Any] = world.ask(visit_id=str(world.asked.id)).get_json()
    return body


def deed(world: Any, work: Callable[[Any], object]) -> None:
    with factories.within(world.org_id) as tx:
        work(tx)


def of(model: Any, row: Any) -> Any:
    return update(model).where(model.id == row.id)


DEEDS: dict[str, Callable[[Any, Any], object]] = {
    "a visit moves": lambda w, tx: tx.session.execute(of(Visit, w.held).values(planned_start=at(8.25))),
    "a visit goes to somebody else": lambda w, tx: tx.session.execute(of(Visit, w.held).values(engineer_id=w.far.id)),
    "a visit is taken off": lambda w, tx: tx.session.execute(of(Visit, w.held).values(status="cancelled")),
    "an engineer leaves": lambda w, tx: tx.session.execute(of(Engineer, w.near).values(active=False)),
    "a limit": lambda w, tx: tx.session.execute(of(Engineer, w.near).values(max_jobs_per_day=0)),
    "a skill is lost": lambda w, tx: tx.session.execute(
        delete(EngineerSkill).where(EngineerSkill.engineer_id == w.near.id)
    ),
    "a skill is another": lambda w, tx: tx.session.execute(of(Skill, w.skill("gas")).values(code="f-gas")),
    "a shift is shorter": lambda w, tx: tx.session.execute(
        update(Shift).where(Shift.engineer_id == w.near.id).values(ends_at=at(9.75))
    ),
    "a shift is gone": lambda w, tx: tx.session.execute(
        update(Shift).where(Shift.engineer_id == w.near.id).values(deleted_at=at(0))
    ),
    "an absence": lambda w, tx: tx.session.add(Absence(engineer_id=w.near.id, starts_at=at(0), ends_at=at(24))),
    "a territory": lambda w, tx: tx.session.add(EngineerTerritory(engineer_id=w.near.id, territory_id=w.south.id)),
    "a job's deadline": lambda w, tx: tx.session.execute(
        update(Job).where(Job.id == w.held.job_id).values(due_at=at(9.1))
    ),
    "a job's points": lambda w, tx: tx.session.execute(
        insert(JobScore)
        .values(job_id=w.held.job_id, score=90.0)
        .on_conflict_do_update(index_elements=["org_id", "job_id"], set_={"score": 91.0})
    ),
    "a site is elsewhere": lambda w, tx: tx.session.execute(update(Site).values(location="SRID=4326;POINT(0.3 0)")),
    "a job type needs more": lambda w, tx: tx.session.execute(update(JobType).values(parts=[])),
}


@pytest.mark.parametrize("name", DEEDS)
def test_whatever_matters_is_seen_by_the_next_question(world: Any, name: str) -> None:
    world.south = world.territory("south")
    world.north = world.territory("north", world.far)
    first = answer(world)
    assert first["candidates"]
    with transaction(system_actor(world.org_id)) as tx:
        seen = changes(tx, FIRST).seen
    deed(world, lambda tx: DEEDS[name](world, tx))
    with transaction(system_actor(world.org_id)) as tx:
        assert changes(tx, seen).engineers, "the change is noted"
    after = answer(world)
    cache.forget()
    assert after == answer(world), "what was brought up equals what is read afresh"


def test_what_is_recommended_is_what_assigning_finds(world: Any) -> None:
    """Also for a site so placed that a drive from a rounded point takes another second than from the point itself."""
    lon = next(lon for n in range(9_999) if drive(lon := 0.02 + n * 1.3e-5 + 4.9e-7) != drive(round(lon, 6)))
    world.asked = world.visit(lon, skills={"gas": 2})
    (told,) = [one for one in answer(world)["candidates"] if one["engineer_id"] == str(world.near.id)]
    with transaction(system_actor(world.org_id)) as tx:
        found, _ = judge(tx, recommending.question(tx, world.asked.id), world.near.id, None)
    assert found
    assert told["added_travel_s"] == found.added_seconds


def drive(lon: float) -> int:
    """Seconds from the origin, at the hour for which tomorrow is estimated."""
    return int(Straight(ZoneInfo("UTC")).matrix([(0.0, 0.0)], [(lon, 0.0)], at(12)).seconds[0, 0])


def test_nothing_is_read_again_while_nothing_changes(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = answer(world)
    monkeypatch.setattr(cache, "read", lambda *_: pytest.fail("read again"))
    monkeypatch.setattr(DayBoard, "of", lambda *_: pytest.fail("worked out again"))
    assert answer(world) == first


def test_what_a_transaction_has_not_committed_is_its_own(world: Any) -> None:
    answer(world)
    with pytest.raises(ZeroDivisionError), transaction(system_actor(world.org_id)) as tx:
        _ask_and_fail(world, tx)
    assert len(answer(world)["candidates"]) == 2


def _ask_and_fail(world: Any, tx: Any) -> None:
    tx.session.execute(update(Engineer).values(active=False))
    assert recommending.for_visit(tx, world.asked.id, 5, Voice())["candidates"] == []
    raise ZeroDivisionError


def test_a_commit_out_of_order_is_not_missed(world: Any) -> None:
    """A change that began before the board was read and is committed after it."""
    with transaction(system_actor(world.org_id)) as slow:
        slow.session.execute(of(Engineer, world.near).values(active=False))
        assert len(answer(world)["candidates"]) == 2
    assert [one["engineer_id"] for one in answer(world)["candidates"]] == [str(world.far.id)]


def test_a_begun_day_moves_on_with_the_minute(world: Any) -> None:
    with transaction(system_actor(world.org_id)) as tx:
        rules = Rules(settings.zone(tx), None, roads.around)
        facts = read(tx, at(12).date(), rules.zone)
        before, during = DayBoard.of(facts, rules, at(7)), DayBoard.of(facts, rules, at(10))
    assert before.holds(at(7.9))
    assert not before.holds(at(8.1))
    assert during.holds(at(10) - timedelta(seconds=30))
    assert not during.holds(at(10) + timedelta(seconds=1))
    assert [day.shift_start for day in during.problem.days] == [at(10).timestamp()] * 2
