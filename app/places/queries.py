"""Reads about customers and places: what an actor may see of them, and how much of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, cast, func, literal, null, or_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from app.kernel import rows
from app.kernel.actor import Actor
from app.kernel.db import Row
from app.kernel.permissions import Role, Scope
from app.places.models import Account, Asset, Contact, EngineerTerritory, Site, Territory

# A subcontractor finds the place and its things, and meets a name at the door. The rest is the customer's.
MASKED: dict[type[Row], tuple[str, ...]] = {
    Account: ("number", "tier", "external_id", "notes"),
    Contact: ("phone", "email"),
    Site: ("external_id",),
}

OwnPlaces = Callable[[Actor], Select[Any]]


def _no_places(actor: Actor) -> Select[Any]:
    empty = cast(null(), Uuid)
    return select(*(empty.label(name) for name in ("site_id", "account_id", "contact_id"))).where(literal(False))


# What an actor's own visits lead to, as rows of (site_id, account_id, contact_id). Visits live in a higher room, which
# sets this at import; until then nobody has places of their own.
own_places: OwnPlaces = _no_places


def use_own_places(provider: OwnPlaces) -> None:
    """Says which places an actor's own visits lead to; called once, by the room that has the visits."""
    global own_places
    own_places = provider


def _own(actor: Actor, name: str) -> Select[Any]:
    places = own_places(actor).subquery()
    return select(places.c[name])


def own_sites(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """Sites of the actor's own visits."""
    return Site.id.in_(_own(actor, "site_id"))


def own_accounts(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """Accounts of the actor's own visits, and of their sites."""
    of_sites = select(Site.account_id).where(own_sites(actor, scope))
    return or_(Account.id.in_(_own(actor, "account_id")), Account.id.in_(of_sites))


def own_contacts(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """The people to ask for at the actor's own visits; not all of the customer's people."""
    return Contact.id.in_(_own(actor, "contact_id"))


def own_assets(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """Whatever is installed at the sites of the actor's own visits."""
    return Asset.site_id.in_(_own(actor, "site_id"))


def is_masked(actor: Actor) -> bool:
    """Whether a customer's particulars are hidden from the actor."""
    return actor.role is Role.SUBCONTRACTOR


def view(model: type[Row], actor: Actor) -> Select[Any]:
    """The wire view of a customer's rows, with null where the actor may not look."""
    hidden = MASKED.get(model, ()) if is_masked(actor) else ()
    shown = rows.wire_columns(model, *hidden)
    return select(*shown, *(null().label(name) for name in hidden))


def territories() -> Select[Any]:
    """The wire view of territories, with the engineers who serve them."""
    ids = func.jsonb_agg(aggregate_order_by(EngineerTerritory.engineer_id, EngineerTerritory.engineer_id))
    members = (
        select(func.coalesce(ids, cast(literal("[]"), JSONB)))
        .where(EngineerTerritory.territory_id == Territory.id)
        .scalar_subquery()
        .label("engineer_ids")
    )
    return select(*rows.wire_columns(Territory), members)
