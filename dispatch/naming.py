"""Words for what reasons speak of by id or code: engineers, skills, territories, parts, visits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute

from app.kernel.db import Tx
from app.people.models import Engineer, Skill
from app.places.models import Site, Territory
from app.stock.models import Part
from app.work.models import Job, Visit
from dispatch.engine.answer import Reason
from dispatch.saying import Voice
from dispatch.snapshot import row_id

Names = Mapping[str, str]


def named(tx: Tx, voice: Voice, reasons: Iterable[Reason], engineers: Collection[str] = ()) -> Voice:
    """A voice that knows the names of all that these reasons speak of, and of these engineers.

    One statement for each kind of thing that is spoken of.
    """
    told = [reason.numbers for reason in reasons]
    people = {*engineers, *(one for numbers in told for one in _listed(numbers, "required"))}
    skills, territories, parts = (_single(told, name) for name in ("missing", "territory", "part"))
    visits = {row_id(one) for numbers in told for one in _listed(numbers, "visits")}
    names = {
        **_read(tx, _names(Engineer.id, Engineer.name), people, UUID),
        **_read(tx, _names(Skill.code, Skill.name), skills, str),
        **_read(tx, _names(Territory.id, Territory.name), territories, UUID),
        **_read(tx, _names(Part.id, Part.name), parts, UUID),
        **_read(tx, _visits(), visits, UUID),
    }
    return replace(voice, names=names)


def said(tx: Tx, voice: Voice, reasons: Collection[Reason]) -> list[dict[str, Any]]:
    """Reasons on the wire, everything by its name."""
    knowing = named(tx, voice, reasons)
    return [knowing.reason(one) for one in reasons]


def _single(told: Iterable[Mapping[str, Any]], name: str) -> set[str]:
    return {str(numbers[name]) for numbers in told if name in numbers}


def _listed(numbers: Mapping[str, Any], name: str) -> list[str]:
    found = numbers.get(name)
    return found if isinstance(found, list) else []


def _read(tx: Tx, query: Select[Any, str], keys: Collection[str], kind: type) -> dict[str, str]:
    if not keys:
        return {}
    return {str(key): word for key, word in tx.session.execute(query, {"keys": [kind(key) for key in keys]})}


@cache
def _names(key: InstrumentedAttribute[Any], name: InstrumentedAttribute[str]) -> Select[Any, str]:
    return select(key, name).where(key.in_(bindparam("keys", expanding=True)))


@cache
def _visits() -> Select[UUID, str]:
    """A visit is told by its job's number and where it is."""
    word = Job.number.concat(", ").concat(Site.name)
    query = select(Visit.id, word).join(Job, Job.id == Visit.job_id).join(Site, Site.id == Job.site_id)
    return query.where(Visit.id.in_(bindparam("keys", expanding=True)))
