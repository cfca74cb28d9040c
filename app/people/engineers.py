"""Writes about engineers, their skills, and crews."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from app.kernel import audit, rows
from app.kernel.db import Tx
from app.kernel.problems import FORBIDDEN, invalid
from app.people.models import Crew, CrewMember, Engineer, EngineerSkill, Skill, User


def create_engineer(tx: Tx, data: dict[str, Any]) -> Engineer:
    """An engineer. Raises 409 when `user_id` is another engineer's, 422 when there is no such user."""
    _check_user(tx, data)
    return rows.create(tx, Engineer, data)


def update_engineer(tx: Tx, row: Engineer, data: dict[str, Any]) -> None:
    """Changes an engineer."""
    _check_user(tx, data)
    rows.update(tx, row, data)


def _check_user(tx: Tx, data: dict[str, Any]) -> None:
    if data.get("user_id") and tx.find(User, data["user_id"]) is None:
        raise invalid("/user_id", "There is no such user.")


def consent_to_tracking(tx: Tx, consent: bool) -> None:
    """The actor, an engineer, agrees to be located during shifts, or takes it back. Raises 403 for others."""
    if tx.actor.engineer_id is None:
        raise FORBIDDEN("Only engineers are ever located.")
    rows.update(tx, tx.get(Engineer, tx.actor.engineer_id, lock=True), {"consent_tracking": consent})


def delete_engineer(tx: Tx, row: Engineer) -> None:
    """Removes an engineer, who leaves all crews. Work done keeps the name."""
    tx.session.execute(delete(CrewMember).where(CrewMember.engineer_id == row.id))
    rows.delete(tx, row)


def create_skill(tx: Tx, data: dict[str, Any]) -> Skill:
    """A skill. Raises 409 when its code is taken."""
    return rows.create(tx, Skill, data)


def delete_skill(tx: Tx, row: Skill) -> None:
    """Removes a skill. Raises 409 while engineers have it."""
    rows.delete(tx, row, [("engineers who have it", EngineerSkill.skill_id == row.id)])


def replace_skills(tx: Tx, row: Engineer, skills: list[dict[str, Any]]) -> None:
    """The engineer has exactly these skills from now on: `{"skill_id", "level", "expires_on"?}` each."""
    ids = [skill["skill_id"] for skill in skills]
    _distinct(ids, "/skills", "skill")
    _known(tx, ids)
    tx.session.execute(delete(EngineerSkill).where(EngineerSkill.engineer_id == row.id))
    if skills:
        values = [{"engineer_id": row.id, "expires_on": None, **skill} for skill in skills]
        tx.session.execute(insert(EngineerSkill), values)
    # The skills are part of what the engineer's revision stands for.
    tx.session.execute(update(Engineer).where(Engineer.id == row.id).values(updated_at=func.clock_timestamp()))
    tx.session.refresh(row)
    rows.written(tx, row, "updated", {"skills": skills})


def _known(tx: Tx, ids: list[UUID]) -> None:
    found = set(tx.session.scalars(select(Skill.id).where(Skill.id.in_(ids), Skill.deleted_at.is_(None))))
    for index, skill_id in enumerate(ids):
        if skill_id not in found:
            raise invalid(f"/skills/{index}/skill_id", "There is no such skill.")


def _distinct(ids: list[UUID], pointer: str, what: str) -> None:
    if len(set(ids)) != len(ids):
        raise invalid(pointer, f"Name each {what} once.")


def create_crew(tx: Tx, data: dict[str, Any]) -> Crew:
    """A crew with its members: `{"engineer_id", "lead"}` each, at most one lead."""
    members = data.get("members", [])
    row = rows.create(tx, Crew, {key: value for key, value in data.items() if key != "members"})
    _replace_members(tx, row, members)
    return row


def update_crew(tx: Tx, row: Crew, data: dict[str, Any]) -> None:
    """Changes a crew; `members`, when given, replaces all of them."""
    rows.update(tx, row, {key: value for key, value in data.items() if key != "members"})
    if "members" in data:
        _replace_members(tx, row, data["members"])
        tx.session.execute(update(Crew).where(Crew.id == row.id).values(updated_at=func.clock_timestamp()))
        tx.session.refresh(row)
        rows.written(tx, row, "updated", {"members": data["members"]})


def _replace_members(tx: Tx, row: Crew, members: list[dict[str, Any]]) -> None:
    _distinct([member["engineer_id"] for member in members], "/members", "engineer")
    if sum(member["lead"] for member in members) > 1:
        raise invalid("/members", "Only one leads.")
    for index, member in enumerate(members):
        if tx.find(Engineer, member["engineer_id"]) is None:
            raise invalid(f"/members/{index}/engineer_id", "There is no such engineer.")
    tx.session.execute(delete(CrewMember).where(CrewMember.crew_id == row.id))
    if members:
        tx.session.execute(insert(CrewMember), [{"crew_id": row.id, **member} for member in members])
    audit.record(tx, "crew.members", "crew", row.id, rows.plain({"members": members}))
