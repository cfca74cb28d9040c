"""Endpoints for trackers that people already have: OwnTracks, Traccar Client, OsmAnd.

They come without an organisation: a token finds it (`tracker_owner`), and guessing tokens is slowed down by address.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request
from sqlalchemy import text

from app.kernel import ratelimit
from app.kernel.actor import Actor
from app.kernel.db import enter_organisation, new_session, transaction
from app.kernel.http import Blueprint, authentication
from app.kernel.http.reading import read_json, refuse_hostile_text
from app.kernel.permissions import Role
from app.kernel.problems import UNAUTHENTICATED, invalid
from app.positions import commands, formats
from app.positions.schemas import OwnTracksSchema

blueprint = Blueprint("trackers", __name__, url_prefix="/api/v1", description="Trackers that people already have")

PER_TRACKER = "600 per minute"
GUESSES = "30 per minute"
KNOWN = {"id", "deviceid", "timestamp", "lat", "lon", "location", "accuracy", "speed", "bearing", "altitude", "batt"}
QUERY = [{"in": "query", "name": name, "schema": {"type": "string"}} for name in sorted(KNOWN)]
ANSWERS: dict[str, Any] = {"right": None, "problems": (400, 401, 403, 413, 415, 422)}


@blueprint.endpoint("POST", "/positions/owntracks", summary="A message of OwnTracks", body=OwnTracksSchema, **ANSWERS)
def owntracks(body: dict[str, Any]) -> list[Any]:
    actor = _by_header()
    message = {**body, "_type": body["kind"]}
    _record(actor, lambda: formats.owntracks(message))
    return []


@blueprint.endpoint("GET", "/positions/osmand", summary="A fix by OsmAnd's protocol", **ANSWERS)
@blueprint.doc(parameters=QUERY)  # type: ignore[untyped-decorator]
def osmand_by_query() -> Response:
    return _osmand()


@blueprint.endpoint("POST", "/positions/osmand", summary="A fix by OsmAnd's protocol", **ANSWERS)
@blueprint.doc(parameters=QUERY)  # type: ignore[untyped-decorator]
def osmand_by_form() -> Response:
    return _osmand()


def _osmand() -> Response:
    """Query and form alike; JSON is what newer Traccar Clients send. The answer is empty, as trackers expect it."""
    if request.is_json:
        message = read_json(request)
        if not isinstance(message, dict):
            raise invalid("", "The message is not an object.")
        _record(_by_token(str(message.get("device_id", ""))), lambda: formats.traccar(message))
    else:
        values = request.values.to_dict()
        refuse_hostile_text(values)
        _record(_by_token(values.get("id") or values.get("deviceid") or ""), lambda: formats.osmand(values))
    return Response(status=200)


def _record(actor: Actor, read: Any) -> None:
    try:
        fix = read()
    except ValueError as error:
        raise invalid("", str(error)) from None
    if fix is not None:
        with transaction(actor) as tx:
            commands.record(tx, [fix])


def _by_header() -> Actor:
    """The sender by basic authentication (the password is a tracker's token) or by an engineer's access token."""
    given = request.authorization
    if given is not None and given.type == "basic":
        return _by_token(given.password or "")
    claims = authentication.claims_of_request()
    with new_session() as session, session.begin():
        enter_organisation(session, claims.org_id, claims.user_id)
        return authentication.actor_of(session, claims)


def _by_token(token: str) -> Actor:
    """The engineer whose tracker has this token; raises 401 for an unknown one, 429 for too much of either."""
    address = request.remote_addr or "unknown"
    with new_session() as session, session.begin():
        owner = session.execute(
            text("SELECT * FROM tracker_owner(:hash)"), {"hash": commands.token_hash(token)}
        ).one_or_none()
    if owner is None:
        ratelimit.hit(GUESSES, "tracker-guess", address)
        raise UNAUTHENTICATED("No tracker has this token.")
    ratelimit.hit(PER_TRACKER, "tracker", str(owner.tracker_id))
    return Actor(owner.org_id, Role.ENGINEER, user_id=owner.user_id, name="tracker", engineer_id=owner.engineer_id)
