"""Cut a large plan into parts of neighbouring days, anew each time, so that no border stays.

The engine knows no map, only travel between places. A place is drawn where its travel times to a few far-off others put
it: the two directions in which these times differ most are as good as a map for telling neighbours.
"""

from __future__ import annotations

import math
import random

import numpy as np

from .kernel import ABLE, ABLE_END, HOME, PLACE, Floats, Model
from .model import UNREACHABLE, Ints

LANDMARKS = 8
FAR = UNREACHABLE // 2
"""Travel times above this are no travel times."""


def drawn(m: Model) -> Floats:
    """Where each place lies, shape (places, 2), in seconds."""
    apart = _to_landmarks(m)
    apart -= apart.mean(axis=0)
    _, ways = np.linalg.eigh(apart.T @ apart)
    ways = ways[:, ::-1][:, :2]
    ways = ways * np.where(ways.sum(axis=0) < 0, -1.0, 1.0)
    flat = np.zeros((len(apart), 2))
    flat[:, : ways.shape[1]] = np.round(apart @ ways, 3)  # so that another machine's last digit changes nothing
    return flat


def _to_landmarks(m: Model) -> Floats:
    """Seconds between each place and the landmarks, which are far from one another; shape (places, landmarks)."""
    columns: list[Floats] = []
    nearest, landmark = np.full(len(m.seconds), np.inf), 0
    for _ in range(min(LANDMARKS, len(m.seconds))):
        column = (m.seconds[landmark].astype(np.float64) + m.into[landmark]) / 2
        known = column[column < FAR]
        columns.append(np.minimum(column, known.max(initial=0.0)))
        nearest = np.minimum(nearest, columns[-1])
        landmark = int(nearest.argmax())
    return np.array(columns).T


def centres(m: Model, spots: Floats, routes: list[Ints]) -> Floats:
    """The middle of each day's work, its home included; shape (D, 2)."""
    return np.array(
        [
            spots[[m.day[d, HOME], *m.visit[route, PLACE]]].mean(axis=0) if len(route) else spots[m.day[d, HOME]]
            for d, route in enumerate(routes)
        ]
    )


def cut(at: Floats, parts: int, chance: random.Random | None) -> list[Ints]:
    """The rows of `at` in `parts` of neighbours, by halving along the longest axis.

    With `chance` the axes are turned and the cuts shifted by up to half a part, so that every cut lies elsewhere.
    """
    return _cut(np.arange(len(at)), at, parts, chance)


def _cut(rows: Ints, at: Floats, parts: int, chance: random.Random | None) -> list[Ints]:
    if parts == 1:
        return [np.sort(rows)]
    few = parts // 2
    share, turn = float(few), 0.0
    if chance is not None:
        share, turn = share + chance.uniform(-0.5, 0.5), chance.uniform(0.0, math.pi)
    angle = _longest_axis(at[rows]) + turn
    order = rows[np.argsort(at[rows] @ (math.cos(angle), math.sin(angle)), kind="stable")]
    border = min(max(round(len(rows) * share / parts), few), len(rows) - (parts - few))
    return [*_cut(order[:border], at, few, chance), *_cut(order[border:], at, parts - few, chance)]


def _longest_axis(at: Floats) -> float:
    x, y = (at - at.mean(axis=0)).T
    return 0.5 * math.atan2(2 * float(x @ y), float(x @ x) - float(y @ y))


def visits_of(m: Model, spots: Floats, at: Floats, parts: list[Ints], routes: list[Ints]) -> list[Ints]:
    """For each part the visits that its days serve, and those without a place whose nearest able day it has."""
    owner = np.empty(len(at), np.int64)
    for p, part in enumerate(parts):
        owner[part] = p
    home = np.full(len(m.visit), -1)
    for d, route in enumerate(routes):
        home[route] = owner[d]
    for v in np.flatnonzero(home < 0).tolist():
        able = m.able[m.visit[v, ABLE] : m.visit[v, ABLE_END]]
        if len(able):
            home[v] = owner[able[((at[able] - spots[m.visit[v, PLACE]]) ** 2).sum(axis=1).argmin()]]
    return [np.flatnonzero(home == p) for p in range(len(parts))]
