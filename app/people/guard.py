"""Brakes on guessing: tries by address and source, failures by source. Successes do not count."""

from __future__ import annotations

import hashlib
from uuid import UUID

from app.kernel import ratelimit
from app.kernel.problems import ProblemType

TOTP_REQUIRED = ProblemType("totp-required", 401, "A second factor is needed")

PER_ADDRESS_AND_SOURCE = "10 per 5 minutes"
PER_ADDRESS = "100 per hour"
PER_PERSON = "10 per 5 minutes"
FAILURES_PER_SOURCE = "100 per 10 minutes"


def _key(email: str) -> str:
    return hashlib.sha256(email.casefold().encode()).hexdigest()[:24]


def before_attempt(email: str | None, source: str) -> None:
    """Counts a try; raises 429 when there were too many. A try counts before its outcome is known, so that many at
    once gain nothing."""
    ratelimit.check(FAILURES_PER_SOURCE, "sign-in", source)
    if email is not None:
        ratelimit.hit(PER_ADDRESS_AND_SOURCE, "sign-in", _key(email), source)
        ratelimit.hit(PER_ADDRESS, "sign-in", _key(email))


def failed(source: str) -> None:
    """Counts a failure of this source."""
    ratelimit.hit(FAILURES_PER_SOURCE, "sign-in", source)


def succeeded(email: str, source: str) -> None:
    """Whoever knows the password was not guessing."""
    ratelimit.forgive(PER_ADDRESS_AND_SOURCE, "sign-in", _key(email), source)
    ratelimit.forgive(PER_ADDRESS, "sign-in", _key(email))


def before_proof(user_id: UUID) -> None:
    """Counts that somebody signed in proves again who he is; raises 429 when that was too often. A stolen token must
    not find out the password."""
    ratelimit.hit(PER_PERSON, "proof", str(user_id))


def proved(user_id: UUID) -> None:
    """Whoever knew it was not guessing."""
    ratelimit.forgive(PER_PERSON, "proof", str(user_id))
