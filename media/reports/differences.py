"""Where two documents of one visit say different things: what was signed, and what is known now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MAX_DIFFERENCES = 200

# What counts, by section. Times that go on running, the wording of labels, names, prices and texts that only one side
# knows do not: they are no other account of the work.
_TEXTS = ("work_done", "remarks")
_ROWS = {"checklist": ("answer", "remark"), "parts": ("quantity", "sku"), "photos": ("sha256",)}
_TIMES = ("arrived_at", "started_at")


def differences(signed: dict[str, Any], now: dict[str, Any]) -> list[dict[str, Any]]:
    """`[{"pointer", "signed", "now"}, …]`: pointers name rows by id; a member that one side lacks is null."""
    found = [*_texts(signed, now), *_times(signed["times"], now["times"])]
    for section, members in _ROWS.items():
        found += _rows(section, members, signed[section], now[section])
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


def _rows(
    section: str, members: tuple[str, ...], signed: list[dict[str, Any]], now: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    named = all("id" in row for row in (*signed, *now))
    mine, theirs = _by_key(signed, named), _by_key(now, named)
    for key in [*mine, *(key for key in theirs if key not in mine)]:
        if key not in mine or key not in theirs:
            yield _difference(f"/{section}/{key}", mine.get(key), theirs.get(key))
            continue
        for member in members:
            before, after = mine[key].get(member), theirs[key].get(member)
            if ("" if before is None else before) != ("" if after is None else after):
                yield _difference(f"/{section}/{key}/{member}", before, after)


def _by_key(rows: list[dict[str, Any]], named: bool) -> dict[str, dict[str, Any]]:
    """Rows by id; when one side has none, by article (the second of the same article is `sku#2`)."""
    keyed: dict[str, dict[str, Any]] = {}
    for row in rows:
        key = row["id"] if named else row.get("sku") or row.get("name") or row.get("label", "")
        same = sum(other.partition("#")[0] == key for other in keyed)
        keyed[f"{key}#{same + 1}" if same else key] = row
    return keyed


def _difference(pointer: str, signed: Any, now: Any) -> dict[str, Any]:
    return {"pointer": pointer, "signed": signed, "now": now}
