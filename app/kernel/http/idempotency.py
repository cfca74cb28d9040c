"""`Idempotency-Key`: the same key from the same caller gives the same answer and one effect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID

from flask import Response, request
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.kernel import vault
from app.kernel.db import Tx
from app.kernel.models import IdempotencyKey
from app.kernel.problems import IDEMPOTENCY_MISMATCH, invalid

MAX_KEY = 200
_KEPT_HEADERS = ("ETag", "Location", "Content-Type")


def once(tx: Tx, run: Callable[[], Response]) -> Response:
    """Runs `run` unless this key was answered before. The stored answer commits with the work, or not at all."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return run()
    if not 1 <= len(key) <= MAX_KEY or "\x00" in key:
        raise invalid("Idempotency-Key", f"An idempotency key has 1 to {MAX_KEY} characters.")
    caller = _caller(tx)
    digest = hashlib.sha256(request.full_path.encode() + b"\n" + request.get_data(cache=True)).hexdigest()
    # A second request with the same key waits here until the first has committed or failed.
    claim = insert(IdempotencyKey).values(caller=caller, key=key, request_hash=digest).on_conflict_do_nothing()
    claimed = tx.session.execute(claim.returning(IdempotencyKey.key)).one_or_none()
    row = (IdempotencyKey.caller == caller) & (IdempotencyKey.key == key)
    if claimed is None:
        return _replay(tx.session.scalars(select(IdempotencyKey).where(row)).one(), digest)
    response = run()
    kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    body = vault.encrypt(vault.ANSWER, tx.actor.org_id, _place(caller, key), response.get_data())
    values = {"status": response.status_code, "headers": kept, "body": body}
    tx.session.execute(update(IdempotencyKey).where(row).values(**values))
    return response


def _caller(tx: Tx) -> str:
    """Whose key it is: a user's, or one API key's (each has its own rights, so answers are not shared)."""
    if tx.actor.user_id:
        return str(tx.actor.user_id)
    return hashlib.sha256(request.headers["Authorization"].encode()).hexdigest()


def _place(caller: str, key: str) -> UUID:
    """Answers may show a secret this once (an API key): they lie encrypted, bound to the caller and the key."""
    return UUID(bytes=hashlib.sha256(f"{caller}\n{key}".encode()).digest()[:16])


def _replay(stored: IdempotencyKey, digest: str) -> Response:
    if stored.request_hash != digest:
        raise IDEMPOTENCY_MISMATCH("Use a fresh key for a different request.")
    body = stored.body or b""
    if body.startswith(vault.VERSION):  # those of before they were encrypted live for their last days
        body = vault.decrypt(vault.ANSWER, stored.org_id, _place(stored.caller, stored.key), body)
    response = Response(body, stored.status, stored.headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response
