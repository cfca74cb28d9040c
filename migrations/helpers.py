"""What migrations say again and again: tenancy, change tracking, append-only tables, look-ups that RLS allows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP


def row_columns() -> list[sa.Column[Any]]:
    """What every business row carries: `app.kernel.db.Row`."""
    moment, now = TIMESTAMP(timezone=True, precision=3), sa.func.now()
    org, org_key = sa.func.current_org(), sa.ForeignKey("organisations.id")
    return [
        sa.Column("org_id", sa.Uuid, org_key, primary_key=True, server_default=org),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("rev", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", moment, nullable=False, server_default=now),
        sa.Column("updated_at", moment, nullable=False, server_default=now),
        sa.Column("deleted_at", moment),
    ]


def tenant(*tables: str, key: str = "org_id") -> None:
    """Row-level security by organisation, rights for the application and reading for the drainer, change trigger."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY organisation ON {table} USING ({key} = current_org()) WITH CHECK ({key} = current_org())"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO callout_app")
        op.execute(f"GRANT SELECT ON {table} TO callout_drain")


def versioned(*tables: str, fields: bool = False) -> None:
    """A trigger that keeps `rev` and `updated_at` (and `field_revs` with `fields`) true for every kind of UPDATE."""
    function = "row_changed_fields" if fields else "row_changed"
    for table in tables:
        op.execute(f"CREATE TRIGGER row_changed BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")


def append_only(*tables: str) -> None:
    """Nobody changes or removes a row: the application has no right to, and the owner is stopped by a trigger."""
    for table in tables:
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM callout_app")
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def bbox_lookup(table: str, column: str = "location") -> None:
    """`<table>_in_bbox(minlon, minlat, maxlon, maxlat)` → ids of the organisation's rows that meet the box.

    `&&` is not leakproof, so under row-level security its index would not be used. This reviewed function runs as
    the owner, takes the organisation from the session only, and returns ids that the caller reads under RLS again.
    """
    op.execute(f"CREATE INDEX ix_{table}_{column}_gist ON {table} USING gist ({column})")
    op.execute(f"""
        CREATE FUNCTION {table}_in_bbox(minlon float8, minlat float8, maxlon float8, maxlat float8)
        RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
        BEGIN ATOMIC
            SELECT id FROM {table} WHERE org_id = current_org() AND deleted_at IS NULL AND (
                CASE WHEN minlon <= maxlon THEN {column} && ST_MakeEnvelope(minlon, minlat, maxlon, maxlat, 4326)
                ELSE {column} && ST_MakeEnvelope(minlon, minlat, 180, maxlat, 4326)
                  OR {column} && ST_MakeEnvelope(-180, minlat, maxlon, maxlat, 4326) END);
        END
    """)


def text_lookup(table: str, expression: str) -> None:
    """`<table>_matching(words)` → ids whose searched text contains every word; trigram index, CJK included."""
    op.execute(f"ALTER TABLE {table} ADD COLUMN search text GENERATED ALWAYS AS (lower({expression})) STORED")
    op.execute(f"CREATE INDEX ix_{table}_search_trgm ON {table} USING gin (search gin_trgm_ops)")
    op.execute(f"""
        CREATE FUNCTION {table}_matching(words text)
        RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE patterns text[];
        BEGIN
            SELECT array_agg('%' || regexp_replace(word, '([\\\\%_])', '\\\\\\1', 'g') || '%') INTO patterns
            FROM regexp_split_to_table(lower(trim(words)), '\\s+') AS word;
            RETURN QUERY EXECUTE 'SELECT id FROM {table} WHERE org_id = current_org() AND deleted_at IS NULL
                                  AND search LIKE ALL ($1)' USING patterns;
        END $$
    """)
