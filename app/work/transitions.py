"""The one guarded table of a visit's steps, as data. Server and phone run the same definition: phones get `document`
from `GET /visit-table`, or ship `transitions.json`, which is made by `python -m app.work.transitions`.

A pair that is not here is refused with 409. Parties: `dispatcher` and `supervisor` by right, `engineer` by holding the
visit (alone or in its crew), `customer` through the portal or on the engineer's device.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.work.statuses import BEFORE_WORK, PASSING, VISIT_STATUSES

# The right that makes a party of an actor; the engineer must hold the visit as well.
PARTIES = {
    "dispatcher": "visits.write",
    "supervisor": "visits.review",
    "engineer": "visits.transition",
    "customer": "visits.transition",
}


@dataclass(frozen=True)
class Step:
    """One legal pair. `offline`: a phone may do it without a network. `guards` are names in `guards.GUARDS`."""

    source: str
    to: str
    who: tuple[str, ...]
    offline: bool = False
    reason: bool = False
    guards: tuple[str, ...] = ()
    event: str = ""

    @property
    def name(self) -> str:
        """The word of the event: the state's name unless the table says otherwise."""
        return self.event or self.to


OFFICE, FIELD, REVIEW = ("dispatcher",), ("engineer",), ("supervisor",)
ON_THE_SPOT = ("customer", "engineer")
COMPLETION = ("checklist", "photos", "signature")

STEPS: tuple[Step, ...] = (
    Step("draft", "scheduled", OFFICE),
    Step("scheduled", "dispatched", OFFICE, guards=("assigned",)),
    Step("dispatched", "accepted", FIELD, offline=True),
    Step("dispatched", "rejected", FIELD, offline=True, reason=True),
    Step("rejected", "scheduled", (), event="returned"),
    Step("accepted", "en_route", FIELD, offline=True),
    Step("en_route", "on_site", FIELD, offline=True, guards=("checklist",)),
    Step("on_site", "working", FIELD, offline=True, guards=("checklist",)),
    Step("working", "paused", FIELD, offline=True),
    Step("paused", "working", FIELD, offline=True),
    Step("working", "completed", FIELD, offline=True, guards=COMPLETION),
    *(
        Step(source, "cannot_complete", FIELD, offline=True, reason=True)
        for source in ("accepted", "en_route", "on_site", "working", "paused")
    ),
    Step("completed", "approved", REVIEW),
    Step("completed", "sent_back", REVIEW, reason=True),
    Step("sent_back", "working", (), event="reworked"),
    Step("completed", "confirmed", ON_THE_SPOT, offline=True),
    Step("completed", "disputed", ON_THE_SPOT, offline=True, reason=True),
    Step("disputed", "approved", REVIEW),
    *(Step(source, "cancelled", ("dispatcher", "customer"), reason=True) for source in BEFORE_WORK),
    *(
        Step(source, "scheduled", ("dispatcher", "customer"), event="rescheduled")
        for source in ("dispatched", "accepted", "en_route", "on_site")
    ),
    Step("working", "aborted", FIELD, offline=True, guards=("abort_asked",)),
)

_BY_PAIR = {(step.source, step.to): step for step in STEPS}


def step(source: str, to: str) -> Step | None:
    """The step from `source` to `to`, or None when the pair is illegal or only Callout itself takes it."""
    found = _BY_PAIR.get((source, to))
    return found if found and found.who else None


def automatic(source: str) -> Step | None:
    """The step that Callout takes at once from a status in which no visit rests."""
    return _BY_PAIR[(source, PASSING[source])] if source in PASSING else None


def allowed(source: str, parties: Iterable[str]) -> list[str]:
    """Where somebody who is these `parties` may take a visit that is in `source`, in the table's order."""
    mine = set(parties)
    return [s.to for s in STEPS if s.source == source and mine & set(s.who)]


def route(source: str, to: str) -> list[str]:
    """The shortest way from `source` to `to` by steps that a phone may take; empty when there is none."""
    ways: dict[str, list[str]] = {source: []}
    front = [source]
    while front and to not in ways:
        steps = [s for s in STEPS if s.source in front and s.offline and "engineer" in s.who and s.to not in ways]
        ways |= {s.to: [*ways[s.source], s.to] for s in reversed(steps)}
        front = [s.to for s in steps]
    return ways.get(to, [])


def document() -> dict[str, Any]:
    """The table as clients get it."""
    return {
        "version": 1,
        "statuses": list(VISIT_STATUSES),
        "passing": PASSING,
        "steps": [
            {
                "from": step.source,
                "to": step.to,
                "event": step.name,
                "who": list(step.who),
                "offline": step.offline,
                "reason": step.reason,
                "guards": list(step.guards),
            }
            for step in STEPS
        ],
    }


def render() -> str:
    """The table as the file that phones ship with."""
    return json.dumps(document(), indent=1) + "\n"


if __name__ == "__main__":
    Path(__file__).with_suffix(".json").write_text(render())
