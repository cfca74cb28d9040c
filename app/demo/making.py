"""Makes a world and a day of it in the database, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from app.demo import day as days
from app.demo import world as worlds
from app.demo.founding import found
from app.demo.working import write_day, write_history, write_positions
from app.demo.world import Scale, World
from app.kernel import clock
from app.kernel.actor import system_actor
from app.kernel.config import config
from app.kernel.db import transaction
from app.kernel.problems import FORBIDDEN


@dataclass(frozen=True)
class Made:
    """What a run made; all zero when everything was there."""

    world: World
    on: date
    founded: bool
    jobs: int
    history: int


def make(scale: Scale, moment: datetime | None = None, tell: Callable[[int], None] = lambda done: None) -> Made:
    """The city's today, unless it is there. `tell` hears how many jobs are written.

    Raises a 403 problem in production mode: everybody knows the password.
    """
    if config().mode == "production":
        raise FORBIDDEN("There is no demo in production mode: everybody knows its passwords.")
    world = worlds.make(scale)
    on = worlds.local_date(scale, moment or clock.now())
    with transaction(system_actor(world.org_id)) as tx:
        founded = found(tx, world, on)
        today = days.make(world, on)
        history = write_history(tx, world, today) if founded else 0
        jobs = write_day(tx, world, today, tell)
        if jobs:
            write_positions(tx, world, today)
    return Made(world, on, founded, jobs, history)
