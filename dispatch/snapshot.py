"""From rows to the engine's problem: everything becomes whole UTC seconds and numbered places here, once.

`Ground` is what was read; `build` makes the problem of it. Which visits stand still, `standing` says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.work.statuses import PLANNED
from dispatch.engine.model import ANYWHERE, Break, EngineerDay, Lock, Problem, Travel, Visit, Weights
from dispatch.queries import Span
from dispatch.standing import Standing, holders, reached, seconds
from dispatch.travel.lookup import NOWHERE
from dispatch.travel.provider import Point

URGENCY = {1: 8.0, 2: 4.0, 3: 2.0, 4: 1.0}
"""How much a visit weighs by the priority of its job (1 is most urgent)."""
PLENTY = 1_000_000
"""Parts in a van of which nothing is known: never the reason to refuse."""
LONG_OVER = timedelta(days=1)
"""A deadline that was missed by more than this counts no longer: the points of the job say how urgent it is."""


@dataclass(frozen=True)
class Ground:
    """Rows of `queries` and what is the same for all of them."""

    span: Span
    zone: ZoneInfo
    shifts: Sequence[Any]
    held: Sequence[Any]
    waiting: Sequence[Any]
    codes: dict[UUID, str]
    knowing: dict[UUID, set[UUID]]
    wishes: dict[UUID, dict[str, set[UUID]]] = field(default_factory=dict)
    max_travel: int | None = None
    require_parts: bool = True
    first: date | None = None
    """the first local day of a plan, when days after it are to count as later"""
    slack_percent: int = 0


def spot(lon: float, lat: float) -> Point:
    """A point as the engine tells places apart, to about ten centimetres: whoever measures from it gets the same."""
    return (round(lon, 6), round(lat, 6))


@dataclass
class Places:
    """Numbers points as they come; 0 is nowhere."""

    points: list[Point] = field(default_factory=list)
    numbers: dict[Point, int] = field(default_factory=dict)

    def number(self, lon: float | None, lat: float | None) -> int:
        """The number of a point, the same for the same point."""
        if lon is None or lat is None:
            return NOWHERE
        point = spot(lon, lat)
        if point not in self.numbers:
            self.points.append(point)
            self.numbers[point] = len(self.points)
        return self.numbers[point]


Measure = Callable[[Sequence[Point], datetime, ZoneInfo], Travel]


def build(
    ground: Ground,
    measure: Measure,
    *,
    lock: str,
    keep_times: bool = False,
    weights: Weights,
    places: Places | None = None,
) -> Problem:
    """The engine's problem. `lock` says which visits stand (`started`, `dispatched`, `none`).

    With `keep_times` planned visits are never begun before the time that was planned (and told) for them.
    Visits at sites without a location are left out; `placeless` names them. `places` are numbers given before.
    """
    places = places or Places()
    days = tuple(_days(ground, places))
    standing = Standing(days, lock, math.ceil(ground.span.now.timestamp()))
    visits: dict[str, Visit] = {}
    for row in (*ground.held, *ground.waiting):
        for visit in _visits(row, ground, places, standing, keep_times):
            visits.setdefault(visit.id, visit)
    if not ground.require_parts:
        visits = {key: replace(v, parts={}) for key, v in visits.items()}
    travel = measure(places.points, driving_hour(ground.span, ground.zone), ground.zone)
    routes = standing.routes(ground.held, visits)
    return Problem(days, tuple(visits.values()), travel, routes, weights)


def driving_hour(span: Span, zone: ZoneInfo) -> datetime:
    """The moment for which travel of a day is estimated: its midday, or now when that is later.

    Whoever asks gets the same: otherwise plans, recommendations and the drives of a day would contradict each other.
    """
    day = max(span.starts, span.now).astimezone(zone).date()
    return max(datetime.combine(day, time(12), zone), span.now)


def placeless(rows: Sequence[Any]) -> list[UUID]:
    """Visits that cannot be planned because nobody knows where their site is."""
    return [row.id for row in rows if row.lon is None and row.status in PLANNED]


def _days(ground: Ground, places: Places) -> list[EngineerDay]:
    needed = {str(p["part_id"]) for row in (*ground.waiting, *ground.held) for p in row.parts}
    now = math.ceil(ground.span.now.timestamp())
    driving = {who: reached(row, now) for row in ground.held if row.status == "en_route" for who, _ in holders(row)}
    days = []
    for row in ground.shifts:
        home = places.number(row.lon, row.lat)
        starts, ends, away = _presence(row, now, driving.get(row.engineer_id, now))
        if starts >= ends:
            continue
        skills, expired = _skills(row, ground.zone)
        later, slack = _ahead(row, ground, ends - starts)
        days.append(
            EngineerDay(
                id=str(row.id),
                engineer_id=str(row.engineer_id),
                start=home,
                end=home,
                shift_start=starts,
                shift_end=ends,
                overtime_limit=0 if slack else row.overtime_limit_s,
                breaks=(*_breaks(row), *away),
                skills=skills,
                expired=expired,
                territories=frozenset(map(str, row.territories or (ANYWHERE,))),
                parts=dict.fromkeys(needed, PLENTY) if row.van is None else {k: int(q) for k, q in row.van.items()},
                max_jobs=row.max_jobs_per_day,
                max_travel=ground.max_travel,
                later=later,
                slack=slack,
                soonest=starts if starts > row.starts_at.timestamp() else now,
            )
        )
    return days


def _presence(row: Any, now: int, free: int) -> tuple[int, int, list[Break]]:
    """The shift without what lies in the past and without absences at its ends; absences within are breaks.

    `free`: nothing is done before, except what somebody is on the way to.
    """
    ends = int(row.ends_at.timestamp())
    starts = max(math.ceil(row.starts_at.timestamp()), now, min(free, ends - 1))
    away = []
    for begin, end in row.absences or ():
        if begin <= starts:
            starts = max(starts, end)
        elif end >= ends:
            ends = min(ends, begin)
        else:
            away.append(Break(begin, begin, end - begin))
    return starts, ends, away


def _ahead(row: Any, ground: Ground, length: int) -> tuple[int, int]:
    """Days after the first of the plan, and the slack: today keeps none, for what it is kept for comes today."""
    day = row.starts_at.astimezone(ground.zone).date()
    later = max(0, (day - ground.first).days) if ground.first else 0
    return later, length * ground.slack_percent // 100 if day > ground.span.now.astimezone(ground.zone).date() else 0


def _breaks(row: Any) -> list[Break]:
    found = []
    for one in row.breaks:
        opens, closes = (math.ceil(datetime.fromisoformat(one[k]).timestamp()) for k in ("window_start", "window_end"))
        found.append(Break(opens, max(opens, closes - one["duration_s"]), one["duration_s"]))
    return found


def _skills(row: Any, zone: ZoneInfo) -> tuple[dict[str, int], dict[str, str]]:
    """Skills that are valid on the day of the shift, and the others with the date on which they ended."""
    today = row.starts_at.astimezone(ZoneInfo(row.timezone) if row.timezone else zone).date().isoformat()
    valid = {code: level for code, level, until in row.skills or () if until is None or until >= today}
    return valid, {code: until for code, _, until in row.skills or () if until is not None and until < today}


def _visits(row: Any, ground: Ground, places: Places, standing: Standing, keep_times: bool) -> list[Visit]:
    if row.lon is None and row.status in PLANNED:
        return []
    plain = plain_visit(row, ground, places)
    held = holders(row)
    if not held:
        return [plain]
    out = []
    for engineer_id, visit_id in held:
        own = _held(plain, row, engineer_id, standing, keep_times)
        if own is not None:
            told, promised = seconds(row.planned_start), row.status in ("dispatched", "accepted")
            out.append(replace(plain, id=visit_id, present=str(engineer_id), told=told, promised=promised, **own))
    return out


def _held(plain: Visit, row: Any, engineer_id: UUID, standing: Standing, keep_times: bool) -> dict[str, Any] | None:
    """What differs when somebody holds it: it stands, is bound to its engineer, or free to move; None: out of sight."""
    stands = standing.stands(row)
    hours = standing.hours(row) if stands else None
    day = standing.day_of(engineer_id, hours[0] if hours else seconds(row.planned_start))
    if day is None:
        return {} if row.status in PLANNED and row.crew_id is None else None
    if stands:
        if hours:
            return {"lock": Lock(day.id, hours[0], began=standing.began(row)), "service": hours[1]}
        return {"required_engineers": frozenset({str(engineer_id)})}
    if keep_times and row.planned_start:
        return {"earliest": max(seconds(row.planned_start) or 0, plain.earliest or 0)}
    return {}


def plain_visit(row: Any, ground: Ground, places: Places) -> Visit:
    """A visit that nobody holds."""
    wishes = ground.wishes.get(row.account_id, {})
    opens, closes = seconds(row.window_start), seconds(row.window_end)
    window = ((opens or -(2**40), closes or 2**40),) if opens is not None or closes is not None else ()
    return Visit(
        id=str(row.id),
        place=places.number(row.lon, row.lat),
        service=row.duration_s,
        windows=window,
        earliest=seconds(row.earliest_start),
        deadline=deadline(row, ground.span.now),
        priority=_weight(row),
        skills={_code(ground, need["skill_id"]): need.get("level", 1) for need in row.required_skills},
        territory=str(row.territory_id) if row.territory_id else None,
        required_engineers=frozenset(map(str, wishes.get("required", ()))),
        preferred_engineers=frozenset(map(str, wishes.get("preferred", ()))),
        excluded_engineers=frozenset(map(str, wishes.get("excluded", ()))),
        known_by=frozenset(map(str, ground.knowing.get(row.site_id, ()))),
        parts={str(p["part_id"]): math.ceil(float(p.get("quantity", 1))) for p in row.parts},
    )


def deadline(row: Any, now: datetime) -> int | None:
    """None also when it has been over for long: for an hour of a week nobody is sent to and fro across the city."""
    return None if row.due_at is None or now - row.due_at > LONG_OVER else seconds(row.due_at)


def _weight(row: Any) -> float:
    """What a visit weighs: by its priority, and between half and one and a half of that by the points of its job."""
    points = getattr(row, "score", None)
    return URGENCY[row.priority] * (1.0 if points is None else 0.5 + min(points, 100.0) / 100)


def _code(ground: Ground, skill_id: str) -> str:
    return ground.codes.get(UUID(skill_id), skill_id)
