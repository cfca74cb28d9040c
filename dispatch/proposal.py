"""A proposal as it is stored and shown: routes, what is left over and why, totals, difference to the present plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from app.kernel.rows import plain
from app.work.statuses import PLANNED, UNPUBLISHED
from dispatch import saying
from dispatch.engine.answer import Plan, Reason, Route, Step, Unassigned
from dispatch.engine.model import Problem
from dispatch.engine.timing import Stops
from dispatch.saying import Voice
from dispatch.snapshot import Ground, placeless
from dispatch.standing import row_id, seconds
from dispatch.watching.forecast import TOLERANCE

Rows = Sequence[Any]
TOO_LITTLE = 5 * 60
"""Seconds of delay for which nobody who goes as planned is told another hour: a drive is not known more exactly, and
what is really late is told from what happens."""


def facts(shifts: Rows, visits: Rows) -> dict[str, Any]:
    """What must still be so when the proposal is applied, by id."""
    return {
        "shifts": {str(row.id): plain([row.starts_at, row.ends_at, row.absences]) for row in shifts},
        "visits": {str(row.id): visit_facts(row) for row in visits},
    }


def visit_facts(row: Any) -> dict[str, Any]:
    """Who holds a visit, when, within which bounds, and how far it is: accepting it changes nothing here."""
    reach = "free" if row.status in UNPUBLISHED else "told" if row.status in PLANNED else row.status
    names = ("engineer_id", "crew_id", "planned_start", "window_start", "window_end", "duration_s")
    return {**{name: plain(getattr(row, name)) for name in names}, "reach": reach}


def stored_answer(problem: Problem, answer: Plan, ground: Ground) -> dict[str, Any]:
    """The engine's answer as JSON without words."""
    rows = [*ground.held, *ground.waiting]
    before = {str(row.id): row for row in rows}
    routes = [_route(problem, route, before) for route in answer.routes]
    away = absent(problem, ground.shifts)
    left = [_unassigned(one, away) for one in answer.unassigned]
    nowhere = [{"rule": "no_place", "count": 0}]
    left += [{"visit_id": str(v), "reasons": nowhere, "cheapest": []} for v in placeless(rows)]
    difference = [{**one, "broken": _breaks(one, before)} for one in _difference(routes, left, before)]
    return {
        "routes": routes,
        "unassigned": [{**one, "overdue_s": _overdue(before[one["visit_id"]], ground.span.now)} for one in left],
        "totals": {
            **asdict(answer.totals),
            **_lateness(routes),
            "unassigned": len(left),
            "broken": sum(one["broken"] for one in difference),
        },
        "before": _before(problem, rows),
        "difference": difference,
        "method": answer.trail.method,
        "rounds": list(answer.trail.rounds),
        "parts": list(answer.trail.parts),
        "start": {day: list(visits) for day, visits in answer.trail.start.items() if visits},
        "notes": list(answer.notes),
    }


def absent(problem: Problem, shifts: Rows) -> int:
    """How many engineers have shifts of which an absence leaves no minute."""
    here = {day.engineer_id for day in problem.days}
    return len({str(row.engineer_id) for row in shifts if row.absences} - here)


def elsewhere(rows: Rows, now: datetime) -> dict[str, Any]:
    """Waiting visits that belong to other days: how many, and some of them with when they may begin.

    `gone`: the window is over, nobody comes unless it is promised anew; `earlier`: it ends before the plan begins.
    """
    told = []
    for row in rows:
        when = "later" if not row.before else "gone" if row.window_end < now else "earlier"
        told.append({"visit_id": str(row.id), "when": when, "at": plain(row.window_end if row.before else row.begins)})
    return {"count": rows[0].of if rows else 0, "visits": told}


def _route(problem: Problem, route: Route, before: dict[str, Any]) -> dict[str, Any]:
    locked = {v.id for v in problem.visits if v.lock}
    return {
        "engineer_id": route.engineer_id,
        "shift_id": route.day_id,
        "start": plain(saying.moment(route.start)),
        "end": plain(saying.moment(route.end)),
        "travel_s": route.drive_seconds,
        "travel_m": route.drive_metres,
        "overtime_s": route.overtime,
        "steps": [_step(step, route.engineer_id, locked, before) for step in route.steps],
        "strains": [saying.stored(reason) for reason in route.strains],
    }


def _step(step: Step, engineer_id: str, locked: set[str], before: dict[str, Any]) -> dict[str, Any]:
    row = before[row_id(step.visit_id)] if step.visit_id else None
    start = _told(step, engineer_id, row) or saying.moment(step.start)
    return {
        "kind": step.kind,
        "visit_id": step.visit_id and row_id(step.visit_id),
        "arrival": plain(min(start, saying.moment(step.arrival))),
        "start": plain(start),
        "end": plain(start + timedelta(seconds=step.end - step.start)),
        "travel_s": step.drive_seconds,
        "travel_m": step.drive_metres,
        # of the deadline itself: the search counts what stands late, too, and looks no more at one that is long over
        "late_s": _overdue(row, saying.moment(step.end)) if row is not None else 0,
        "locked": step.visit_id in locked,
    }


def _told(step: Step, engineer_id: str, row: Any) -> datetime | None:
    """The hour that was told, where the same engineer would hardly be later."""
    if row is None or row.planned_start is None or plain(row.engineer_id) != engineer_id:
        return None
    later = step.start - (seconds(row.planned_start) or 0)
    return row.planned_start if 0 <= later <= TOO_LITTLE else None


def _overdue(row: Any, at: datetime) -> int:
    """Seconds past the deadline."""
    return 0 if row.due_at is None else max(0, int((at - row.due_at).total_seconds()))


def _lateness(routes: list[dict[str, Any]]) -> dict[str, int]:
    late = [step["late_s"] for route in routes for step in route["steps"] if step["late_s"]]
    return {"late": len(late), "longest_late_s": max(late, default=0)}


def _before(problem: Problem, rows: Rows) -> dict[str, int]:
    """The same figures of the present plan, as far as it is in sight."""
    held = [row for row in rows if row.planned_end is not None and (row.engineer_id or row.crew_id)]
    index = problem.visit_index
    drives = (
        sum(Stops.of(problem, day, [problem.visits[index[v]] for v in route]).drives)
        for day in problem.days
        if (route := problem.routes.get(day.id))
    )
    late = [_overdue(row, row.planned_end) for row in held]
    return {
        "assigned": sum(map(len, problem.routes.values())),
        "drive_seconds": sum(drives),
        "late": sum(map(bool, late)),
        "longest_late_s": max(late, default=0),
    }


def _unassigned(one: Unassigned, away: int) -> dict[str, Any]:
    """Its reasons, each of the skills that are lacking by itself."""
    cheapest = [
        {"engineer_id": r.engineer_id, "reasons": [saying.stored(reason) for reason in r.reasons]} for r in one.cheapest
    ]
    counts: list[dict[str, Any]] = [
        {"rule": "skill", "count": count, "missing": code} for code, count in one.lacking.items()
    ]
    counts += [{"rule": rule, "count": count} for rule, count in one.counts.items() if rule != "skill"]
    counts += [{"rule": "away", "count": away}] if away else []
    return {"visit_id": one.visit_id, "reasons": counts, "cheapest": cheapest}


def _difference(routes: list[dict[str, Any]], left: list[dict[str, Any]], before: dict[str, Any]) -> Iterator[Any]:
    """What applying would change, visit by visit."""
    for route in routes:
        for step in route["steps"]:
            row = before.get(step["visit_id"] or "")
            if row is None or step["locked"]:
                continue
            holder, start = plain(row.engineer_id), plain(row.planned_start)
            if holder == route["engineer_id"] and start == step["start"]:
                continue
            kind = "assigned" if holder is None else "moved" if holder != route["engineer_id"] else "retimed"
            yield _change(step["visit_id"], kind, holder, route["engineer_id"], start, step["start"])
    for one in left:
        row = before[one["visit_id"]]
        if row.engineer_id is not None:
            yield _change(one["visit_id"], "unassigned", plain(row.engineer_id), None, plain(row.planned_start), None)


def _change(visit_id: str, kind: str, *values: str | None) -> dict[str, Any]:
    names = ("from_engineer_id", "to_engineer_id", "from_start", "to_start")
    return {"visit_id": visit_id, "change": kind, **dict(zip(names, values, strict=True))}


def _breaks(change: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether a change breaks what was told: nobody comes, or much later where no window was promised (one is kept)."""
    row = before[change["visit_id"]]
    if row.status in UNPUBLISHED or row.planned_start is None:
        return False
    if change["to_start"] is None:
        return True
    later = datetime.fromisoformat(change["to_start"]) - row.planned_start
    return row.window_end is None and later.total_seconds() > TOLERANCE


def shown(answer: dict[str, Any], voice: Voice) -> dict[str, Any]:
    """A stored answer with sentences."""

    def said(reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [voice.reason(saying.restored(one)) for one in reasons]

    return {
        **answer,
        "routes": [
            {**route, **voice.who(route["engineer_id"]), "strains": said(route["strains"])}
            for route in answer["routes"]
        ],
        "unassigned": [_left(one, voice) for one in answer["unassigned"]],
    }


def _left(one: dict[str, Any], voice: Voice) -> dict[str, Any]:
    """A visit without a place: for how many each rule says no, most first, and the cheapest ways."""
    counts = sorted(one["reasons"], key=lambda reason: -reason["count"])
    ways = [voice.way(way["engineer_id"], map(saying.restored, way["reasons"])) for way in one["cheapest"]]
    told = [voice.count(c["rule"], c["count"], c.get("missing")) for c in counts]
    return {**one, "reasons": told, "cheapest": ways}


def visits_of(answer: dict[str, Any]) -> set[str]:
    """All visits that a stored answer speaks of."""
    steps = (step["visit_id"] for route in answer["routes"] for step in route["steps"])
    others = (*answer["unassigned"], *answer["difference"], *answer.get("elsewhere", {}).get("visits", ()))
    return {visit_id for visit_id in (*steps, *(one["visit_id"] for one in others)) if visit_id}


def mentioned(answer: dict[str, Any]) -> tuple[list[Reason], set[str]]:
    """All reasons of a stored answer, and all its engineers."""
    ways = [way for one in answer["unassigned"] for way in one["cheapest"]]
    lists = [*(way["reasons"] for way in ways), *(route["strains"] for route in answer["routes"])]
    people = {one["engineer_id"] for one in (*ways, *answer["routes"])}
    counts = [count for one in answer["unassigned"] for count in one["reasons"] if "missing" in count]
    skills = [Reason("skill", {"missing": count["missing"]}) for count in counts]
    return [*(saying.restored(one) for some in lists for one in some), *skills], people
