"""Signing by a link: a single-use token, a one-time code to the signer's own phone or mail, then the same sign-off.

The envelope is made here and signed with the organisation's key, since the customer's browser has none that anybody
knows; it tells by which channel the code went and when it came back. Each link is a chain of one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update

from app.kernel import audit, rows, vault
from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.kernel.problems import RATE_LIMITED, STATE_CONFLICT, Problem, invalid, not_found
from app.notices import commands as notices
from app.notices import ways
from app.work.models import Visit
from media import canonical, keys, remote_words
from media.commands.checks import proven
from media.commands.sealing import shown
from media.commands.signing import keep
from media.facts import moment
from media.models import Signature, SignLink
from media.problems import CODE_WRONG, LINK_EXPIRED, REPORT_CHANGED
from media.signatures import check, digest
from media.signatures.envelope import TYPE

CODE_LIFETIME, CODE_PAUSE = timedelta(minutes=10), timedelta(seconds=30)
MAX_CODES, MAX_TRIES = 5, 5
UNSIGNABLE = ("draft", "cancelled", "aborted", "rejected")


def token_hash(token: str) -> str:
    """How a token is known here."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(tx: Tx, visit: Visit, data: dict[str, Any]) -> tuple[SignLink, str]:
    """A link for a visit and its token, which is told this once. Links of the visit that are still open end.

    data: channel, address, signer_name, language, expires_in (seconds). Raises 409 when there is nothing to sign.
    """
    if visit.status in UNSIGNABLE:
        raise STATE_CONFLICT(f"This visit is {visit.status}: there is nothing to sign.")
    ways.channel(data["channel"])
    language = shown(tx, visit, data.pop("language"))["language"]
    open_links = (SignLink.visit_id == visit.id) & SignLink.used_at.is_(None) & SignLink.withdrawn_at.is_(None)
    tx.session.execute(update(SignLink).where(open_links).values(withdrawn_at=tx.now))
    token, expires_at = secrets.token_urlsafe(32), tx.now + timedelta(seconds=data.pop("expires_in"))
    link = SignLink(
        **data,
        id=new_id(),
        visit_id=visit.id,
        token_sha256=token_hash(token),
        language=language,
        expires_at=expires_at,
        created_by=tx.actor.user_id,
    )
    tx.add(link)
    rows.written(tx, link, "created", {"visit_id": visit.id, "channel": link.channel, "expires_at": expires_at})
    return link, token


def end_link(tx: Tx, visit_id: UUID, link_id: UUID) -> SignLink:
    """Nobody signs by this link any more, and a code that waits is not sent. Raises 409 when it was used already."""
    link = tx.get(SignLink, link_id, lock=True)
    if link.visit_id != visit_id:
        raise not_found("sign link")
    if link.used_at is not None:
        raise STATE_CONFLICT("By this link somebody has signed already.", state="used")
    if link.withdrawn_at is None:
        link.withdrawn_at = tx.now
        tx.session.flush()
        notices.withdraw(tx, _key(link, link.codes_sent))
        rows.written(tx, link, "withdrawn", {"visit_id": visit_id})
    return link


def open_link(tx: Tx, link_id: UUID) -> tuple[SignLink, dict[str, Any], str]:
    """The link, the report as it stands now, and its hash; what is shown is remembered. Raises 410 when it is over."""
    link = _live(tx, link_id)
    document = shown(tx, tx.get(Visit, link.visit_id), link.language)
    sha256 = canonical.sha256(canonical.dumps(document))
    link.opened_at, link.shown_sha256 = link.opened_at or tx.now, sha256
    tx.session.flush()
    return link, document, sha256


def new_code(tx: Tx, link_id: UUID) -> tuple[SignLink, str | None]:
    """A fresh code on its way to the signer; the code itself only where no gateway would send it (demo).

    Raises 429 within the pause, 409 after the last one.
    """
    link = _live(tx, link_id)
    if link.codes_sent >= MAX_CODES:
        raise STATE_CONFLICT("No more codes are sent for this link. Ask for a new link.")
    if link.code_sent_at and tx.now < link.code_sent_at + CODE_PAUSE:
        wait = int((link.code_sent_at + CODE_PAUSE - tx.now).total_seconds()) + 1
        raise RATE_LIMITED(f"A code was just sent. Try again in {wait} seconds.", retry_after=wait)
    how, code = ways.channel(link.channel), f"{secrets.randbelow(10**6):06}"
    link.code_mac, link.code_tries, link.codes_sent = _mac(link, code), 0, link.codes_sent + 1
    link.code_sent_at, link.code_confirmed_at = tx.now, None
    tx.session.flush()
    notices.withdraw(tx, _key(link, link.codes_sent - 1))
    _send(tx, link, code)
    return link, code if how == ways.SHOWN else None


def _send(tx: Tx, link: SignLink, code: str) -> None:
    words, organisation = remote_words.words(link.language), keys.organisation_name(tx)
    notices.write(
        tx,
        "code",
        _key(link, link.codes_sent),
        channel=link.channel,
        address=link.address,
        language=remote_words.LOCALES[link.language],
        subject=words["subject"].format(organisation=organisation),
        text=words["message"].format(code=code, organisation=organisation),
        secret=True,
        visit_id=link.visit_id,
        good_until=tx.now + CODE_LIFETIME,
    )


def _key(link: SignLink, number: int) -> str:
    return f"code:{link.id}:{number}"


def try_code(tx: Tx, link_id: UUID, code: str) -> Problem | None:
    """Counts a try; the problem when the code is not right. To be committed before the problem is raised."""
    link = _live(tx, link_id)
    if link.code_mac is None or link.code_sent_at is None or tx.now > link.code_sent_at + CODE_LIFETIME:
        return CODE_WRONG("Ask for a code first; it is good for ten minutes.")
    if link.code_tries >= MAX_TRIES:
        return CODE_WRONG("This code was tried too often. Ask for a new one.")
    link.code_tries += 1
    if not hmac.compare_digest(link.code_mac, _mac(link, code)):
        audit.record(tx, "sign_link.code_refused", "sign_link", link.id, {"try": link.code_tries})
        return CODE_WRONG("This is not the code that was sent.", tries_left=MAX_TRIES - link.code_tries)
    link.code_tries, link.code_confirmed_at = 0, tx.now
    tx.session.flush()
    return None


def sign_by_link(tx: Tx, link_id: UUID, data: dict[str, Any]) -> Signature:
    """Keeps what the customer signed, or refused, once the code was right; the link is used up by it.

    data: doc_sha256 (of the report that was shown), outcome, reason, name, role, strokes. Raises 409 with the new
    report when the visit was changed since it was shown.
    """
    link = _live(tx, link_id)
    if link.code_confirmed_at is None:
        raise CODE_WRONG("Enter the code first.")
    visit = tx.get(Visit, link.visit_id)
    document = shown(tx, visit, link.language)
    sha256 = canonical.sha256(canonical.dumps(document))
    if sha256 != data["doc_sha256"]:
        raise REPORT_CHANGED("Somebody has changed the report. Read it again.", document=document, sha256=sha256)
    strokes_sha256 = None if data["outcome"] == "refused" else _drawn(data["strokes"])
    token = keys.countersign(
        tx, _claims(tx, link, visit, document, {**data, "strokes_sha256": strokes_sha256}), kind=TYPE
    )
    made = proven(visit.id, token, keys.active(tx).jwk, document, data["strokes"])
    signature = keep(tx, visit, made)
    link.used_at, link.signature_id = tx.now, signature.id
    tx.session.flush()
    rows.written(tx, link, "used", {"signature_id": signature.id, "outcome": signature.outcome})
    return signature


def _claims(tx: Tx, link: SignLink, visit: Visit, document: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    consent = remote_words.words(link.language)["consent"]
    refused = data["outcome"] == "refused"
    return {
        "schema": "callout.signoff/1",
        "signoff_id": str(new_id()),
        "visit_id": str(visit.id),
        "visit_rev": visit.rev,
        "device_id": str(link.id),
        "seq": 1,
        "prev": None,
        "outcome": data["outcome"],
        **({"reason": data["reason"]} if refused else {}),
        "doc_sha256": data["doc_sha256"],
        "strokes_sha256": data["strokes_sha256"],
        "photos": [{name: photo[name] for name in ("id", "sha256", "bytes")} for photo in document["photos"]],
        "signer": {"name": data["name"], "role": data["role"]},
        "consent": {"text": consent, "sha256": canonical.sha256(consent.encode())},
        "method": "remote_link",
        "link": {
            "id": str(link.id),
            "channel": ways.channel(link.channel),
            "to": masked(link.address),
            "opened_at": _at(link.opened_at or tx.now),
            "code_sent_at": _at(link.code_sent_at or tx.now),
            "code_confirmed_at": _at(link.code_confirmed_at or tx.now),
        },
        "clock": {"wall": _at(tx.now), "monotonic_ms": 0, "server": _at(tx.now)},
    }


def _drawn(strokes: Any) -> str:
    check(strokes)
    try:
        return digest(strokes)
    except canonical.NotCanonical as error:
        raise invalid("/strokes", f"These strokes {error}.") from None


def _at(when: datetime) -> str:
    return moment(when) or ""


def masked(address: str) -> str:
    """Enough of an address to know it again: `m••@example.org`, `••••4217`."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}••{at}{domain}" if at else f"••••{address[-4:]}"


def link_state(link: SignLink, now: datetime) -> str:
    """`open`, `used`, `withdrawn` or `expired`."""
    if link.used_at is not None:
        return "used"
    if link.withdrawn_at is not None:
        return "withdrawn"
    return "expired" if link.expires_at <= now else "open"


def _live(tx: Tx, link_id: UUID) -> SignLink:
    link = tx.get(SignLink, link_id, lock=True)
    state = link_state(link, tx.now)
    if state != "open":
        raise LINK_EXPIRED(f"This link is {state}. Ask for a new one.", state=state)
    return link


def _mac(link: SignLink, code: str) -> str:
    return vault.mac(vault.CODE, link.org_id, link.id.bytes + code.encode()).hex()
