"""Backup and restore: the whole database, the media folder and Callout's keys in one tar file.

A backup is taken while everything runs: the dump is one snapshot, and media are added afterwards, so that every
file which a row of the dump names is there. A restore fills a new database beside the present one and swaps them
only when it is complete; what was there stays untouched if anything fails.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from ops.archive import pack, unpack
from ops.errors import OpsError
from ops.pgprograms import binaries
from ops.postgres import EXTENSIONS, ROLES

DUMP, MEDIA, SECRETS = "database.dump", "media", "secrets"


def backup(file: Path, owner_url: str, data: Path) -> int:
    """Write the database at `owner_url`, media and keys of `data` to `file`, which appears only when it is complete.

    Returns:
        The size of the file in bytes.
    """
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        with NamedTemporaryFile(dir=file.parent, prefix=".callout-dump-") as dump:
            # PostGIS fills that table itself, and its rows belong to the superuser.
            options = ["--format=custom", "--exclude-table-data=spatial_ref_sys"]
            _program("pg_dump", owner_url, *options, f"--file={dump.name}")
            pack(unfinished, _files(Path(dump.name), data))
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return file.stat().st_size


def restore(file: Path, owner_url: str, data: Path) -> None:
    """Replace the database at `owner_url`, media and keys of `data` by those of `file`. Nothing may be using them.

    Raises:
        OpsError: The file is no backup of ours, or is damaged; what was there is untouched.
    """
    with TemporaryDirectory(dir=data, prefix="restore-") as name:
        folder = Path(name)
        unpack(file, folder, _known)
        database = str(make_url(owner_url).database)
        fresh = f"{database}_restored"
        _admin(owner_url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", fresh)
        _admin(owner_url, "CREATE DATABASE {} TEMPLATE template1", fresh)
        try:
            _fill(_on(owner_url, fresh), folder)
        except BaseException:
            _admin(owner_url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", fresh)
            raise
        _swap_databases(owner_url, database, fresh)
        _swap_media(data / MEDIA, folder / MEDIA, folder / "media.before")
        for path in (folder / SECRETS).glob("*"):
            path.replace(data / SECRETS / path.name)


def _files(dump: Path, data: Path) -> Iterator[tuple[str, Path]]:
    yield DUMP, dump
    for path in sorted((data / SECRETS).glob("*")):
        if path.is_file() and path.name not in ROLES:  # each cluster has its own
            yield f"{SECRETS}/{path.name}", path
    for folder, _, names in os.walk(data / MEDIA):
        for name in names:
            path = Path(folder, name)
            yield path.relative_to(data).as_posix(), path


def _known(name: str) -> bool:
    top, _, rest = name.partition("/")
    return name == DUMP or (top == MEDIA and bool(rest)) or (top == SECRETS and rest not in ROLES and "/" not in rest)


def _fill(url: str, folder: Path) -> None:
    """Load the dump, without the extensions (only a superuser may make them; template1 has them)."""
    with _connected(url) as connection:
        lacking = set(EXTENSIONS) - set(connection.scalars(text("SELECT extname FROM pg_extension")))
    if lacking:
        raise OpsError(f"template1 lacks the extensions {', '.join(sorted(lacking))}.", "Let a superuser make them.")
    entries = _program("pg_restore", None, "--list", str(folder / DUMP)).splitlines()
    wanted = folder / "entries"
    wanted.write_text("\n".join(entry for entry in entries if " EXTENSION " not in entry))
    options = ["--exit-on-error", "--no-owner", "--jobs=2", f"--use-list={wanted}"]
    _program("pg_restore", url, *options, str(folder / DUMP))
    with _connected(url) as connection:
        # Phones that synchronised with the database before must notice that its history is another one.
        if connection.scalar(text("SELECT to_regproc('sync_new_generation') IS NOT NULL")):
            connection.execute(text("SELECT sync_new_generation()"))


def _swap_databases(owner_url: str, database: str, fresh: str) -> None:
    before = f"{database}_before_restore"
    _admin(owner_url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", before)
    # One transaction: at no moment is there no database.
    _admin(
        owner_url,
        "BEGIN; ALTER DATABASE {} RENAME TO {}; ALTER DATABASE {} RENAME TO {}; COMMIT",
        database,
        before,
        fresh,
        database,
    )
    _admin(owner_url, "DROP DATABASE {} WITH (FORCE)", before)


def _swap_media(media: Path, restored: Path, before: Path) -> None:
    with suppress(FileNotFoundError):
        media.rename(before)
    restored.mkdir(exist_ok=True)
    restored.rename(media)


def _admin(owner_url: str, statement: str, *names: str) -> None:
    """Run a statement about databases, from the database `postgres`."""
    try:
        with _connected(_on(owner_url, "postgres")) as connection:
            quote = connection.dialect.identifier_preparer.quote
            connection.exec_driver_sql(statement.format(*map(quote, names)))
    except SQLAlchemyError as failed:
        raise OpsError(f"The database refuses: {failed}", "Is somebody else connected to it?") from failed


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """A connection without a transaction around it."""
    with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        yield connection


def _on(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _program(program: str, url: str | None, *arguments: str) -> str:
    """Run pg_dump or pg_restore; the password goes by the environment, where other users cannot see it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    address: list[str] = []
    if url:
        parts = make_url(url).set(drivername="postgresql")
        environment["PGPASSWORD"] = str(parts.password or "")
        address = [f"--dbname={parts._replace(password=None).render_as_string()}"]
    done = subprocess.run(
        [str(binaries() / program), *address, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OpsError(f"{program} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout
