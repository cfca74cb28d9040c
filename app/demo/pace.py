"""Pure: how a day really went. Nobody begins on the minute, and no work takes exactly as long as it should."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.demo.chance import Chance
from app.demo.day import Day, Task, travel
from app.demo.world import Place, Technician

LATE = (-2, 0, 0, 2, 3, 6, 10)
SHORTEST, LONGEST = 0.75, 1.1
FIX_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Turn:
    """A task as it was done: from where and when its engineer set out, when the work began and ended."""

    task: Task
    technician: Technician
    here: Place
    left: datetime
    begins: datetime
    ends: datetime

    def place(self, moment: datetime) -> Place:
        """Where the engineer is: at the door before, on the straight way, at the site from then on."""
        there, drive = self.task.site.place, (self.begins - self.left).total_seconds()
        part = min(1.0, max(0.0, (moment - self.left).total_seconds() / drive)) if drive else 1.0
        lon, lat = (round(a + (b - a) * part, 6) for a, b in zip(self.here, there, strict=True))
        return lon, lat

    def moments(self, until: datetime) -> Iterator[datetime]:
        """When a tracker tells where its engineer is, from setting out to the end of the work."""
        moment = self.left
        while moment <= min(self.ends, until):
            yield moment
            moment += FIX_EVERY


def turns(day: Day, technician: Technician) -> list[Turn]:
    """The day of a technician, the same each time: one thing after the other, and nobody there before they can be."""
    found: list[Turn] = []
    here, free = technician.home, None
    for task in sorted((t for t in day.tasks if t.technician == technician), key=lambda t: t.sequence or 0):
        chance, drive = Chance(task.id, "pace"), travel(here, task.site.place)
        assert task.start
        begins = task.start + timedelta(minutes=chance.choice(LATE))
        begins = max(begins, free + drive) if free else begins
        took = timedelta(minutes=round(task.kind.minutes * chance.uniform(SHORTEST, LONGEST)))
        found.append(Turn(task, technician, here, begins - drive, begins, begins + took))
        here, free = task.site.place, begins + took
    return found
