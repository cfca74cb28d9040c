"""Travel from an OSRM server (`osrm-routed`) through its table service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import requests

from .provider import UNREACHABLE, Ints32, Matrix, Point, TravelFailed

BLOCK = 50
"""Origins, and targets, asked at once: an unchanged server accepts 100 points, and the address stays short."""


@dataclass(frozen=True)
class Osrm:
    """Provider for a server at `url`, e.g. `http://localhost:5000`. OSRM knows no hours: `depart` is not used."""

    url: str
    profile: str = "driving"
    timeout: float = 5.0
    """seconds for each block"""
    name: str = "osrm"
    session: requests.Session = field(default_factory=requests.Session, compare=False)

    def matrix(self, origins: Sequence[Point], targets: Sequence[Point], depart: datetime) -> Matrix:
        """Ask block by block. Raises `TravelFailed` when the server is away, slow or answers nonsense."""
        seconds = np.zeros((len(origins), len(targets)), dtype=np.int32)
        metres = np.zeros_like(seconds)
        for i in range(0, len(origins), BLOCK):
            for j in range(0, len(targets), BLOCK):
                rows, columns = origins[i : i + BLOCK], targets[j : j + BLOCK]
                reply = self._table(rows, columns)
                here = np.s_[i : i + len(rows), j : j + len(columns)]
                seconds[here] = _grid(reply, "durations", len(rows), len(columns))
                metres[here] = _grid(reply, "distances", len(rows), len(columns))
        return Matrix(seconds, metres, self.name)

    def _table(self, origins: Sequence[Point], targets: Sequence[Point]) -> dict[str, Any]:
        points = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in (*origins, *targets))
        query = {
            "sources": ";".join(map(str, range(len(origins)))),
            "destinations": ";".join(map(str, range(len(origins), len(origins) + len(targets)))),
            "annotations": "duration,distance",
        }
        try:
            address = f"{self.url.rstrip('/')}/table/v1/{self.profile}/{points}"
            reply = self.session.get(address, params=query, timeout=self.timeout)
            body = reply.json()
        except (requests.RequestException, ValueError) as error:
            raise TravelFailed(f"OSRM at {self.url}: {type(error).__name__}") from error
        if not isinstance(body, dict) or body.get("code") != "Ok":
            code = body.get("code") if isinstance(body, dict) else "no object"
            raise TravelFailed(f"OSRM at {self.url}: {reply.status_code} {code}")
        return body


def _grid(reply: dict[str, Any], name: str, rows: int, columns: int) -> Ints32:
    """One table as whole numbers, rounded up; pairs without a way become `UNREACHABLE`."""
    try:
        grid = np.array(reply[name], dtype=float).reshape(rows, columns)
    except (KeyError, TypeError, ValueError) as error:
        raise TravelFailed(f"OSRM answered no usable {name}") from error
    whole = np.ceil(np.nan_to_num(grid, nan=UNREACHABLE, posinf=UNREACHABLE, neginf=UNREACHABLE))
    out: Ints32 = np.clip(whole, 0, UNREACHABLE).astype(np.int32)
    return out
