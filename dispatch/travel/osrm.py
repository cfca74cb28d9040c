"""Travel from an OSRM server (`osrm-routed`) through its table service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import requests

from .grids import OFF_ROAD, Grid, Mask, Numbers, blocks, lost, whole
from .provider import Away, Matrix, Point, TravelFailed

BLOCK = 50
"""Origins, and targets, asked at once: an unchanged server accepts 100 points, and the address stays short."""


@dataclass(frozen=True)
class Osrm:
    """Provider for a server at `url`, e.g. `http://localhost:5000`. OSRM knows no hours: `depart` is not used.

    It takes every place to the nearest road of its map, however far that is: such places are left out here.
    """

    url: str
    profile: str = "driving"
    timeout: float = 5.0
    """seconds for each block"""
    name: str = "osrm"
    session: requests.Session = field(default_factory=requests.Session, compare=False)

    def matrix(self, origins: Sequence[Point], targets: Sequence[Point], depart: datetime) -> Matrix:
        """Ask block by block. Raises `TravelFailed` for nonsense or a map of elsewhere, `Away` for no answer."""
        grid = Grid(len(origins), len(targets))
        away, astray = np.zeros(len(origins), np.bool_), np.zeros(len(targets), np.bool_)
        for rows, columns in blocks(np.arange(len(origins)), np.arange(len(targets)), BLOCK):
            reply = self._table([origins[i] for i in rows], [targets[j] for j in columns])
            away[rows], astray[columns] = _off(reply, "sources", rows), _off(reply, "destinations", columns)
            grid.put(rows, columns, *(_grid(reply, name, rows, columns) for name in ("durations", "distances")))
        lost(self.name, int(away.sum() + astray.sum()), len(origins) + len(targets))
        return grid.without(away, astray).told(self.name)

    def _table(self, origins: Sequence[Point], targets: Sequence[Point]) -> dict[str, Any]:
        points = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in (*origins, *targets))
        query = {
            "sources": ";".join(map(str, range(len(origins)))),
            "destinations": ";".join(map(str, range(len(origins), len(origins) + len(targets)))),
            "annotations": "duration,distance",
        }
        return self._ask(f"table/v1/{self.profile}/{points}", query)

    def version(self) -> str:
        """The version of the map, as far as the server tells it."""
        return str(self._ask(f"nearest/v1/{self.profile}/0,0", {}).get("data_version", ""))

    def _ask(self, what: str, query: dict[str, str]) -> dict[str, Any]:
        try:
            reply = self.session.get(f"{self.url.rstrip('/')}/{what}", params=query, timeout=self.timeout)
        except requests.RequestException as error:
            raise Away(f"OSRM at {self.url}: {type(error).__name__}") from error
        try:
            body = reply.json()
        except ValueError as error:
            raise TravelFailed(f"OSRM at {self.url}: {reply.status_code} and no JSON") from error
        if not isinstance(body, dict) or body.get("code") != "Ok":
            code = body.get("code") if isinstance(body, dict) else "no object"
            raise TravelFailed(f"OSRM at {self.url}: {reply.status_code} {code}")
        return body


def _grid(reply: dict[str, Any], name: str, rows: Numbers, columns: Numbers) -> Any:
    """One table as whole numbers."""
    try:
        return whole(reply[name], len(rows), len(columns))
    except (KeyError, TypeError, ValueError) as error:
        raise TravelFailed(f"OSRM answered no usable {name}") from error


def _off(reply: dict[str, Any], name: str, places: Numbers) -> Mask:
    """Which places were taken to a road that is too far away; servers that do not tell are believed."""
    try:
        away = [float(one.get("distance", 0.0)) > OFF_ROAD for one in reply.get(name, ())]
    except (AttributeError, TypeError, ValueError) as error:
        raise TravelFailed(f"OSRM answered no usable {name}") from error
    return np.array(away if len(away) == len(places) else [False] * len(places), np.bool_)
