"""Mutations: their shape, and the order in which a device's sequence numbers let them run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sync.protocol.hostile import poisonous

TYPES = ("create", "update", "delete", "transition")
MEMBERS = {"id", "seq", "collection", "row_id", "type", "base_rev", "data", "seen", "device_at"}
MAX_REV = 2**31 - 1
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Malformed(ValueError):
    """A mutation that cannot be read; `pointer` names the member at fault."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail


@dataclass(frozen=True)
class Mutation:
    """One change as it came over the wire, checked for shape and no more.

    seen: values that the device had in mind for fields it changed, beside the revision.
    """

    id: UUID
    seq: int
    collection: str
    row_id: UUID
    kind: str
    base_rev: int | None
    data: dict[str, Any]
    device_at: datetime
    seen: dict[str, Any]


def parse(raw: dict[str, Any]) -> Mutation:
    """Reads a mutation whose `id` and `seq` are good already. Raises Malformed for anything else that is not right."""
    if reason := poisonous(raw):
        raise Malformed("", reason)
    kind = raw.get("type")
    if kind not in TYPES:
        raise Malformed("/type", f"One of {', '.join(TYPES)}.")
    collection = raw.get("collection")
    if not isinstance(collection, str):
        raise Malformed("/collection", "The name of a collection.")
    data = raw.get("data", {})
    if not isinstance(data, dict):
        raise Malformed("/data", "An object with the changed fields.")
    seen = raw.get("seen", {})
    if not isinstance(seen, dict):
        raise Malformed("/seen", "An object with values that the device had seen.")
    if unknown := set(raw) - MEMBERS:
        raise Malformed(f"/{min(unknown)}", "Unknown member.")
    return Mutation(
        id=raw["id"],
        seq=raw["seq"],
        collection=collection,
        row_id=_uuid(raw),
        kind=kind,
        base_rev=_base_rev(raw, kind),
        data=data,
        device_at=_moment(raw.get("device_at")),
        seen=seen,
    )


def _uuid(raw: dict[str, Any]) -> UUID:
    try:
        return UUID(raw["row_id"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Malformed("/row_id", "The id of a row (UUID).") from None


def _base_rev(raw: dict[str, Any], kind: str) -> int | None:
    base_rev = raw.get("base_rev")
    if base_rev is None:
        if kind in ("update", "delete"):
            raise Malformed("/base_rev", "Say which revision the device had seen.")
        return None
    if isinstance(base_rev, bool) or not isinstance(base_rev, int) or not 0 <= base_rev <= MAX_REV:
        raise Malformed("/base_rev", "A revision is a small whole number.")
    return base_rev


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise Malformed("/device_at", "A time needs its zone.")
        moment = moment.astimezone(UTC)
    except Malformed:
        raise
    except (TypeError, ValueError, OverflowError):
        raise Malformed("/device_at", "An RFC 3339 time with zone.") from None
    if not EARLIEST <= moment <= LATEST:
        raise Malformed("/device_at", "Must lie between 1970 and 2200.")
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass(frozen=True)
class Line:
    """What may happen to mutations now: `run` in this order; `held` wait for `expected`; `reused` are wrong."""

    run: list[int]
    held: list[int]
    reused: list[int]
    expected: int


def line_up(acked: int, offered: Iterable[int]) -> Line:
    """Sorts sequence numbers: those that follow `acked` without a gap run; behind a gap they are held.

    acked: the last number that ran. offered: numbers of mutations that have no result yet, new ones and held ones.
    A number that ran already, now on a mutation with another id, is `reused`.
    """
    run: list[int] = []
    held: list[int] = []
    reused: list[int] = []
    expected = acked + 1
    for seq in sorted(set(offered)):
        if seq < acked + 1:
            reused.append(seq)
        elif seq == expected:
            run.append(seq)
            expected += 1
        else:
            held.append(seq)
    return Line(run, held, reused, expected)
