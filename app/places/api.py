"""Endpoints of accounts, contacts, sites, assets, territories, and who serves which territory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import Select, func, select

from app.kernel.db import R, Tx
from app.kernel.http import Blueprint, Filter, Resource
from app.kernel.http.resources import equals, one_of
from app.kernel.permissions import Scope
from app.kernel.problems import FORBIDDEN
from app.people.models import Engineer, User
from app.places import commands, queries
from app.places.models import Account, Asset, Contact, Site, Territory
from app.places.schemas import (
    AccountSchema,
    AssetSchema,
    ContactSchema,
    MembershipsSchema,
    SiteSchema,
    TerritorySchema,
)

blueprint = Blueprint("places", __name__, url_prefix="/api/v1", description="Customers, sites, assets, territories")
BLUEPRINTS = [blueprint]


@dataclass(frozen=True)
class Places(Resource[R]):
    """Rows of customers, as much of them as the actor may see."""

    def select(self, tx: Tx, right: str) -> Select[Any]:
        view = queries.view(self.model, tx.actor).where(self.model.deleted_at.is_(None))
        scope = tx.actor.demand(right)
        if scope is not Scope.ALL and self.scope:
            view = view.where(self.scope(tx.actor, scope))
        return view

    def filtered(self, tx: Tx, query: dict[str, Any]) -> Select[Any]:
        """What is hidden cannot be found out by filters, order or words either."""
        if queries.is_masked(tx.actor):
            hidden = queries.MASKED.get(self.model, ())
            asked = [name for name in hidden if query.get(name) is not None]
            if asked or (query["sort"] or "").lstrip("-") in hidden or (hidden and query.get("q")):
                raise FORBIDDEN("Customers' particulars are not shown to you, so you cannot search by them.")
        return super().filtered(tx, query)


def _text(column: Any) -> Filter:
    return equals(column, fields.String(load_default=None))


ACCOUNTS = Places(
    path="accounts",
    model=Account,
    schema=AccountSchema,
    right="places",
    noun="account",
    filters={
        "number": _text(Account.number),
        "external_id": _text(Account.external_id),
        "tier": one_of(Account.tier),
    },
    sorts={"name": Account.name, "number": Account.number},
    scope=queries.own_accounts,
    matching=lambda words: Account.id.in_(select(func.accounts_matching(words))),
    create=commands.create_account,
    remove=commands.delete_account,
)
CONTACTS = Places(
    path="contacts",
    model=Contact,
    schema=ContactSchema,
    right="places",
    noun="contact",
    filters={"account_id": equals(Contact.account_id), "phone": _text(Contact.phone), "email": _text(Contact.email)},
    sorts={"name": Contact.name},
    scope=queries.own_contacts,
    matching=lambda words: Contact.id.in_(select(func.contacts_matching(words))),
    create=commands.create_contact,
    update=commands.update_contact,
)
SITES = Places(
    path="sites",
    model=Site,
    schema=SiteSchema,
    right="places",
    noun="site",
    filters={
        "account_id": equals(Site.account_id),
        "territory_id": one_of(Site.territory_id, fields.UUID()),
        "external_id": _text(Site.external_id),
    },
    sorts={"name": Site.name},
    scope=queries.own_sites,
    in_bbox=lambda box: Site.id.in_(select(func.sites_in_bbox(*box))),
    matching=lambda words: Site.id.in_(select(func.sites_matching(words))),
    geometry="location",
    create=commands.create_site,
    update=commands.update_site,
    remove=commands.delete_site,
)
ASSETS = Places(
    path="assets",
    model=Asset,
    schema=AssetSchema,
    right="places",
    noun="asset",
    filters={
        "site_id": equals(Asset.site_id),
        "parent_id": equals(Asset.parent_id),
        "model": _text(Asset.model),
        "serial": _text(Asset.serial),
        "batch": _text(Asset.batch),
    },
    sorts={"name": Asset.name, "warranty_until": Asset.warranty_until, "installed_on": Asset.installed_on},
    scope=queries.own_assets,
    matching=lambda words: Asset.id.in_(select(func.assets_matching(words))),
    create=commands.create_asset,
    update=commands.update_asset,
    remove=commands.delete_asset,
)
TERRITORIES = Resource(
    path="territories",
    model=Territory,
    schema=TerritorySchema,
    right="territories",
    noun="territory",
    view=queries.territories,
    filters={"name": _text(Territory.name)},
    sorts={"name": Territory.name},
    in_bbox=lambda box: Territory.id.in_(select(func.territories_in_bbox(*box))),
    geometry="area",
    create=commands.create_territory,
    update=commands.update_territory,
    remove=commands.delete_territory,
)
for resource in (ACCOUNTS, CONTACTS, SITES, ASSETS, TERRITORIES):
    resource.register(blueprint)


@blueprint.endpoint(
    "PUT",
    "/engineers/<uuid:row_id>/territories",
    right="people.write",
    summary="Replace the territories that an engineer serves",
    schema=MembershipsSchema,
    body=MembershipsSchema,
)
def set_engineer_territories(tx: Tx, body: dict[str, Any], row_id: UUID) -> dict[str, Any]:
    commands.set_engineer_territories(tx, tx.get(Engineer, row_id, lock=True), body["territory_ids"])
    return body


@blueprint.endpoint(
    "PUT",
    "/users/<uuid:row_id>/territories",
    right="users.write",
    summary="Replace the territories that a user looks after; none means all",
    schema=MembershipsSchema,
    body=MembershipsSchema,
)
def set_user_territories(tx: Tx, body: dict[str, Any], row_id: UUID) -> dict[str, Any]:
    commands.set_user_territories(tx, tx.get(User, row_id, lock=True), body["territory_ids"])
    return body
