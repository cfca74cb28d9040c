"""`./callout user add`: the first admin of an organisation, or anybody else, made on the machine itself."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from marshmallow import Schema, ValidationError

from app.cli.servers import data_option, servers
from app.kernel.permissions import Role
from ops.errors import OpsError

ROLES = [role.value for role in Role if role not in (Role.API_KEY, Role.SYSTEM)]


@click.command()
@click.option("--email", required=True, help="What they sign in with.")
@click.option("--name", required=True)
@click.option("--role", default="admin", show_default=True, help=f"One of {', '.join(ROLES)}.")
@click.option("--password", help="Asked for when left out; drawn at random when nobody can be asked.")
@click.option("--locale", default="en", show_default=True)
@click.option("--organisation", help="Name or id; may be left out while there is only one.")
@click.option("--new-organisation", help="Found an organisation of this name.")
@click.option("--timezone", default="UTC", show_default=True, help="Of the new organisation.")
@data_option
def add(data: Path | None, organisation: str | None, new_organisation: str | None, timezone: str, **given: Any) -> None:
    """Add a person who can sign in."""
    drawn = None
    if given["password"] is None:
        given["password"] = _asked() if sys.stdin.isatty() else (drawn := secrets.token_urlsafe(12))
    with servers(data):
        from app.people.schemas import OrganisationSchema, UserSchema

        values = _checked(UserSchema, given)
        if new_organisation:
            _write(None, values, _checked(OrganisationSchema, {"name": new_organisation, "timezone": timezone}))
        else:
            _write(find_organisation(organisation)[0], values)
    click.echo(f"{values['email']} can sign in as {values['role']}.")
    if drawn:
        click.echo(f"Password: {drawn}")


def _asked() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _checked(schema: type[Schema], given: dict[str, Any]) -> dict[str, Any]:
    """The values as the API would take them; raises OpsError naming each field at fault."""
    try:
        return dict(schema().load(given))
    except ValidationError as wrong:
        faults: dict[str, list[str]] = dict(wrong.messages)  # type: ignore[arg-type]
        told = "; ".join(f"--{name}: {' '.join(said)}" for name, said in faults.items())
        raise OpsError(told, "Nobody was added.") from wrong


def find_organisation(wanted: str | None) -> tuple[UUID, str]:
    """Id and name of the organisation of this name or id. Only the database's owner sees them all."""
    from sqlalchemy import select

    from app.kernel.config import config
    from app.kernel.db import engine
    from app.people.models import Organisation

    with engine(config().database_owner_url).connect() as connection:
        known = connection.execute(select(Organisation.id, Organisation.name)).all()
    found = [row for row in known if wanted is None or wanted in (row.name, str(row.id))]
    if len(found) == 1:
        return UUID(str(found[0].id)), str(found[0].name)
    names = ", ".join(sorted(f"{row.name}: {row.id}" for row in known)) or "there is none yet"
    raise OpsError(
        f"Which organisation? ({names})", "Name one with --organisation, or found one with --new-organisation NAME."
    )


def _write(org_id: UUID | None, values: dict[str, Any], founding: dict[str, Any] | None = None) -> None:
    from sqlalchemy.exc import IntegrityError

    from app.factory import load_rooms
    from app.kernel.actor import system_actor
    from app.kernel.db import transaction
    from app.kernel.ids import new_id
    from app.people import commands

    load_rooms()  # who hears of new people
    try:
        with transaction(system_actor(org_id or new_id())) as tx:
            if founding:
                commands.create_organisation(tx, **founding)
            commands.create_user(tx, **values)
    except IntegrityError as taken:
        raise OpsError(f"The address {values['email']} is taken.", "Nobody was added.") from taken
