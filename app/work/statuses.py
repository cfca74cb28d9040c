"""The words of a job's and a visit's life, as constants; the steps between them are in `transitions`."""

from __future__ import annotations

from app.places.models import METHODS

VISIT_STATUSES = (
    "draft", "scheduled", "dispatched", "accepted", "rejected", "en_route", "on_site", "working", "paused",
    "completed", "cannot_complete", "approved", "sent_back", "confirmed", "disputed", "cancelled", "aborted",
)  # fmt: skip

# Where a visit only passes through: status → the status in which it comes to rest.
PASSING = {"rejected": "scheduled", "sent_back": "working"}

PLANNED = ("draft", "scheduled", "dispatched", "accepted")
UNDER_WAY = ("en_route", "on_site", "working", "paused")
BEFORE_WORK = (*PLANNED, "en_route", "on_site")
DONE = ("completed", "approved", "confirmed", "disputed")
ENDED = (*DONE, "cannot_complete", "cancelled", "aborted")

# Statuses in which a visit lies with the dispatcher alone: an engineer's phone does not hold it.
UNPUBLISHED = ("draft", "scheduled")

JOB_STATUSES = ("new", "open", "scheduled", "in_progress", "on_hold", "completed", "closed", "cancelled")
REQUEST_STATUSES = ("new", "triaged", "converted", "merged", "closed")
DISPATCH_METHODS = METHODS
CHANNELS = ("phone", "web", "mail", "chat", "api", "import", "field")
ITEM_KINDS = ("bool", "number", "text", "choice", "photo")
ITEM_STATUSES = ("on_site", "working", "completed")
TIME_KINDS = ("travel", "work", "pause")
EVIDENCE_KINDS = ("photo", "signature", "refusal")
RESOLUTIONS = ("keep_mine", "keep_theirs", "take_both", "edit")


def one_of(column: str, values: tuple[str, ...]) -> str:
    """SQL of a check that `column` holds one of `values`."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
