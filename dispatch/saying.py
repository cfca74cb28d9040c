"""The engine's reasons and terms on the wire: a code, its numbers, and a sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from app.kernel.rows import plain
from dispatch.engine.answer import Candidate, Reason, Rejection, Term
from dispatch.engine.wording import reason_text, term_text


@dataclass(frozen=True)
class Voice:
    """In which language and in which time zone's hours somebody is told."""

    language: str = "en"
    zone: tzinfo = UTC

    def reason(self, reason: Reason) -> dict[str, Any]:
        """A reason with its sentence."""
        return {**stored(reason), "detail": reason_text(reason, self.language, self.zone)}

    def term(self, term: Term) -> dict[str, Any]:
        """A term with its words."""
        return {"name": term.name, "points": round(term.points, 2), "detail": term_text(term, self.language)}


def stored(reason: Reason) -> dict[str, Any]:
    """A reason without words, as plans keep it."""
    return {"rule": reason.rule, "numbers": plain(dict(reason.numbers)), "any_of": reason.any_of}


def restored(data: dict[str, Any]) -> Reason:
    """The inverse of `stored`."""
    return Reason(data["rule"], data["numbers"], data["any_of"])


def moment(second: int) -> datetime:
    """A second of the engine as a moment."""
    return datetime.fromtimestamp(second, UTC)


def candidate(found: Candidate, voice: Voice) -> dict[str, Any]:
    """A candidate on the wire."""
    return {
        "engineer_id": found.engineer_id,
        "shift_id": found.day_id,
        "score": round(found.score, 2),
        "eta": moment(found.arrival),
        "start": moment(found.start),
        "end": moment(found.end),
        "added_travel_s": found.added_seconds,
        "added_travel_m": found.added_metres,
        "terms": [voice.term(term) for term in found.terms],
        "delays": [{"visit_id": d.visit_id, "delay_s": d.seconds, "late_s": d.late} for d in found.delays],
    }


def rejected(found: Iterable[Rejection], voice: Voice) -> list[dict[str, Any]]:
    """One entry for each engineer: the day on which least stands in the way."""
    best: dict[str, Rejection] = {}
    for rejection in found:
        known = best.get(rejection.engineer_id)
        if known is None or len(rejection.reasons) < len(known.reasons):
            best[rejection.engineer_id] = rejection
    return [{"engineer_id": e, "reasons": [voice.reason(r) for r in best[e].reasons]} for e in best]
