"""Signing in, staying signed in, signing out.

A session is a family of refresh tokens. The newest is good, and the one before it until the newest was first used: a
lost reply must not lock a phone out. An older one means that somebody kept a copy, and ends the session.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import load_only

from app.kernel import audit, tokens
from app.kernel.actor import Actor, system_actor
from app.kernel.config import config
from app.kernel.db import Tx, enter_organisation, new_session, transaction
from app.kernel.ids import new_id
from app.kernel.permissions import Role
from app.kernel.problems import DEVICE_REVOKED, STATE_CONFLICT, UNAUTHENTICATED, Problem
from app.kernel.tokens import Claims
from app.people import credentials, demo, guard, queries
from app.people.identity import Identity
from app.people.models import Device, RefreshToken, User
from app.people.rules import is_demo_address

WRONG = "The e-mail address and the password do not fit together."
TOTP_MISSING = guard.TOTP_REQUIRED("This account asks for the code of its authenticator app as well.")

log = structlog.get_logger()


@dataclass(frozen=True)
class SignIn:
    """What somebody typed, and from where. `source` is the network address; `device` as in `POST /auth/token`."""

    email: str
    password: str
    source: str
    totp: str | None = None
    device: dict[str, Any] | None = None


def sign_in(given: SignIn) -> dict[str, Any]:
    """Tokens and profile. Raises 401 for anything that does not fit, 429 after too many tries, 503 for people of a demo
    day that is being made.

    Unknown addresses cost as much work as known ones, and no transaction is open while the password is hashed.
    """
    demo.demand_made(given.email)
    guard.before_attempt(given.email, given.source)
    user = _candidate(given.email)
    usable = user is not None and user.active and not (is_demo_address(given.email) and config().mode == "production")
    fits = credentials.password_matches(user.password_hash if user and usable else None, given.password)
    if user is None or not fits:
        guard.failed(given.source)
        log.warning("sign-in failed", source=given.source)
        raise UNAUTHENTICATED(WRONG)
    with transaction(Actor(user.org_id, Role(user.role), user.id, user.name)) as tx:
        _check_totp(tx, user.id, given)
        device_id = _register_device(tx, user.id, given.device) if given.device else None
        audit.record(tx, "user.signed_in", "user", user.id, {"source": given.source})
        answer = _started(tx, user.id, device_id)
    guard.succeeded(given.email, given.source)
    return answer


def _candidate(email: str) -> User | None:
    """The account with this address. As many statements for an unknown address as for a known one."""
    with new_session() as session, session.begin():
        found = session.execute(select(func.sign_in_lookup(email).table_valued("org_id", "user_id"))).one_or_none()
        org_id, user_id = (found.org_id, found.user_id) if found else (new_id(), new_id())
        enter_organisation(session, org_id, user_id)
        wanted = load_only(User.org_id, User.id, User.name, User.role, User.active, User.password_hash)
        return session.scalars(select(User).where(User.id == user_id).options(wanted)).one_or_none()


def _check_totp(tx: Tx, user_id: UUID, given: SignIn) -> None:
    user = tx.get(User, user_id, lock=True)
    if user.totp_confirmed_at is None or user.totp_secret is None:
        return
    if not given.totp:
        raise TOTP_MISSING
    step = credentials.totp_step(user.totp_secret, given.totp, tx.now, user.totp_step)
    if step is None:
        guard.failed(given.source)
        raise UNAUTHENTICATED("The code is wrong, too old, or was used before.")
    user.totp_step = step


def _register_device(tx: Tx, user_id: UUID, given: dict[str, Any]) -> UUID:
    described = {key: given[key] for key in ("name", "platform", "app_version") if given.get(key) is not None}
    device = tx.find(Device, given["id"], lock=True) if given.get("id") else None
    if device is None:
        values = {"id": given.get("id") or new_id(), "name": "Device", **described}
        device = tx.add(Device(user_id=user_id, last_seen_at=tx.now, **values))
        audit.record(tx, "device.registered", "device", device.id, described)
        return device.id
    if device.user_id != user_id:
        raise STATE_CONFLICT("This device id belongs to somebody else; make a fresh one for each person.")
    if device.revoked_at is not None:
        raise DEVICE_REVOKED("This device was revoked; a fresh installation gets a fresh id.")
    for key, value in {**described, "last_seen_at": tx.now}.items():
        setattr(device, key, value)
    return device.id


def _started(tx: Tx, user_id: UUID, device_id: UUID | None) -> dict[str, Any]:
    """A new session; it takes the place of the device's earlier one."""
    tx.session.execute(
        delete(RefreshToken).where(
            RefreshToken.user_id == user_id,
            (RefreshToken.expires_at < tx.now) | (RefreshToken.device_id == device_id),
        )
    )
    row = tx.add(
        RefreshToken(
            user_id=user_id,
            device_id=device_id,
            seed=secrets.token_bytes(32),
            expires_at=tx.now + timedelta(seconds=config().refresh_token_ttl),
        )
    )
    return _answer(tx, row)


def _answer(tx: Tx, session: RefreshToken) -> dict[str, Any]:
    claims = Claims(tx.actor.org_id, session.user_id, session.device_id)
    actor = Identity().actor(tx.session, claims)
    if actor is None:
        raise UNAUTHENTICATED("This account does not exist any more or is blocked.")
    return {
        "access_token": tokens.issue(claims),
        "refresh_token": credentials.refresh_token(claims.org_id, session.id, session.generation, session.seed),
        "token_type": "Bearer",
        "expires_in": config().access_token_ttl,
        "user": queries.profile(Tx(tx.session, actor, tx.now)),
    }


def refresh(token: str, source: str, device_id: UUID | None = None) -> dict[str, Any]:
    """Fresh tokens for a refresh token. Raises 401 when it is not good any more, 429 after too many tries."""
    guard.before_attempt(None, source)
    given = credentials.read_refresh_token(token)
    outcome: dict[str, Any] | Problem = UNAUTHENTICATED("This is not a refresh token.")
    if given is not None:
        # A refusal may have ended the session, so it is raised only after that was committed.
        with transaction(system_actor(given.org_id)) as tx:
            outcome = _refreshed(tx, given, device_id)
    if isinstance(outcome, Problem):
        guard.failed(source)
        raise outcome
    return outcome


def _refreshed(tx: Tx, given: credentials.RefreshCredential, device_id: UUID | None) -> dict[str, Any] | Problem:
    session = tx.find(RefreshToken, given.id, lock=True)
    if session is None or not given.holds(session.seed) or session.expires_at <= tx.now:
        return UNAUTHENTICATED("This refresh token is not valid any more; sign in again.")
    if session.revoked_at is not None or (device_id is not None and device_id != session.device_id):
        return UNAUTHENTICATED("This refresh token is not valid here; sign in again.")
    if given.generation < session.generation - 1:
        session.revoked_at = tx.now
        audit.record(tx, "session.copied", "user", session.user_id, {"device_id": str(session.device_id)})
        return UNAUTHENTICATED("An old copy of this session was used, so it was ended; sign in again.")
    if given.generation >= session.generation:
        # Newer than what is stored: the database was restored from a backup, the phone is right.
        session.generation = given.generation + 1
    session.expires_at = tx.now + timedelta(seconds=config().refresh_token_ttl)
    tx.session.flush()
    try:
        return _answer(tx, session)
    except Problem as problem:
        return problem


def sign_out(tx: Tx) -> None:
    """Ends the actor's session on this device, or all sessions without a device when there is none."""
    device = RefreshToken.device_id
    mine = device == tx.actor.device_id if tx.actor.device_id else device.is_(None)
    tx.session.execute(
        update(RefreshToken)
        .where(RefreshToken.user_id == tx.actor.user_id, mine, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=tx.now)
    )
    audit.record(tx, "user.signed_out", "user", tx.actor.user_id)


def end_all(tx: Tx, user_id: UUID) -> None:
    """Ends every session of a user: after a change of password, or when the account is blocked."""
    tx.session.execute(
        update(RefreshToken)
        .where(RefreshToken.user_id == user_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=tx.now)
    )
