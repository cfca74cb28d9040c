"""Resumable uploads: the tus 1.0 protocol as one small state machine without web and without database."""

from media.uploads.machine import Limits, Uploads
from media.uploads.rows import Upload, UploadRows
from media.uploads.wire import EXTENSIONS, VERSION, Answer, Body

__all__ = ["EXTENSIONS", "VERSION", "Answer", "Body", "Limits", "Upload", "UploadRows", "Uploads"]
