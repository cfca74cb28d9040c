"""Databases for tests: a migrated template, named after the migrations' content, cloned for each test process."""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parent.parent


def migrations_digest() -> str:
    """A name for the present state of the migrations and of what else they install."""
    digest = hashlib.sha256()
    declarations = [*ROOT.glob("*/collections.py"), *ROOT.glob("app/*/collections.py"), ROOT / "sync" / "triggers.py"]
    for path in sorted([*(ROOT / "migrations").rglob("*.py"), *declarations]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def on(url: str, database: str) -> str:
    """`url` with another database name."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def migrate(url: str, revision: str = "head") -> None:
    """Brings the database at `url` (as owner) to `revision`."""
    config = AlembicConfig(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, revision)


def template(owner_url: str, data: Path) -> str:
    """The name of the migrated template; made once, whoever comes first."""
    name = f"template_{migrations_digest()}"
    with open(data / "template.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not exists(owner_url, name):
            create(owner_url, f"{name}_new")
            migrate(on(owner_url, f"{name}_new"))
            run(owner_url, f"ALTER DATABASE {name}_new RENAME TO {name}")
    return name


def clone(owner_url: str, data: Path, name: str) -> None:
    """A fresh database `name`, equal to the template."""
    source = template(owner_url, data)
    with open(data / "template.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        drop(owner_url, name)
        run(owner_url, f"CREATE DATABASE {name} TEMPLATE {source}")


def create(owner_url: str, name: str) -> None:
    """An empty database with the extensions (they come with template1)."""
    drop(owner_url, name)
    run(owner_url, f"CREATE DATABASE {name}")


def drop(owner_url: str, name: str) -> None:
    run(owner_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def exists(owner_url: str, name: str) -> bool:
    with create_engine(owner_url, poolclass=NullPool).connect() as connection:
        return connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}) is not None


def named(owner_url: str, pattern: str) -> list[str]:
    """The databases whose names match a regular expression."""
    with create_engine(owner_url, poolclass=NullPool).connect() as connection:
        found = connection.scalars(text("SELECT datname FROM pg_database WHERE datname ~ :p"), {"p": pattern})
        return list(found.all())


def run(owner_url: str, statement: str) -> None:
    """One statement outside any transaction."""
    engine = create_engine(owner_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))


def sweep(owner_url: str) -> None:
    """Drops the databases of test processes that died."""
    for name in named(owner_url, "^t_[0-9]+_"):
        if not os.path.exists(f"/proc/{name.split('_')[1]}"):
            drop(owner_url, name)
