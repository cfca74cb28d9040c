"""The engine's reasons and terms on the wire: a code, its numbers, and a sentence in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from app.kernel.rows import plain
from dispatch.engine.answer import Candidate, Reason, Rejection, Term
from dispatch.engine.wording import count_text, reason_text, term_text, way_text


@dataclass(frozen=True)
class Voice:
    """In which language, in which time zone's hours and by which names somebody is told."""

    language: str = "en"
    zone: tzinfo = UTC
    names: Mapping[str, str] = field(default_factory=dict)
    """words for ids and codes"""

    def reason(self, reason: Reason) -> dict[str, Any]:
        """A reason with its sentence."""
        return {**stored(reason), "detail": reason_text(reason, self.language, self.zone, self.names)}

    def term(self, term: Term) -> dict[str, Any]:
        """A term with its words."""
        return {"name": term.name, "points": round(term.points, 2) or 0.0, "detail": term_text(term, self.language)}

    def count(self, rule: str, count: int, missing: str | None = None) -> dict[str, Any]:
        """For how many a rule says no, with its words; `missing` is the code of the skill that it is about."""
        named = None if missing is None else self.names.get(missing, missing)
        return {"rule": rule, "count": count, "detail": count_text(rule, count, self.language, named)}

    def who(self, engineer_id: str) -> dict[str, Any]:
        """An engineer by id and, where it is known, by name."""
        return {"engineer_id": engineer_id, "engineer_name": self.names.get(engineer_id)}

    def way(self, engineer_id: str, reasons: Iterable[Reason]) -> dict[str, Any]:
        """An engineer with what would have to give way, and all of that in one sentence."""
        told = [*reasons]
        detail = way_text(told, self.language, self.zone)
        who = self.names.get(engineer_id)
        sentence = f"{who}{'：' if self.language == 'zh' else ': '}{detail}" if who else detail
        return {**self.who(engineer_id), "reasons": [self.reason(one) for one in told], "detail": sentence}


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
        **voice.who(found.engineer_id),
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


def least(found: Iterable[Rejection]) -> dict[str, Rejection]:
    """For each engineer the day on which least stands in the way."""
    best: dict[str, Rejection] = {}
    for rejection in found:
        known = best.get(rejection.engineer_id)
        if known is None or len(rejection.reasons) < len(known.reasons):
            best[rejection.engineer_id] = rejection
    return best


def counted(found: Iterable[Reason], voice: Voice) -> list[dict[str, Any]]:
    """For how many each rule (and each skill) says no, most first, when every engineer has one reason."""
    told = [*found]
    same = {id(one): one for one in told}  # the very same reason stands for many
    counts = Counter[tuple[str, object]]()
    for key, times in Counter(map(id, told)).items():
        counts[same[key].rule, same[key].numbers.get("missing")] += times
    return [
        voice.count(rule, count, None if missing is None else str(missing))
        for (rule, missing), count in counts.most_common()
    ]


def rejected(found: Iterable[Rejection], voice: Voice) -> list[dict[str, Any]]:
    """One entry for each engineer: the day on which least stands in the way."""
    return [{**voice.who(e), "reasons": [voice.reason(r) for r in one.reasons]} for e, one in least(found).items()]
