"""Travel from a Valhalla server through its matrix service (`sources_to_targets`).

It refuses a whole request for the sake of one pair: too many pairs (150), a pair too far apart (154), a place that is
not on its map (170, 171). What is refused is asked again in parts that it can answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import requests

from .grids import Grid, Numbers, alike, blocks, halves, lost, whole
from .provider import Away, Matrix, Point, TravelFailed
from .straight import great_circle

SIDE = 50
"""Origins, and targets, asked at once: an unchanged server accepts 2,500 pairs."""
FARTHEST = 400_000.0
"""Metres as the crow flies between two places that an unchanged server measures at most."""
TOO_MANY, TOO_FAR, OFF_MAP = 150, 154, (170, 171)
"""Its codes for what a smaller question avoids."""
LOCATED = 20
"""Places looked for at once."""
Part = tuple[Numbers, Numbers]


class Refused(Exception):
    """A request that the server understood and does not answer: its code and its words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code, self.words = code, words


@dataclass(frozen=True)
class Valhalla:
    """Provider for a server at `url`, e.g. `http://localhost:8002`.

    `depart` is not used: a server that is not told otherwise ignores the hour in matrices.
    """

    url: str
    costing: str = "auto"
    timeout: float = 30.0
    """seconds for each request: its matrices take far longer than OSRM's"""
    name: str = "valhalla"
    session: requests.Session = field(default_factory=requests.Session, compare=False)

    def matrix(self, origins: Sequence[Point], targets: Sequence[Point], depart: datetime) -> Matrix:
        """Ask block by block. Pairs farther apart than the server measures are unreachable.

        Raises `TravelFailed` when the server answers nonsense or lacks the map, `Away` when it does not answer.
        """
        return _Question(self, origins, targets).answer()

    def version(self) -> str:
        """The version of the map."""
        try:
            told = self.ask("/status", {})
        except Refused as refusal:
            raise TravelFailed(f"Valhalla at {self.url}: {refusal}") from refusal
        return str(told.get("tileset_last_modified", "")) if isinstance(told, dict) else ""

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """One request. Raises `Refused` for an error of the server's own, `Away` for none, else `TravelFailed`."""
        try:
            reply = self.session.post(f"{self.url.rstrip('/')}{path}", json=body, timeout=self.timeout)
        except requests.RequestException as error:
            raise Away(f"Valhalla at {self.url}: {type(error).__name__}") from error
        try:
            told = reply.json()
        except ValueError as error:
            raise TravelFailed(f"Valhalla at {self.url}: {reply.status_code} and no JSON") from error
        if reply.ok:
            return told
        code = told.get("error_code") if isinstance(told, dict) else None
        if isinstance(code, int):
            raise Refused(code, str(told.get("error")))
        raise TravelFailed(f"Valhalla at {self.url}: {reply.status_code}")


class _Question:
    """One matrix, asked in parts."""

    def __init__(self, server: Valhalla, origins: Sequence[Point], targets: Sequence[Point]) -> None:
        self.server, self.origins, self.targets = server, origins, targets
        self.grid = Grid(len(origins), len(targets))
        self.farthest, self.most = FARTHEST, SIDE * SIDE
        starts, ends = (np.array(points, dtype=float).reshape(-1, 2) for points in (origins, targets))
        self.apart = great_circle(starts[:, None], ends[None, :])
        self.found: dict[tuple[str, int], bool] = {}
        """places that were looked for, and whether they are on the map"""

    def answer(self) -> Matrix:
        try:
            for rows, columns in blocks(np.arange(len(self.origins)), np.arange(len(self.targets)), SIDE):
                for part in self._near(rows, columns):
                    self._measure(*part)
        except Refused as refusal:
            raise TravelFailed(f"Valhalla at {self.server.url}: {refusal}") from refusal
        off = sum(not there for there in self.found.values())
        lost(self.server.name, off, len(self.origins) + len(self.targets))
        return self.grid.told(self.server.name)

    def _near(self, rows: Numbers, columns: Numbers) -> Iterator[Part]:
        """The pairs that are near enough for the server, which measures the globe a little differently."""
        for some, those in alike(self.apart[np.ix_(rows, columns)] < 0.99 * self.farthest):
            yield rows[some], columns[those]

    def _measure(self, rows: Numbers, columns: Numbers) -> None:
        rows, columns = self._hopeful("origin", rows), self._hopeful("target", columns)
        if not (rows.size and columns.size):
            return
        if rows.size * columns.size > self.most:
            for part in halves(rows, columns):
                self._measure(*part)
            return
        try:
            told = self.server.ask("/sources_to_targets", self._body(rows, columns))
        except Refused as refusal:
            for part in self._parts(refusal, rows, columns):
                self._measure(*part)
            return
        self.grid.put(rows, columns, *_tables(told, len(rows), len(columns)))

    def _body(self, rows: Numbers, columns: Numbers) -> dict[str, Any]:
        places = {
            "sources": _places(self.origins[i] for i in rows),
            "targets": _places(self.targets[j] for j in columns),
        }
        return {**places, "costing": self.server.costing, "units": "kilometers", "verbose": False}

    def _parts(self, refusal: Refused, rows: Numbers, columns: Numbers) -> list[Part]:
        """What is asked instead; nothing for a single pair that no road connects."""
        single = rows.size * columns.size == 1
        if refusal.code in OFF_MAP:
            known = self._look_for("origin", self.origins, rows) | self._look_for("target", self.targets, columns)
            return [(rows, columns)] if known else [] if single else halves(rows, columns)
        if refusal.code == TOO_FAR:
            self.farthest = min(_limit(refusal), 0.9 * float(self.apart[np.ix_(rows, columns)].max()))
            return list(self._near(rows, columns))
        if refusal.code == TOO_MANY and not single:
            self.most = rows.size * columns.size - 1
            return [(rows, columns)]
        raise refusal

    def _look_for(self, side: str, points: Sequence[Point], numbers: Numbers) -> bool:
        """Finds out which of these places are on the map; True when some, not known so far, are not."""
        new = [int(n) for n in numbers if (side, int(n)) not in self.found]
        for i in range(0, len(new), LOCATED):
            some = new[i : i + LOCATED]
            body = {"locations": _places(points[n] for n in some), "costing": self.server.costing, "verbose": False}
            told = _found(self.server.ask("/locate", body), len(some))
            self.found.update({(side, n): there for n, there in zip(some, told, strict=True)})
        return not all(self.found[side, n] for n in new)

    def _hopeful(self, side: str, numbers: Numbers) -> Numbers:
        """The places without those that are known to be off the map."""
        return numbers[np.array([self.found.get((side, int(n)), True) for n in numbers], np.bool_)]


def _places(points: Any) -> list[dict[str, float]]:
    return [{"lon": round(lon, 6), "lat": round(lat, 6)} for lon, lat in points]


def _tables(told: Any, rows: int, columns: int) -> tuple[Any, Any]:
    """Seconds and metres of an answer, in the short form or in the long one that servers before 3.4 always give."""
    try:
        table = told["sources_to_targets"]
        if isinstance(table, list):
            cells = [cell for row in table for cell in row]
            seconds, kilometres = ([cell[name] for cell in cells] for name in ("time", "distance"))
        else:
            seconds, kilometres = table["durations"], table["distances"]
        return whole(seconds, rows, columns), whole(kilometres, rows, columns, 1000.0)
    except (KeyError, TypeError, ValueError) as error:
        raise TravelFailed("Valhalla answered no usable matrix") from error


def _found(told: Any, places: int) -> list[bool]:
    """For each place whether a road was found near it."""
    if not isinstance(told, list) or len(told) != places or not all(isinstance(one, dict) for one in told):
        raise TravelFailed("Valhalla answered no usable places")
    return [bool(one.get("edges") or one.get("nodes")) for one in told]


def _limit(refusal: Refused) -> float:
    """Metres that the server names as its limit; none named: half of what was thought."""
    named = re.search(r"(\d+) meters", refusal.words)
    return float(named[1]) if named else FARTHEST / 2
