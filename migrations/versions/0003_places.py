"""Tables of the room places: accounts, contacts, territories and who serves them, sites, assets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from migrations.helpers import bbox_lookup, tenant, text_lookup, versioned

revision, down_revision = "0003", "0002"

MOMENT = TIMESTAMP(timezone=True, precision=3)
LIVE = sa.text("deleted_at IS NULL")

FUNCTIONS = [
    # ST_Covers is not leakproof, so under row-level security its index would not be used (see bbox_lookup).
    # Where territories overlap the smallest wins.
    """
    CREATE FUNCTION territory_at(place geometry) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT id FROM territories
        WHERE org_id = current_org() AND deleted_at IS NULL AND ST_Covers(area, place)
        ORDER BY ST_Area(area), id LIMIT 1;
    END
    """,
    # Only a change of parent can close a circle. Such changes queue, so that two cannot close one together.
    """
    CREATE FUNCTION asset_parent_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('assets:' || NEW.org_id::text, 0));
        IF EXISTS (
            WITH RECURSIVE above AS (
                SELECT NEW.parent_id AS id
                UNION
                SELECT a.parent_id FROM assets a JOIN above ON a.id = above.id
                WHERE a.org_id = NEW.org_id AND a.parent_id IS NOT NULL
            ) SELECT 1 FROM above WHERE id = NEW.id)
        THEN
            RAISE EXCEPTION 'An asset cannot be part of itself, not even through others.'
                USING ERRCODE = 'check_violation', TABLE = 'assets', CONSTRAINT = 'ck_assets_parent_id';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER parent_changed BEFORE UPDATE OF parent_id ON assets FOR EACH ROW
    WHEN (NEW.parent_id IS NOT NULL AND NEW.parent_id IS DISTINCT FROM OLD.parent_id)
    EXECUTE FUNCTION asset_parent_changed()
    """,
]


def upgrade() -> None:
    _customers()
    _territories()
    _sites()
    tenant("accounts", "contacts", "territories", "engineer_territories", "user_territories", "sites", "assets")
    versioned("accounts", "territories")
    versioned("contacts", "sites", "assets", fields=True)
    bbox_lookup("sites")
    bbox_lookup("territories", "area")
    text_lookup("accounts", "name || ' ' || coalesce(number, '') || ' ' || coalesce(external_id, '')")
    text_lookup("contacts", "name || ' ' || coalesce(phone, '') || ' ' || coalesce(email, '')")
    text_lookup("sites", "name || ' ' || coalesce(address, '')")
    text_lookup(
        "assets",
        "name || ' ' || coalesce(model, '') || ' ' || coalesce(serial, '') || ' ' || coalesce(batch, '')",
    )
    for statement in FUNCTIONS:
        op.execute(statement)


def _org(primary_key: bool = False) -> sa.Column[object]:
    return sa.Column(
        "org_id",
        sa.Uuid,
        sa.ForeignKey("organisations.id"),
        nullable=False,
        primary_key=primary_key,
        server_default=sa.func.current_org(),
    )


def _row() -> list[sa.Column[object]]:
    return [
        _org(primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("rev", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("deleted_at", MOMENT),
    ]


def _to(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


def _customers() -> None:
    op.create_table(
        "accounts",
        *_row(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("number", sa.String),
        sa.Column("tier", sa.String, nullable=False, server_default="standard"),
        sa.Column("external_id", sa.String),
        sa.Column("notes", sa.String),
        sa.CheckConstraint("tier IN ('standard', 'silver', 'gold', 'platinum')", name=op.f("ck_accounts_tier")),
        sa.Index("uq_accounts_org_id_number", "org_id", "number", unique=True, postgresql_where=LIVE),
        sa.Index("uq_accounts_org_id_external_id", "org_id", "external_id", unique=True, postgresql_where=LIVE),
    )
    op.create_table(
        "contacts",
        *_row(),
        sa.Column("account_id", sa.Uuid),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("phone", sa.String),
        sa.Column("email", sa.String),
        sa.Column("locale", sa.String),
        sa.Column("field_revs", JSONB, nullable=False, server_default="{}"),
        _to("account_id", "accounts"),
        sa.CheckConstraint("locale IN ('en', 'zh-CN')", name=op.f("ck_contacts_locale")),
        sa.Index("ix_contacts_account_id", "org_id", "account_id"),
    )


def _territories() -> None:
    op.create_table(
        "territories",
        *_row(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("area", Geometry("POLYGON", srid=4326, spatial_index=False)),
        sa.Column("timezone", sa.String),
        sa.Index("uq_territories_org_id_name", "org_id", "name", unique=True, postgresql_where=LIVE),
    )
    for member, table in (("engineer", "engineers"), ("user", "users")):
        op.create_table(
            f"{member}_territories",
            _org(),
            sa.Column(f"{member}_id", sa.Uuid, nullable=False),
            sa.Column("territory_id", sa.Uuid, nullable=False),
            sa.PrimaryKeyConstraint("org_id", f"{member}_id", "territory_id"),
            _to(f"{member}_id", table),
            _to("territory_id", "territories"),
            sa.Index(f"ix_{member}_territories_territory_id", "org_id", "territory_id"),
        )


def _sites() -> None:
    op.create_table(
        "sites",
        *_row(),
        sa.Column("account_id", sa.Uuid),
        sa.Column("territory_id", sa.Uuid),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("address", sa.String),
        sa.Column("access_notes", sa.String),
        sa.Column("location", Geometry("POINT", srid=4326, spatial_index=False)),
        sa.Column("geofence_m", sa.Integer, nullable=False, server_default="150"),
        sa.Column("timezone", sa.String),
        sa.Column("external_id", sa.String),
        sa.Column("field_revs", JSONB, nullable=False, server_default="{}"),
        _to("account_id", "accounts"),
        _to("territory_id", "territories"),
        sa.CheckConstraint("geofence_m BETWEEN 10 AND 10000", name=op.f("ck_sites_geofence_m")),
        sa.Index("ix_sites_account_id", "org_id", "account_id"),
        sa.Index("ix_sites_territory_id", "org_id", "territory_id"),
        sa.Index("uq_sites_org_id_external_id", "org_id", "external_id", unique=True, postgresql_where=LIVE),
    )
    op.create_table(
        "assets",
        *_row(),
        sa.Column("site_id", sa.Uuid, nullable=False),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("model", sa.String),
        sa.Column("serial", sa.String),
        sa.Column("batch", sa.String),
        sa.Column("installed_on", sa.Date),
        sa.Column("purchased_on", sa.Date),
        sa.Column("warranty_until", sa.Date),
        sa.Column("field_revs", JSONB, nullable=False, server_default="{}"),
        _to("site_id", "sites"),
        _to("parent_id", "assets"),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_assets_parent_id")),
        sa.Index("ix_assets_site_id", "org_id", "site_id"),
        sa.Index("ix_assets_parent_id", "org_id", "parent_id"),
        sa.Index("ix_assets_serial", "org_id", "serial"),
    )
