"""The error catalogue. Domain code raises `Problem`; only `app.kernel.http` renders it (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

CATALOGUE: dict[str, ProblemType] = {}


@dataclass(frozen=True)
class ProblemType:
    """One kind of error. `slug` is stable for ever: clients match on `/problems/<slug>`."""

    slug: str
    status: int
    title: str

    def __post_init__(self) -> None:
        CATALOGUE[self.slug] = self

    @property
    def uri(self) -> str:
        return f"/problems/{self.slug}"

    def __call__(self, detail: str, *, errors: Iterable[FieldError] = (), **extra: Any) -> Problem:
        return Problem(self, detail, tuple(errors), extra)


@dataclass(frozen=True)
class FieldError:
    """A field at fault: `pointer` is a JSON pointer into the body, or the name of a query parameter or header."""

    pointer: str
    detail: str


class Problem(Exception):
    """An error with a sentence for a person. `extra` members go into the problem document as they are."""

    def __init__(
        self, kind: ProblemType, detail: str, errors: tuple[FieldError, ...] = (), extra: dict[str, Any] | None = None
    ) -> None:
        super().__init__(f"{kind.slug}: {detail}")
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.extra = extra or {}

    def document(self) -> dict[str, Any]:
        """The members of the RFC 9457 document, without `instance`."""
        body: dict[str, Any] = {
            "type": self.kind.uri,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            **self.extra,
        }
        if self.errors:
            body["errors"] = [{"pointer": e.pointer, "detail": e.detail} for e in self.errors]
        return body


MALFORMED = ProblemType("malformed-request", 400, "The request could not be read")
UNAUTHENTICATED = ProblemType("unauthenticated", 401, "Not signed in")
DEVICE_REVOKED = ProblemType("device-revoked", 401, "This device has been revoked")
FORBIDDEN = ProblemType("forbidden", 403, "You may not do this")
NOT_FOUND = ProblemType("not-found", 404, "There is no such thing here")
METHOD_NOT_ALLOWED = ProblemType("method-not-allowed", 405, "This path does not take that method")
NOT_ACCEPTABLE = ProblemType("not-acceptable", 406, "No such representation")
DUPLICATE = ProblemType("duplicate", 409, "That exists already")
IN_USE = ProblemType("in-use", 409, "Other rows still need this one")
ILLEGAL_TRANSITION = ProblemType("illegal-transition", 409, "That step is not possible from here")
STATE_CONFLICT = ProblemType("state-conflict", 409, "The present state does not allow this")
STALE_REVISION = ProblemType("stale-revision", 412, "Somebody changed this row in the meantime")
TOO_LARGE = ProblemType("too-large", 413, "The request is too large")
UNSUPPORTED_TYPE = ProblemType("unsupported-media-type", 415, "That content type is not understood here")
INVALID = ProblemType("invalid", 422, "Some fields are not right")
IDEMPOTENCY_MISMATCH = ProblemType("idempotency-mismatch", 422, "This Idempotency-Key was used for another request")
REVISION_REQUIRED = ProblemType("revision-required", 428, "Say which revision you saw (If-Match)")
RATE_LIMITED = ProblemType("rate-limited", 429, "Too many requests")
INTERNAL = ProblemType("internal", 500, "Something went wrong on our side")
UNAVAILABLE = ProblemType("unavailable", 503, "Not available for a moment")


def invalid(pointer: str, detail: str) -> Problem:
    """A 422 problem about one field, ready to raise."""
    return INVALID(detail, errors=[FieldError(pointer, detail)])


def not_found(what: str) -> Problem:
    """A 404 problem, the same for rows that never were and rows of other organisations."""
    return NOT_FOUND(f"There is no {what} with this id.")
