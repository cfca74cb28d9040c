"""Sign-offs: kept as they were made, chained by device and organisation, answered with a countersigned receipt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import audit, rows, vault
from app.kernel.db import Tx
from app.kernel.problems import DUPLICATE, STATE_CONFLICT, not_found
from app.work import commands as work
from app.work.commands import When
from app.work.models import Visit
from media import access, facts, keys
from media.canonical import dumps
from media.commands import ledger
from media.commands.checks import SignOff, checked
from media.commands.files import announce
from media.commands.locks import alone
from media.models import Media, Signature
from media.reports.differences import differences

RIGHT = "signatures.write"


def sign(
    tx: Tx,
    visit_id: UUID,
    envelope: str,
    document: str | dict[str, Any],
    strokes: Any = None,
    *,
    at: When | None = None,
    offline: bool = False,
) -> Signature:
    """Keeps a signature or a refusal to sign. The same again is the same row with the same receipt.

    It is never refused because the visit moved on: then it is marked `content_diverged` and a Conflict is opened.
    Raises 422 for what its envelope does not prove, 409 for another content under the same id.
    """
    visit = access.reach(tx, visit_id, RIGHT, offline=offline)
    return keep(tx, visit, checked(tx, visit_id, envelope, document, strokes), at=at, offline=offline)


def keep(tx: Tx, visit: Visit, made: SignOff, *, at: When | None = None, offline: bool = False) -> Signature:
    """Keeps a proven sign-off of a visit that the actor reaches. Raises 409 for another content under the same id."""
    device_id = made.envelope.device_id
    alone(tx, "sign-offs of device", device_id)
    known = tx.find(Signature, made.envelope.signoff_id)
    if known is not None:
        if known.envelope_sha256 != made.envelope.sha256:
            raise DUPLICATE("Another sign-off has this id already.", signoff_id=str(known.id))
        return known
    at = _times(tx, made, at)
    _announce_photos(tx, made, at, offline)
    found = differences(made.doc, facts.document(tx, visit, made.doc["language"], made.doc["time_zone"]))
    signature = tx.add(_row(tx, made, at, found))
    _record_evidence(tx, signature, at, offline)
    if found:
        _tell_divergence(tx, visit, signature)
    advance(tx, device_id)
    if signature.state == "held":
        rows.written(tx, signature, "held", {"seq": signature.seq, "expected_seq": expected(tx, device_id)[0]})
    return signature


def expected(tx: Tx, device_id: UUID) -> tuple[int, str | None]:
    """The `seq` and `prev` of the next sign-off that this device can have made."""
    query = select(Signature.seq, Signature.envelope_sha256).where(
        Signature.device_id == device_id, Signature.state == "recorded"
    )
    last = tx.session.execute(query.order_by(Signature.seq.desc(), Signature.ledger_seq).limit(1)).one_or_none()
    return (last.seq + 1, last.envelope_sha256) if last else (1, None)


def advance(tx: Tx, device_id: UUID) -> None:
    """Records every held sign-off of a device whose predecessor is there. One that does not fit is recorded, flagged.

    Two sign-offs with one number, or a wrong `prev`, mean a copied or forged device: a person has to look at them.
    """
    held = select(Signature).where(Signature.device_id == device_id, Signature.state == "held")
    for signature in tx.session.scalars(held.order_by(Signature.seq, Signature.received_at)).all():
        seq, prev = expected(tx, device_id)
        if signature.seq > seq:
            return
        if signature.seq < seq or signature.claims["prev"] != prev:
            signature.flags = sorted({*signature.flags, "chain_broken"})
            chain = {"seq": seq, "prev": prev}
            mine = {"seq": signature.seq, "prev": signature.claims["prev"]}
            work.open_conflict(
                tx, "signatures", signature.id, "chain_broken", mine=mine, theirs=chain, visit_id=signature.visit_id
            )
        _record(tx, signature)


def release(tx: Tx, visit_id: UUID, signoff_id: UUID, reason: str) -> Signature:
    """Records a held sign-off although earlier ones of its device are missing; somebody answers for it by name.

    Those behind it go on from there. Raises 409 when it is not held.
    """
    found = tx.get(Signature, signoff_id)
    if found.visit_id != visit_id:
        raise not_found("signature")
    alone(tx, "sign-offs of device", found.device_id)
    signature = tx.get(Signature, signoff_id, lock=True)
    if signature.state != "held":
        raise STATE_CONFLICT("This sign-off is recorded already.")
    seq, _ = expected(tx, signature.device_id)
    gap = {"reason": reason, "missing": list(range(seq, signature.seq))[:100]}
    audit.record(tx, "signature.released", "signature", signature.id, gap)
    signature.flags = sorted({*signature.flags, "gap_accepted"})
    _record(tx, signature)
    advance(tx, signature.device_id)
    return signature


def _record(tx: Tx, signature: Signature) -> None:
    told = {
        "schema": "callout.receipt/1",
        "signoff_id": str(signature.id),
        "visit_id": str(signature.visit_id),
        "device_id": str(signature.device_id),
        "seq": signature.seq,
        "outcome": signature.outcome,
        "envelope_sha256": signature.envelope_sha256,
        "doc_sha256": signature.doc_sha256,
        "strokes_sha256": signature.claims["strokes_sha256"],
        "content_diverged": signature.content_diverged,
        "received_at": facts.moment(signature.received_at),
    }
    line = ledger.append(tx, signature.outcome, signature.id, told)
    where = {"ledger": {"seq": line.seq, "hash": line.hash.hex(), "prev": line.prev_hash.hex()}}
    signature.receipt = keys.countersign(tx, {**told, **where})
    signature.ledger_seq, signature.state = line.seq, "recorded"
    tx.session.flush()
    rows.written(tx, signature, "recorded", {"visit_id": signature.visit_id, "ledger_seq": line.seq})


def _row(tx: Tx, made: SignOff, at: When, found: list[dict[str, Any]]) -> Signature:
    claims, signature_id = made.claims, made.envelope.signoff_id
    strokes = None
    if made.strokes is not None:
        strokes = vault.encrypt(vault.STROKES, tx.actor.org_id, signature_id, dumps(made.strokes))
    return Signature(
        id=signature_id,
        visit_id=made.envelope.visit_id,
        engineer_id=tx.actor.engineer_id,
        device_id=made.envelope.device_id,
        seq=claims["seq"],
        state="held",
        outcome=claims["outcome"],
        reason=claims.get("reason"),
        signer_name=claims["signer"]["name"],
        signer_role=claims["signer"]["role"],
        method=claims["method"],
        envelope=made.envelope.token,
        envelope_sha256=made.envelope.sha256,
        claims=claims,
        document=made.document,
        doc_sha256=claims["doc_sha256"],
        strokes=strokes,
        public_key=made.public_key,
        photo_ids=[UUID(photo["id"]) for photo in claims["photos"]],
        content_diverged=bool(found),
        divergence=found,
        device_at=at.device_at,
        received_at=tx.now,
        corrected_at=at.corrected_at,
        flags=list(at.flags),
    )


def _times(tx: Tx, made: SignOff, at: When | None) -> When:
    """The moment of signing is the one inside the envelope, corrected by what is known of the device's clock."""
    wall = datetime.fromisoformat(made.claims["clock"]["wall"])
    offset = timedelta(milliseconds=made.clock_offset_ms)
    if at is not None:
        offset = at.corrected_at - at.device_at
    return work.when(tx, wall, min(wall + offset, tx.now), at.flags if at else ())


def _announce_photos(tx: Tx, made: SignOff, at: When, offline: bool) -> None:
    """Photos that were signed but of which nothing was heard are awaited from now on."""
    named = {UUID(photo["id"]): photo for photo in made.claims["photos"]}
    known = set(tx.session.scalars(select(Media.id).where(Media.id.in_(named))))
    for media_id, photo in named.items():
        if media_id not in known:
            promise = {"sha256": photo["sha256"], "size": photo["bytes"], "kind": "photo"}
            announce(tx, media_id, {**promise, "visit_id": made.envelope.visit_id}, at=at, offline=offline)


def _record_evidence(tx: Tx, signature: Signature, at: When, offline: bool) -> None:
    kind = "refusal" if signature.outcome == "refused" else "signature"
    how: dict[str, Any] = {"reason": signature.reason, "at": at, "offline": offline, "right": RIGHT}
    work.record_evidence(tx, signature.visit_id, kind, signature.id, **how)


def _tell_divergence(tx: Tx, visit: Visit, signature: Signature) -> None:
    signed = {item["pointer"]: item["signed"] for item in signature.divergence}
    now = {item["pointer"]: item["now"] for item in signature.divergence}
    about: dict[str, Any] = {"visit_id": visit.id, "job_id": visit.job_id}
    work.open_conflict(tx, "signatures", signature.id, "content_diverged", mine=signed, theirs=now, **about)
