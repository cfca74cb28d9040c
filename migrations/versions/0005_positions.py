"""Tables of the room positions: fixes by month, the newest of each engineer, trackers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import TIMESTAMP

from migrations.helpers import row_columns, tenant, versioned

revision, down_revision = "0005", "0004"

MOMENT = TIMESTAMP(timezone=True, precision=3)

FUNCTIONS = [
    # A partition is made as a table of its own and attached, because that lets inserts go on meanwhile.
    """
    CREATE FUNCTION positions_cover(first timestamptz, last timestamptz) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE month timestamp := date_trunc('month', first AT TIME ZONE 'UTC'); part text; made integer := 0;
    BEGIN
        IF last - first > interval '400 days' THEN
            RAISE EXCEPTION 'too many months at once' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        WHILE month <= last AT TIME ZONE 'UTC' LOOP
            part := 'positions_' || to_char(month, 'YYYY_MM');
            IF to_regclass('public.' || part) IS NULL THEN
                PERFORM pg_advisory_xact_lock(hashtextextended('positions_cover', 0));
                IF to_regclass('public.' || part) IS NULL THEN
                    EXECUTE format('CREATE TABLE %I (LIKE positions INCLUDING DEFAULTS INCLUDING INDEXES)', part);
                    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
                    EXECUTE format('CREATE POLICY organisation ON %I USING (org_id = current_org())', part);
                    EXECUTE format('ALTER TABLE positions ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part,
                        month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
                    made := made + 1;
                END IF;
            END IF;
            month := month + interval '1 month';
        END LOOP;
        RETURN made;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION positions_cover FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION positions_cover TO callout_app",
    "SELECT positions_cover(now() - interval '1 month', now() + interval '2 months')",
    # A tracker shows a token before any organisation is known; only its exact hash finds the owner.
    """
    CREATE FUNCTION tracker_owner(hash bytea)
    RETURNS TABLE (tracker_id uuid, org_id uuid, engineer_id uuid, user_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT t.id, t.org_id, e.id, e.user_id FROM trackers t
        JOIN engineers e ON e.org_id = t.org_id AND e.id = t.engineer_id
        WHERE t.token_hash = hash AND t.deleted_at IS NULL AND e.deleted_at IS NULL AND e.active;
    END
    """,
]


def upgrade() -> None:
    op.create_table(
        "positions",
        *_fix(),
        sa.Column("device_id", sa.Uuid),
        sa.PrimaryKeyConstraint("org_id", "engineer_id", "at"),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_table(
        "latest_positions",
        *_fix(),
        sa.PrimaryKeyConstraint("org_id", "engineer_id"),
        sa.ForeignKeyConstraint(["org_id", "engineer_id"], ["engineers.org_id", "engineers.id"]),
    )
    _trackers()
    tenant("positions", "latest_positions", "trackers")
    versioned("trackers")
    for statement in FUNCTIONS:
        op.execute(statement)


def _fix() -> list[sa.Column[object]]:
    return [
        sa.Column(
            "org_id", sa.Uuid, sa.ForeignKey("organisations.id"), nullable=False, server_default=sa.func.current_org()
        ),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("location", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("accuracy", sa.REAL),
        sa.Column("speed", sa.REAL),
        sa.Column("bearing", sa.REAL),
        sa.Column("altitude", sa.REAL),
        sa.Column("battery", sa.REAL),
        sa.Column("mock", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("received_at", MOMENT, nullable=False, server_default=sa.func.now()),
    ]


def _trackers() -> None:
    op.create_table(
        "trackers",
        *row_columns(),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["org_id", "engineer_id"], ["engineers.org_id", "engineers.id"]),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_trackers_token_hash")),
        sa.Index("uq_trackers_token_hash", "token_hash", unique=True),
        sa.Index("ix_trackers_engineer", "org_id", "engineer_id"),
    )
