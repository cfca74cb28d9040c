"""Rows for tests: an organisation, its users, clients that are signed in, and the rows of a small day.

Everything is written through real transactions, under row-level security, as the application would.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app
from app.kernel import tokens
from app.kernel.actor import Actor, system_actor
from app.kernel.db import Row, Tx, transaction
from app.kernel.ids import new_id
from app.kernel.permissions import Role
from app.kernel.tokens import Claims
from app.people.models import Device, Engineer, Organisation, User
from app.places.models import Account, Site
from app.work import commands as work
from app.work.models import Job, JobType, Visit

R = TypeVar("R", bound=Row)


@lru_cache(maxsize=1)
def app() -> Flask:
    """The application, once for each process."""
    return create_app()


def organisation(**values: Any) -> Organisation:
    """A fresh organisation."""
    row = Organisation(**{"id": new_id(), "name": "Careful Repairs", **values})
    with transaction(system_actor(row.id)) as tx:
        tx.session.add(row)
    return row


@contextmanager
def within(org_id: UUID, actor: Actor | None = None) -> Iterator[Tx]:
    """A transaction in an organisation, as Callout itself unless `actor` says otherwise."""
    with transaction(actor or system_actor(org_id)) as tx:
        yield tx


def add(org_id: UUID, row: R) -> R:
    """Inserts one row."""
    with within(org_id) as tx:
        return tx.add(row)


def user(role: str = "admin", org_id: UUID | None = None, **values: Any) -> User:
    """A user, of a new organisation unless one is named. Engineers and subcontractors get their engineer."""
    row_id = new_id()
    defaults = {"id": row_id, "email": f"{role}-{row_id}@example.org", "name": f"Some {role}", "role": role}
    row = add(org_id or organisation().id, User(**{**defaults, **values}))
    if role in ("engineer", "subcontractor"):
        engineer(row.org_id, row)
    return row


def engineer(org_id: UUID, of: User | None = None, **values: Any) -> Engineer:
    """An engineer; signs in as the user `of` when given."""
    outside = of is not None and of.role == "subcontractor"
    defaults = {
        "name": of.name if of else "Erin",
        "user_id": of.id if of else None,
        "employment": "subcontractor" if outside else "employee",
        "home": "SRID=4326;POINT(121.47 31.23)",
    }
    return add(org_id, Engineer(**{**defaults, **values}))


def device(of: User, **values: Any) -> Device:
    """A phone of a user."""
    return add(of.org_id, Device(**{"user_id": of.id, "name": "Phone", **values}))


class Client(FlaskClient):
    """Flask's test client, signed in as `user`."""

    user: User
    engineer_id: UUID | None = None

    @property
    def org_id(self) -> UUID:
        return self.user.org_id


def token(of: User, on: Device | None = None) -> str:
    """An access token of a user, on a device if one is given."""
    return tokens.issue(Claims(of.org_id, of.id, on.id if on else None))


def sign_in(of: User, on: Device | None = None) -> Client:
    """A client with an access token of a user, on a device if one is given."""
    client = Client(app(), app().response_class)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token(of, on)}"
    client.user = of
    with within(of.org_id) as tx:
        row = tx.session.query(Engineer).filter_by(user_id=of.id).one_or_none()
        client.engineer_id = row.id if row else None
    return client


def client(role: str = "admin", org_id: UUID | None = None) -> Client:
    """A client signed in as a new user with `role`, of a new organisation unless one is named."""
    return sign_in(user(role, org_id))


def actor_of(of: User, **values: Any) -> Actor:
    """The actor that commands get when `of` calls them."""
    return Actor(**{"org_id": of.org_id, "role": Role(of.role), "user_id": of.id, "name": of.name, **values})


def site(org_id: UUID, lon: float = 121.47, lat: float = 31.23, **values: Any) -> Site:
    """A customer's place."""
    owner = values.pop("account_id", None) or add(org_id, Account(name="Lin & Sons")).id
    defaults = {"account_id": owner, "name": "Depot", "location": f"SRID=4326;POINT({lon} {lat})"}
    return add(org_id, Site(**{**defaults, **values}))


def job_type(org_id: UUID, **values: Any) -> JobType:
    """A template without anything that guards completion, unless said."""
    return add(org_id, JobType(**{"code": f"T-{new_id()}", "name": "Repair", "requires_signature": False, **values}))


def job(org_id: UUID, **values: Any) -> Job:
    """A job with one draft visit, at a new site and of a new type unless named."""
    values.setdefault("site_id", None) or values.update(site_id=site(org_id).id)
    values.setdefault("job_type_id", None) or values.update(job_type_id=job_type(org_id).id)
    with within(org_id) as tx:
        return work.create_job(tx, values)


def visit(org_id: UUID, engineer_id: UUID | None = None, **values: Any) -> Visit:
    """The only visit of a new job; dispatched when an engineer is named. `values` are the job's."""
    row = job(org_id, **values)
    with within(org_id) as tx:
        made = tx.session.query(Visit).filter_by(job_id=row.id).one()
        return work.assign(tx, made.id, engineer_id) if engineer_id else made
