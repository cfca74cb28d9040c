"""Where Callout keeps its data, and who may enter there."""

import fcntl
import hashlib
import os
import pwd
import secrets
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ops.errors import OpsError

CHECKOUT = Path(__file__).resolve().parent.parent
SOCKET_PATH_LIMIT = 107
LONGEST_SOCKET_NAME = len(".s.PGSQL.5432")


def short_hash(path: Path) -> str:
    """Ten hex digits that name a folder wherever its whole path would be too long."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:10]


def database_account() -> pwd.struct_passwd:
    """The OS user that PostgreSQL runs as: ourselves, or `postgres` when we are root (initdb refuses root).

    Raises:
        OpsError: Nobody of that name lives on this machine.
    """
    try:
        return pwd.getpwuid(os.getuid()) if os.getuid() else pwd.getpwnam("postgres")
    except KeyError as missing:
        raise OpsError(
            "The operating system knows no user that could run PostgreSQL.",
            "Install the package postgresql-postgis (it makes the user 'postgres'), "
            "or run as a user listed in /etc/passwd.",
        ) from missing


def can_enter(folder: Path, account: pwd.struct_passwd) -> bool:
    """True when `account` can reach `folder`, or the nearest of its parents that exists."""
    try:
        while not folder.exists():
            folder = folder.parent
    except PermissionError:
        return False
    if account.pw_uid == os.getuid():
        return os.access(folder, os.X_OK)
    asked = subprocess.run(
        ["test", "-x", str(folder)], user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd="/", check=False
    )
    return asked.returncode == 0


def data_folder(requested: str | Path | None = None) -> Path:
    """The folder that holds everything Callout keeps.

    Args:
        requested: What the user asked for; else `CALLOUT_DATA`; else `.callout` in the checkout, or
            `/var/lib/callout-<hash>` when the database user cannot enter the checkout.

    Raises:
        OpsError: The database user cannot enter a folder that was asked for explicitly.
    """
    wanted = requested or os.environ.get("CALLOUT_DATA")
    folder = Path(wanted).expanduser().resolve() if wanted else CHECKOUT / ".callout"
    if "CALLOUT_DATABASE_URL" in os.environ:
        return folder
    account = database_account()
    if can_enter(folder, account):
        return folder
    if wanted:
        raise OpsError(
            f"The database user '{account.pw_name}' cannot enter {folder}.",
            f"Give it the right to pass (chmod o+x on each parent folder of {folder}), "
            "or choose another place with --data, for example /var/lib/callout.",
        )
    return Path(f"/var/lib/callout-{short_hash(CHECKOUT)}")


def make_folder(folder: Path, mode: int, account: pwd.struct_passwd | None = None) -> Path:
    """Make `folder` with `mode`, owned by `account`; its missing parents may be passed through but not listed."""
    for parent in reversed(folder.parents):
        if not parent.exists():
            parent.mkdir(mode=0o711, exist_ok=True)
            parent.chmod(0o711)
    if not folder.exists():
        folder.mkdir(mode=mode, exist_ok=True)
        folder.chmod(mode)
        if account and account.pw_uid != os.getuid():
            os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def socket_folder(data: Path, name: str, account: pwd.struct_passwd) -> Path:
    """A private folder for the sockets of server `name`, short enough for the kernel's 107 bytes."""
    folder = data / "run" / name
    if len(os.fsencode(folder)) + 1 + LONGEST_SOCKET_NAME > SOCKET_PATH_LIMIT:
        base = Path("/run" if os.getuid() == 0 else "/tmp")
        folder = base / f"callout-{short_hash(data)}-{name}"
    make_folder(folder, 0o700, account)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.pw_uid or found.st_mode & 0o077:
        raise OpsError(f"{folder} is not a private folder of user '{account.pw_name}'.", f"Remove {folder}.")
    return folder


def secret(data: Path, name: str) -> str:
    """The secret `name` of this data folder, drawn at random when it is first asked for (file mode 0600)."""
    path = make_folder(data / "secrets", 0o700) / name
    if not path.exists():
        drawn = path.with_name(f"{name}.{os.getpid()}")
        with open(os.open(drawn, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        # A link appears whole or not at all, so that two processes at once agree on the first one's draw.
        with suppress(FileExistsError):
            os.link(drawn, path)
        drawn.unlink()
    return path.read_text()


@contextmanager
def locked(data: Path, name: str) -> Iterator[None]:
    """Hold the lock `name` of this data folder; wait for whoever holds it. The kernel frees it when a process dies."""
    make_folder(data, 0o711)
    with open(data / f"{name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
