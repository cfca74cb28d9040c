"""A proposal as it is stored and shown: routes, what is left over and why, totals, difference to the present plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from app.kernel.rows import plain
from app.work.statuses import PLANNED, UNPUBLISHED
from dispatch import saying
from dispatch.engine.answer import Plan, Reason, Route, Step, Unassigned
from dispatch.engine.model import Problem
from dispatch.saying import Voice
from dispatch.snapshot import row_id

Rows = Sequence[Any]


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


def stored_answer(problem: Problem, answer: Plan, rows: Rows, unplaced: Iterable[UUID]) -> dict[str, Any]:
    """The engine's answer as JSON without words."""
    before = {str(row.id): row for row in rows}
    routes = [_route(problem, route) for route in answer.routes]
    left = [_unassigned(one) for one in answer.unassigned]
    left += [{"visit_id": str(v), "reasons": [{"rule": "no_place", "count": 0}], "cheapest": []} for v in unplaced]
    return {
        "routes": routes,
        "unassigned": left,
        "totals": asdict(answer.totals),
        "difference": list(_difference(routes, left, before)),
        "method": answer.trail.method,
        "rounds": list(answer.trail.rounds),
        "parts": list(answer.trail.parts),
        "start": {day: list(visits) for day, visits in answer.trail.start.items() if visits},
        "notes": list(answer.notes),
    }


def _route(problem: Problem, route: Route) -> dict[str, Any]:
    locked = {v.id for v in problem.visits if v.lock}
    return {
        "engineer_id": route.engineer_id,
        "shift_id": route.day_id,
        "start": plain(saying.moment(route.start)),
        "end": plain(saying.moment(route.end)),
        "travel_s": route.drive_seconds,
        "travel_m": route.drive_metres,
        "overtime_s": route.overtime,
        "steps": [_step(step, locked) for step in route.steps],
        "strains": [saying.stored(reason) for reason in route.strains],
    }


def _step(step: Step, locked: set[str]) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "visit_id": row_id(step.visit_id) if step.visit_id else None,
        "arrival": plain(saying.moment(step.arrival)),
        "start": plain(saying.moment(step.start)),
        "end": plain(saying.moment(step.end)),
        "travel_s": step.drive_seconds,
        "travel_m": step.drive_metres,
        "late_s": step.late,
        "locked": step.visit_id in locked,
    }


def _unassigned(one: Unassigned) -> dict[str, Any]:
    cheapest = [
        {"engineer_id": r.engineer_id, "reasons": [saying.stored(reason) for reason in r.reasons]} for r in one.cheapest
    ]
    counts = [{"rule": rule, "count": count} for rule, count in one.counts.items()]
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
    return {**one, "reasons": [voice.count(c["rule"], c["count"]) for c in counts], "cheapest": ways}


def mentioned(answer: dict[str, Any]) -> tuple[list[Reason], set[str]]:
    """All reasons of a stored answer, and all its engineers."""
    ways = [way for one in answer["unassigned"] for way in one["cheapest"]]
    lists = [*(way["reasons"] for way in ways), *(route["strains"] for route in answer["routes"])]
    people = {one["engineer_id"] for one in (*ways, *answer["routes"])}
    return [saying.restored(one) for some in lists for one in some], people
