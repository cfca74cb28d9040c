"""Customers and places: accounts, contacts, territories, sites, assets."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import CheckConstraint, Computed, Index, PrimaryKeyConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Row, Tenant, tenant_fk

LIVE = text("deleted_at IS NULL")
METHODS = ("manual", "recommend", "auto", "round_robin", "nearest", "pool")
TIERS = ("standard", "silver", "gold", "platinum")

ACCOUNT_SEARCH = "name || ' ' || coalesce(number, '') || ' ' || coalesce(external_id, '')"
CONTACT_SEARCH = "name || ' ' || coalesce(phone, '') || ' ' || coalesce(email, '')"
SITE_SEARCH = "name || ' ' || coalesce(address, '')"
ASSET_SEARCH = "name || ' ' || coalesce(model, '') || ' ' || coalesce(serial, '') || ' ' || coalesce(batch, '')"


def _search(expression: str) -> Mapped[str | None]:
    return mapped_column(Text, Computed(f"lower({expression})", persisted=True), deferred=True)


def _trigrams(table: str) -> Index:
    return Index(f"ix_{table}_search_trgm", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"})


def _field_revs() -> Mapped[dict[str, Any]]:
    return mapped_column(server_default="{}")


class Account(Row, Base):
    """A customer. `external_id` is its name in the system it came from."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint(f"tier IN ({', '.join(repr(t) for t in TIERS)})", name="tier"),
        Index("uq_accounts_org_id_number", "org_id", "number", unique=True, postgresql_where=LIVE),
        Index("uq_accounts_org_id_external_id", "org_id", "external_id", unique=True, postgresql_where=LIVE),
        _trigrams("accounts"),
    )

    name: Mapped[str]
    number: Mapped[str | None]
    tier: Mapped[str] = mapped_column(server_default="standard")
    external_id: Mapped[str | None]
    notes: Mapped[str | None]
    search: Mapped[str | None] = _search(ACCOUNT_SEARCH)


class Contact(Row, Base):
    """A person of a customer."""

    __tablename__ = "contacts"
    __table_args__ = (
        tenant_fk("account_id", "accounts"),
        CheckConstraint("locale IN ('en', 'zh-CN')", name="locale"),
        Index("ix_contacts_account_id", "org_id", "account_id"),
        _trigrams("contacts"),
    )

    account_id: Mapped[UUID | None]
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    locale: Mapped[str | None]
    field_revs: Mapped[dict[str, Any]] = _field_revs()
    search: Mapped[str | None] = _search(CONTACT_SEARCH)


class Territory(Row, Base):
    """A polygon that engineers serve. `dispatch_method`, when set, counts instead of the job type's."""

    __tablename__ = "territories"
    __table_args__ = (
        Index("uq_territories_org_id_name", "org_id", "name", unique=True, postgresql_where=LIVE),
        Index("ix_territories_area_gist", "area", postgresql_using="gist"),
        CheckConstraint(f"dispatch_method IN ({', '.join(repr(m) for m in METHODS)})", name="method"),
    )

    name: Mapped[str]
    area: Mapped[WKBElement | None] = mapped_column(Geometry("POLYGON", srid=4326, spatial_index=False))
    timezone: Mapped[str | None]
    dispatch_method: Mapped[str | None]


class EngineerTerritory(Tenant, Base):
    """An engineer serves a territory."""

    __tablename__ = "engineer_territories"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "engineer_id", "territory_id"),
        tenant_fk("engineer_id", "engineers"),
        tenant_fk("territory_id", "territories"),
        Index("ix_engineer_territories_territory_id", "org_id", "territory_id"),
    )

    engineer_id: Mapped[UUID]
    territory_id: Mapped[UUID]


class UserTerritory(Tenant, Base):
    """A dispatcher's territory; a user without any has all of them."""

    __tablename__ = "user_territories"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "user_id", "territory_id"),
        tenant_fk("user_id", "users"),
        tenant_fk("territory_id", "territories"),
        Index("ix_user_territories_territory_id", "org_id", "territory_id"),
    )

    user_id: Mapped[UUID]
    territory_id: Mapped[UUID]


class Site(Row, Base):
    """A place where work is done. `geofence_m` is the radius in metres within which one has arrived."""

    __tablename__ = "sites"
    __table_args__ = (
        tenant_fk("account_id", "accounts"),
        tenant_fk("territory_id", "territories"),
        CheckConstraint("geofence_m BETWEEN 10 AND 10000", name="geofence_m"),
        Index("ix_sites_account_id", "org_id", "account_id"),
        Index("ix_sites_territory_id", "org_id", "territory_id"),
        Index("uq_sites_org_id_external_id", "org_id", "external_id", unique=True, postgresql_where=LIVE),
        Index("ix_sites_location_gist", "location", postgresql_using="gist"),
        _trigrams("sites"),
    )

    account_id: Mapped[UUID | None]
    territory_id: Mapped[UUID | None]
    name: Mapped[str]
    address: Mapped[str | None]
    access_notes: Mapped[str | None]
    location: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    geofence_m: Mapped[int] = mapped_column(server_default="150")
    timezone: Mapped[str | None]
    external_id: Mapped[str | None]
    field_revs: Mapped[dict[str, Any]] = _field_revs()
    search: Mapped[str | None] = _search(SITE_SEARCH)


class Asset(Row, Base):
    """An installed thing at a site. `parent_id` is the bigger thing it is part of; the chain has no circle."""

    __tablename__ = "assets"
    __table_args__ = (
        tenant_fk("site_id", "sites"),
        tenant_fk("parent_id", "assets"),
        CheckConstraint("parent_id <> id", name="parent_id"),
        Index("ix_assets_site_id", "org_id", "site_id"),
        Index("ix_assets_parent_id", "org_id", "parent_id"),
        Index("ix_assets_serial", "org_id", "serial"),
        _trigrams("assets"),
    )

    site_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    name: Mapped[str]
    model: Mapped[str | None]
    serial: Mapped[str | None]
    batch: Mapped[str | None]
    installed_on: Mapped[date | None]
    purchased_on: Mapped[date | None]
    warranty_until: Mapped[date | None]
    field_revs: Mapped[dict[str, Any]] = _field_revs()
    search: Mapped[str | None] = _search(ASSET_SEARCH)
