"""What phones get of customers and places: what their visits lead to. And what they may change of it.

Which phone holds which visit is said by the view `visit_holders` of the room that has the visits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError

from app.kernel import rows
from app.kernel.db import R, Tx
from app.kernel.http.reading import field_errors
from app.kernel.permissions import Scope
from app.kernel.problems import FORBIDDEN, INVALID, not_found
from app.kernel.synced import Collection, FieldMutation, MutationHandler, Outcome, declare
from app.places import commands, queries
from app.places.models import Asset, Contact, Site
from app.places.schemas import AssetSchema, ContactSchema, SiteSchema

RIGHT = "places.edit"
NEW_ASSET = AssetSchema(exclude=("id",))


def _held(table: str, link: str, by: str = "") -> str:
    """Buckets of the rows of `table` to which a job leads (`by` way of another table) behind a visit somebody holds."""
    return f"""
        SELECT r.id, 'user:' || h.user_id FROM {table} r {by}
        JOIN jobs j ON j.org_id = r.org_id AND {link} AND j.deleted_at IS NULL
        JOIN visit_holders h ON h.org_id = j.org_id AND h.job_id = j.id
        WHERE r.id = ANY(:ids) AND r.deleted_at IS NULL
    """


def _loaded(schema: Schema, data: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as error:
        raise INVALID("Some fields are not right.", errors=field_errors(error)) from None
    return loaded


def _editable(tx: Tx, model: type[R], mutation: FieldMutation, own: Callable[..., Any]) -> R:
    """The row, locked. Raises 404 for a row that the actor's own visits do not lead to."""
    scope = tx.actor.demand(RIGHT)
    if scope is not Scope.ALL:
        rows.one(tx, queries.view(model, tx.actor).where(own(tx.actor, scope)), model, mutation.row_id)
    return tx.get(model, mutation.row_id, lock=True)


def _update_site(tx: Tx, mutation: FieldMutation) -> Outcome:
    row = _editable(tx, Site, mutation, queries.own_sites)
    schema = SiteSchema(partial=True, only=("name", "address", "access_notes", "location", "geofence_m"))
    commands.update_site(tx, row, _loaded(schema, mutation.data))
    return Outcome()


def _update_contact(tx: Tx, mutation: FieldMutation) -> Outcome:
    if queries.is_masked(tx.actor):
        raise FORBIDDEN("Customers' particulars are not shown to you, so you cannot change them.")
    row = _editable(tx, Contact, mutation, queries.own_contacts)
    schema = ContactSchema(partial=True, only=("name", "phone", "email", "locale"))
    commands.update_contact(tx, row, _loaded(schema, mutation.data))
    return Outcome()


def _update_asset(tx: Tx, mutation: FieldMutation) -> Outcome:
    row = _editable(tx, Asset, mutation, queries.own_assets)
    commands.update_asset(tx, row, _loaded(AssetSchema(partial=True, exclude=("id", "site_id")), mutation.data))
    return Outcome()


def _create_asset(tx: Tx, mutation: FieldMutation) -> Outcome:
    data = _loaded(NEW_ASSET, mutation.data)
    scope = tx.actor.demand(RIGHT)
    if scope is not Scope.ALL:
        mine = tx.session.query(Site.id).filter(Site.id == data["site_id"], queries.own_sites(tx.actor, scope))
        if mine.first() is None:
            raise not_found("site")
    commands.create_asset(tx, {**data, "id": mutation.row_id})
    return Outcome()


def _declare(name: str, body: str, buckets: str, **more: Any) -> None:
    declare(Collection(name=name, body=body, buckets=buckets, **more))


UPDATES: dict[str, dict[str, MutationHandler]] = {
    "sites": {"update": _update_site},
    "contacts": {"update": _update_contact},
    "assets": {"create": _create_asset, "update": _update_asset},
}

_declare(
    "territories",
    "r.name, ST_AsGeoJSON(r.area, 6)::jsonb AS area, r.timezone",
    "SELECT id, 'org' FROM territories WHERE id = ANY(:ids) AND deleted_at IS NULL",
)
_declare(
    "accounts",
    """
        r.name, CASE WHEN :masked THEN NULL ELSE r.number END AS number,
        CASE WHEN :masked THEN NULL ELSE r.tier END AS tier, CASE WHEN :masked THEN NULL ELSE r.notes END AS notes
    """,
    _held("accounts", "j.account_id = r.id")
    + "UNION"
    + _held("accounts", "j.site_id = s.id", "JOIN sites s ON s.org_id = r.org_id AND s.account_id = r.id"),
)
_declare(
    "contacts",
    """
        r.account_id, r.name, CASE WHEN :masked THEN NULL ELSE r.phone END AS phone,
        CASE WHEN :masked THEN NULL ELSE r.email END AS email, r.locale
    """,
    _held("contacts", "j.contact_id = r.id"),
    mutations=UPDATES["contacts"],
)
_declare(
    "sites",
    """
        r.account_id, r.territory_id, r.name, r.address, r.access_notes, ST_AsGeoJSON(r.location, 7)::jsonb AS location,
        r.geofence_m, r.timezone
    """,
    _held("sites", "j.site_id = r.id"),
    touches="""
        SELECT 'assets', id FROM assets WHERE site_id = ANY(:ids)
        UNION ALL
        SELECT 'accounts', account_id FROM sites WHERE id = ANY(:ids) AND account_id IS NOT NULL
    """,
    parents={"account_id": "accounts"},
    ties="r.account_id, r.deleted_at",
    mutations=UPDATES["sites"],
)
_declare(
    "assets",
    """
        r.site_id, r.parent_id, r.name, r.model, r.serial, r.batch, r.installed_on, r.purchased_on, r.warranty_until
    """,
    _held("assets", "j.site_id = r.site_id"),
    mutations=UPDATES["assets"],
    creates=frozenset(NEW_ASSET.load_fields),
)
