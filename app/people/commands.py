"""Writes about organisations, users, devices and API keys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import audit, events, rows
from app.kernel.config import config
from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.kernel.problems import FORBIDDEN, STALE_REVISION, STATE_CONFLICT, UNAUTHENTICATED, invalid
from app.people import credentials, guard, sessions
from app.people.calendar import create_absence, create_shift
from app.people.engineers import create_crew, create_engineer, create_skill, replace_skills
from app.people.models import ApiKey, Device, Organisation, User
from app.people.rules import is_demo_address, merge_patch, unknown_rights

__all__ = [
    "change_password",
    "create_absence",
    "create_api_key",
    "create_crew",
    "create_engineer",
    "create_organisation",
    "create_shift",
    "create_skill",
    "create_user",
    "delete_user",
    "replace_skills",
    "reset_totp",
    "revoke_device",
    "update_organisation",
    "update_user",
]


def create_organisation(tx: Tx, *, name: str, **values: Any) -> Organisation:
    """Founds the organisation that `tx` is in: open it with `transaction(system_actor(new_id()))`."""
    row = Organisation(id=tx.actor.org_id, name=name, **values)
    tx.session.add(row)
    tx.session.flush()
    audit.record(tx, "organisation.created", "organisation", row.id, rows.plain({"name": name, **values}))
    return row


def update_organisation(tx: Tx, data: dict[str, Any], revision: int | None) -> None:
    """Changes the actor's organisation; `settings` is merged member by member. Raises 412 at another revision."""
    row = tx.session.scalars(select(Organisation).with_for_update()).one()
    if revision not in (None, row.rev):
        raise STALE_REVISION(f"This is revision {row.rev} now; you saw {revision}.", current_rev=row.rev)
    if "settings" in data:
        data = {**data, "settings": merge_patch(row.settings, data["settings"])}
    for key, value in data.items():
        setattr(row, key, value)
    if tx.session.is_modified(row):
        tx.session.flush()
        audit.record(tx, "organisation.updated", "organisation", row.id, rows.plain(data))
        events.emit(tx, "organisation.updated", {"id": str(row.id), "rev": row.rev})


def create_user(tx: Tx, *, email: str, name: str, role: str, password: str | None = None, **values: Any) -> User:
    """A user who can sign in once there is a password. Raises 409 when the address is taken anywhere, 422 for an
    address of the demo day in production."""
    if is_demo_address(email) and config().mode == "production":
        raise invalid("/email", "Addresses of the demo day are not accepted in production.")
    hashed = {"password_hash": credentials.hash_password(password)} if password else {}
    row = tx.add(User(email=email, name=name, role=role, **hashed, **values))
    rows.written(tx, row, "created", {"email": email, "name": name, "role": role, **values})
    return row


def update_user(tx: Tx, row: User, data: dict[str, Any]) -> None:
    """Changes a user. A new password or a block ends all sessions. Raises 409 rather than lose the last admin."""
    fields = dict(data)
    password = fields.pop("password", None)
    if fields.get("active") is False or fields.get("role", row.role) != "admin":
        _keep_an_admin(tx, row)
    if is_demo_address(fields.get("email", "")) and config().mode == "production":
        raise invalid("/email", "Addresses of the demo day are not accepted in production.")
    if password:
        _set_password(tx, row, password)
    rows.update(tx, row, fields)
    if password or not row.active:
        sessions.end_all(tx, row.id)


def delete_user(tx: Tx, row: User) -> None:
    """Removes a user for good; what they did keeps their name. Raises 409 rather than lose the last admin."""
    _keep_an_admin(tx, row)
    sessions.end_all(tx, row.id)
    rows.delete(tx, row)


def _keep_an_admin(tx: Tx, row: User) -> None:
    if row.role != "admin" or not row.active:
        return
    admins = select(User.id).where(User.role == "admin", User.active, User.deleted_at.is_(None))
    if tx.session.scalars(admins.order_by(User.id).with_for_update()).all() == [row.id]:
        raise STATE_CONFLICT("This is the last admin of the organisation.")


def _set_password(tx: Tx, row: User, password: str) -> None:
    row.password_hash = credentials.hash_password(password)
    tx.session.flush()
    audit.record(tx, "user.password_changed", "user", row.id)


def change_password(tx: Tx, current: str, new: str) -> None:
    """The actor's own password; every session ends, this one too. Raises 401 when `current` is wrong."""
    row = tx.get(User, own_id(tx), lock=True)
    confirm_password(row, current)
    _set_password(tx, row, new)
    sessions.end_all(tx, row.id)


def confirm_password(row: User, password: str) -> None:
    """Raises 401 when `password` is not the one of this user, 429 after too many tries."""
    guard.before_proof(row.id)
    if not credentials.password_matches(row.password_hash, password):
        raise UNAUTHENTICATED("The password is wrong.")
    guard.proved(row.id)


def own_id(tx: Tx) -> UUID:
    """The actor's user id. Raises 403 for machines, which have none."""
    if tx.actor.user_id is None:
        raise FORBIDDEN("This is for people, who have an account.")
    return tx.actor.user_id


def reset_totp(tx: Tx, row: User) -> None:
    """Takes the second factor away, for somebody who lost it."""
    row.totp_secret = row.totp_confirmed_at = None
    tx.session.flush()
    audit.record(tx, "user.totp_removed", "user", row.id)


def revoke_device(tx: Tx, row: Device) -> None:
    """From the next request on the device may only hand in what it has, and is told to erase itself."""
    if row.revoked_at is None:
        row.revoked_at = tx.now
        tx.session.flush()
        rows.written(tx, row, "revoked", {"user_id": row.user_id, "name": row.name})


def create_api_key(tx: Tx, data: dict[str, Any]) -> tuple[ApiKey, str]:
    """A key for a machine, and its secret, which is not kept. Raises 422 for rights that a machine cannot have."""
    if unknown := unknown_rights(data["rights"]):
        raise invalid("/rights", f"An API key cannot have: {', '.join(unknown)}.")
    if data.get("expires_at") and data["expires_at"] <= tx.now:
        raise invalid("/expires_at", "Must lie in the future.")
    key_id = data.get("id") or new_id()
    secret, hashed = credentials.new_api_key(tx.actor.org_id, key_id)
    values = {**data, "id": key_id, "rights": sorted(set(data["rights"])), "created_by": tx.actor.user_id}
    row = tx.add(ApiKey(hash=hashed, **values))
    rows.written(tx, row, "created", values)
    return row, secret
