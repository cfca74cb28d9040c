"""A PostgreSQL cluster of our own: unix socket only, made on first start, repaired after a crash.

The cluster's OS user is its superuser (peer authentication). Callout's own roles sign in with passwords that
lie in the data folder's secrets: `callout_owner` owns the database and migrates it, `callout_app` serves
requests behind row-level security, `callout_drain` stamps the synchronisation feed.
"""

import hashlib
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from ops.errors import OpsError
from ops.folders import database_account, make_folder, secret, socket_folder
from ops.pgprograms import binaries
from ops.pgsettings import FAST_SETTINGS, SETTINGS
from ops.processes import end, working_in

DATABASE = "callout"
ROLES = {"callout_owner": "CREATEDB", "callout_app": "NOCREATEDB", "callout_drain": "NOCREATEDB"}
EXTENSIONS = ("postgis", "pg_trgm", "btree_gist", "pgcrypto", "citext", "unaccent")
START_SECONDS = 300


class Postgres:
    """The private cluster in `data`/postgres.

    Args:
        data: Callout's data folder; the database user must be able to pass through it.
        fast: Trade safety at a power cut for speed (tests).
    """

    def __init__(self, data: Path, *, fast: bool = False) -> None:
        self.data = data
        self.fast = fast
        self.folder = data / "postgres"
        self.log = data / "logs" / "postgres" / "postgres.log"
        self.account = database_account()

    @property
    def sockets(self) -> Path:
        return socket_folder(self.data, "postgres", self.account)

    def url(self, role: str, database: str = DATABASE) -> str:
        """SQLAlchemy's address of `database` for one of our roles, password included."""
        password = secret(self.data, role)
        return f"postgresql+psycopg2://{role}:{quote(password)}@/{database}?host={quote(str(self.sockets), safe='')}"

    def running(self) -> bool:
        """True when the server of this very folder runs (a stale pid file does not count)."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return False
        return pid in working_in(self.folder, "postgres")

    def crashed(self) -> bool:
        """True when the server ended without tidying up; one that somebody stopped has not crashed."""
        return (self.folder / "postmaster.pid").exists() and not self.running()

    def start(self) -> None:
        """Make the cluster if there is none, start it unless it runs, and see that roles and extensions are there."""
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        if not self.running():
            self._clear_after_crash()
            self._configure()
            self._launch()
        self._bootstrap()

    def stop(self) -> None:
        """Stop the server, giving open transactions a moment; nothing happens when it does not run."""
        if self.running():
            self._run("pg_ctl", "-D", str(self.folder), "-m", "fast", "-t", "60", "-w", "stop")

    def sql(self, statements: str, database: str = "postgres") -> str:
        """Run `statements` as the superuser; the answer is unaligned text without headings."""
        return self._run(
            *("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"),
            *("-h", str(self.sockets), "-U", self.account.pw_name, "-d", database),
            text=statements,
        )

    def _initialise(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)  # what an interrupted initdb left
        make_folder(self.folder, 0o700, self.account)
        making = self.folder / "cluster.new"
        options = ["-E", "UTF8", "--locale=C.UTF-8", "--auth=peer", "-U", self.account.pw_name, "--data-checksums"]
        self._run("initdb", "-D", str(making), *options, *(["--no-sync"] if self.fast else []))
        # PG_VERSION moves last: the cluster counts as made only when all of it is in place.
        for path in sorted(making.iterdir(), key=lambda path: path.name == "PG_VERSION"):
            path.rename(self.folder / path.name)
        making.rmdir()

    def _clear_after_crash(self) -> None:
        """End backends that outlived a killed server, and drop its pid files.

        PostgreSQL would keep them when their pid lives on as somebody else's process, or as a zombie.
        """
        end(working_in(self.folder, "postgres"), first=signal.SIGQUIT)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink()

    def _configure(self) -> None:
        settings = SETTINGS | (FAST_SETTINGS if self.fast else {})
        settings["unix_socket_directories"] = f"'{self.sockets}'"
        lines = [f"{name} = {value}" for name, value in settings.items()]
        note = "# Written by ./callout at each start; your own settings belong in local.conf beside this file."
        self._write("postgresql.conf", "\n".join([note, *lines, "include = 'local.conf'", ""]))
        if not (self.folder / "local.conf").exists():
            self._write("local.conf", "# Settings of this machine; they win over those of postgresql.conf.\n")
        self._write(
            "pg_hba.conf",
            f'local all "{self.account.pw_name}" peer\nlocal all {",".join(ROLES)} scram-sha-256\n',
        )

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        if os.getuid() == 0:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def _launch(self) -> None:
        make_folder(self.log.parent, 0o700, self.account)
        try:
            self._run(
                *("pg_ctl", "-D", str(self.folder), "-l", str(self.log), "-s"),
                *("-w", "-t", str(START_SECONDS), "start"),
            )
        except OpsError as failed:
            tail = "\n".join(self.log.read_text().splitlines()[-15:]) if self.log.exists() else ""
            raise OpsError(f"{failed.message}\n{tail}", f"The whole log: {self.log}") from failed

    def _bootstrap(self) -> None:
        """Make roles, extensions and the database; a mark remembers which version of this was done."""
        roles = [
            f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n"
            f"ALTER ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE {options} PASSWORD "
            f"'{secret(self.data, role)}';"
            for role, options in ROLES.items()
        ]
        # The owner drops and replaces databases (restores, tests) that others may still be connected to.
        roles.append("GRANT pg_signal_backend TO callout_owner;")
        extensions = [f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS]
        database = (
            f"SELECT 'CREATE DATABASE {DATABASE} OWNER callout_owner' "
            f"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec"
        )
        mark = self.folder / "callout.bootstrap"
        version = hashlib.sha256("\n".join([*roles, *extensions, database]).encode()).hexdigest()
        if mark.exists() and mark.read_text() == version:
            return
        self.sql("\n".join(roles))
        # In template1, so that every database made later (tests clone many) has them: only the superuser may add them.
        self.sql("\n".join(extensions), "template1")
        self.sql(database)
        self.sql("\n".join(extensions), DATABASE)
        self._write(mark.name, version)

    def _run(self, program: str, *arguments: str, text: str = "") -> str:
        """Run one of PostgreSQL's programs as the cluster's OS user, deaf to PG* variables; its output comes back."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        environment |= {"HOME": self.account.pw_dir, "LC_ALL": "C.UTF-8"}
        # pg_ctl's server would inherit a pipe and keep it open for ever; its output goes to the log instead.
        piped = None if "start" in arguments else subprocess.PIPE
        drop = (
            {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []} if not os.getuid() else {}
        )
        done = subprocess.run(
            [str(binaries(self.folder) / program), *arguments],
            input=text.encode(),
            stdout=piped or subprocess.DEVNULL,
            stderr=piped or subprocess.DEVNULL,
            cwd="/",
            env=environment,
            check=False,
            **drop,  # type: ignore[call-overload]
        )
        if done.returncode:
            raise OpsError(f"{program} failed: {(done.stderr or b'').decode(errors='replace').strip()}")
        return (done.stdout or b"").decode()
