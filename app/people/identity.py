"""Who is behind a credential: access tokens of people, API keys of machines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Uuid, and_, func, select
from sqlalchemy.orm import Session

from app.kernel import tokens
from app.kernel.actor import Actor
from app.kernel.clock import now
from app.kernel.permissions import Role
from app.kernel.prepared import Prepared, given, planned
from app.kernel.problems import UNAUTHENTICATED
from app.kernel.tokens import Claims
from app.people import credentials
from app.people.models import ApiKey, Device, Engineer, User
from app.people.queries import USER_TERRITORIES


@dataclass(frozen=True)
class KeyClaims(Claims):
    """Claims of an API key; its secret is compared in the statement that reads the key."""

    secret_hash: bytes = b""


class Identity:
    """Implements `app.kernel.http.authentication.Authenticator`."""

    def claims(self, token: str) -> Claims:
        """The claims behind a bearer token or an API key (`ck_…`); raises a 401 problem."""
        if not token.startswith(credentials.API_KEY_PREFIX):
            return tokens.read(token)
        key = credentials.read_api_key(token)
        if key is None:
            raise UNAUTHENTICATED("This is not an API key.")
        return KeyClaims(key.org_id, None, api_key_id=key.id, secret_hash=key.secret_hash)

    def actor(self, session: Session, claims: Claims) -> Actor | None:
        """The actor as the database knows it now, in one statement; None when the account is gone or blocked."""
        if isinstance(claims, KeyClaims):
            return _machine(session, claims)
        return _person(session, claims)


def _machine(session: Session, claims: KeyClaims) -> Actor | None:
    key = session.execute(
        select(ApiKey.name, ApiKey.rights).where(
            ApiKey.id == claims.api_key_id,
            ApiKey.hash == claims.secret_hash,
            ApiKey.deleted_at.is_(None),
            ApiKey.expires_at.is_(None) | (ApiKey.expires_at > now()),
        )
    ).one_or_none()
    if key is None:
        return None
    return Actor(claims.org_id, Role.API_KEY, name=key.name, allowed=frozenset(key.rights))


def _person(session: Session, claims: Claims) -> Actor | None:
    who = {"user_id": claims.user_id, "device_id": claims.device_id}
    row = _person_statement().run(session, who).one_or_none()
    if row is None or (claims.device_id and row.device_id is None):
        return None
    return Actor(
        org_id=claims.org_id,
        role=Role(row.role),
        user_id=row.id,
        name=row.name,
        device_id=row.device_id,
        device_revoked=row.revoked_at is not None,
        engineer_id=row.engineer_id,
        territory_ids=frozenset(row.territory_ids or ()),
    )


@lru_cache(maxsize=1)
def _person_statement() -> Prepared:
    """Planned once a connection: it is asked with every request."""
    return planned(_person_query(), "who is asking")


def _person_query() -> Select[Any]:
    user_id, device_id = given("user_id", Uuid), given("device_id", Uuid)
    territories = (
        select(func.array_agg(USER_TERRITORIES.c.territory_id))
        .where(USER_TERRITORIES.c.user_id == User.id)
        .scalar_subquery()
        .label("territory_ids")
    )
    device = and_(Device.user_id == User.id, Device.id == device_id, Device.deleted_at.is_(None))
    engineer = and_(Engineer.user_id == User.id, Engineer.deleted_at.is_(None))
    return (
        select(
            User.id,
            User.name,
            User.role,
            Device.id.label("device_id"),
            Device.revoked_at,
            Engineer.id.label("engineer_id"),
            territories,
        )
        .select_from(User)
        .outerjoin(Device, device)
        .outerjoin(Engineer, engineer)
        .where(User.id == user_id, User.active, User.deleted_at.is_(None))
    )
