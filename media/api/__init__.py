"""Endpoints of files, uploads, sign-offs, reports and their verification."""

from media.api import files, signoff, uploads, verification

BLUEPRINTS = [uploads.blueprint, files.blueprint, signoff.blueprint, verification.blueprint, verification.pages]
