"""Makes a world and a day of it in the database, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from app.demo import day as days
from app.demo import world as worlds
from app.demo.day import Day
from app.demo.disagreeing import disagree
from app.demo.founding import evening_shifts, found
from app.demo.living import live, stand_by
from app.demo.working import accept_first, write_day, write_history
from app.demo.world import Scale, World
from app.factory import load_rooms
from app.kernel import clock
from app.kernel.actor import system_actor
from app.kernel.config import config
from app.kernel.db import Tx, transaction
from app.kernel.problems import FORBIDDEN


@dataclass(frozen=True)
class Made:
    """What a run made; all zero when everything was there."""

    world: World
    on: date
    founded: bool
    jobs: int
    history: int
    evening: int


def make(
    scale: Scale,
    moment: datetime | None = None,
    tell: Callable[[int], None] = lambda done: None,
    *,
    around_now: bool = False,
) -> Made:
    """The city's today, unless it is there. `tell` hears how many jobs are written. `around_now`, for whoever looks:
    the day is as far as it would be at `moment`, a phone disagrees with the office, and when the day is mostly over an
    evening's work comes to it, so that something lies ahead.

    Raises a 403 problem in production mode: everybody knows the password.
    """
    if config().mode == "production":
        raise FORBIDDEN("There is no demo in production mode: everybody knows its passwords.")
    world = worlds.make(scale)
    now = moment or clock.now()
    on = worlds.local_date(scale, now)
    starts = days.evening_starts(scale, now) if around_now else None
    early = min(now, days.at(world, on, 6)) if around_now else None
    if around_now:
        load_rooms()  # they declare what phones may change, and look at photos
    with transaction(system_actor(world.org_id)) as tx:
        founded = found(tx, world, on)
        today = days.make(world, on)
        history = write_history(tx, world, today) if founded else 0
        jobs = write_day(tx, world, today, tell, early)
        late = _evening(tx, world, on, starts) if starts else Day(on, ())
        if jobs and around_now:
            live(tx, world, today, now)
        elif jobs or late.tasks:
            stand_by(tx, world, Day(on, today.tasks + late.tasks))
        if jobs and not around_now:
            accept_first(tx, world, today)
    if around_now and jobs:
        disagree(world, today)
    return Made(world, on, founded, jobs, history, len(late.tasks))


def _evening(tx: Tx, world: World, on: date, starts: float) -> Day:
    """The evening's work; nothing where the date has one."""
    small, hours = replace(world, scale=days.evening_scale(world.scale)), days.evening(starts)
    late = days.make(small, on, hours)
    if not write_day(tx, small, late):
        return Day(on, ())
    accept_first(tx, small, late)
    evening_shifts(tx, world, on, hours)
    return late
