"""The writes of the work room, one verb each: the transaction first, the actor's scope checked, no commit."""

from app.work.commands.deriving import lock_visit
from app.work.commands.facts import (
    answer_item,
    record_evidence,
    record_time,
    update_time,
    use_part,
)
from app.work.commands.jobs import (
    answer_customer,
    cancel_job,
    close_job,
    create_job,
    hear_customer,
    hold_job,
    remove_job,
    remove_visit,
    reopen_job,
    resume_job,
    split_job,
    triage_job,
    update_job,
)
from app.work.commands.late import open_conflict, record_late_fact
from app.work.commands.notes import add_note, update_note
from app.work.commands.requests import convert_request, create_request, merge_requests, update_request
from app.work.commands.resolving import resolve_conflict
from app.work.commands.scoring import refresh_scores
from app.work.commands.stepping import transition, transition_from_device
from app.work.commands.times import When, when
from app.work.commands.visits import ask_abort, assign, create_visit, follow_up, update_visit
from app.work.preparing import hold_visits

__all__ = [
    "When",
    "add_note",
    "answer_customer",
    "answer_item",
    "ask_abort",
    "assign",
    "cancel_job",
    "close_job",
    "convert_request",
    "create_job",
    "create_request",
    "create_visit",
    "follow_up",
    "hear_customer",
    "hold_job",
    "hold_visits",
    "lock_visit",
    "merge_requests",
    "open_conflict",
    "record_evidence",
    "record_late_fact",
    "record_time",
    "refresh_scores",
    "remove_job",
    "remove_visit",
    "reopen_job",
    "resolve_conflict",
    "resume_job",
    "split_job",
    "transition",
    "transition_from_device",
    "triage_job",
    "update_job",
    "update_note",
    "update_request",
    "update_time",
    "update_visit",
    "use_part",
    "when",
]
