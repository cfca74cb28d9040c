"""Pure: the work of one day in a world. A part of it is planned and dispatched, the rest waits for the dispatcher."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo.catalogue import KINDS, Kind
from app.demo.chance import Chance
from app.demo.cities import KM_PER_DEGREE
from app.demo.world import Location, Place, Scale, Technician, World

KIND = {kind.code: kind for kind in KINDS}
DRIVE_KMH = 26.0
DETOUR = 1.35
LEAST_WAITING = 20
LUNCH = (time(11, 30), time(13, 30), timedelta(minutes=30))


@dataclass(frozen=True)
class Task:
    """A job of the day with its one visit. Without `technician` it waits; times are aware."""

    id: UUID
    visit_id: UUID
    request_id: UUID | None
    number: int
    site: Location
    kind: Kind
    priority: int
    complaint: str
    window: tuple[datetime, datetime]
    due_at: datetime
    technician: Technician | None = None
    start: datetime | None = None
    sequence: int | None = None

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.kind.minutes)


@dataclass(frozen=True)
class Hours:
    """When the work of a day lies: the spans that customers are promised, how many visits the first technician and the
    others get at most, and when everybody begins and for how long; without that the shift is each one's own."""

    windows: tuple[tuple[float, float], ...]
    first: int
    most: tuple[int, ...]
    starts: float | None = None
    lasts: float = 0


BY_DAY = Hours(((8, 12), (13, 17), (9, 11), (10, 12), (14, 16), (15, 17), (8, 17)), first=5, most=(3, 4, 5))
LATE_FROM, EVENING_FROM, EVENING_LASTS, EVENING_JOBS = 15, 18, 6, 36


def evening(starts: float) -> Hours:
    """Work from the evening on, past midnight where it begins late; few visits each, since the day had its own."""
    spans = ((0, 2), (1, 3), (2, 5), (0, 6))
    return Hours(tuple((starts + a, starts + b) for a, b in spans), 2, (2,), starts, EVENING_LASTS)


def evening_starts(scale: Scale, moment: datetime) -> float | None:
    """The city's hour at which an evening's work begins for whoever comes at `moment`; None while the day goes on."""
    local = moment.astimezone(ZoneInfo(scale.city.timezone))
    hour = local.hour + local.minute // 30 / 2
    return max(EVENING_FROM, hour) if hour >= LATE_FROM else None


def evening_scale(scale: Scale) -> Scale:
    """By which an evening's jobs are known from the day's."""
    return replace(scale, jobs=EVENING_JOBS)


@dataclass(frozen=True)
class Day:
    """The work of one local date."""

    on: date
    tasks: tuple[Task, ...]


def at(world: World, on: date, hour: float) -> datetime:
    """The moment when the clocks of the city show `hour` on that date."""
    return datetime.combine(on, time(), ZoneInfo(world.scale.city.timezone)) + timedelta(minutes=round(hour * 60))


def make(world: World, on: date, hours: Hours = BY_DAY) -> Day:
    """The same day for the same world, date and hours."""
    chance = Chance(world.scale.city.slug, world.scale.seed, world.scale.jobs, on)
    tasks = [_task(world, chance, on, number, hours) for number in range(1, world.scale.jobs + 1)]
    jobs = len(tasks)
    waiting = max(LEAST_WAITING, jobs * 3 // 10) if jobs >= 2 * LEAST_WAITING else jobs * 3 // 10
    free, planned = list(tasks), {}
    for index, technician in enumerate(world.technicians):
        most = min(hours.first if index == 0 else chance.choice(hours.most), len(free) - waiting)
        for task in _route(world, on, technician, free, most, hours):
            free.remove(tasks[task.number - 1])
            planned[task.number] = task
    return Day(on, tuple(planned.get(task.number, task) for task in tasks))


def _task(world: World, chance: Chance, on: date, number: int, hours: Hours) -> Task:
    site = chance.choice(world.sites)
    kind = KIND[chance.choice(site.kinds)]
    priority = min(4, max(1, kind.usual_priority + chance.choice((-1, 0, 0, 0, 1))))
    first, last = chance.choice(hours.windows)
    moment = at(world, on, 6)
    return Task(
        id=chance.id(moment),
        visit_id=chance.id(moment),
        request_id=chance.id(moment) if number % 3 == 0 else None,
        number=number,
        site=site,
        kind=kind,
        priority=priority,
        complaint=chance.choice(kind.complaints)[site.customer.chinese],
        window=(at(world, on, first), at(world, on, last)),
        due_at=at(world, on, 18) + timedelta(days=(0, 1, 3, 7)[priority - 1]),
    )


def able(technician: Technician, kind: Kind) -> bool:
    """Whether the technician has every skill of the kind, at its level."""
    return all(technician.skills.get(code, (0, None))[0] >= level for code, level in kind.skills.items())


def travel(a: Place, b: Place) -> timedelta:
    """Driving time between two points of one city, in whole minutes."""
    east = (b[0] - a[0]) * math.cos(math.radians((a[1] + b[1]) / 2))
    km = math.hypot(east, b[1] - a[1]) * KM_PER_DEGREE * DETOUR
    return timedelta(minutes=math.ceil(km / DRIVE_KMH * 60))


def _route(world: World, on: date, technician: Technician, free: list[Task], most: int, hours: Hours) -> list[Task]:
    """A round from home: always on to the nearest task that the technician can do and that fits the shift."""
    route: list[Task] = []
    own = hours.starts is None
    clock, here = at(world, on, technician.starts if own else hours.starts or 0), technician.home
    end = clock + timedelta(hours=technician.hours if own else hours.lasts)
    possible = [task for task in free if able(technician, task.kind)]
    while possible and len(route) < most:
        task = min(possible, key=lambda task: (travel(here, task.site.place), task.number))
        possible.remove(task)
        start = _after_lunch(world, on, clock + travel(here, task.site.place), task.duration)
        if start + task.duration + travel(task.site.place, technician.home) > end:
            continue
        route.append(_planned(task, technician, start, len(route) + 1))
        clock, here = start + task.duration, task.site.place
    return route


def _after_lunch(world: World, on: date, start: datetime, duration: timedelta) -> datetime:
    """Lunch comes before the visit that would begin after noon, or that would run past the window for lunch."""
    zone = ZoneInfo(world.scale.city.timezone)
    opens, closes = (datetime.combine(on, moment, zone) for moment in LUNCH[:2])
    late = start >= opens or start + duration > closes - LUNCH[2]
    return max(start, opens) + LUNCH[2] if late and start < closes else start


def _planned(task: Task, technician: Technician, start: datetime, sequence: int) -> Task:
    """The task as promised to the customer: two hours around the planned start, on the half hour."""
    opens = start - timedelta(minutes=start.minute % 30)
    window = (opens, opens + timedelta(hours=2))
    return replace(task, technician=technician, start=start, sequence=sequence, window=window)
