"""Signed access tokens (JWT, HS256): who, of which organisation, on which device. They live 15 minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

from app.kernel.config import config
from app.kernel.problems import UNAUTHENTICATED


@dataclass(frozen=True)
class Claims:
    """What a credential proves before the database was asked."""

    org_id: UUID
    user_id: UUID | None
    device_id: UUID | None = None
    api_key_id: UUID | None = None


def issue(claims: Claims) -> str:
    """An access token for `claims`, valid from now for `config().access_token_ttl` seconds."""
    now = datetime.now(UTC)
    payload = {
        "sub": str(claims.user_id),
        "org": str(claims.org_id),
        "dev": str(claims.device_id) if claims.device_id else None,
        "iat": now,
        "exp": now + timedelta(seconds=config().access_token_ttl),
    }
    return jwt.encode(payload, config().secret, algorithm="HS256")


def read(token: str) -> Claims:
    """The claims of a valid access token; raises a 401 problem for any other string."""
    try:
        payload = jwt.decode(token, config().secret, algorithms=["HS256"], options={"require": ["exp", "sub"]})
        device = payload.get("dev")
        return Claims(UUID(payload["org"]), UUID(payload["sub"]), UUID(device) if device else None)
    except jwt.ExpiredSignatureError:
        raise UNAUTHENTICATED("Your access token has expired; use the refresh token for a new one.") from None
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
        raise UNAUTHENTICATED("The access token is not valid.") from None
