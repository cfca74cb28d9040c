"""Wire shapes of people: organisation, users, sign-in, devices, API keys, engineers, calendar, crews."""

from __future__ import annotations

from marshmallow import fields, validate

from app.kernel.http import GeoJSON, Moment, RowSchema, Schema
from app.kernel.http.schemas import text, timezone
from app.people.models import ABSENCE_REASONS, LOCALES, ROLES

MAX_SKILLS, MAX_MEMBERS, MAX_BREAKS = 100, 50, 20
PASSWORD = validate.Length(8, 200)
LOCALE = validate.OneOf(LOCALES)


class OrganisationSchema(Schema):
    """The company. `settings` is merged member by member."""

    id = fields.UUID(dump_only=True)
    rev = fields.Integer(dump_only=True)
    created_at = Moment(dump_only=True)
    updated_at = Moment(dump_only=True)
    name = text(200, required=True)
    timezone = timezone()
    locale = fields.String(validate=LOCALE)
    currency = fields.String(validate=validate.Regexp(r"^[A-Z]{3}\Z"), metadata={"example": "EUR"})
    settings = fields.Dict(keys=fields.String(validate=validate.Length(1, 100)))


class UserSchema(RowSchema):
    """Somebody who can sign in."""

    email = fields.Email(required=True, validate=validate.Length(3, 254))
    name = text(200, required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    password = fields.String(load_only=True, validate=PASSWORD)
    locale = fields.String(validate=LOCALE)
    timezone = timezone(allow_none=True)
    active = fields.Boolean()
    totp_enabled = fields.Boolean(dump_only=True)
    territory_ids = fields.List(fields.UUID(), dump_only=True)


class ProfileSchema(UserSchema):
    """Whoever asks: the user, the organisation, and what they may do."""

    organisation = fields.Nested(OrganisationSchema, dump_only=True)
    engineer_id = fields.UUID(dump_only=True, allow_none=True)
    device_id = fields.UUID(dump_only=True, allow_none=True)
    rights = fields.Dict(
        keys=fields.String(), values=fields.String(), dump_only=True, metadata={"example": {"jobs.read": "own"}}
    )


class SignInDeviceSchema(Schema):
    """The installed client that signs in. The client makes `id`, once for each installation and person."""

    id = fields.UUID()
    name = text(200)
    platform = text(100, allow_none=True)
    app_version = text(100, allow_none=True)


class SignInSchema(Schema):
    """E-mail, password, and the code of the authenticator app where one is enrolled."""

    email = text(254, required=True)
    password = text(200, required=True)
    totp = fields.String(allow_none=True, load_default=None, validate=validate.Length(0, 12))
    device = fields.Nested(SignInDeviceSchema, allow_none=True, load_default=None)


class RefreshSchema(Schema):
    """`device_id`, when given, must be the device that signed in."""

    refresh_token = text(500, required=True)
    device_id = fields.UUID(allow_none=True, load_default=None)


class TokensSchema(Schema):
    """What a client keeps. `expires_in` is the life of the access token in seconds."""

    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True)
    user = fields.Nested(ProfileSchema, required=True)


class PasswordChangeSchema(Schema):
    """The present password and the next."""

    current = text(200, required=True)
    new = fields.String(required=True, validate=PASSWORD)


class TotpEnrolmentSchema(Schema):
    """For the authenticator app: the secret, and the URI to show as a QR code."""

    secret = fields.String(required=True)
    uri = fields.String(required=True)


class TotpCodeSchema(Schema):
    """A code of the authenticator app."""

    code = fields.String(required=True, validate=validate.Length(6, 12))


class PasswordSchema(Schema):
    """The password again, for what must not happen on an unlocked screen."""

    password = text(200, required=True)


class ConsentSchema(Schema):
    """Whether the engineer agrees to be located during shifts."""

    consent = fields.Boolean(required=True)


class DeviceSchema(RowSchema):
    """One installed client."""

    user_id = fields.UUID(dump_only=True)
    name = text(200, required=True)
    platform = fields.String(dump_only=True, allow_none=True)
    app_version = fields.String(dump_only=True, allow_none=True)
    push_seq = fields.Integer(dump_only=True)
    clock_offset_ms = fields.Integer(dump_only=True, allow_none=True, metadata={"description": "Server minus device."})
    last_seen_at = Moment(dump_only=True, allow_none=True)
    pending_count = fields.Integer(dump_only=True)
    pending_oldest_at = Moment(dump_only=True, allow_none=True)
    cursor = fields.Integer(dump_only=True, allow_none=True)
    schema_versions = fields.Dict(dump_only=True)
    revoked_at = Moment(dump_only=True, allow_none=True)
    erased_at = Moment(dump_only=True, allow_none=True)


class ApiKeySchema(RowSchema):
    """A credential of a machine. `secret` is shown once, in the answer to its creation."""

    name = text(200, required=True)
    rights = fields.List(fields.String(), required=True, validate=validate.Length(1, 100))
    expires_at = Moment(allow_none=True)
    created_by = fields.UUID(dump_only=True, allow_none=True)
    secret = fields.String(dump_only=True)


class EngineerSkillSchema(Schema):
    """A skill, its level from 1 (learning) to 5 (teaches it), and the last day it is good."""

    skill_id = fields.UUID(required=True)
    code = fields.String(dump_only=True)
    level = fields.Integer(load_default=3, validate=validate.Range(1, 5))
    expires_on = fields.Date(allow_none=True, load_default=None)


class SkillsSchema(Schema):
    """All skills of an engineer."""

    skills = fields.List(fields.Nested(EngineerSkillSchema), required=True, validate=validate.Length(0, MAX_SKILLS))


class EngineerSchema(RowSchema):
    """Who goes out. `home` is null for those who may not see it."""

    user_id = fields.UUID(allow_none=True)
    name = text(200, required=True)
    phone = text(50, allow_none=True)
    home = GeoJSON("Point", allow_none=True)
    max_jobs_per_day = fields.Integer(allow_none=True, validate=validate.Range(0, 1000))
    overtime_limit_s = fields.Integer(validate=validate.Range(0, 86_400))
    active = fields.Boolean()
    employment = fields.String(validate=validate.OneOf(("employee", "subcontractor")))
    timezone = timezone(allow_none=True)
    consent_tracking = fields.Boolean()
    skills = fields.List(fields.Nested(EngineerSkillSchema), dump_only=True)
    territory_ids = fields.List(fields.UUID(), dump_only=True)


class SkillSchema(RowSchema):
    """What a job demands and an engineer has."""

    code = text(50, required=True)
    name = text(200, required=True)


class BreakSchema(Schema):
    """A break of `duration_s` seconds somewhere between `window_start` and `window_end`."""

    window_start = Moment(required=True)
    window_end = Moment(required=True)
    duration_s = fields.Integer(required=True, validate=validate.Range(60, 86_400))


class ShiftSchema(RowSchema):
    """When an engineer works."""

    engineer_id = fields.UUID(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    on_call = fields.Boolean()
    breaks = fields.List(fields.Nested(BreakSchema), validate=validate.Length(0, MAX_BREAKS))


class AbsenceSchema(RowSchema):
    """When an engineer is away."""

    engineer_id = fields.UUID(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    reason = fields.String(validate=validate.OneOf(ABSENCE_REASONS))
    note = text(2000, allow_none=True)


class CrewMemberSchema(Schema):
    """An engineer in a crew."""

    engineer_id = fields.UUID(required=True)
    lead = fields.Boolean(load_default=False)


class CrewSchema(RowSchema):
    """Engineers who go together; at most one leads."""

    name = text(200, required=True)
    active = fields.Boolean()
    members = fields.List(fields.Nested(CrewMemberSchema), validate=validate.Length(0, MAX_MEMBERS))
