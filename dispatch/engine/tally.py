"""How many engineers what keeps away from one visit: each of them counts once, in one pass over all days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from .answer import Reason, Rejection
from .batch import Mask
from .insertion import Asked, Insertion
from .model import Ints
from .rules import in_shift

ORDER = ("skill", "territory", "excluded", "crew", "off_shift", "parts", "max_jobs")
"""Standing rules, those first that nobody can change; hours come behind them."""


def by_engineer(looks: Iterable[tuple[Insertion, Asked]], possible: frozenset[str]) -> dict[str, Reason]:
    """For everybody who is not `possible` the first rule that fails, on the day on which the visit comes farthest.

    What nobody can change comes first (skill, territory, customer), what a dispatcher may move last (number of visits,
    hours). The reasons have no lengths of time.
    """
    said: tuple[Reason, ...] = ()
    rules, engineers = list[Ints](), list[str]()
    for search, asked in looks:
        said, fails = zip(*_rules(search, asked), strict=True)
        refused = np.flatnonzero(asked.among & ~search.who.among(possible))
        rules.append(np.array(fails)[:, refused].argmax(axis=0))
        engineers += [search.problem.days[d].engineer_id for d in refused.tolist()]
    if not engineers:
        return {}
    failed = np.concatenate(rules)
    # Whoever comes later in this order replaces what was said of the same engineer before.
    order = np.argsort(failed, kind="stable")
    return {engineers[i]: said[rule] for i, rule in zip(order.tolist(), failed[order].tolist(), strict=True)}


def _rules(search: Insertion, asked: Asked) -> Iterator[tuple[Reason, Mask]]:
    """What each rule says, and on which days it fails; `rules` says the same of one day."""
    visit, who, sheet = asked.visit, search.who, search.table.sheet
    for code, need in sorted(visit.skills.items()):
        yield Reason("skill", {"missing": code}), who.level(code) < need
    if visit.territory is not None:
        yield Reason("territory"), ~who.serves(visit.territory)
    barred = who.among(visit.excluded_engineers)
    if visit.required_engineers:
        barred = barred | ~who.among(visit.required_engineers)
    yield Reason("excluded"), barred
    yield Reason("crew"), who.crew < visit.crew_size
    yield Reason("off_shift"), ~in_shift(visit, sheet.begin, sheet.finish)
    if visit.parts:
        yield Reason("parts"), ~search.stocked(visit)
    yield Reason("max_jobs"), sheet.n >= who.max_jobs
    yield Reason("no_time"), np.ones(len(sheet.n), np.bool_)


def of_rejections(refused: Iterable[Rejection]) -> dict[str, Reason]:
    """The same of days whose reasons are known: of several changes of hours the least counts."""
    best: dict[str, tuple[int, Reason]] = {}
    for one in refused:
        rank, _, first = min(((_rank(reason), _length(reason), reason) for reason in one.reasons), key=lambda r: r[:2])
        if one.engineer_id not in best or rank > best[one.engineer_id][0]:
            best[one.engineer_id] = (rank, first)
    return {engineer_id: reason for engineer_id, (_, reason) in best.items()}


def _rank(reason: Reason) -> int:
    return ORDER.index(reason.rule) if reason.rule in ORDER else len(ORDER)


def _length(reason: Reason) -> float:
    """Seconds by which a limit has to give way; those of the break or of another visit are more than any."""
    seconds, limit = reason.numbers.get("seconds"), reason.numbers.get("limit")
    if not isinstance(seconds, int):
        return float("inf")
    return seconds - (limit if isinstance(limit, int) else 0)
