"""Decisions about people that need no database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from app.kernel.permissions import RIGHTS
from app.kernel.problems import Problem, invalid

DEMO_DOMAIN = "@demo.callout"
# What a machine may never hold: a person's own account, and making more keys.
NOT_FOR_MACHINES = frozenset({"self.use", "api_keys.write"})


def is_demo_address(email: str) -> bool:
    """True for the sign-ins of the demo day, whose password everybody knows."""
    return email.casefold().endswith(DEMO_DOMAIN)


def unknown_rights(rights: Iterable[str]) -> list[str]:
    """Those of `rights` that an API key cannot be given."""
    return sorted(right for right in rights if right not in RIGHTS or right in NOT_FOR_MACHINES)


def break_problem(starts_at: datetime, ends_at: datetime, breaks: list[dict[str, Any]]) -> Problem | None:
    """Why `breaks` do not fit into a shift: each lies inside, is long enough for its duration, none overlaps."""
    for index, one in enumerate(breaks):
        start, end = one["window_start"], one["window_end"]
        if not starts_at <= start < end <= ends_at:
            return invalid(f"/breaks/{index}", "A break must lie inside its shift.")
        if (end - start).total_seconds() < one["duration_s"]:
            return invalid(f"/breaks/{index}/duration_s", "The break does not fit into its window.")
    ordered = sorted(breaks, key=lambda one: one["window_start"])
    if any(later["window_start"] < earlier["window_end"] for earlier, later in pairwise(ordered)):
        return invalid("/breaks", "The windows of two breaks overlap.")
    return None


def merge_patch(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """RFC 7396: `patch` laid over `target`; null removes a member."""
    merged = dict(target)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            below = merged.get(key)
            merged[key] = merge_patch(below if isinstance(below, dict) else {}, value)
        else:
            merged[key] = value
    return merged
