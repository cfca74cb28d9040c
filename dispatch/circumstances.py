"""What plans and recommendations have to know of visits beside their rows, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, cast, literal, select, union_all

from app.kernel.db import Tx
from app.kernel.prepared import Prepared, given, planned
from app.people.models import Engineer, Skill
from app.work.models import Job, Visit
from app.work.statuses import DONE
from dispatch.models import CustomerEngineer

SKILL, KNOWS = "skill", "knows"


@dataclass(frozen=True)
class Circumstances:
    """Beside the rows of visits."""

    codes: dict[UUID, str] = field(default_factory=dict)
    """the words for skills, by id, deleted ones included"""
    knowing: dict[UUID, set[UUID]] = field(default_factory=dict)
    """site → engineers who have finished work there before"""
    wishes: dict[UUID, dict[str, set[UUID]]] = field(default_factory=dict)
    """account → wish → engineers, of engineers who are still there"""


def of_visits(tx: Tx, rows: Sequence[Any]) -> Circumstances:
    """Those of visits, as rows of `queries`."""
    sites, accounts = {row.site_id for row in rows}, {row.account_id for row in rows} - {None}
    found = Circumstances()
    for row in _statement().run(tx.session, {"sites": list(sites), "accounts": list(accounts)}):
        if row.what == SKILL:
            found.codes[row.id] = row.word
        elif row.what == KNOWS:
            found.knowing.setdefault(row.id, set()).add(UUID(row.word))
        else:
            found.wishes.setdefault(row.id, {}).setdefault(row.what, set()).add(UUID(row.word))
    return found


@cache
def _statement() -> Prepared:
    def told(what: Any, row_id: Any, word: Any) -> Any:
        return select(cast(what, Text).label("what"), row_id.label("id"), cast(word, Text).label("word"))

    there = (Job.site_id == any_(given("sites", ARRAY(Uuid))), Visit.status.in_(DONE), Visit.engineer_id.is_not(None))
    knows = told(literal(KNOWS), Job.site_id, Visit.engineer_id).join(Visit, Visit.job_id == Job.id).where(*there)
    theirs = CustomerEngineer.account_id == any_(given("accounts", ARRAY(Uuid)))
    wishes = told(CustomerEngineer.wish, CustomerEngineer.account_id, CustomerEngineer.engineer_id)
    live = wishes.join(Engineer, Engineer.id == CustomerEngineer.engineer_id).where(Engineer.deleted_at.is_(None))
    skills = told(literal(SKILL), Skill.id, Skill.code)
    return planned(union_all(skills, knows.distinct(), live.where(theirs)), "circumstances")
