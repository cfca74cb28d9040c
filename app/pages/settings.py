"""What this room is told from outside: the ground of the maps, read once per process."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

HOST = re.compile(r"https?://[A-Za-z0-9.*\[\]:-]+")


@dataclass(frozen=True)
class Ground:
    """A ground for the maps beside the outlines that are part of the pages. Everything is optional.

    style: the address of a MapLibre style. tiles: the address of pictures, with {z}, {x} and {y}, where there is no
    style. attribution: whom to name for them. hosts: whom the pages may ask for maps, besides the hosts of these two.
    """

    style: str
    tiles: str
    attribution: str
    hosts: tuple[str, ...]

    def document(self) -> dict[str, str]:
        """What the pages are told."""
        told = {"style": self.style, "tiles": self.tiles, "attribution": self.attribution}
        return {name: value for name, value in told.items() if value}


def read(env: Mapping[str, str]) -> Ground:
    """The settings of `env`. Raises ValueError that names the variable at fault."""
    style, tiles = env.get("CALLOUT_MAP_STYLE", ""), env.get("CALLOUT_MAP_TILES", "")
    if tiles and not all(part in tiles for part in ("{z}", "{x}", "{y}")):
        raise ValueError("CALLOUT_MAP_TILES needs {z}, {x} and {y} in its address.")
    named = {"CALLOUT_MAP_STYLE": style, "CALLOUT_MAP_TILES": tiles}
    hosts = [_host(name, address) for name, address in named.items() if address]
    hosts += [_host("CALLOUT_MAP_HOSTS", one) for one in env.get("CALLOUT_MAP_HOSTS", "").split()]
    return Ground(style, tiles, env.get("CALLOUT_MAP_ATTRIBUTION", ""), tuple(dict.fromkeys(filter(None, hosts))))


def _host(name: str, address: str) -> str:
    """`https://tiles.example.org` of an address there; empty for one on this server."""
    if address.startswith("/") and not address.startswith("//"):
        return ""
    parts = urlsplit(address)
    host = f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"
    if not HOST.fullmatch(host):
        raise ValueError(f"{name} must be an address such as https://tiles.example.org/…, or a path on this server.")
    return host


@lru_cache(maxsize=1)
def ground() -> Ground:
    """The ground of this process."""
    return read(os.environ)
