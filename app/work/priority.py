"""Pure: how many points a job has, why, and which words make it urgent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

STEPS = {1: 1.0, 2: 2 / 3, 3: 1 / 3, 4: 0.0}
"""How much of the weight a job of this urgency or importance gets; 1 is the most."""
TIERS = {"standard": 0.0, "silver": 1 / 3, "gold": 2 / 3, "platinum": 1.0}
HORIZON_S = 72 * 3600
"""A deadline farther away than this gives no points; a missed one gives all of them."""
PHRASES = (
    "gas smell", "smell of gas", "smells of gas", "gas leak", "carbon monoxide", "on fire", "explosion",
    "electric shock", "flooding", "burst pipe", "trapped in",
    "燃气味", "煤气味", "瓦斯味", "漏气", "燃气泄漏", "一氧化碳", "着火", "起火", "冒烟", "爆炸", "触电", "爆管",
    "被困",
)  # fmt: skip
DEFAULT_WORDS = tuple({"words": phrase, "priority": 1} for phrase in PHRASES)


@dataclass(frozen=True)
class Rules:
    """What an organisation counts: weights that total 100, points an hour of waiting past a threshold, words."""

    urgency: int = 40
    importance: int = 30
    tier: int = 20
    deadline: int = 10
    age_after_s: int = 14_400
    age_points: int = 2
    age_most: int = 20
    words: Iterable[Mapping[str, Any]] = DEFAULT_WORDS


@dataclass(frozen=True)
class Facts:
    """What a job's points hang on. `waiting_since` is None once somebody is to come."""

    priority: int
    importance: int
    tier: str
    due_at: datetime | None
    waiting_since: datetime | None


@dataclass(frozen=True)
class Term:
    """Points for one reason, of the most that it could give; `numbers` fill its sentence."""

    name: str
    points: float
    most: int
    numbers: dict[str, Any] = field(default_factory=dict)


def terms(facts: Facts, rules: Rules, now: datetime) -> list[Term]:
    """The reasons of a job's points; their sum is its score, up to 100 and what waiting adds."""
    return [
        Term("urgency", rules.urgency * STEPS[facts.priority], rules.urgency, {"priority": facts.priority}),
        Term("importance", rules.importance * STEPS[facts.importance], rules.importance, {"level": facts.importance}),
        Term("tier", rules.tier * TIERS[facts.tier], rules.tier, {"tier": facts.tier}),
        _deadline(facts.due_at, rules.deadline, now),
        *_age(facts.waiting_since, rules, now),
    ]


def _deadline(due_at: datetime | None, weight: int, now: datetime) -> Term:
    if due_at is None:
        return Term("deadline", 0.0, weight)
    left = (due_at - now).total_seconds()
    share = min(1.0, max(0.0, 1 - left / HORIZON_S))
    return Term("deadline", weight * share, weight, {"minutes": round(left / 60)})


def _age(since: datetime | None, rules: Rules, now: datetime) -> list[Term]:
    waited = (now - since).total_seconds() if since else 0.0
    over = (waited - rules.age_after_s) / 3600
    if over <= 0:
        return []
    points = min(float(rules.age_most), rules.age_points * over)
    return [Term("age", points, rules.age_most, {"minutes": round(waited / 60)})]


def score(reasons: Iterable[Term]) -> float:
    """The points of a job, to two places."""
    return round(sum(reason.points for reason in reasons), 2)


def urgent_word(text: str, rules: Rules) -> tuple[str, int] | None:
    """The most urgent words that `text` contains, and the priority that they give; None when it has none.

    Words of letters with spaces between them count as whole words; Chinese has none and is found anywhere.
    """
    heard = " ".join(text.casefold().split())
    found = [(entry["priority"], entry["words"]) for entry in rules.words if _says(heard, entry["words"])]
    return (min(found)[1], min(found)[0]) if found else None


def _says(heard: str, words: str) -> bool:
    wanted = " ".join(words.casefold().split())
    if wanted.isascii():
        return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", heard) is not None
    return wanted in heard
