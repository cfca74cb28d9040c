"""Who acts: the identity, organisation, device and rights behind every transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from app.kernel.permissions import RIGHTS, Role, Scope, scope_of
from app.kernel.problems import FORBIDDEN


@dataclass(frozen=True)
class Actor:
    """One caller. `allowed` narrows an API key to the rights it was given; None means all of the role's."""

    org_id: UUID
    role: Role
    user_id: UUID | None = None
    name: str = ""
    device_id: UUID | None = None
    device_revoked: bool = False
    engineer_id: UUID | None = None
    territory_ids: frozenset[UUID] = field(default_factory=frozenset)
    allowed: frozenset[str] | None = None

    def scope(self, right: str) -> Scope | None:
        """The scope in which this actor holds `right`; None when not at all."""
        if self.role is Role.API_KEY:
            return Scope.ALL if right in RIGHTS and self.allowed and right in self.allowed else None
        scope = scope_of(self.role, right)
        if scope is Scope.TERRITORY and not self.territory_ids:
            return Scope.ALL
        return scope

    def demand(self, right: str) -> Scope:
        """The scope of `right`; raises a 403 problem when the actor does not hold it."""
        scope = self.scope(right)
        if scope is None:
            raise FORBIDDEN(f"Your role ({self.role}) does not include the right “{right}”.", right=right)
        return scope


def system_actor(org_id: UUID) -> Actor:
    """Callout itself, acting for one organisation."""
    return Actor(org_id=org_id, role=Role.SYSTEM, name="Callout")
