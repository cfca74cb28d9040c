"""A small export of another system, and the map that reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MAP: dict[str, Any] = {
    "source": "old",
    "timezone": "America/Chicago",
    "fields": {
        "external_id": "{no}",
        "subject": "{what}: {detail}",
        "channel": {"from": "{via}", "map": {"TEL": "phone"}, "otherwise": "import"},
        "reported_at": "{at}",
        "due_at": "{due}",
        "state": {"from": "{status}", "map": {"done": "closed"}, "otherwise": "open"},
        "account": "{customer}",
        "address": "{where}",
        "latitude": "{lat}",
        "longitude": "{lon}",
        "job_type": "repair",
    },
    "job_types": {"repair": {"name": "Repair", "duration_s": 1800}},
}
COLUMNS = ("no", "what", "detail", "via", "at", "due", "status", "customer", "where", "lat", "lon")


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A good row."""
    values = (
        str(number),
        "Lamp",
        "dark",
        "TEL",
        "2026-03-02T08:00:00",
        "",
        "new",
        "City",
        f"{number} Main St",
        "1",
        "2",
    )
    return {**dict(zip(COLUMNS, values, strict=True)), **changes}


def write(file: Path, rows: list[dict[str, Any]], raw: bytes = b"") -> Path:
    """The rows as a CSV file, then `raw` as it is."""
    lines = [",".join(COLUMNS), *(",".join(f'"{one[name]}"' for name in COLUMNS) for one in rows)]
    file.write_bytes("\n".join(lines).encode() + b"\n" + raw)
    return file
