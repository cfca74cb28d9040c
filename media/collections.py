"""What phones hold of files and sign-offs: those of the visits they hold, and the files they announced themselves."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError

from app.kernel.db import Tx
from app.kernel.http.reading import field_errors
from app.kernel.problems import INVALID, invalid
from app.kernel.synced import Collection, FieldMutation, Outcome, declare
from app.work.commands import When
from media import commands
from media.schemas import AnnouncementSchema, PushedSignOffSchema

ANNOUNCEMENT = AnnouncementSchema(exclude=("id", "device_at"))
SIGN_OFF = PushedSignOffSchema()


def _load(schema: Schema, mutation: FieldMutation) -> dict[str, Any]:
    try:
        data: dict[str, Any] = schema.load(mutation.data)
    except ValidationError as error:
        raise INVALID("Some fields are not right.", errors=field_errors(error)) from None
    return data


def _at(mutation: FieldMutation) -> When:
    return When(mutation.device_at, mutation.corrected_at, mutation.flags)


def _announce(tx: Tx, mutation: FieldMutation) -> Outcome:
    data = _load(ANNOUNCEMENT, mutation)
    commands.announce(tx, mutation.row_id, data, at=_at(mutation), offline=True)
    return Outcome()


def _sign(tx: Tx, mutation: FieldMutation) -> Outcome:
    """A sign-off counts as applied while it is held for an earlier one too: the phone need not send it again."""
    signature = commands.sign(tx, **_load(SIGN_OFF, mutation), at=_at(mutation), offline=True)
    if signature.id != mutation.row_id:
        raise invalid("/id", "The row must have the signoff_id of its envelope.")
    return Outcome()


declare(
    Collection(
        name="media",
        body="""
            r.visit_id, r.item_id, r.kind, r.state, r.rejection, r.filename, r.mime, r.caption, r.sha256, r.size,
            r.width, r.height, r.captured_at, r.completed_at, r.created_by, r.engineer_id, r.device_id, r.device_at,
            r.corrected_at, r.flags
        """,
        buckets="""
            SELECT m.id, 'user:' || h.user_id FROM media m
            JOIN visit_holders h ON h.org_id = m.org_id AND h.visit_id = m.visit_id
            WHERE m.id = ANY(:ids) AND m.deleted_at IS NULL
            UNION SELECT m.id, 'user:' || m.created_by FROM media m
            WHERE m.id = ANY(:ids) AND m.deleted_at IS NULL AND m.created_by IS NOT NULL
              AND (m.state = 'awaiting' OR m.visit_id IS NULL)
        """,
        follows={"visits": "SELECT id FROM media WHERE visit_id = ANY(:ids)"},
        mutations={"create": _announce},
        creates=frozenset(ANNOUNCEMENT.load_fields),
    )
)
declare(
    Collection(
        name="signatures",
        body="""
            r.visit_id, r.engineer_id, r.device_id, r.seq, r.state, r.outcome, r.reason, r.signer_name, r.signer_role,
            r.method, r.doc_sha256, r.envelope_sha256, r.content_diverged, r.divergence, r.receipt, r.photo_ids,
            r.device_at, r.corrected_at, r.flags
        """,
        buckets="""
            SELECT s.id, 'user:' || h.user_id FROM signatures s
            JOIN visit_holders h ON h.org_id = s.org_id AND h.visit_id = s.visit_id
            WHERE s.id = ANY(:ids) AND s.deleted_at IS NULL
        """,
        follows={"visits": "SELECT id FROM signatures WHERE visit_id = ANY(:ids)"},
        mutations={"create": _sign},
        creates=frozenset(SIGN_OFF.load_fields),
    )
)
