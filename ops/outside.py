"""A PostgreSQL that somebody else runs: who signs in there, and that nobody sees past row-level security."""

import os
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from ops.errors import OpsError
from ops.folders import secret
from ops.postgres import EXTENSIONS

APP, OWNER, DRAIN = "CALLOUT_DATABASE_URL", "CALLOUT_DATABASE_OWNER_URL", "CALLOUT_DATABASE_DRAIN_URL"
OF_ROLE = {"callout_app": APP, "callout_drain": DRAIN}
ABOUT = """
    SELECT rolsuper OR rolbypassrls OR (SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database
           WHERE datname = current_database()) AS above, rolsuper OR rolcreaterole AS makes_roles
    FROM pg_roles WHERE rolname = current_user
"""
REMEDY = (
    "Set all three: an ordinary role (callout_app), the owner of the database, and callout_drain; or only "
    f"{APP}, with a role that may make roles."
)


def addresses() -> dict[str, str]:
    """The addresses that the environment names, for SQLAlchemy; what is not named is that of `CALLOUT_DATABASE_URL`."""
    return {name: _psycopg2(os.environ.get(name) or os.environ[APP]) for name in (APP, OWNER, DRAIN)}


def prepare(data: Path) -> dict[str, str]:
    """Addresses that keep the application behind row-level security.

    A role that may make others is taken for the owner: it adds the extensions and `callout_app` and `callout_drain`,
    whose passwords lie in the secrets of `data`.

    Raises:
        OpsError: The server does not answer, or the application would see the rows of every organisation.
    """
    given = addresses()
    above, makes_roles = _about(given[APP])
    if not above and DRAIN in os.environ and OWNER in os.environ:
        return given
    if not above:
        lacking = [name for name in (OWNER, DRAIN) if name not in os.environ]
        raise OpsError(f"{APP} names an outside database, but {' and '.join(lacking)} are not set.", REMEDY)
    if not makes_roles or OWNER in os.environ:
        raise OpsError(f"The role in {APP} stands above row-level security.", REMEDY)
    with create_engine(given[APP], poolclass=NullPool).begin() as connection:
        _make(connection, data)
    for role, name in OF_ROLE.items():
        given[name] = make_url(given[name]).set(username=role, password=secret(data, role)).render_as_string(False)
    return given


def _about(address: str) -> tuple[bool, bool]:
    try:
        with create_engine(address, poolclass=NullPool).connect() as connection:
            found = connection.execute(text(ABOUT)).one()
    except SQLAlchemyError as failed:
        reason = str(failed.__cause__ or failed).strip()
        raise OpsError(f"The outside database does not answer: {reason}", f"Check {APP}.") from failed
    return bool(found.above), bool(found.makes_roles)


def _make(connection: Connection, data: Path) -> None:
    for name in EXTENSIONS:
        connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {name}"))
    for role in OF_ROLE:
        known = connection.scalar(text("SELECT true FROM pg_roles WHERE rolname = :role"), {"role": role})
        # The secret is of letters, digits, - and _ only; a role's password cannot be a bound parameter.
        verb = "ALTER" if known else "CREATE"
        connection.execute(text(f"{verb} ROLE {role} LOGIN PASSWORD '{secret(data, role)}'"))


def _psycopg2(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"postgresql+psycopg2://{rest}" if scheme in ("postgres", "postgresql") else address
