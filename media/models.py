"""Files and uploads, signatures and their ledger, sealed reports, and the keys that seal them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Row, Tenant, tenant_fk

HEX = "~ '^[0-9a-f]{64}$'"
JSON = JSONB(none_as_null=True)


class Media(Row, Base):
    """A file: announced (`awaiting`), arrived (`complete`), or arrived and of no use (`rejected`, with the reason).

    Where a scanner is set up, a file that arrived is `scan_pending` until the scanner has answered, and `quarantined`
    when it found something: its bytes are kept and given to nobody.
    `sha256` and `size` are the promise of the device until the bytes are here, and then the truth. `mime` and what
    stands below it come from decoding the bytes, `capture` from the metadata inside; `captured_at` and `location` are
    the device's own word. `duration_s` is that of a sound or film, when it tells. `flags` may say `overdue` (awaited
    for a day), `unprobed` (no ffprobe was there to look inside a recording), `bytes_missing`, `bytes_damaged` (what
    the nightly reconcile found). `thumbnails` names the derivative's blob by its longest side.
    """

    __tablename__ = "media"
    __table_args__ = (
        tenant_fk("visit_id", "visits"),
        tenant_fk("item_id", "checklist_items"),
        tenant_fk("engineer_id", "engineers"),
        tenant_fk("created_by", "users"),
        CheckConstraint("kind IN ('photo', 'audio', 'video', 'file')", name="kind"),
        CheckConstraint("state IN ('awaiting', 'complete', 'rejected', 'scan_pending', 'quarantined')", name="state"),
        CheckConstraint("state = 'awaiting' OR (sha256 IS NOT NULL AND size IS NOT NULL)", name="arrived"),
        CheckConstraint(f"sha256 {HEX}", name="sha256"),
        CheckConstraint("size >= 0", name="size"),
        Index("ix_media_visit", "org_id", "visit_id", "created_at"),
        Index("ix_media_sha256", "org_id", "sha256"),
        Index("ix_media_awaiting", "org_id", "created_at", postgresql_where=text("state = 'awaiting'")),
    )

    visit_id: Mapped[UUID | None]
    item_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(server_default="file")
    state: Mapped[str] = mapped_column(server_default="awaiting")
    rejection: Mapped[str | None]
    filename: Mapped[str | None]
    declared_type: Mapped[str | None]
    caption: Mapped[str | None]
    sha256: Mapped[str | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    mime: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    duration_s: Mapped[float | None]
    capture: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    thumbnails: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    inspected_at: Mapped[Moment | None]
    completed_at: Mapped[Moment | None]
    captured_at: Mapped[Moment | None]
    location: Mapped[Any | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    created_by: Mapped[UUID | None]
    engineer_id: Mapped[UUID | None]
    device_id: Mapped[UUID | None]
    device_at: Mapped[Moment]
    received_at: Mapped[Moment]
    corrected_at: Mapped[Moment]
    flags: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")


class UploadRow(Row, Base):
    """A resumable upload: what `media.uploads.Upload` holds. `owner_id` is a user, or the organisation for API keys.

    Not a foreign key to media: a piece for concatenation belongs to none.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        CheckConstraint("kind IN ('single', 'partial', 'final')", name="kind"),
        CheckConstraint("complete = (blob IS NOT NULL)", name="complete"),
        CheckConstraint("length >= 0", name="length"),
        Index("uq_uploads_media", "org_id", "media_id", unique=True, postgresql_where=text("kind <> 'partial'")),
        Index("ix_uploads_expiry", "expires_at", postgresql_where=text("NOT complete")),
    )

    owner_id: Mapped[UUID]
    media_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(server_default="single")
    length: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[Moment]
    sha256: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    raw_metadata: Mapped[str | None]
    parts: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    complete: Mapped[bool] = mapped_column(server_default="false")
    blob: Mapped[str | None]


class Signature(Row, Base):
    """One sign-off, as the device made it: a signature or a refusal. Its id is the envelope's `signoff_id`.

    `held`: an earlier sign-off of the same device is missing, so it is not in the ledger yet. `document` is the exact
    canonical report that was shown; `strokes` are encrypted at rest. `divergence` lists where the report said something
    else than the visit when the sign-off arrived. `receipt` is countersigned and never changes.
    """

    __tablename__ = "signatures"
    __table_args__ = (
        tenant_fk("visit_id", "visits"),
        tenant_fk("engineer_id", "engineers"),
        CheckConstraint("outcome IN ('signed', 'refused')", name="outcome"),
        CheckConstraint("(outcome = 'refused') = (reason IS NOT NULL)", name="reason"),
        CheckConstraint("outcome = 'signed' OR strokes IS NULL", name="strokes"),
        CheckConstraint("state IN ('held', 'recorded')", name="state"),
        CheckConstraint("(state = 'recorded') = (receipt IS NOT NULL)", name="receipt"),
        Index("ix_signatures_visit", "org_id", "visit_id", "received_at"),
        Index("ix_signatures_device", "org_id", "device_id", "seq"),
        Index("ix_signatures_photos", "photo_ids", postgresql_using="gin"),
    )

    visit_id: Mapped[UUID]
    engineer_id: Mapped[UUID | None]
    device_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str | None]
    signer_name: Mapped[str]
    signer_role: Mapped[str]
    method: Mapped[str]
    envelope: Mapped[str]
    envelope_sha256: Mapped[str]
    claims: Mapped[dict[str, Any]] = mapped_column(JSONB)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    doc_sha256: Mapped[str]
    strokes: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    public_key: Mapped[dict[str, Any]] = mapped_column(JSONB)
    photo_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    content_diverged: Mapped[bool] = mapped_column(server_default="false")
    divergence: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    receipt: Mapped[str | None]
    ledger_seq: Mapped[int | None] = mapped_column(BigInteger)
    device_at: Mapped[Moment]
    received_at: Mapped[Moment]
    corrected_at: Mapped[Moment]
    flags: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")


class SignLink(Row, Base):
    """A link by which a customer signs a visit's report on a device of their own; it serves one sign-off.

    Only hashes of the token and of the one-time code are kept; `code_sealed` is written no more, since the
    code waits in its notice. `shown_sha256` is the report that was shown last.
    """

    __tablename__ = "sign_links"
    __table_args__ = (
        tenant_fk("visit_id", "visits"),
        tenant_fk("signature_id", "signatures"),
        tenant_fk("created_by", "users"),
        UniqueConstraint("token_sha256"),
        CheckConstraint("channel IN ('sms', 'email')", name="channel"),
        CheckConstraint(f"token_sha256 {HEX}", name="token_sha256"),
        CheckConstraint("(used_at IS NULL) = (signature_id IS NULL)", name="used"),
        Index("ix_sign_links_visit", "org_id", "visit_id", "created_at"),
    )

    visit_id: Mapped[UUID]
    token_sha256: Mapped[str]
    signer_name: Mapped[str | None]
    channel: Mapped[str]
    address: Mapped[str]
    language: Mapped[str]
    expires_at: Mapped[Moment]
    created_by: Mapped[UUID | None]
    opened_at: Mapped[Moment | None]
    shown_sha256: Mapped[str | None]
    code_mac: Mapped[str | None]
    code_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_sent_at: Mapped[Moment | None]
    code_confirmed_at: Mapped[Moment | None]
    codes_sent: Mapped[int] = mapped_column(server_default="0")
    code_tries: Mapped[int] = mapped_column(server_default="0")
    withdrawn_at: Mapped[Moment | None]
    used_at: Mapped[Moment | None]
    signature_id: Mapped[UUID | None]


class LedgerEntry(Tenant, Base):
    """A line of the organisation's ledger of sign-offs and sealed reports, chained by hash; never changed.

    The database gives `seq`, `prev_hash` and `hash`: whatever an INSERT says of them is overwritten.
    """

    __tablename__ = "signoff_ledger"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "seq"),
        UniqueConstraint("org_id", "kind", "subject_id"),
        CheckConstraint("kind IN ('signed', 'refused', 'sealed')", name="kind"),
    )
    __mapper_args__ = {"eager_defaults": True}

    seq: Mapped[int] = mapped_column(BigInteger, server_default="0", autoincrement=False)
    at: Mapped[Moment] = mapped_column(server_default=func.now())
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    entry: Mapped[dict[str, Any]] = mapped_column(JSONB)
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary, server_default=text("''::bytea"))
    hash: Mapped[bytes] = mapped_column(LargeBinary, server_default=text("''::bytea"))


class SealKey(Row, Base):
    """A key that seals reports and countersigns receipts. The private half is encrypted; `retired_at` ends its use."""

    __tablename__ = "seal_keys"
    __table_args__ = (
        UniqueConstraint("fingerprint"),
        Index("uq_seal_keys_active", "org_id", unique=True, postgresql_where=text("retired_at IS NULL")),
    )

    fingerprint: Mapped[str]
    certificate: Mapped[str] = mapped_column(Text)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    retired_at: Mapped[Moment | None]


class SealedReport(Row, Base):
    """One version of a visit's sealed report. `sha256` is that of the sealed file, `basis` that of all it was made of.

    All versions share the number; each has its own code. The newest version supersedes the others.
    """

    __tablename__ = "reports"
    __table_args__ = (
        tenant_fk("visit_id", "visits"),
        tenant_fk("signature_id", "signatures"),
        ForeignKeyConstraint(["fingerprint"], ["seal_keys.fingerprint"]),
        UniqueConstraint("code"),
        UniqueConstraint("org_id", "visit_id", "version"),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_reports_sha256", "sha256"),
    )

    visit_id: Mapped[UUID]
    signature_id: Mapped[UUID | None]
    number: Mapped[str]
    version: Mapped[int]
    code: Mapped[str]
    language: Mapped[str]
    basis: Mapped[str]
    doc_sha256: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    level: Mapped[str]
    fingerprint: Mapped[str]
    sealed_at: Mapped[Moment]
    superseded_at: Mapped[Moment | None]
