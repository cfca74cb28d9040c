"""Signing in and one's own account."""

from __future__ import annotations

from typing import Any

from flask import request

from app.kernel.db import Tx
from app.kernel.http import Blueprint
from app.people import commands, engineers, queries, sessions, totp
from app.people.schemas import (
    ConsentSchema,
    PasswordChangeSchema,
    PasswordSchema,
    ProfileSchema,
    RefreshSchema,
    SignInSchema,
    TokensSchema,
    TotpCodeSchema,
    TotpEnrolmentSchema,
)

blueprint = Blueprint("auth", __name__, url_prefix="/api/v1", description="Sign-in and one's own account")

SIGN_IN_EXAMPLE = {"email": "dispatcher@demo.callout", "password": "callout-demo"}


def _source() -> str:
    return request.remote_addr or "unknown"


@blueprint.endpoint(
    "POST",
    "/auth/token",
    right=None,
    summary="Sign in",
    schema=TokensSchema,
    body=SignInSchema,
    problems=(401, 409),
    example=SIGN_IN_EXAMPLE,
)
def sign_in(body: dict[str, Any]) -> dict[str, Any]:
    return sessions.sign_in(sessions.SignIn(source=_source(), **body))


@blueprint.endpoint(
    "POST",
    "/auth/refresh",
    right=None,
    summary="Fresh tokens for a refresh token",
    schema=TokensSchema,
    body=RefreshSchema,
    problems=(401,),
)
def refresh(body: dict[str, Any]) -> dict[str, Any]:
    return sessions.refresh(body["refresh_token"], _source(), body["device_id"])


@blueprint.endpoint("POST", "/auth/logout", right="self.use", status=204, summary="End the session of this device")
def sign_out(tx: Tx) -> None:
    sessions.sign_out(tx)


@blueprint.endpoint("GET", "/me", right="self.use", summary="Who I am and what I may do", schema=ProfileSchema)
def me(tx: Tx) -> dict[str, Any]:
    return queries.profile(tx)


@blueprint.endpoint(
    "POST",
    "/auth/password",
    right="self.use",
    status=204,
    summary="Change my password; every session ends",
    body=PasswordChangeSchema,
    problems=(429,),
)
def change_password(tx: Tx, body: dict[str, Any]) -> None:
    commands.change_password(tx, body["current"], body["new"])


@blueprint.endpoint(
    "POST", "/auth/totp", right="self.use", summary="Begin with a second factor", schema=TotpEnrolmentSchema
)
def enrol_totp(tx: Tx) -> dict[str, str]:
    return totp.enrol(tx)


@blueprint.endpoint(
    "POST",
    "/auth/totp/confirm",
    right="self.use",
    status=204,
    summary="Prove the authenticator app; codes are asked for from now on",
    body=TotpCodeSchema,
    problems=(429,),
)
def confirm_totp(tx: Tx, body: dict[str, Any]) -> None:
    totp.confirm(tx, body["code"])


@blueprint.endpoint(
    "POST",
    "/auth/totp/disable",
    right="self.use",
    status=204,
    summary="Give the second factor up",
    body=PasswordSchema,
    problems=(429,),
)
def disable_totp(tx: Tx, body: dict[str, Any]) -> None:
    totp.disable(tx, body["password"])


@blueprint.endpoint(
    "PUT",
    "/me/tracking-consent",
    right="self.use",
    summary="Agree to be located during my shifts, or take it back",
    schema=ConsentSchema,
    body=ConsentSchema,
)
def consent(tx: Tx, body: dict[str, Any]) -> dict[str, Any]:
    engineers.consent_to_tracking(tx, body["consent"])
    return body
