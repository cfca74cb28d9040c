"""A first plan by VROOM, as a child process that can be stopped at any moment.

VROOM's answer is only an order of visits: hours, breaks and rules are ours, and what does not hold is not taken over.
It knows no soft wishes, so it is told that deadlines and the end of the shift are hard; what it then leaves out is
inserted by us at the price of being late or of overtime.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .model import EngineerDay, Problem, Visit, Window
from .rules import allows

GRACE = 1.0
"""Seconds that the child gets beyond its own limit before it is killed."""
CHILD = Path(__file__).with_name("vroom_child.py")


class VroomFailed(Exception):
    """No usable answer: killed, crashed, or refused the input."""


def seed(
    problem: Problem, *, level: int = 1, time_limit: float = 10.0, stop: Callable[[], bool] = lambda: False
) -> list[list[Visit]]:
    """Visits per day in VROOM's order. Raises `VroomFailed` after at most `time_limit` + 1 seconds, or when stopped."""
    with tempfile.TemporaryDirectory(prefix="callout-vroom-") as folder:
        question, answer = Path(folder, "in.json"), Path(folder, "out.json")
        question.write_text(json.dumps(payload(problem)))
        _run(question, answer, level, time_limit, stop)
        try:
            reply = json.loads(answer.read_text())
        except (OSError, ValueError) as error:
            raise VroomFailed("VROOM left no answer") from error
    routes: list[list[Visit]] = [[] for _ in problem.days]
    for route in reply["routes"]:
        routes[route["vehicle"]] = [problem.visits[step["id"]] for step in route["steps"] if step["type"] == "job"]
    return routes


def _run(question: Path, answer: Path, level: int, time_limit: float, stop: Callable[[], bool]) -> None:
    limit = max(1, int(time_limit))
    arguments = ["-x", str(level), "-t", "1", "-l", str(limit), "-i", str(question), "-o", str(answer)]
    # -P: this file must not be found in place of the package of the same name
    command = [sys.executable, "-P", str(CHILD), *arguments]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + time_limit + GRACE
    try:
        while True:
            try:
                _, complaint = child.communicate(timeout=0.1)
                break
            except subprocess.TimeoutExpired as error:
                if stop() or time.monotonic() > deadline:
                    raise VroomFailed("VROOM was stopped") from error
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()
    if child.returncode != 0:
        raise VroomFailed(f"VROOM ended with {child.returncode}: {complaint.strip()[:200]}")


def payload(problem: Problem) -> dict[str, Any]:
    """The problem in VROOM's JSON. Seconds count from the first shift; numbers of visits and days are their ids."""
    zero, end = min(day.shift_start for day in problem.days), max(day.latest_end for day in problem.days)
    places = sorted({v.place for v in problem.visits} | {p for day in problem.days for p in (day.start, day.end)})
    where = {place: i for i, place in enumerate(places)}
    parts = sorted({part for visit in problem.visits for part in visit.parts})
    allowed = [frozenset(d for d, day in enumerate(problem.days) if allows(v, day)) for v in problem.visits]
    teams = {team: i + 1 for i, team in enumerate(sorted(set(allowed), key=sorted))}
    top = max((v.priority for v in problem.visits), default=1.0) or 1.0
    held = {v.lock.day_id for v in problem.visits if v.lock}
    vehicles = [
        _vehicle(day, d, where, zero, parts, day.id in held)
        | {"skills": [number for team, number in teams.items() if d in team]}
        for d, day in enumerate(problem.days)
    ]
    jobs = [
        _job(visit, v, where, (zero, end), parts, top) | {"skills": [teams[allowed[v]]]}
        for v, visit in enumerate(problem.visits)
        if _wished(visit, (zero, end))
    ]
    grid = np.array(places)
    seconds = problem.travel.seconds(grid[:, None], grid[None, :])
    return {"vehicles": vehicles, "jobs": jobs, "matrices": {"car": {"durations": seconds.tolist()}}}


def _wished(visit: Visit, horizon: Window) -> tuple[Window, ...]:
    """The starts within the horizon that also keep the deadline, where there are any."""
    inside = tuple((a, b) for a, b in visit.starts if a <= horizon[1] and b >= horizon[0])
    if visit.deadline is None or visit.lock:
        return inside
    by = visit.deadline - visit.service
    return tuple((a, min(b, by)) for a, b in inside if max(a, horizon[0]) <= by) or inside


def _vehicle(
    day: EngineerDay, d: int, where: dict[int, int], zero: int, parts: Sequence[str], held: bool
) -> dict[str, Any]:
    end = day.latest_end if held else min(day.shift_end, day.latest_end)
    vehicle: dict[str, Any] = {
        "id": d,
        "start_index": where[day.start],
        "end_index": where[day.end],
        "time_window": [day.shift_start - zero, max(end, day.shift_start) - zero],
        "speed_factor": 100 / day.travel_percent,
        "breaks": [
            {"id": k, "time_windows": [[max(0, b.earliest - zero), b.latest - zero]], "service": b.duration}
            for k, b in enumerate(day.breaks)
        ],
    }
    if parts:
        vehicle["capacity"] = [day.parts.get(part, 0) for part in parts]
    if day.max_jobs is not None:
        vehicle["max_tasks"] = day.max_jobs
    return vehicle


def _job(
    visit: Visit, v: int, where: dict[int, int], horizon: Window, parts: Sequence[str], top: float
) -> dict[str, Any]:
    zero, end = horizon
    job: dict[str, Any] = {
        "id": v,
        "location_index": where[visit.place],
        "service": visit.service,
        "priority": 100 if visit.lock else round(90 * visit.priority / top),
        "time_windows": [[max(a, zero) - zero, min(b, end) - zero] for a, b in _wished(visit, horizon)],
    }
    if parts:
        job["delivery"] = [visit.parts.get(part, 0) for part in parts]
    return job
