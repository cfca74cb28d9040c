"""Pure: from a row of an export to a record of ours, by a map. All of the row stays, in details."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
LONGEST = 50_000  # what the columns of one template may hold together, before it is filled in
LIMITS = {"external_id": 200, "subject": 500, "description": 20_000, "account": 300, "address": 500, "site_name": 500}
STATES = ("open", "closed", "cancelled")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Row = Mapping[str, Any]


class RowError(Exception):
    """Why one row cannot be taken; a sentence for whoever mends the file."""


@dataclass(frozen=True)
class Value:
    """A template with `{column}` in it, then perhaps a table from words of theirs to words of ours."""

    template: str
    table: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None

    @property
    def columns(self) -> set[str]:
        return set(PLACEHOLDER.findall(self.template))

    def of(self, row: Row) -> str:
        """The text for this row, trimmed; empty when every column in it is."""
        found = [_cell(row, column) for column in PLACEHOLDER.findall(self.template)]
        if sum(map(len, found)) > LONGEST:
            raise RowError(f"{', '.join(sorted(self.columns))}: longer than {LONGEST} characters together")
        if found and not any(found):
            given = ""
        else:
            given = PLACEHOLDER.sub(lambda match: _cell(row, match[1]), self.template).strip(" ,;:|\t\r\n")
        if not self.table and self.otherwise is None:
            return given
        return self.table.get(given, self.otherwise if self.otherwise is not None else given)


@dataclass(frozen=True)
class Map:
    """How an export is read. source names it; timezone is for times without zone; job_types are made when missing."""

    source: str
    fields: Mapping[str, Value]
    timezone: str = "UTC"
    job_types: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def columns(self) -> set[str]:
        """The columns that the map speaks of."""
        return set().union(*(value.columns for value in self.fields.values()))


@dataclass(frozen=True)
class Record:
    """One request as we take it."""

    external_id: str
    subject: str
    description: str
    channel: str
    priority: int | None
    reported_at: datetime | None
    due_at: datetime | None
    state: str
    account: str
    site_key: str
    site_name: str
    address: str
    place: tuple[float, float] | None
    job_type: str
    details: dict[str, str]


def read(shape: Map, row: Row, channels: tuple[str, ...]) -> Record:
    """The record of `row`. Raises RowError with the first thing that is wrong."""
    texts = {name: value.of(row) for name, value in shape.fields.items()}
    for name, text in texts.items():
        if len(text) > LIMITS.get(name, 1_000):
            raise RowError(f"{name}: longer than {LIMITS.get(name, 1_000)} characters")
        if "\x00" in text or (not text.isprintable() and re.search(r"[\ud800-\udfff]", text)):
            raise RowError(f"{name}: not readable text")
    for name in ("external_id", "subject"):
        if not texts.get(name):
            raise RowError(f"{name}: empty")
    place = _place(texts.get("latitude", ""), texts.get("longitude", ""))
    address = texts.get("address", "")
    # Coordinates stand in for an address that is missing; five decimals are a metre.
    spot = f"{place[1]:.5f},{place[0]:.5f}" if place else ""
    return Record(
        external_id=texts["external_id"],
        subject=texts["subject"],
        description=texts.get("description", ""),
        channel=_one_of("channel", texts.get("channel") or "import", channels),
        priority=_priority(texts.get("priority", "")),
        reported_at=_moment("reported_at", texts.get("reported_at", ""), shape.timezone),
        due_at=_moment("due_at", texts.get("due_at", ""), shape.timezone),
        state=_one_of("state", texts.get("state") or "open", STATES),
        account=texts.get("account", ""),
        site_key=" ".join((texts.get("site_key") or address or spot).upper().split()),
        site_name=texts.get("site_name") or address or spot,
        address=address,
        place=place,
        job_type=_one_of("job_type", texts.get("job_type", ""), (*shape.job_types, "")),
        details={str(column): text for column in row if (text := _clean(_cell(row, column)))},
    )


def _cell(row: Row, column: str) -> str:
    try:
        value = row[column]
    except KeyError:
        raise RowError(f"there is no column “{column}”") from None
    return "" if value is None else str(value).strip()


def _clean(text: str) -> str:
    return re.sub(r"[\x00\ud800-\udfff]", "�", text)


def _one_of(name: str, text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise RowError(f"{name}: “{text}” is none of {', '.join(filter(None, known))}")
    return text


def _priority(text: str) -> int | None:
    if text and text not in {"1", "2", "3", "4"}:
        raise RowError(f"priority: “{text}” is not 1 to 4")
    return int(text) if text else None


def _moment(name: str, text: str, timezone: str) -> datetime | None:
    """ISO 8601; without a zone it is the map's."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RowError(f"{name}: “{text}” is not a time in ISO 8601") from None
    if not EARLIEST <= moment <= LATEST:
        raise RowError(f"{name}: “{text}” does not lie between 1970 and 2200")
    return moment


def _place(latitude: str, longitude: str) -> tuple[float, float] | None:
    """(longitude, latitude) in degrees, or None when both are empty."""
    if not latitude and not longitude:
        return None
    try:
        lat, lon = float(latitude), float(longitude)
    except ValueError:
        raise RowError(f"latitude, longitude: “{latitude}”, “{longitude}” are not two numbers") from None
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise RowError(f"latitude, longitude: {latitude}, {longitude} is not a place on Earth (degrees are wanted)")
    return lon, lat
