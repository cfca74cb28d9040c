"""Reads about people: the profile of whoever asks, and the wire views of users, engineers and crews."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Uuid, case, cast, column, func, literal, null, select, table
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from app.kernel import rows
from app.kernel.actor import Actor
from app.kernel.db import Tx
from app.kernel.permissions import RIGHTS, Scope
from app.kernel.problems import not_found
from app.people.models import ApiKey, Crew, CrewMember, Device, Engineer, EngineerSkill, Organisation, Skill, User

SECRET = ("password_hash", "totp_secret", "totp_confirmed_at", "totp_step")
# These tables stand a room higher; their names and columns are all that is needed of them.
ENGINEER_TERRITORIES = table("engineer_territories", column("engineer_id", Uuid), column("territory_id", Uuid))
USER_TERRITORIES = table("user_territories", column("user_id", Uuid), column("territory_id", Uuid))


def _ids(what: ColumnElement[Any], where: ColumnElement[bool], label: str) -> ColumnElement[Any]:
    """A JSON array of ids."""
    array = func.coalesce(func.jsonb_agg(aggregate_order_by(what, what)), cast(literal("[]"), JSONB))
    return select(array).where(where).scalar_subquery().label(label)


def organisation(tx: Tx) -> dict[str, Any]:
    """The actor's organisation as on the wire."""
    return dict(tx.session.execute(select(*Organisation.__table__.columns)).mappings().one())


def users() -> Select[Any]:
    """The wire view of users, without anything secret."""
    enabled = User.totp_confirmed_at.is_not(None).label("totp_enabled")
    territories = _ids(USER_TERRITORIES.c.territory_id, USER_TERRITORIES.c.user_id == User.id, "territory_ids")
    return select(*rows.wire_columns(User, *SECRET), enabled, territories)


def profile(tx: Tx) -> dict[str, Any]:
    """Who the actor is and what they may do: `GET /me`. Two statements."""
    row = tx.session.execute(users().where(User.id == tx.actor.user_id)).mappings().one_or_none()
    if row is None:
        raise not_found("user")
    scopes = {right: tx.actor.scope(right) for right in sorted(RIGHTS)}
    return {
        **row,
        "organisation": organisation(tx),
        "engineer_id": tx.actor.engineer_id,
        "device_id": tx.actor.device_id,
        "rights": {right: scope for right, scope in scopes.items() if scope},
    }


def api_keys() -> Select[Any]:
    """The wire view of API keys; the hash stays here."""
    return select(*rows.wire_columns(ApiKey, "hash"))


def devices() -> Select[Any]:
    """The wire view of devices; their public keys are the business of sign-off."""
    return select(*rows.wire_columns(Device, "public_key"))


def sees_homes(actor: Actor) -> bool:
    """Homes are shown to whoever may see where people are; an engineer sees the own one."""
    return actor.scope("positions.read") in (Scope.ALL, Scope.TERRITORY)


def engineers(actor: Actor | None = None) -> Select[Any]:
    """The wire view of engineers, with skills and territories; homes only as far as `actor` may see them."""
    home: ColumnElement[Any] = cast(func.ST_AsGeoJSON(Engineer.home, 7), JSONB)
    if actor is not None and not sees_homes(actor):
        home = case((Engineer.id == actor.engineer_id, home), else_=null())
    territories = _ids(
        ENGINEER_TERRITORIES.c.territory_id, ENGINEER_TERRITORIES.c.engineer_id == Engineer.id, "territory_ids"
    )
    return select(*rows.wire_columns(Engineer, "home"), home.label("home"), _skills(), territories)


def _skills() -> ColumnElement[Any]:
    one = func.jsonb_build_object(
        "skill_id", Skill.id, "code", Skill.code, "level", EngineerSkill.level, "expires_on", EngineerSkill.expires_on
    )
    return (
        select(func.coalesce(func.jsonb_agg(aggregate_order_by(one, Skill.code)), cast(literal("[]"), JSONB)))
        .select_from(EngineerSkill)
        .join(Skill, (Skill.id == EngineerSkill.skill_id) & Skill.deleted_at.is_(None))
        .where(EngineerSkill.engineer_id == Engineer.id)
        .scalar_subquery()
        .label("skills")
    )


def serves(territory_id: UUID) -> ColumnElement[bool]:
    """Engineers of a territory."""
    members = select(ENGINEER_TERRITORIES.c.engineer_id).where(ENGINEER_TERRITORIES.c.territory_id == territory_id)
    return Engineer.id.in_(members)


def skilled(skill_id: UUID) -> ColumnElement[bool]:
    """Engineers who have a skill, at whatever level."""
    return Engineer.id.in_(select(EngineerSkill.engineer_id).where(EngineerSkill.skill_id == skill_id))


def crews() -> Select[Any]:
    """The wire view of crews, with their members, the lead first."""
    one = func.jsonb_build_object("engineer_id", CrewMember.engineer_id, "lead", CrewMember.lead)
    order = aggregate_order_by(one, cast(CrewMember.lead, Integer).desc(), CrewMember.engineer_id)
    members = (
        select(func.coalesce(func.jsonb_agg(order), cast(literal("[]"), JSONB)))
        .where(CrewMember.crew_id == Crew.id)
        .scalar_subquery()
        .label("members")
    )
    return select(*rows.wire_columns(Crew), members)


def crews_of(engineer_id: UUID | None) -> ColumnElement[bool]:
    """Crews that an engineer is in."""
    return Crew.id.in_(select(CrewMember.crew_id).where(CrewMember.engineer_id == engineer_id))


def named(label: ColumnElement[Any] | InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    """A condition for short lists of people: every word of `words` is in `label`."""
    return func.lower(label).contains(words.strip().casefold(), autoescape=True)
