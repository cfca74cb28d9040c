"""The problems that only media can have."""

from __future__ import annotations

from app.kernel.problems import ProblemType

UPLOAD_VERSION = ProblemType("upload-version", 412, "This server speaks tus 1.0.0")
UPLOAD_GONE = ProblemType("upload-gone", 410, "This upload has expired or was ended")
LINK_EXPIRED = ProblemType("link-expired", 410, "This link is not valid any more")
UPLOAD_OFFSET = ProblemType("upload-offset-mismatch", 409, "The upload is at another offset")
UPLOAD_TAKEN_OVER = ProblemType("upload-taken-over", 409, "A newer request has taken over this upload")
UPLOAD_CHECKSUM = ProblemType("upload-checksum-mismatch", 460, "The bytes do not match their checksum")
UPLOAD_CUT = ProblemType("upload-cut", 400, "The body ended too early")
STORAGE_FULL = ProblemType("storage-full", 507, "There is no room for more files")
RANGE_NOT_SATISFIABLE = ProblemType("range-not-satisfiable", 416, "The file has no such bytes")
MEDIA_REJECTED = ProblemType("media-rejected", 422, "This file cannot be used")
MEDIA_QUARANTINED = ProblemType("media-quarantined", 403, "The scanner found something in this file")
MEDIA_NOT_READY = ProblemType("media-not-ready", 409, "The bytes of this file have not arrived yet")
STROKES_INVALID = ProblemType("strokes-invalid", 422, "These strokes are not a signature")
ENVELOPE_INVALID = ProblemType("envelope-invalid", 422, "The sign-off envelope does not prove what it says")
REPORT_CHANGED = ProblemType("report-changed", 409, "The report has changed since it was shown")
CODE_WRONG = ProblemType("code-wrong", 422, "This is not the code that was sent")
