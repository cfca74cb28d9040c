"""Migrations lead to exactly what the models say."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, NullPool, create_engine, text

from tests.migrations.comparing import differences


@pytest.fixture
def owner() -> Iterator[Connection]:
    with create_engine(os.environ["CALLOUT_DATABASE_OWNER_URL"], poolclass=NullPool).connect() as connection:
        yield connection


def test_an_empty_migrated_database_equals_the_models(owner: Connection) -> None:
    assert differences(owner) == []


def test_every_table_has_row_level_security_and_an_organisation(owner: Connection) -> None:
    tables = owner.execute(
        text("""
        SELECT relname, relrowsecurity,
               EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id') AS has_org,
               EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
          AND relname NOT IN ('spatial_ref_sys', 'alembic_version', 'organisations', 'sync_generations')
        """)
    ).all()
    assert len(tables) > 5
    assert [t.relname for t in tables if not (t.relrowsecurity and t.has_org and t.has_policy)] == []


def test_every_owner_function_is_narrow(owner: Connection) -> None:
    """SECURITY DEFINER functions pin their search path: nobody can slip a table of his own under them."""
    loose = owner.scalars(
        text("""
        SELECT proname FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
        WHERE prosecdef AND r.rolname = 'callout_owner'
          AND NOT coalesce(array_to_string(proconfig, ',') LIKE '%search_path=%', false)
        """)
    ).all()
    assert loose == []
