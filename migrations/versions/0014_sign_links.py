"""Links by which customers sign on their own devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from migrations.helpers import tenant, versioned

revision, down_revision = "0014", "0013"

MOMENT = TIMESTAMP(timezone=True, precision=3)

# Whoever holds the token is looked up before the organisation is known; nothing but ids leaves.
LOOK_UP = """
CREATE FUNCTION sign_link_by_hash(wanted text) RETURNS TABLE (org_id uuid, link_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
    SELECT sign_links.org_id, sign_links.id FROM sign_links WHERE sign_links.token_sha256 = wanted;
END
"""


def _to(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_sign_links_{name}"))


def upgrade() -> None:
    op.create_table(
        "sign_links",
        sa.Column(
            "org_id",
            sa.Uuid,
            sa.ForeignKey("organisations.id"),
            primary_key=True,
            server_default=sa.func.current_org(),
        ),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("rev", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("deleted_at", MOMENT),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("token_sha256", sa.String, nullable=False),
        sa.Column("signer_name", sa.String),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid),
        sa.Column("opened_at", MOMENT),
        sa.Column("shown_sha256", sa.String),
        sa.Column("code_mac", sa.String),
        sa.Column("code_sealed", sa.LargeBinary),
        sa.Column("code_sent_at", MOMENT),
        sa.Column("code_confirmed_at", MOMENT),
        sa.Column("codes_sent", sa.Integer, nullable=False, server_default="0"),
        sa.Column("code_tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("used_at", MOMENT),
        sa.Column("signature_id", sa.Uuid),
        _to("visit_id", "visits"),
        _to("signature_id", "signatures"),
        _to("created_by", "users"),
        sa.UniqueConstraint("token_sha256"),
        _check("channel", "channel IN ('sms', 'email')"),
        _check("token_sha256", "token_sha256 ~ '^[0-9a-f]{64}$'"),
        _check("used", "(used_at IS NULL) = (signature_id IS NULL)"),
        sa.Index("ix_sign_links_visit", "org_id", "visit_id", "created_at"),
    )
    tenant("sign_links")
    versioned("sign_links")
    op.execute(LOOK_UP)
