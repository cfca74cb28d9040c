"""The organisation, its users, their devices, and the keys of machines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import fields

from app.kernel.db import Tx
from app.kernel.http import Blueprint, Filter, Resource
from app.kernel.http.reading import expected_revision
from app.kernel.http.rendering import json_response
from app.kernel.http.resources import choice, equals, one_of
from app.kernel.permissions import Role
from app.kernel.problems import REVISION_REQUIRED
from app.people import commands, queries
from app.people.models import ApiKey, Device, User
from app.people.schemas import ApiKeySchema, DeviceSchema, OrganisationSchema, UserSchema

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1", description="Organisation, users, devices, API keys")

USERS = Resource(
    path="users",
    model=User,
    schema=UserSchema,
    right="users",
    noun="user",
    view=queries.users,
    filters={
        "role": one_of(User.role, choice(Role)),
        "active": Filter(fields.Boolean(load_default=None), lambda value: User.active.is_(value)),
        "email": equals(User.email, fields.String(load_default=None)),
    },
    sorts={"name": User.name, "email": User.email},
    matching=lambda words: queries.named(User.name, words),
    create=lambda tx, body: commands.create_user(tx, **body),
    update=commands.update_user,
    remove=commands.delete_user,
)
DEVICES = Resource(
    path="devices",
    model=Device,
    schema=DeviceSchema,
    right="devices",
    noun="device",
    view=queries.devices,
    filters={
        "user_id": equals(Device.user_id),
        "revoked": Filter(fields.Boolean(load_default=None), lambda value: Device.revoked_at.is_not(None) == value),
    },
    sorts={"last_seen_at": Device.last_seen_at, "name": Device.name},
    scope=lambda actor, scope: Device.user_id == actor.user_id,
    remove=commands.revoke_device,
    verbs="lrud",
)
API_KEYS = Resource(
    path="api-keys",
    model=ApiKey,
    schema=ApiKeySchema,
    right="api_keys",
    noun="API key",
    view=queries.api_keys,
    sorts={"name": ApiKey.name},
    verbs="lrd",
)
for resource in (USERS, DEVICES, API_KEYS):
    resource.register(blueprint)


@blueprint.endpoint(
    "GET", "/organisation", right="organisation.read", summary="The organisation", schema=OrganisationSchema
)
def read_organisation(tx: Tx) -> dict[str, Any]:
    return queries.organisation(tx)


@blueprint.endpoint(
    "PATCH",
    "/organisation",
    right="organisation.write",
    summary="Change the organisation",
    schema=OrganisationSchema,
    body=OrganisationSchema(partial=True),
)
def update_organisation(tx: Tx, body: dict[str, Any]) -> dict[str, Any]:
    if "If-Match" not in request.headers:
        raise REVISION_REQUIRED("Send If-Match with the ETag of the revision that you saw.")
    commands.update_organisation(tx, body, expected_revision())
    return queries.organisation(tx)


@blueprint.endpoint(
    "POST",
    "/api-keys",
    right="api_keys.write",
    status=201,
    summary="Create an API key; its secret is shown this once",
    schema=ApiKeySchema,
    body=ApiKeySchema,
    example={"name": "Telephone system", "rights": ["requests.read", "requests.write"]},
)
def create_api_key(tx: Tx, body: dict[str, Any]) -> Response:
    row, secret = commands.create_api_key(tx, body)
    shown = {**API_KEYS.one(tx, row.id), "secret": secret}
    return json_response(shown, 201, {"Location": f"/api/v1/api-keys/{row.id}"})


@blueprint.endpoint(
    "DELETE", "/users/<uuid:row_id>/totp", right="users.write", status=204, summary="Take away a lost second factor"
)
def reset_totp(tx: Tx, row_id: UUID) -> None:
    commands.reset_totp(tx, USERS.locked(tx, row_id))
