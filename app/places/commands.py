"""Writes about customers and places. Whatever a row names must be there, and not deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, column, delete, func, insert, select, table, update

from app.kernel import events, rows
from app.kernel.db import Row, Tx
from app.kernel.problems import invalid
from app.people.models import Engineer, User
from app.places.models import Account, Asset, Contact, EngineerTerritory, Site, Territory, UserTerritory

# Open jobs live a room higher; the name of the table and three columns say whether a site or asset is in use.
JOBS = table(
    "jobs",
    column("site_id", Uuid),
    column("asset_id", Uuid),
    column("account_id", Uuid),
    column("status"),
    column("deleted_at"),
)
OPEN = JOBS.c.deleted_at.is_(None) & JOBS.c.status.not_in(("closed", "cancelled"))


def _check(tx: Tx, data: dict[str, Any], **models: type[Row]) -> None:
    """Raises 422 for an id in `data` that names no live row."""
    for key, model in models.items():
        if data.get(key) is not None and tx.find(model, data[key]) is None:
            raise invalid(f"/{key}", f"There is no such {rows.noun(model)}.")


def create_account(tx: Tx, data: dict[str, Any]) -> Account:
    """A customer. Raises 409 when its number or external id is taken."""
    return rows.create(tx, Account, data)


def delete_account(tx: Tx, row: Account) -> None:
    """Removes a customer. Raises 409 while it has sites, contacts or open jobs."""
    rows.delete(
        tx,
        row,
        [
            ("sites", (Site.account_id == row.id) & Site.deleted_at.is_(None)),
            ("contacts", (Contact.account_id == row.id) & Contact.deleted_at.is_(None)),
            ("open jobs", (JOBS.c.account_id == row.id) & OPEN),
        ],
    )


def create_contact(tx: Tx, data: dict[str, Any]) -> Contact:
    """A person of a customer."""
    _check(tx, data, account_id=Account)
    return rows.create(tx, Contact, data)


def update_contact(tx: Tx, row: Contact, data: dict[str, Any]) -> None:
    """Changes a contact."""
    _check(tx, data, account_id=Account)
    rows.update(tx, row, data)


def create_site(tx: Tx, data: dict[str, Any]) -> Site:
    """A place. Without a territory it gets the one that its point lies in."""
    _check(tx, data, account_id=Account, territory_id=Territory)
    return rows.create(tx, Site, _with_territory(tx, data))


def update_site(tx: Tx, row: Site, data: dict[str, Any]) -> None:
    """Changes a site. A site that moves gets the territory of its new point, unless one is named."""
    _check(tx, data, account_id=Account, territory_id=Territory)
    rows.update(tx, row, _with_territory(tx, data))


def _with_territory(tx: Tx, data: dict[str, Any]) -> dict[str, Any]:
    if data.get("location") is None or data.get("territory_id") is not None:
        return data
    found = tx.session.scalar(select(func.territory_at(func.ST_GeomFromEWKT(data["location"]))))
    return {**data, "territory_id": found}


def delete_site(tx: Tx, row: Site) -> None:
    """Removes a site. Raises 409 while it has assets or open jobs."""
    rows.delete(
        tx,
        row,
        [
            ("assets", (Asset.site_id == row.id) & Asset.deleted_at.is_(None)),
            ("open jobs", (JOBS.c.site_id == row.id) & OPEN),
        ],
    )


def create_asset(tx: Tx, data: dict[str, Any]) -> Asset:
    """An installed thing. Its parent stands at the same site."""
    _check(tx, data, site_id=Site, parent_id=Asset)
    _check_parent(tx, data.get("parent_id"), data["site_id"])
    return rows.create(tx, Asset, data)


def update_asset(tx: Tx, row: Asset, data: dict[str, Any]) -> None:
    """Changes an asset. Raises 422 when it would become part of itself, or of something at another site."""
    _check(tx, data, site_id=Site, parent_id=Asset)
    _check_parent(tx, data.get("parent_id", row.parent_id), data.get("site_id", row.site_id))
    if data.get("site_id", row.site_id) != row.site_id:
        _stands_alone(tx, row)
    rows.update(tx, row, data)


def _check_parent(tx: Tx, parent_id: UUID | None, site_id: UUID) -> None:
    parent = tx.find(Asset, parent_id) if parent_id else None
    if parent is not None and parent.site_id != site_id:
        raise invalid("/parent_id", "The asset that this one is part of stands at another site.")


def _stands_alone(tx: Tx, row: Asset) -> None:
    parts = select(Asset.id).where(Asset.parent_id == row.id, Asset.deleted_at.is_(None)).limit(1)
    if tx.session.scalar(parts):
        raise invalid("/site_id", "Other assets at this site are part of this one; move them first.")


def delete_asset(tx: Tx, row: Asset) -> None:
    """Removes an asset. Raises 409 while others are part of it, or open jobs are about it."""
    rows.delete(
        tx,
        row,
        [
            ("parts", (Asset.parent_id == row.id) & Asset.deleted_at.is_(None)),
            ("open jobs", (JOBS.c.asset_id == row.id) & OPEN),
        ],
    )


def create_territory(tx: Tx, data: dict[str, Any]) -> Territory:
    """A territory. Raises 409 when its name is taken. Sites without one get it when they lie inside."""
    row = rows.create(tx, Territory, data)
    _adopt(tx, row)
    return row


def update_territory(tx: Tx, row: Territory, data: dict[str, Any]) -> None:
    """Changes a territory. Sites keep theirs when borders move; those without one are looked at again."""
    rows.update(tx, row, data)
    if "area" in data:
        _adopt(tx, row)


def _adopt(tx: Tx, row: Territory) -> None:
    """Sites without a territory that lie in this one, however many, in one statement."""
    homeless = Site.territory_id.is_(None) & Site.location.is_not(None) & Site.deleted_at.is_(None)
    inside = func.territory_at(Site.location) == row.id
    change = update(Site).where(homeless, inside).values(territory_id=row.id).returning(Site.id)
    adopted = tx.session.scalars(change.execution_options(synchronize_session=False)).all()
    if adopted:
        rows.written(tx, row, "adopted_sites", {"site_ids": adopted})


def delete_territory(tx: Tx, row: Territory) -> None:
    """Removes a territory, and everybody's membership of it. Raises 409 while it has sites."""
    rows.delete(tx, row, [("sites", (Site.territory_id == row.id) & Site.deleted_at.is_(None))])
    for membership in (EngineerTerritory, UserTerritory):
        tx.session.execute(delete(membership).where(membership.territory_id == row.id))


def set_engineer_territories(tx: Tx, engineer: Engineer, territory_ids: list[UUID]) -> None:
    """The engineer serves exactly these territories from now on."""
    _replace(tx, EngineerTerritory, "engineer_id", engineer, territory_ids)


def set_user_territories(tx: Tx, user: User, territory_ids: list[UUID]) -> None:
    """The user looks after exactly these territories from now on; none means all."""
    _replace(tx, UserTerritory, "user_id", user, territory_ids)


def _replace(
    tx: Tx, model: type[EngineerTerritory] | type[UserTerritory], key: str, member: Engineer | User, ids: list[UUID]
) -> None:
    wanted = sorted(set(ids))
    live = select(Territory.id).where(Territory.id.in_(wanted), Territory.deleted_at.is_(None))
    missing = set(wanted) - set(tx.session.scalars(live))
    if missing:
        raise invalid(f"/territory_ids/{ids.index(min(missing))}", "There is no such territory.")
    tx.session.execute(delete(model).where(getattr(model, key) == member.id))
    if wanted:
        tx.session.execute(insert(model), [{key: member.id, "territory_id": one} for one in wanted])
    # The territories are part of what the member's revision stands for.
    owner = type(member)
    tx.session.execute(update(owner).where(owner.id == member.id).values(updated_at=func.clock_timestamp()))
    tx.session.refresh(member)
    rows.written(tx, member, "updated", {"territory_ids": wanted})
    events.emit(tx, f"{rows.noun(owner)}.territories", {"id": str(member.id), "territory_ids": rows.plain(wanted)})
