"""Who may do what: rights by role, each with a scope. Deny by default: a right that is not listed is not given."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The roles of `product.md`; `system` is Callout itself (tasks, the drainer, commands on the machine)."""

    ADMIN = "admin"
    MANAGER = "manager"
    DISPATCHER = "dispatcher"
    AGENT = "agent"
    ENGINEER = "engineer"
    SUBCONTRACTOR = "subcontractor"
    STOREKEEPER = "storekeeper"
    CUSTOMER = "customer"
    AUDITOR = "auditor"
    API_KEY = "api_key"
    SYSTEM = "system"


class Scope(StrEnum):
    """How far a right reaches."""

    OWN = "own"
    TERRITORY = "territory"
    ALL = "all"


# One row a right; columns in the order of COLUMNS. "." none, "o" own, "t" own territories (all when the user has
# none assigned), "a" all. Admin and system have every right over everything and need no column.
COLUMNS = (
    Role.MANAGER, Role.DISPATCHER, Role.AGENT, Role.ENGINEER, Role.SUBCONTRACTOR, Role.STOREKEEPER, Role.AUDITOR,
)  # fmt: skip
TABLE = """
organisation.read    a a a a a a a
organisation.write   . . . . . . .
users.read           a a a . . . a
users.write          . . . . . . .
api_keys.read        . . . . . . a
api_keys.write       . . . . . . .
devices.read         a a . o o . a
devices.write        a . . o o . .
people.read          a a a a o a a
people.write         a . . . . . .
absences.read        a a . o o . a
absences.write       a a . o . . .
places.read          a a a o o a a
places.write         a a a . . . .
places.edit          a a a o o . .
territories.read     a a a a a a a
territories.write    a . . . . . .
requests.read        a a a . . . a
requests.write       a a a . . . .
job_types.read       a a a a a a a
job_types.write      a . . . . . .
jobs.read            a t a o o . a
jobs.write           a t a . . . .
visits.read          a t a o o . a
visits.write         a t . . . . .
visits.transition    a t . o o . .
visits.work          a t . o o . .
visits.review        a . . . . . .
visits.claim         . . . o o . .
notes.read           a t a o o . a
notes.write          a t a o o . .
conflicts.read       a t . o o . a
conflicts.resolve    a t . . . . .
parts.read           a a a a a a a
parts.write          a . . . . a .
stock.read           a a . o . a a
stock.write          a . . . . a .
expenses.read        a . . o o . a
expenses.write       a . . o o . .
expenses.review      a . . . . . .
positions.read       a t . o . . .
positions.write      . . . o o . .
dispatch.read        a t . . . . a
dispatch.plan        a t . . . . .
dispatch.assign      a t . . . . .
media.read           a t a o o . a
media.write          a t a o o . .
signatures.write     a t . o o . .
reports.read         a t a o o . a
sync.use             a a a a a a .
sync.status          a a . . . . a
tasks.read           a a a o o a a
audit.read           a t . . . . a
events.read          a a a . . . a
notices.read         a . . . . . a
"""

_LETTERS = {"o": Scope.OWN, "t": Scope.TERRITORY, "a": Scope.ALL}


def _parse(table: str) -> dict[str, dict[Role, Scope]]:
    rights: dict[str, dict[Role, Scope]] = {}
    for line in table.split("\n"):
        if not line.strip():
            continue
        right, *letters = line.split()
        granted = {role: _LETTERS[x] for role, x in zip(COLUMNS, letters, strict=True) if x != "."}
        rights[right] = {**granted, Role.ADMIN: Scope.ALL, Role.SYSTEM: Scope.ALL}
    return rights


RIGHTS = _parse(TABLE)
# Everybody who signs in looks after their own account, customers too.
RIGHTS["self.use"] = dict.fromkeys(Role, Scope.OWN)


def scope_of(role: Role, right: str) -> Scope | None:
    """The scope in which `role` holds `right`, None when it does not. Raises KeyError for an unknown right."""
    return RIGHTS[right].get(role)
