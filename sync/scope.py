"""Whose copy it is: the buckets that a user may hold, and what is masked in them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from app.kernel.actor import Actor
from app.kernel.permissions import Role
from app.kernel.problems import FORBIDDEN

SHARED = ("org", "parts", "articles")


@dataclass(frozen=True)
class Scope:
    """What one client may hold. `client_id` is its device, or the user for a client without one."""

    org_id: UUID
    user_id: UUID
    client_id: UUID
    buckets: tuple[str, ...]
    masked: bool

    @property
    def digest(self) -> str:
        """Changes when the buckets, or what is masked in them, change."""
        return hashlib.sha256("\n".join([str(self.masked), *self.buckets]).encode()).hexdigest()[:32]


def scope_of(actor: Actor) -> Scope:
    """The scope of a person. Raises 403 for a machine, which has no copy of its own."""
    if actor.user_id is None:
        raise FORBIDDEN("Only people synchronise; an API key reads the lists.")
    territories = sorted(f"territory:{territory}" for territory in actor.territory_ids)
    buckets = (f"user:{actor.user_id}", *SHARED, *territories)
    masked = actor.role is Role.SUBCONTRACTOR
    return Scope(actor.org_id, actor.user_id, actor.device_id or actor.user_id, buckets, masked)
