"""From a request to claims to an actor. How identities are stored is the business of `app.people`."""

from __future__ import annotations

from typing import Protocol

from flask import request
from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.kernel.problems import DEVICE_REVOKED, UNAUTHENTICATED
from app.kernel.tokens import Claims


class Authenticator(Protocol):
    """What `app.people` provides to the HTTP layer."""

    def claims(self, token: str) -> Claims:
        """The claims behind a bearer token; raises a 401 problem."""

    def actor(self, session: Session, claims: Claims) -> Actor | None:
        """The actor as the database knows it now; None when the account is gone or blocked."""


_authenticator: Authenticator


def use(authenticator: Authenticator) -> None:
    """Called once by the factory."""
    global _authenticator
    _authenticator = authenticator


def claims_of_request() -> Claims:
    """The claims of the `Authorization: Bearer` header; raises a 401 problem without a good one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UNAUTHENTICATED("This needs an access token: Authorization: Bearer <token>.")
    return _authenticator.claims(token.strip())


def actor_of(session: Session, claims: Claims, *, revoked_device_ok: bool = False) -> Actor:
    """The actor behind `claims`; raises a 401 problem when the account is blocked or the device revoked."""
    actor = _authenticator.actor(session, claims)
    if actor is None:
        raise UNAUTHENTICATED("This account does not exist any more or is blocked.")
    if actor.device_revoked and not revoked_device_ok:
        raise DEVICE_REVOKED("This device was revoked. Its unsent work can still be pushed.")
    return actor
