"""Words for what reasons speak of by id or code: engineers, skills, territories, parts, visits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, any_, cast, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from app.kernel.db import Tx
from app.kernel.prepared import Prepared, given, planned
from app.kernel.rows import plain
from app.people.models import Engineer, Skill
from app.places.models import Site, Territory
from app.stock.models import Part
from app.work.models import Job, Visit
from dispatch.engine.answer import Reason
from dispatch.saying import Voice
from dispatch.standing import row_id

KEYS: dict[str, tuple[InstrumentedAttribute[Any], InstrumentedAttribute[str]]] = {
    "engineers": (Engineer.id, Engineer.name),
    "skills": (Skill.code, Skill.name),
    "territories": (Territory.id, Territory.name),
    "parts": (Part.id, Part.name),
}


def named(tx: Tx, voice: Voice, reasons: Iterable[Reason], engineers: Collection[str] = ()) -> Voice:
    """A voice that knows the names of all that these reasons speak of, and of these engineers. One statement."""
    told = [reason.numbers for reason in reasons]
    keys: dict[str, Collection[Any]] = {
        "engineers": _uuids({*engineers, *(one for numbers in told for one in _listed(numbers, "required"))}),
        "skills": _single(told, "missing"),
        "territories": _uuids(_single(told, "territory")),
        "parts": _uuids(_single(told, "part")),
        "visits": _uuids({row_id(one) for numbers in told for one in _listed(numbers, "visits")}),
    }
    asked = {kind: list(some) for kind, some in keys.items() if some}
    if not asked:
        return replace(voice, names={})
    found = _statement(tuple(asked)).run(tx.session, asked)
    return replace(voice, names={row.key: row.word for row in found})


def visits_told(tx: Tx, visit_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Visit → number, summary and urgency of its job, site, state, what was promised: of any day. One statement."""
    if not visit_ids:
        return {}
    about = (Job.number, Job.summary, Job.priority, Site.name, Visit.status, Visit.window_start, Visit.window_end)
    query = select(cast(Visit.id, Text), *about)
    query = query.join(Job, Job.id == Visit.job_id).outerjoin(Site, Site.id == Job.site_id)
    found = tx.session.execute(query.where(Visit.id.in_(_uuids(visit_ids))))
    names = ("job_number", "summary", "priority", "site_name", "status", "window_start", "window_end")
    return {visit_id: plain(dict(zip(names, values, strict=True))) for visit_id, *values in found}


def said(tx: Tx, voice: Voice, reasons: Collection[Reason]) -> list[dict[str, Any]]:
    """Reasons on the wire, everything by its name."""
    knowing = named(tx, voice, reasons)
    return [knowing.reason(one) for one in reasons]


def _single(told: Iterable[Mapping[str, Any]], name: str) -> set[str]:
    return {str(numbers[name]) for numbers in told if name in numbers}


def _listed(numbers: Mapping[str, Any], name: str) -> list[str]:
    found = numbers.get(name)
    return found if isinstance(found, list) else []


def _uuids(keys: Collection[str]) -> list[UUID]:
    return [UUID(key) for key in keys]


@cache
def _statement(kinds: tuple[str, ...]) -> Prepared:
    """The names of things of these kinds, by what reasons call them; a kind is also the name of its keys."""
    return planned(union_all(*(_names(kind) for kind in kinds)), "names")


def _names(kind: str) -> Select[str, str]:
    if kind == "visits":  # told by the number of the job and where it is
        columns = cast(Visit.id, Text).label("key"), Job.number.concat(", ").concat(Site.name).label("word")
        query = select(*columns).join(Job, Job.id == Visit.job_id).join(Site, Site.id == Job.site_id)
        return query.where(Visit.id == any_(given(kind, ARRAY(Uuid))))
    key, name = KEYS[kind]
    return select(cast(key, Text).label("key"), name.label("word")).where(key == any_(given(kind, ARRAY(key.type))))
