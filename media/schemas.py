"""Wire shapes of files, sign-offs, reports and their verification."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.kernel.http.schemas import GeoJSON, Moment, RowSchema, Schema, text

SHA256 = validate.Regexp(r"^[0-9a-f]{64}\Z", error="64 lower-case hex digits.")
KINDS = ("photo", "audio", "video", "file")
STATES = ("awaiting", "complete", "rejected", "scan_pending", "quarantined")
MAX_SIZE = 2**53 - 1


def sha256(**kwargs: Any) -> fields.String:
    """A hash as lower-case hex."""
    return fields.String(validate=SHA256, metadata={"description": "SHA-256, lower-case hex."}, **kwargs)


class AnnouncementSchema(Schema):
    """A file that is to come."""

    id = fields.UUID(metadata={"description": "UUIDv7, made by whoever took the picture."})
    visit_id = fields.UUID(allow_none=True)
    item_id = fields.UUID(allow_none=True, metadata={"description": "The checklist item that this file answers."})
    kind = fields.String(validate=validate.OneOf(KINDS))
    filename = text(allow_none=True)
    declared_type = text(200, allow_none=True, metadata={"example": "image/jpeg"})
    caption = text(allow_none=True)
    sha256 = sha256(allow_none=True)
    size = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, MAX_SIZE))
    captured_at = Moment(allow_none=True)
    location = GeoJSON("Point", allow_none=True)
    device_at = Moment(load_only=True)


class MediaSchema(RowSchema):
    """A file as it stands."""

    visit_id = fields.UUID(allow_none=True)
    item_id = fields.UUID(allow_none=True)
    kind = fields.String()
    state = fields.String(metadata={"description": ", ".join(STATES)})
    rejection = fields.String(allow_none=True, metadata={"description": "Why it cannot be used."})
    filename = fields.String(allow_none=True)
    declared_type = fields.String(allow_none=True)
    caption = fields.String(allow_none=True)
    sha256 = fields.String(allow_none=True)
    size = fields.Integer(allow_none=True)
    mime = fields.String(allow_none=True, metadata={"description": "The type found by decoding."})
    width = fields.Integer(allow_none=True)
    height = fields.Integer(allow_none=True)
    duration_s = fields.Float(allow_none=True, metadata={"description": "Seconds of a sound or film that tells."})
    capture = fields.Dict(metadata={"description": "What the file itself says of time, place and camera."})
    thumbnails = fields.List(fields.Integer(), metadata={"description": "Longest sides of the small pictures."})
    inspected_at = Moment(allow_none=True)
    completed_at = Moment(allow_none=True)
    captured_at = Moment(allow_none=True)
    location = GeoJSON("Point", allow_none=True)
    created_by = fields.UUID(allow_none=True)
    engineer_id = fields.UUID(allow_none=True)
    device_id = fields.UUID(allow_none=True)
    device_at = Moment()
    received_at = Moment()
    corrected_at = Moment()
    flags = fields.List(fields.String())


class ThumbnailQuery(Schema):
    """Which small picture."""

    size = fields.Integer(load_default=320, validate=validate.OneOf([320, 1600]))


class LinkBodySchema(Schema):
    """What a link is for."""

    expires_in = fields.Integer(strict=True, load_default=300, validate=validate.Range(1, 300))
    size = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.OneOf([320, 1600]),
        metadata={"description": "A small picture instead of the original."},
    )


class LinkSchema(Schema):
    """An address that serves the file to whoever holds it, until it expires."""

    url = fields.String(required=True)
    expires_at = Moment(required=True)


class ReportQuery(Schema):
    """In which language the report is shown."""

    language = fields.String(load_default=None, validate=validate.OneOf(["en", "zh"]))


class SignedStateSchema(Schema):
    """The newest sign-off of a visit, and what changed since."""

    signoff_id = fields.UUID(required=True)
    outcome = fields.String(required=True)
    signer_name = fields.String(required=True)
    signed_at = Moment(required=True)
    doc_sha256 = fields.String(required=True)
    changed = fields.List(fields.Dict(), metadata={"description": "[{pointer, signed, now}]"})


class ShownReportSchema(Schema):
    """The report as it is shown to the signer. `sha256` is that of `canonical` (RFC 8785) in UTF-8."""

    document = fields.Dict(required=True)
    canonical = fields.String(required=True)
    sha256 = fields.String(required=True)
    signed = fields.Nested(SignedStateSchema, allow_none=True, required=True)


class SignOffSchema(Schema):
    """A sign-off as the device made it. `strokes` as signature_pad gives them; null for a refusal."""

    envelope = fields.String(required=True, validate=validate.Length(1, 256 * 1024))
    document = fields.Raw(
        required=True,
        validate=lambda value: isinstance(value, str | dict),
        metadata={
            "oneOf": [{"type": "string"}, {"type": "object"}],
            "description": "The canonical JSON of the report that was shown, as text, or the report itself.",
        },
    )
    strokes = fields.List(fields.Raw(), load_default=None, allow_none=True, metadata={"items": {"type": "object"}})


class PushedSignOffSchema(SignOffSchema):
    """The same by push."""

    visit_id = fields.UUID(required=True)


class ReleaseSchema(Schema):
    """Why a sign-off is recorded although earlier ones of its device are missing."""

    reason = text(required=True)


class SignLinkBodySchema(Schema):
    """To whom the link's one-time code goes."""

    channel = fields.String(required=True, validate=validate.OneOf(["sms", "email"]))
    address = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^(\+?\(?[0-9][0-9 ()./-]{4,30}|[^@\s,;<>]{1,64}@[^@\s,;<>]{1,190})\Z",
            error="A phone number or a mail address.",
        ),
        metadata={"description": "The signer's own phone number or mail address.", "example": "+49 170 5550123"},
    )
    signer_name = text(200, load_default=None, allow_none=True)
    language = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(["en", "zh"]))
    expires_in = fields.Integer(strict=True, load_default=72 * 3600, validate=validate.Range(300, 30 * 24 * 3600))

    @validates_schema
    def _fits(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("@" in data["address"]) != (data["channel"] == "email"):
            raise ValidationError("This address does not fit the channel.", "address")


class SignLinkSchema(RowSchema):
    """A link as those see it who may send one."""

    visit_id = fields.UUID()
    state = fields.String(metadata={"description": "open, used, expired or withdrawn"})
    channel = fields.String()
    address = fields.String(metadata={"description": "Masked."})
    signer_name = fields.String(allow_none=True)
    language = fields.String()
    expires_at = Moment()
    opened_at = Moment(allow_none=True)
    code_sent_at = Moment(allow_none=True)
    used_at = Moment(allow_none=True)
    signature_id = fields.UUID(allow_none=True)


class NewSignLinkSchema(SignLinkSchema):
    """The link just made; its address is told this once."""

    url = fields.String(required=True)


class SignLinksSchema(Schema):
    """The links of a visit, newest first."""

    items = fields.List(fields.Nested(SignLinkSchema), required=True)


class SignPageSchema(Schema):
    """What the signer reads before signing. `sha256` is that of `canonical`; it is what will be signed."""

    organisation = fields.String(required=True)
    language = fields.String(required=True)
    signer_name = fields.String(required=True, allow_none=True)
    sent_to = fields.String(required=True, metadata={"description": "Where the code will go, masked."})
    expires_at = Moment(required=True)
    consent = fields.String(required=True)
    changed = fields.Boolean(
        required=True, metadata={"description": "Whether it was shown with another content before."}
    )
    document = fields.Dict(required=True)
    canonical = fields.String(required=True)
    sha256 = fields.String(required=True)
    pictures = fields.Dict(required=True, metadata={"description": "Addresses of small pictures by id of the photo."})


class CodeSentSchema(Schema):
    """Where a code is on its way to."""

    sent_to = fields.String(required=True)
    expires_at = Moment(required=True)
    shown_code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Only on servers without a gateway that are no production."},
    )


class RemoteSignOffSchema(Schema):
    """A signature, or a refusal, over the report with `doc_sha256`."""

    code = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{6}\Z", error="Six digits."))
    doc_sha256 = sha256(required=True)
    outcome = fields.String(load_default="signed", validate=validate.OneOf(["signed", "refused"]))
    reason = text(2000, load_default=None, allow_none=True)
    name = fields.String(required=True, validate=validate.Regexp(r"^(?=.*\S).{1,200}\Z", error="1 to 200 letters."))
    role = text(100, required=True)
    strokes = fields.List(fields.Raw(), load_default=None, allow_none=True, metadata={"items": {"type": "object"}})

    @validates_schema
    def _complete(self, data: dict[str, Any], **_kwargs: Any) -> None:
        refused = data["outcome"] == "refused"
        if refused != bool((data["reason"] or "").strip()):
            raise ValidationError("Say why, if and only if you refuse to sign.", "reason")
        if refused != (data["strokes"] is None):
            raise ValidationError("A signature has strokes, a refusal has none.", "strokes")


class RemoteReceiptSchema(Schema):
    """The proof that a sign-off was kept."""

    signoff_id = fields.UUID(required=True)
    outcome = fields.String(required=True)
    signed_at = Moment(required=True)
    doc_sha256 = fields.String(required=True)
    receipt = fields.String(required=True, allow_none=True)


class SignatureSchema(RowSchema):
    """A sign-off as the server keeps it."""

    visit_id = fields.UUID()
    engineer_id = fields.UUID(allow_none=True)
    device_id = fields.UUID()
    seq = fields.Integer()
    state = fields.String(metadata={"description": "recorded, or held until earlier ones of the device are here"})
    outcome = fields.String()
    reason = fields.String(allow_none=True)
    signer_name = fields.String()
    signer_role = fields.String()
    method = fields.String()
    doc_sha256 = fields.String()
    envelope_sha256 = fields.String()
    content_diverged = fields.Boolean()
    divergence = fields.List(fields.Dict(), metadata={"description": "[{pointer, signed, now}]"})
    receipt = fields.String(allow_none=True, metadata={"description": "Compact JWS, countersigned."})
    ledger_seq = fields.Integer(allow_none=True)
    awaiting_media = fields.List(fields.UUID(), metadata={"description": "Signed photos that are not here yet."})
    expected_seq = fields.Integer(metadata={"description": "The sign-off of this device that is asked for next."})
    device_at = Moment()
    received_at = Moment()
    corrected_at = Moment()
    flags = fields.List(fields.String())


class SignaturesSchema(Schema):
    """All sign-offs of a visit, oldest first."""

    items = fields.List(fields.Nested(SignatureSchema), required=True)


class SealingTaskSchema(Schema):
    """Work that goes on in the background."""

    task_id = fields.UUID(required=True)
    url = fields.String(required=True)


class SealedReportSchema(Schema):
    """What anybody who holds the code may know of a sealed report."""

    code = fields.String(required=True)
    number = fields.String(required=True)
    version = fields.Integer(required=True)
    organisation = fields.String(required=True)
    sealed_at = Moment(required=True)
    level = fields.String(required=True)
    sha256 = fields.String(required=True)
    superseded = fields.Boolean(required=True)
    outcome = fields.String(required=True, allow_none=True)
    method = fields.String(
        required=True, allow_none=True, metadata={"description": "on_engineer_device or remote_link"}
    )
    signer = fields.String(required=True, allow_none=True)
    signed_at = Moment(required=True, allow_none=True)
    time_zone = fields.String(required=True, metadata={"description": "Where the organisation is at home."})


class VerdictSchema(Schema):
    """Is it ours, whole, unchanged."""

    standing = fields.String(required=True, validate=validate.OneOf(["genuine", "altered", "unknown"]))
    ours = fields.Boolean(required=True)
    whole = fields.Boolean(required=True)
    unchanged = fields.Boolean(required=True)
    detail = fields.String(required=True)
    sealed_by = fields.String(required=True, allow_none=True)
    sealed_at = Moment(required=True, allow_none=True)
    report = fields.Nested(SealedReportSchema, required=True, allow_none=True)


class ExpectedFileSchema(Schema):
    """A file that a visit expects."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    filename = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    size = fields.Integer(required=True, allow_none=True)
    received = fields.Integer(required=True, metadata={"description": "Bytes that are here."})
    device_id = fields.UUID(required=True, allow_none=True)
    device = fields.String(required=True, allow_none=True)
    engineer = fields.String(required=True, allow_none=True)
    awaited_since = Moment(required=True, allow_none=True)
    flags = fields.List(fields.String(), required=True)


class HeldSchema(Schema):
    """A sign-off that waits for an earlier one of its device."""

    id = fields.UUID(required=True)
    device_id = fields.UUID(required=True)
    seq = fields.Integer(required=True)
    expected_seq = fields.Integer(required=True)


class ManifestSchema(Schema):
    """Expected against present. `fully_synced` only when every byte is here and no sign-off is held."""

    visit_id = fields.UUID(required=True)
    fully_synced = fields.Boolean(required=True)
    expected = fields.Integer(required=True)
    present = fields.Integer(required=True)
    files = fields.List(fields.Nested(ExpectedFileSchema), required=True)
    held_signatures = fields.List(fields.Nested(HeldSchema), required=True)


class OutstandingSchema(Schema):
    """Of the files that a device announced for a visit, how many have not come."""

    visit_id = fields.UUID(required=True)
    device_id = fields.UUID(required=True, allow_none=True)
    device = fields.String(required=True, allow_none=True)
    last_seen_at = Moment(required=True, allow_none=True)
    expected = fields.Integer(required=True)
    awaiting = fields.Integer(required=True)
    since = Moment(required=True)


class OutstandingListSchema(Schema):
    """Longest waiting first, at most 500."""

    items = fields.List(fields.Nested(OutstandingSchema), required=True)
