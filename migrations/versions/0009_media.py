"""Tables of the room media: files, uploads, signatures and their ledger, sealed reports and their keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

from migrations.helpers import append_only, tenant, versioned

revision, down_revision = "0009", "0008"

MOMENT = TIMESTAMP(timezone=True, precision=3)
HEX = "~ '^[0-9a-f]{64}$'"

LEDGER = [
    # What the hash of an entry covers; one definition for writing and for checking.
    """
    CREATE FUNCTION signoff_digest(prev bytea, line signoff_ledger) RETURNS bytea LANGUAGE sql IMMUTABLE
    RETURN sha256(prev || convert_to(jsonb_build_array(line.org_id, line.seq, extract(epoch FROM line.at),
        line.kind, line.subject_id, line.entry)::text, 'UTF8'))
    """,
    # The lock is held to the end of the transaction: lines commit in the order of their numbers, without gaps.
    """
    CREATE FUNCTION signoff_chained() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE last signoff_ledger;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('signoff:' || NEW.org_id::text, 0));
        SELECT * INTO last FROM signoff_ledger WHERE org_id = NEW.org_id ORDER BY seq DESC LIMIT 1;
        NEW.seq := coalesce(last.seq, 0) + 1;
        NEW.at := clock_timestamp();
        NEW.prev_hash := coalesce(last.hash, '\\x'::bytea);
        NEW.hash := signoff_digest(NEW.prev_hash, NEW);
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER chained BEFORE INSERT ON signoff_ledger FOR EACH ROW EXECUTE FUNCTION signoff_chained()",
    # The number of the first line that does not fit the one before it, or NULL when the chain is whole.
    """
    CREATE FUNCTION signoff_broken() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
    DECLARE line signoff_ledger; expected bigint := 0; previous bytea := '\\x';
    BEGIN
        FOR line IN SELECT * FROM signoff_ledger WHERE org_id = current_org() ORDER BY seq LOOP
            expected := expected + 1;
            IF line.seq <> expected OR line.prev_hash <> previous OR line.hash <> signoff_digest(previous, line) THEN
                RETURN expected;
            END IF;
            previous := line.hash;
        END LOOP;
        RETURN NULL;
    END $$
    """,
    # What was signed stays as it was. Two things may change: a held one is recorded, and strokes may be forgotten.
    """
    CREATE FUNCTION signature_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE free text[] := '{strokes,rev,updated_at}';
    BEGIN
        IF TG_OP = 'UPDATE' AND (NEW.strokes IS NULL OR NEW.strokes = OLD.strokes) THEN
            IF OLD.state = 'held' THEN free := free || '{state,receipt,ledger_seq,flags}'::text[]; END IF;
            IF (to_jsonb(NEW) - free) = (to_jsonb(OLD) - free) THEN RETURN NEW; END IF;
        END IF;
        RAISE EXCEPTION 'a sign-off cannot be changed' USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    "CREATE TRIGGER unchanged BEFORE UPDATE OR DELETE ON signatures FOR EACH ROW EXECUTE FUNCTION signature_guard()",
]

# Look-ups by strangers who hold a code, a file or a certificate; nothing but ids leaves them.
ACROSS = [
    """
    CREATE FUNCTION report_by_code(wanted text) RETURNS TABLE (org_id uuid, report_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT reports.org_id, reports.id FROM reports WHERE reports.code = wanted;
    END
    """,
    """
    CREATE FUNCTION report_by_hash(wanted text) RETURNS TABLE (org_id uuid, report_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT reports.org_id, reports.id FROM reports WHERE reports.sha256 = wanted LIMIT 1;
    END
    """,
    """
    CREATE FUNCTION seal_owner(wanted text) RETURNS TABLE (org_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT seal_keys.org_id FROM seal_keys WHERE seal_keys.fingerprint = wanted;
    END
    """,
]


def upgrade() -> None:
    _media()
    _uploads()
    _signatures()
    _ledger()
    _reports()
    tenant("media", "uploads", "signatures", "signoff_ledger", "seal_keys", "reports")
    versioned("media", "uploads", "signatures", "seal_keys", "reports")
    append_only("signoff_ledger")
    for statement in (*LEDGER, *ACROSS):
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


def _times() -> list[sa.Column[object]]:
    return [
        sa.Column("device_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("corrected_at", MOMENT, nullable=False),
        sa.Column("flags", JSONB, nullable=False, server_default="[]"),
    ]


def _to(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _media() -> None:
    op.create_table(
        "media",
        *_row(),
        sa.Column("visit_id", sa.Uuid),
        sa.Column("item_id", sa.Uuid),
        sa.Column("kind", sa.String, nullable=False, server_default="file"),
        sa.Column("state", sa.String, nullable=False, server_default="awaiting"),
        sa.Column("rejection", sa.String),
        sa.Column("filename", sa.String),
        sa.Column("declared_type", sa.String),
        sa.Column("caption", sa.String),
        sa.Column("sha256", sa.String),
        sa.Column("size", sa.BigInteger),
        sa.Column("mime", sa.String),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("capture", JSONB, nullable=False, server_default="{}"),
        sa.Column("thumbnails", JSONB, nullable=False, server_default="{}"),
        sa.Column("inspected_at", MOMENT),
        sa.Column("completed_at", MOMENT),
        sa.Column("captured_at", MOMENT),
        sa.Column("location", Geometry("POINT", srid=4326, spatial_index=False)),
        sa.Column("created_by", sa.Uuid),
        sa.Column("engineer_id", sa.Uuid),
        sa.Column("device_id", sa.Uuid),
        *_times(),
        _to("visit_id", "visits"),
        _to("item_id", "checklist_items"),
        _to("engineer_id", "engineers"),
        _to("created_by", "users"),
        _check("media", "kind", "kind IN ('photo', 'audio', 'video', 'file')"),
        _check("media", "state", "state IN ('awaiting', 'complete', 'rejected')"),
        _check("media", "arrived", "state = 'awaiting' OR (sha256 IS NOT NULL AND size IS NOT NULL)"),
        _check("media", "sha256", f"sha256 {HEX}"),
        _check("media", "size", "size >= 0"),
        sa.Index("ix_media_visit", "org_id", "visit_id", "created_at"),
        sa.Index("ix_media_sha256", "org_id", "sha256"),
        sa.Index("ix_media_awaiting", "org_id", "created_at", postgresql_where=sa.text("state = 'awaiting'")),
    )


def _uploads() -> None:
    op.create_table(
        "uploads",
        *_row(),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("media_id", sa.Uuid),
        sa.Column("kind", sa.String, nullable=False, server_default="single"),
        sa.Column("length", sa.BigInteger),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("sha256", sa.String),
        sa.Column("details", JSONB, nullable=False, server_default="{}"),
        sa.Column("raw_metadata", sa.String),
        sa.Column("parts", ARRAY(sa.Uuid), nullable=False, server_default="{}"),
        sa.Column("complete", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("blob", sa.String),
        _check("uploads", "kind", "kind IN ('single', 'partial', 'final')"),
        _check("uploads", "complete", "complete = (blob IS NOT NULL)"),
        _check("uploads", "length", "length >= 0"),
        sa.Index("uq_uploads_media", "org_id", "media_id", unique=True, postgresql_where=sa.text("kind <> 'partial'")),
        sa.Index("ix_uploads_expiry", "expires_at", postgresql_where=sa.text("NOT complete")),
    )


def _signatures() -> None:
    op.create_table(
        "signatures",
        *_row(),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("engineer_id", sa.Uuid),
        sa.Column("device_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("signer_name", sa.String, nullable=False),
        sa.Column("signer_role", sa.String, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("envelope", sa.String, nullable=False),
        sa.Column("envelope_sha256", sa.String, nullable=False),
        sa.Column("claims", JSONB, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("doc_sha256", sa.String, nullable=False),
        sa.Column("strokes", sa.LargeBinary),
        sa.Column("public_key", JSONB, nullable=False),
        sa.Column("photo_ids", ARRAY(sa.Uuid), nullable=False, server_default="{}"),
        sa.Column("content_diverged", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("divergence", JSONB, nullable=False, server_default="[]"),
        sa.Column("receipt", sa.String),
        sa.Column("ledger_seq", sa.BigInteger),
        *_times(),
        _to("visit_id", "visits"),
        _to("engineer_id", "engineers"),
        _check("signatures", "outcome", "outcome IN ('signed', 'refused')"),
        _check("signatures", "reason", "(outcome = 'refused') = (reason IS NOT NULL)"),
        _check("signatures", "strokes", "outcome = 'signed' OR strokes IS NULL"),
        _check("signatures", "state", "state IN ('held', 'recorded')"),
        _check("signatures", "receipt", "(state = 'recorded') = (receipt IS NOT NULL)"),
        sa.Index("ix_signatures_visit", "org_id", "visit_id", "received_at"),
        sa.Index("ix_signatures_device", "org_id", "device_id", "seq"),
        sa.Index("ix_signatures_photos", "photo_ids", postgresql_using="gin"),
    )


def _ledger() -> None:
    op.create_table(
        "signoff_ledger",
        _org(),
        sa.Column("seq", sa.BigInteger, nullable=False, server_default="0", autoincrement=False),
        sa.Column("at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("entry", JSONB, nullable=False),
        sa.Column("prev_hash", sa.LargeBinary, nullable=False, server_default=sa.text("''::bytea")),
        sa.Column("hash", sa.LargeBinary, nullable=False, server_default=sa.text("''::bytea")),
        sa.PrimaryKeyConstraint("org_id", "seq"),
        sa.UniqueConstraint("org_id", "kind", "subject_id"),
        _check("signoff_ledger", "kind", "kind IN ('signed', 'refused', 'sealed')"),
    )


def _reports() -> None:
    op.create_table(
        "seal_keys",
        *_row(),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("certificate", sa.Text, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sa.Column("retired_at", MOMENT),
        sa.UniqueConstraint("fingerprint"),
        sa.Index("uq_seal_keys_active", "org_id", unique=True, postgresql_where=sa.text("retired_at IS NULL")),
    )
    op.create_table(
        "reports",
        *_row(),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("signature_id", sa.Uuid),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("basis", sa.String, nullable=False),
        sa.Column("doc_sha256", sa.String, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("level", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("sealed_at", MOMENT, nullable=False),
        sa.Column("superseded_at", MOMENT),
        _to("visit_id", "visits"),
        _to("signature_id", "signatures"),
        sa.ForeignKeyConstraint(["fingerprint"], ["seal_keys.fingerprint"]),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("org_id", "visit_id", "version"),
        _check("reports", "version", "version >= 1"),
        sa.Index("ix_reports_sha256", "sha256"),
    )
