"""Where two documents of one visit say different things: what was signed, and what is known now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

MAX_DIFFERENCES = 200
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")

# What counts, by section. Times that go on running, the wording of labels, names, prices and members that only one
# side tells do not: they are no other account of the work.
_TEXTS = ("work_done", "remarks")
_ROWS: dict[str, tuple[str, ...]] = {"checklist": ("answer",), "parts": ("quantity",), "photos": ("sha256",)}
_IF_TOLD = {"checklist": ("remark",), "parts": ("sku",)}
_TIMES = ("arrived_at", "started_at")


def differences(signed: dict[str, Any], now: dict[str, Any]) -> list[dict[str, Any]]:
    """`[{"pointer", "signed", "now"}, …]`: pointers name rows by id; a member that one side lacks is null."""
    found = [*_texts(signed, now), *_times(signed["times"], now["times"])]
    for section in _ROWS:
        found += _rows(section, signed[section], now[section])
    return found[:MAX_DIFFERENCES]


def _texts(signed: dict[str, Any], now: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in _TEXTS:
        if signed[name].strip() and now[name].strip() and signed[name].strip() != now[name].strip():
            yield _difference(f"/{name}", signed[name], now[name])


def _times(signed: dict[str, Any], now: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in _TIMES:
        if None not in (signed[name], now[name]) and _plain(signed[name]) != _plain(now[name]):
            yield _difference(f"/times/{name}", signed[name], now[name])


def _plain(moment: str) -> str:
    """The same moment in one spelling: `…:10.250Z`, `…:10.000Z` and `…:10Z`."""
    whole, _, fraction = moment.removesuffix("Z").partition(".")
    return f"{whole}.{fraction:0<3}"


def _rows(section: str, signed: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    named = all("id" in row for row in (*signed, *now))
    mine, theirs = _by_key(signed, named), _by_key(now, named)
    for key in [*mine, *(key for key in theirs if key not in mine)]:
        if key in mine and key in theirs:
            yield from _members(section, key, mine[key], theirs[key])
        elif any(row.get("answer", "told") is not None for row in (mine.get(key), theirs.get(key)) if row):
            yield _difference(f"/{section}/{key}", mine.get(key), theirs.get(key))


def _members(section: str, key: str, mine: dict[str, Any], theirs: dict[str, Any]) -> Iterator[dict[str, Any]]:
    told = [member for member in _IF_TOLD.get(section, ()) if mine.get(member) and theirs.get(member)]
    for member in (*_ROWS[section], *told):
        if _same_value(mine[member]) != _same_value(theirs[member]):
            yield _difference(f"/{section}/{key}/{member}", mine[member], theirs[member])


def _same_value(value: Any) -> Any:
    """Spellings of one value made equal: `1`, `1.000`; and the ids of photos, which stand as `true`."""
    if not isinstance(value, str):
        return value
    if all(_ID.fullmatch(part) for part in value.split(", ")):
        return True
    return Decimal(value).normalize() if _NUMBER.fullmatch(value) else value.strip()


def _by_key(rows: list[dict[str, Any]], named: bool) -> dict[str, dict[str, Any]]:
    """Rows by id; when one side has none, by name (the second of the same name is `name#2`)."""
    keyed: dict[str, dict[str, Any]] = {}
    for row in rows:
        key = row["id"] if named else row.get("name") or row.get("label", "")
        same = sum(other.partition("#")[0] == key for other in keyed)
        keyed[f"{key}#{same + 1}" if same else key] = row
    return keyed


def _difference(pointer: str, signed: Any, now: Any) -> dict[str, Any]:
    return {"pointer": pointer, "signed": signed, "now": now}
