"""Pure decisions of the work room: the status of a job, answers to checklist items, one-line checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.work.statuses import DONE, UNDER_WAY

MAX_ANSWER = 5_000


@dataclass(frozen=True)
class JobFacts:
    """All that a job's status hangs on: the statuses of its live visits and the deeds of the office."""

    visits: Sequence[str] = ()
    triaged: bool = False
    held: bool = False
    cancelled: bool = False
    closed: bool = False

    def any(self, *statuses: str) -> bool:
        return any(status in statuses for status in self.visits)


# The first row that holds gives the status. Visits that were cancelled, aborted or could not be completed count for
# nothing by themselves: without another visit the job is open again.
DERIVATION: tuple[tuple[str, Callable[[JobFacts], bool]], ...] = (
    ("cancelled", lambda job: job.cancelled),
    ("closed", lambda job: job.closed),
    ("on_hold", lambda job: job.held),
    ("in_progress", lambda job: job.any(*UNDER_WAY)),
    ("in_progress", lambda job: job.any(*DONE) and job.any("draft", "scheduled", "dispatched", "accepted")),
    ("completed", lambda job: job.any(*DONE)),
    ("scheduled", lambda job: job.any("scheduled", "dispatched", "accepted")),
    ("open", lambda job: job.triaged or job.any("cannot_complete", "aborted")),
    ("new", lambda job: True),
)


def job_status(job: JobFacts) -> str:
    """The status of a job: a function of its visits and its office facts, and of nothing else."""
    return next(status for status, holds in DERIVATION if holds(job))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_media(value: Any) -> bool:
    ids = value if isinstance(value, list) else [value]
    try:
        return 0 < len(ids) <= 100 and all(isinstance(one, str) and UUID(one) for one in ids)
    except ValueError:
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= MAX_ANSWER


def problem_of_answer(kind: str, options: Sequence[Any], value: Any) -> str | None:
    """Why `value` does not answer an item of `kind`, as a sentence; None when it does."""
    names = [option.get("value") if isinstance(option, dict) else option for option in options]
    fits: dict[str, tuple[bool, str]] = {
        "bool": (isinstance(value, bool), "Answer true or false."),
        "number": (_is_number(value), "Answer with a number."),
        "text": (_is_text(value), f"Answer with text of 1 to {MAX_ANSWER} characters."),
        "choice": (isinstance(value, str) and value in names, f"Answer one of: {', '.join(map(str, names))}."),
        "photo": (_is_media(value), "Answer with the id of the photo, or a list of ids."),
    }
    good, sentence = fits[kind]
    return None if good else sentence
