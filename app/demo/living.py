"""A day as far as it has gone: what is over is done, some are at work, some on the way, and everybody is somewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.demo.day import Day, at
from app.demo.doing import acting, carry, hand, remembering
from app.demo.pace import Turn, turns
from app.demo.world import Technician, World
from app.kernel.db import Tx
from app.positions import commands as positions
from app.work import commands as work
from app.work.models import Visit

ACCEPTED_AHEAD = 1


def live(tx: Tx, world: World, day: Day, now: datetime) -> int:
    """Lets everybody work until `now`. The first engineer is left to the visitor: theirs is only what is over.

    Returns how many visits have begun.
    """
    return sum(_work(tx, world, day, technician, now) for technician in world.technicians)


def stand_by(tx: Tx, world: World, day: Day) -> None:
    """Where the plan has everybody at this moment: at their visit, else at home or at the last one."""
    for technician in world.technicians:
        begun = [turn for turn in turns(day, technician) if turn.task.start and turn.task.start <= tx.now]
        there = begun[-1].task.site.place if begun else technician.home
        positions.record(acting(tx, world, technician.user, tx.now, technician.id), [_fix(tx.now, there)])


def _work(tx: Tx, world: World, day: Day, technician: Technician, now: datetime) -> int:
    route = [turn for turn in turns(day, technician) if tx.find(Visit, turn.task.visit_id)]
    mine = technician == world.technicians[0]
    begun = [turn for turn in route if (turn.ends if mine else turn.left) <= now]
    ahead = route[len(begun) :][: 0 if mine else ACCEPTED_AHEAD]
    many = remembering(tx, [turn.task.visit_id for turn in (*begun, *ahead)])
    for turn in (*begun, *ahead):
        morning = min(turn.left, now, at(world, day.on, 7))
        work.transition(hand(many, world, turn, morning), turn.task.visit_id, "accepted")
    for turn in begun:
        carry(many, world, turn, now)
    _track(tx, world, technician, begun, now)
    return len(begun)


def _track(tx: Tx, world: World, technician: Technician, begun: list[Turn], now: datetime) -> None:
    """Where the phone was all day, every few minutes, and where it is now."""
    there = begun[-1].place(now) if begun else technician.home
    fixes = [_fix(moment, turn.place(moment)) for turn in begun for moment in turn.moments(now)]
    phone = acting(tx, world, technician.user, now, technician.id)
    positions.record(phone, [*fixes, _fix(now, there)])


def _fix(moment: datetime, place: tuple[float, float]) -> dict[str, Any]:
    return {"at": moment, "lat": place[1], "lon": place[0], "accuracy": 12, "battery": 80}
