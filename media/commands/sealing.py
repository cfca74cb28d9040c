"""Sealing a visit's report: what was signed, set as PDF, sealed with the organisation's key, written into the ledger.

A sealed version never changes. When what it was made of has changed (a new sign-off, a photo that arrived), the next
version supersedes it under the same number.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.kernel import audit, events, tasks, vault
from app.kernel.config import config
from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.kernel.models import Task
from app.kernel.numbers import next_numbers
from app.kernel.problems import STATE_CONFLICT
from app.people.models import Organisation
from app.work.models import Visit
from app.work.statuses import DONE
from media import canonical, facts, keys, places
from media.commands import ledger
from media.commands.locks import alone
from media.models import Media, SealedReport, Signature
from media.reports import Evidence, Look, Report, Signed, logo_id, look, render
from media.signatures import check, png, svg
from media.store import BlobKey

SEAL = "media.seal"
PICTURE = "320"
REPORTABLE = (*DONE, "cannot_complete")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Basis:
    """Everything a report is made of. `pictures`: sha256 of the small picture of each photo that is here."""

    doc: dict[str, Any]
    signature: Signature | None
    pictures: dict[UUID, str]

    @property
    def digest(self) -> str:
        """The same for the same content: no second version is made of it."""
        signature = str(self.signature.id) if self.signature else None
        pictures = {str(media_id): sha256 for media_id, sha256 in self.pictures.items()}
        told = {"signature": signature, "doc": canonical.sha256(canonical.dumps(self.doc)), "pictures": pictures}
        return canonical.sha256(canonical.dumps(told))


def basis_of(tx: Tx, visit: Visit) -> Basis:
    """What a report sealed now would be made of. Raises 409 for a visit that is neither signed nor done.

    A sign-off that is held stands in the way of a report without one.
    """
    signature = last_sign_off(tx, visit.id)
    if signature is None and held(tx, visit.id):
        raise STATE_CONFLICT("A sign-off of this visit waits for earlier ones of the same device.")
    if signature is not None:
        doc = canonical.loads(signature.document)
    elif visit.status in REPORTABLE:
        doc = shown(tx, visit)
    else:
        raise STATE_CONFLICT(f"This visit is {visit.status} and nobody has signed: there is no report to seal yet.")
    named = [UUID(photo["id"]) for photo in doc["photos"]]
    rows = tx.session.execute(select(Media.id, Media.thumbnails).where(Media.id.in_(named)))
    pictures = {row.id: row.thumbnails[PICTURE]["sha256"] for row in rows if PICTURE in row.thumbnails}
    return Basis(doc, signature, pictures)


def shown(tx: Tx, visit: Visit, language: str | None = None) -> dict[str, Any]:
    """The document to show and to sign. Raises 409 while nobody is assigned to the visit."""
    doc = facts.document(tx, visit, language)
    if not doc["engineers"]:
        raise STATE_CONFLICT("This visit has no engineer, so there is nothing to report.")
    return doc


def last_sign_off(tx: Tx, visit_id: UUID) -> Signature | None:
    """The newest recorded signature or refusal."""
    query = select(Signature).where(Signature.visit_id == visit_id, Signature.state == "recorded")
    return tx.session.scalars(query.order_by(Signature.ledger_seq.desc()).limit(1)).first()


def held(tx: Tx, visit_id: UUID) -> bool:
    """Whether a sign-off of the visit is here that is not in the ledger yet."""
    query = select(Signature.id).where(Signature.visit_id == visit_id, Signature.state == "held")
    return tx.session.scalars(query.limit(1)).first() is not None


def newest(tx: Tx, visit_id: UUID) -> SealedReport | None:
    """The newest version of a visit's report."""
    query = select(SealedReport).where(SealedReport.visit_id == visit_id)
    return tx.session.scalars(query.order_by(SealedReport.version.desc()).limit(1)).first()


def seal_report(tx: Tx, visit_id: UUID) -> SealedReport:
    """The sealed report of a visit as it stands: the newest version, or a new one that supersedes it."""
    from media.reports.seal import configured_stamping, seal  # costs a second, and only this task needs it

    alone(tx, "report", visit_id)
    basis, last = basis_of(tx, tx.get(Visit, visit_id)), newest(tx, visit_id)
    if last is not None and last.basis == basis.digest:
        return last
    key = keys.active(tx)
    number = last.number if last else next_numbers(tx, "S")[0]
    version, code = (last.version + 1 if last else 1), new_code()
    unsealed = render(_report(tx, basis, number, version, code))
    pdf, level = seal(unsealed, key, reason=f"Service report {number}", stamping=configured_stamping())
    blob = places.blobs().put(tx.actor.org_id, [pdf])
    if last is not None:
        tx.session.execute(update(SealedReport).where(SealedReport.id == last.id).values(superseded_at=tx.now))
    report = tx.add(
        SealedReport(
            id=new_id(),
            visit_id=visit_id,
            signature_id=basis.signature.id if basis.signature else None,
            number=number,
            version=version,
            code=code,
            language=basis.doc["language"],
            basis=basis.digest,
            doc_sha256=canonical.sha256(canonical.dumps(basis.doc)),
            sha256=blob.sha256,
            size=len(pdf),
            level=level,
            fingerprint=key.fingerprint,
            sealed_at=tx.now,
        )
    )
    _written(tx, report)
    return report


def seal_when_ready(tx: Tx, visit_id: UUID) -> bool:
    """Asks for the sealed report when the visit is done and every photo of its sign-off has been looked at."""
    visit = tx.find(Visit, visit_id)
    if visit is None or visit.status not in REPORTABLE:
        return False
    signature = last_sign_off(tx, visit_id)
    if missing_files(tx, signature) if signature else held(tx, visit_id):
        return False
    ask_for_seal(tx, visit_id)
    return True


def ask_for_seal(tx: Tx, visit_id: UUID) -> UUID:
    """The task that will seal the report as it stands now: one that waits already, or a new one."""
    waiting = select(Task.id).where(
        Task.name == SEAL, Task.state == "queued", Task.args["visit_id"].astext == str(visit_id)
    )
    found = tx.session.scalars(waiting.limit(1)).first()
    return found or tasks.enqueue(tx, SEAL, {"visit_id": str(visit_id)})


def pending(tx: Tx, task_id: UUID) -> bool:
    """Whether a task has not come to its end yet."""
    running = select(Task.id).where(Task.id == task_id, Task.state.in_(("queued", "running")))
    return tx.session.scalar(running) is not None


def missing_files(tx: Tx, signature: Signature) -> list[UUID]:
    """The signed photos that have not arrived or not been inspected yet."""
    here = select(Media.id).where(Media.id.in_(signature.photo_ids), Media.inspected_at.is_not(None))
    found = set(tx.session.scalars(here))
    return [media_id for media_id in dict.fromkeys(signature.photo_ids) if media_id not in found]


def _written(tx: Tx, report: SealedReport) -> None:
    told = {
        "number": report.number,
        "version": report.version,
        "visit_id": str(report.visit_id),
        "signoff_id": str(report.signature_id) if report.signature_id else None,
        "doc_sha256": report.doc_sha256,
        "pdf_sha256": report.sha256,
        "certificate_sha256": report.fingerprint,
    }
    ledger.append(tx, "sealed", report.id, told)
    audit.record(tx, "report.sealed", "report", report.id, told)
    events.emit(
        tx,
        "report.sealed",
        {
            "id": str(report.id),
            "visit_id": str(report.visit_id),
            "version": report.version,
            "url": verify_url(report.code),
        },
    )


def new_code() -> str:
    """A code that nobody guesses: 80 bits, four groups of four, without letters that look like digits."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def verify_url(code: str) -> str:
    """Where anybody can look a code up."""
    return f"{config().public_url.rstrip('/')}/verify/{code}"


def _report(tx: Tx, basis: Basis, number: str, version: int, code: str) -> Report:
    lines = _lines(basis.signature) if basis.signature else None
    store, org_id = places.blobs(), tx.actor.org_id
    return Report(
        number=number,
        version=version,
        code=code,
        url=verify_url(code),
        issued_at=tx.now,
        doc=basis.doc,
        signed=_signed(basis.signature, lines) if basis.signature else None,
        photos={i: b"".join(store.read(BlobKey(org_id, sha256))) for i, sha256 in basis.pictures.items()},
        evidence=tuple(_evidence(basis, lines)),
        look=_look(tx, basis.doc["language"]),
    )


def _look(tx: Tx, language: str) -> Look:
    """How the organisation wants its reports to look now; the logo is the small picture of one of its files."""
    query = select(Organisation.settings["report"]).where(Organisation.id == tx.actor.org_id)
    settings = tx.session.scalars(query).one()
    file_id = logo_id(settings)
    media = tx.find(Media, file_id) if file_id else None
    small = media.thumbnails.get(PICTURE) if media is not None and media.state == "complete" else None
    logo = b"".join(places.blobs().read(BlobKey(tx.actor.org_id, small["sha256"]))) if small else None
    return look(settings, language, logo)


def _lines(signature: Signature) -> Any:
    """The strokes as lines; None for a refusal, or when the strokes were forgotten after their time."""
    if signature.strokes is None:
        return None
    opened = vault.decrypt(vault.STROKES, signature.org_id, signature.id, signature.strokes)
    return check(canonical.loads(opened))


def _signed(signature: Signature, lines: Any) -> Signed:
    drawn = svg(lines) if lines else ""
    return Signed(signature.claims, signature.corrected_at, drawn, diverged=signature.content_diverged)


def _evidence(basis: Basis, lines: Any) -> list[Evidence]:
    """What is embedded. The raw strokes never are: only their hash, inside the envelope, and a picture."""
    shown_as = canonical.dumps(basis.doc).decode()
    files = [Evidence("report.json", shown_as, "application/json", "The report as it was shown")]
    if basis.signature is not None:
        token, receipt = basis.signature.envelope, basis.signature.receipt or ""
        files.append(Evidence("signoff.jws", token, "application/jose", "The sign-off as the device signed it"))
        files.append(Evidence("receipt.jws", receipt, "application/jose", "The countersigned receipt"))
    if lines:
        files.append(Evidence("signature.png", png(lines), "image/png", "The signature as a picture"))
    return files
