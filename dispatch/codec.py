"""A problem as plain data and back, so that a proposal can be replayed long after; its matrices as packed bytes."""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import Any

import numpy as np

from dispatch.engine.model import Break, EngineerDay, Lock, MatrixTravel, Problem, Visit, Weights

SETS = ("territories", "required_engineers", "excluded_engineers", "preferred_engineers", "known_by")


def packed(problem: Problem) -> dict[str, Any]:
    """Everything but travel, as JSON."""
    return {
        "days": [_plain(asdict(day)) for day in problem.days],
        "visits": [_plain(asdict(visit)) for visit in problem.visits],
        "routes": {day: list(route) for day, route in problem.routes.items()},
        "weights": asdict(problem.weights),
        "source": problem.travel.source,
    }


def packed_travel(travel: MatrixTravel) -> bytes:
    """Both matrices, compressed."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, seconds=travel.second_matrix, metres=travel.metre_matrix)
    return buffer.getvalue()


def unpacked(data: dict[str, Any], travel: bytes) -> Problem:
    """The problem that `packed` and `packed_travel` were given."""
    with np.load(io.BytesIO(travel)) as arrays:
        matrices = MatrixTravel(arrays["seconds"], arrays["metres"], data["source"])
    return Problem(
        days=tuple(_day(day) for day in data["days"]),
        visits=tuple(_visit(visit) for visit in data["visits"]),
        travel=matrices,
        routes={day: tuple(route) for day, route in data["routes"].items()},
        weights=Weights(**data["weights"]),
    )


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    return {key: sorted(value) if key in SETS else value for key, value in data.items()}


def _sets(data: dict[str, Any]) -> dict[str, Any]:
    return {key: frozenset(value) if key in SETS else value for key, value in data.items()}


def _day(data: dict[str, Any]) -> EngineerDay:
    return EngineerDay(**{**_sets(data), "breaks": tuple(Break(**one) for one in data["breaks"])})


def _visit(data: dict[str, Any]) -> Visit:
    lock = Lock(**data["lock"]) if data["lock"] else None
    return Visit(**{**_sets(data), "windows": tuple(map(tuple, data["windows"])), "lock": lock})
