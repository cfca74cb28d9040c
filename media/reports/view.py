"""The report's document turned into printable strings: local times, durations, answers, prices."""

from __future__ import annotations

import json
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

TEMPLATE = Path(__file__).parent / "template"


@cache
def labels(language: str) -> dict[str, str]:
    """The words of the template in `language` (`en` or `zh`)."""
    loaded: dict[str, dict[str, str]] = json.loads((TEMPLATE / "labels.json").read_text("utf-8"))
    return loaded[language]


def zone(name: str) -> tzinfo:
    """The IANA zone `name`; UTC for a name that nobody knows, since a report must not fail for it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def moment(value: str | datetime | None, where: tzinfo) -> str:
    """A time as printed: local, to the minute, with its offset from UTC."""
    if value is None:
        return ""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = at.astimezone(where)
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M} (UTC{offset[:3]}:{offset[3:5]})"


def duration(seconds: int | None, words: dict[str, str]) -> str:
    """`1 h 25 min`."""
    if seconds is None:
        return ""
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} {words['h']} {minutes} {words['min']}" if hours else f"{minutes} {words['min']}"


def money(value: dict[str, str] | None) -> str:
    """`EUR 12.30`: the amount as it was signed, digit by digit."""
    return f"{value['currency']} {value['amount']}" if value else ""


def document_view(doc: dict[str, Any]) -> dict[str, Any]:
    """What the template prints of the signed document (`shapes/report.schema.json`), photos aside."""
    words, where, times = labels(doc["language"]), zone(doc["time_zone"]), doc["times"]
    asset = doc["asset"] or {}
    return {
        "language": doc["language"],
        "labels": words,
        "organisation": {"name": doc["organisation"]["name"]},
        "title": doc["visit"]["title"],
        "job": doc["visit"]["number"],
        "description": doc["visit"].get("description", ""),
        "account": doc["account"]["name"],
        "site": doc["site"]["name"],
        "address": doc["site"]["address"],
        "asset": {name: asset.get(name, "") for name in ("name", "model", "serial")},
        "engineers": ", ".join(engineer["name"] for engineer in doc["engineers"]),
        "arrived": moment(times["arrived_at"], where),
        "started": moment(times["started_at"], where),
        "finished": moment(times["finished_at"], where),
        "worked": duration(times["worked_s"], words),
        "travel": duration(times["travel_s"], words),
        "work_done": doc["work_done"],
        "checklist": [_check(item, words) for item in doc["checklist"]],
        "parts": [_part(part) for part in doc["parts"]],
        "prices": _prices(doc["prices"]),
        "remarks": doc["remarks"],
    }


def _check(item: dict[str, Any], words: dict[str, str]) -> dict[str, str]:
    answer = item["answer"]
    if isinstance(answer, bool):
        said = words["yes"] if answer else words["no"]
    else:
        said = words["open"] if answer is None else f"{answer} {item.get('unit', '')}".strip()
    return {"label": item["label"], "answer": said, "remark": item.get("remark", "")}


def _part(part: dict[str, Any]) -> dict[str, str]:
    quantity = f"{part['quantity']} {part.get('unit', '')}".strip()
    return {"name": part["name"], "sku": part.get("sku", ""), "quantity": quantity, "price": money(part["price"])}


def _prices(prices: dict[str, Any] | None) -> dict[str, Any] | None:
    if prices is None:
        return None
    lines = [{"label": line["label"], "amount": money(line["amount"])} for line in prices["lines"]]
    return {"lines": lines, "total": money(prices["total"])}
