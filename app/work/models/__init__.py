"""Tables of the work room, by subject."""

from app.work.models.conflicts import Conflict
from app.work.models.facts import ChecklistAnswer, ChecklistItem, Note, PartUse, TimeEntry, VisitEvidence
from app.work.models.jobs import Job, JobEvent, JobType, Request
from app.work.models.scores import JobScore, PrioritySettings
from app.work.models.visits import Visit, VisitEvent

__all__ = [
    "ChecklistAnswer",
    "ChecklistItem",
    "Conflict",
    "Job",
    "JobEvent",
    "JobScore",
    "JobType",
    "Note",
    "PartUse",
    "PrioritySettings",
    "Request",
    "TimeEntry",
    "Visit",
    "VisitEvent",
    "VisitEvidence",
]
