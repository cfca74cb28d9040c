"""Endpoints of files, uploads, sign-offs, reports and their verification."""

from media.api import files, manifest, remote, signoff, uploads, verification

BLUEPRINTS = [
    uploads.blueprint,
    files.blueprint,
    manifest.blueprint,
    signoff.blueprint,
    remote.blueprint,
    remote.public,
    verification.blueprint,
    verification.pages,
]
