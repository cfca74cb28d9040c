"""Imports every table, so that models and migrations can be compared."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

ROOMS = (
    "app.kernel",
    "app.people",
    "app.places",
    "app.stock",
    "app.positions",
    "app.work",
    "app.notices",
    "app.push",
    "sync",
    "dispatch",
    "media",
)

for room in ROOMS:
    if find_spec(f"{room}.models"):
        import_module(f"{room}.models")


def ours(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """False for what PostGIS and partitions bring along; Alembic then leaves it alone."""
    if kind == "table" and reflected and compare_to is None:
        return name not in {"spatial_ref_sys", "alembic_version"} and not str(name).startswith("positions_")
    return True
