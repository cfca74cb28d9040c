"""The demo day: what interfaces promise of it, the same for the same seed, and nothing twice."""

from __future__ import annotations

import time
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app.demo import day as days
from app.demo import world as worlds
from app.demo.cities import CITIES, find
from app.demo.disagreeing import OFFICE_SAYS, PHONE_SAYS
from app.demo.making import Made, make
from app.demo.pace import turns
from app.demo.world import DEMO, PASSWORD, Scale
from app.kernel import clock
from app.kernel.config import config
from app.kernel.problems import Problem
from app.people.models import Shift
from app.places.models import Site
from app.work.models import Conflict, Job, Request, Visit, VisitEvent
from media.models import Media
from tests import factories
from tests.factories import within

TABLES = (
    "users", "engineers", "shifts", "accounts", "sites", "assets", "jobs", "visits", "requests", "visit_events",
    "stock_moves", "checklist_items", "engineer_territories", "engineer_skills",
)  # fmt: skip


def counts(made: Made) -> dict[str, int]:
    with within(made.world.org_id) as tx:
        return {name: tx.session.scalar(text(f"SELECT count(*) FROM {name}")) for name in TABLES}


@pytest.mark.parametrize("city", CITIES, ids=lambda city: city.slug)
def test_every_city_gives_engineer1_a_full_day_and_leaves_work_for_the_dispatcher(city: Any) -> None:
    world = worlds.make(Scale(city, 12, 80, 7))
    for offset in range(0, 60, 3):
        day = days.make(world, date(2026, 3, 1) + timedelta(days=offset))
        own = [task for task in day.tasks if task.technician is world.technicians[0]]
        assert len(own) >= 4
        assert sum(task.technician is None for task in day.tasks) >= 20


def test_a_planned_day_keeps_shifts_skills_windows_and_travel() -> None:
    for seed in range(5):
        world = worlds.make(Scale(find("London"), 20, 120, seed))
        day = days.make(world, date(2026, 3, 29))
        for technician in world.technicians:
            route = sorted((t for t in day.tasks if t.technician is technician), key=lambda t: t.sequence or 0)
            clock_, here = days.at(world, day.on, technician.starts), technician.home
            for task in route:
                assert task.start
                assert days.able(technician, task.kind)
                assert task.start >= clock_ + days.travel(here, task.site.place)
                assert task.window[0] <= task.start <= task.window[1]
                clock_, here = task.start + task.duration, task.site.place
            end = days.at(world, day.on, technician.starts) + timedelta(hours=technician.hours)
            assert clock_ + days.travel(here, technician.home) <= end


def test_the_same_seed_gives_the_same_day_and_another_one_does_not() -> None:
    on = date(2026, 3, 2)
    one, same, other = (worlds.make(Scale(find("Berlin"), 5, 30, seed)) for seed in (1, 1, 2))
    assert one == same
    assert days.make(one, on) == days.make(same, on)
    assert one != other
    assert days.make(one, on) != days.make(one, on + timedelta(days=1))


def test_unknown_cities_are_named_with_the_known_ones() -> None:
    assert find("ST. LOUIS").name == find("st-louis").name == "St. Louis"
    with pytest.raises(ValueError, match="Shanghai"):
        find("Atlantis")


def test_the_demo_day_is_what_interfaces_promise_and_running_again_changes_nothing() -> None:
    started = time.process_time()
    made = make(DEMO)
    assert time.process_time() - started < 20  # of our own processor time; some 7 s on two cores
    assert (made.founded, made.jobs) == (True, 80)
    before = counts(made)
    again = make(DEMO)
    assert (again.founded, again.jobs, again.history) == (False, 0, 0)
    assert counts(made) == before
    assert before["engineers"] == 12
    engineer1 = made.world.technicians[0]
    with within(made.world.org_id) as tx:
        today = (Visit.window_start >= days.at(made.world, made.on, 0)) & (
            Visit.window_start < days.at(made.world, made.on + timedelta(days=1), 0)
        )
        mine = select(func.count()).where(today, Visit.engineer_id == engineer1.id, Visit.status == "dispatched")
        assert tx.session.scalar(mine) >= 4
        assert tx.session.scalar(select(func.count()).where(today, Visit.status == "draft")) >= 20
        assert tx.session.scalar(select(func.count()).where(VisitEvent.to_status == "completed")) >= 6
        assert tx.session.scalar(select(func.count()).where(Request.status == "new")) >= 8
        assert tx.session.scalar(text("SELECT count(*) FROM sites WHERE territory_id IS NULL")) == 0
        assert tx.session.scalar(text("SELECT count(*) FROM stock_moves WHERE flagged_negative")) == 0


def test_a_new_day_adds_a_new_day_of_work() -> None:
    scale = Scale(find("Singapore"), 2, 10, 3)
    today = make(scale)
    tomorrow = make(scale, clock.now() + timedelta(days=1))
    assert (tomorrow.founded, tomorrow.jobs) == (False, 10)
    with within(today.world.org_id) as tx:
        assert tx.session.scalar(select(func.count()).select_from(Job)) == 20 + today.history
        assert tx.session.scalar(text("SELECT count(DISTINCT starts_at::date) FROM shifts")) >= 12


@pytest.mark.parametrize("hour", [15, 18.2, 21, 23.9])
def test_whoever_comes_late_finds_work_that_lies_ahead_and_only_once(hour: float) -> None:
    scale = Scale(find("London"), 4, 20, 5)
    on = date(2026, 3, 29)  # the clocks go forward
    moment = days.at(worlds.make(scale), on, hour)
    made = make(scale, moment, around_now=True)
    assert (made.jobs, made.evening) == (20, days.EVENING_JOBS)
    again = make(scale, moment + timedelta(minutes=4), around_now=True)
    assert (again.jobs, again.evening) == (0, 0)
    with within(made.world.org_id) as tx:
        ahead = Visit.window_end > moment
        for technician in made.world.technicians[:2]:
            mine = select(Visit.planned_start).where(Visit.engineer_id == technician.id, ahead)
            starts = list(tx.session.scalars(mine.where(Visit.planned_start >= moment - timedelta(minutes=30))))
            assert starts, technician
            on_shift = select(Shift.id).where(Shift.engineer_id == technician.id, Shift.starts_at <= starts[0])
            assert tx.session.scalar(on_shift.where(Shift.ends_at > starts[0])), technician
        waiting = select(func.count()).where(Visit.status == "draft", ahead)
        assert tx.session.scalar(waiting) >= 10


def test_whoever_looks_finds_one_conflict_that_a_phone_made_and_others_find_none() -> None:
    scale = Scale(CITIES[-1], 4, 20, 8)
    quiet = make(Scale(CITIES[0], 4, 20, 9))
    with within(quiet.world.org_id) as tx:
        assert tx.session.scalar(select(func.count()).select_from(Conflict)) == 0
    made = make(scale, around_now=True)
    for _ in range(2):  # started again on the same day, it is left as it is
        make(scale, around_now=True)
    with within(made.world.org_id) as tx:
        (conflict,) = tx.session.scalars(select(Conflict)).all()
        told = (conflict.kind, conflict.status, conflict.collection)
        assert told == ("field", "open", "sites"), conflict.theirs
        assert conflict.device_id is not None
        assert tx.get(Site, conflict.row_id).access_notes in OFFICE_SAYS
        assert conflict.mine["access_notes"] in PHONE_SAYS
        assert tx.session.scalar(text("SELECT count(*) FROM sync_mutations WHERE status = 'conflict'")) == 1


@pytest.mark.parametrize("hour", [5, 9, 12.5, 16.9])
def test_whoever_looks_finds_a_day_as_far_as_it_has_gone_by_any_hour(hour: float) -> None:
    scale = Scale(find("London"), 6, 40, 5)
    on = date(2026, 3, 2)
    moment = days.at(worlds.make(scale), on, hour)
    made = make(scale, moment, around_now=True)
    today = days.make(made.world, on)
    with within(made.world.org_id) as tx:
        for technician in made.world.technicians:
            for turn in turns(today, technician):
                visit = tx.get(Visit, turn.task.visit_id)
                mine = technician is made.world.technicians[0]
                if turn.ends <= moment:
                    assert visit.status in ("completed", "cannot_complete")
                elif turn.left <= moment and not mine:
                    assert visit.status == ("working" if turn.begins <= moment else "en_route")
                else:
                    assert visit.status in (("dispatched",) if mine else ("dispatched", "accepted"))
        photographed = {task.visit_id for task in today.tasks if task.kind.photos}
        done = {id_ for id_ in photographed if tx.get(Visit, id_).status == "completed"}
        assert set(tx.session.scalars(select(Media.visit_id).where(Media.state == "complete"))) == done
        late = tx.session.scalar(select(func.max(VisitEvent.corrected_at)).where(VisitEvent.to_status == "completed"))
        assert late is None or late <= moment


def test_nobody_is_at_two_places_and_the_day_is_the_same_each_time() -> None:
    world = worlds.make(Scale(find("Berlin"), 8, 60, 3))
    day = days.make(world, date(2026, 3, 2))
    for technician in world.technicians:
        route = turns(day, technician)
        assert route == turns(day, technician)
        for before, after in pairwise(route):
            assert before.ends <= after.left
            assert after.place(after.left) == before.task.site.place
            assert after.place(after.ends) == after.task.site.place


def test_by_day_nothing_comes_to_the_day() -> None:
    scale = Scale(find("Berlin"), 2, 10, 6)
    on = date(2026, 3, 2)
    made = make(scale, days.at(worlds.make(scale), on, 14.9), around_now=True)
    assert (made.jobs, made.evening) == (10, 0)


def test_a_bigger_scale_completes_the_same_organisation() -> None:
    small, big = Scale(find("Berlin"), 2, 10, 4), Scale(find("Berlin"), 2, 60, 4)
    first, second = make(small), make(big)
    assert first.world.org_id == second.world.org_id
    assert (second.founded, second.jobs) == (False, 60)


def test_while_the_demo_is_being_made_the_right_password_is_not_called_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    web = factories.app().test_client()
    web.environ_base["REMOTE_ADDR"] = "the demo is being made"  # with brakes of its own

    def sign_in(email: str = "engineer1@demo.callout", password: str = PASSWORD) -> tuple[int, str, str | None]:
        answer = web.post("/api/v1/auth/token", json={"email": email, "password": password})
        return answer.status_code, str(answer.json.get("type")), answer.headers.get("Retry-After")

    for _ in range(30):  # whoever waits is not taken for somebody who guesses
        assert sign_in() == (503, "/problems/demo-being-made", "2")
    assert sign_in("engineer1@example.org")[0] == 401
    make(Scale(find("Shanghai"), 1, 1, 7, plain=True))
    assert sign_in()[0] == 200
    assert sign_in(password="wrong")[0] == 401
    assert sign_in("nobody@demo.callout")[0] == 401


def test_everybody_signs_in_with_the_known_password_and_sees_the_day() -> None:
    made = make(DEMO)
    web = factories.app().test_client()
    for login in ("admin", "dispatcher", "manager", "storekeeper", "auditor", "agent", "engineer1", "engineer12"):
        body = {"email": f"{login}@demo.callout", "password": PASSWORD}
        answer = web.post("/api/v1/auth/token", json=body)
        assert answer.status_code == 200, (login, answer.json)
    token = web.post("/api/v1/auth/token", json={"email": "engineer1@demo.callout", "password": PASSWORD}).json
    own = web.get("/api/v1/visits?limit=200", headers={"Authorization": f"Bearer {token['access_token']}"}).json
    assert {visit["engineer_id"] for visit in own["items"]} == {str(made.world.technicians[0].id)}


def test_there_is_no_demo_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLOUT_MODE", "production")
    config.cache_clear()
    try:
        with pytest.raises(Problem, match="production"):
            make(DEMO)
    finally:
        monkeypatch.undo()
        config.cache_clear()
