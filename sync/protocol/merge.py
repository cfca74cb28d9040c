"""Three-way merge per field: what nobody else touched applies; what somebody else changed meanwhile is kept aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Merged:
    """apply: fields to write. clash: fields that both sides changed to different values: {field: (mine, theirs)}."""

    apply: dict[str, Any]
    clash: dict[str, tuple[Any, Any]]


def merge(
    base_rev: int | None,
    rev: int,
    field_revs: Mapping[str, int] | None,
    now: Mapping[str, Any],
    mine: Mapping[str, Any],
    seen: Mapping[str, Any] | None = None,
) -> Merged:
    """Merges what a device changed into the row as it is.

    base_rev: the revision that the device had seen. None, or one that this row never had: every field may have changed.
    field_revs: for each field that ever changed, the revision that changed it; None when the row does not keep them.
    now: the row's present values, as a phone would see them. mine: the fields that the device changed.
    seen: values that the device had in mind: a field that still has its value is unchanged, whatever the revision says.
    """
    known = base_rev is not None and base_rev <= rev
    seen = seen or {}
    apply, clash = {}, {}
    for name, value in mine.items():
        changed_at = rev if field_revs is None else field_revs.get(name, 0)
        unchanged = name in seen and name in now and same(now[name], seen[name])
        if unchanged or (known and changed_at <= (base_rev or 0)):
            apply[name] = value
        elif name not in now or not same(now[name], value):
            clash[name] = (value, now.get(name))
    return Merged(apply, clash)


def same(one: Any, other: Any) -> bool:
    """True for equal JSON values, and for two spellings of the same moment (`Z` and `+00:00`)."""
    if one == other:
        return isinstance(one, bool) == isinstance(other, bool)
    first, second = _moment(one), _moment(other)
    return first is not None and first == second


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or not 20 <= len(value) <= 35:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
