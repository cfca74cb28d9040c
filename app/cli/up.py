"""`./callout up`: everything that runs, from an empty machine to a page that answers."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import click

from app.cli.introduction import introduce
from app.cli.servers import at_head, data_option
from ops import tls
from ops.address import Address
from ops.errors import OpsError
from ops.folders import CHECKOUT, data_folder
from ops.presence import present
from ops.stack import Stack
from ops.supervisor import MARK, Program, Supervisor

READY_SECONDS = 120
LOOK_AT_SERVERS_S = 2
INTERRUPTED = 130
PYTHON = [sys.executable, "-m"]
SERVER = (
    *("--interface", "wsgi", "--workers", "2", "--blocking-threads", "64", "--backlog", "1024"),
    *("--http1-header-read-timeout", "5000", "--workers-kill-timeout", "5", "--respawn-failed-workers"),
    *("--ssl-protocol-min", "tls1.2"),
)


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 serves the whole network.")
@click.option("--tls", "secure", is_flag=True, help="HTTPS with a local authority, for phones on the network.")
@click.option("--no-demo", is_flag=True, help="Make no demo day.")
@data_option
def up(port: int, host: str, secure: bool, no_demo: bool, data: Path | None) -> None:
    """Start Callout: servers, schema, demo day, workers, web server. Ctrl-C stops everything."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup: it shall outlive the terminal
            signal.signal(number, _interrupt)
    begun, ready = time.monotonic(), False
    folder, address = data_folder(data), Address(host, port, secure)
    os.environ["CALLOUT_MODE"] = mode = os.environ.get("CALLOUT_MODE") or ("development" if no_demo else "demo")
    os.environ.setdefault("CALLOUT_PUBLIC_URL", address.url)
    try:
        with present(folder, f"serves {address.url}"), ExitStack() as closing:
            stack = Stack(folder)
            supervisor = _started(stack, address, closing, demo=mode == "demo" and not no_demo)
            _await_ready(address, supervisor)
            supervisor.start()  # the others only now, so that they do not delay the first answer
            _compile_planner(folder)
            ready = True
            click.echo(f"\nReady after {time.monotonic() - begun:.1f} s.")
            introduce(address, closing, folder, demo=mode == "demo" and not no_demo)
            supervisor.run(_reviving(stack))
    except KeyboardInterrupt:
        click.echo("Stopped.")
        raise SystemExit(0 if ready else INTERRUPTED) from None


def _compile_planner(folder: Path) -> None:
    """Compile the search of dispatch (or find it on disk) in the background, so that the first plan does not wait.

    It bears the supervisor's mark, and so ends with the programs.
    """
    command = ["nice", *PYTHON, "dispatch.engine.improve"]
    subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, env={**os.environ, MARK: str(folder)})


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _reviving(stack: Stack) -> Callable[[float], bool]:
    """A wait without an end that now and then looks whether a private server has crashed, and starts it again."""
    looked = time.monotonic()

    def wait(seconds: float) -> bool:
        nonlocal looked
        time.sleep(seconds)
        if time.monotonic() - looked < LOOK_AT_SERVERS_S:
            return False
        try:
            for name in stack.revive():
                _tell(f"{name} crashed and was started again")
        except OpsError as failed:
            _tell(f"{failed.message} Trying again.")
        looked = time.monotonic()
        return False

    return wait


def _started(stack: Stack, address: Address, closing: ExitStack, *, demo: bool) -> Supervisor:
    """Start everything in order; `closing` stops it in the opposite order, deaf to further signals."""
    folder = stack.data
    supervisor = Supervisor(folder, {}, _programs(folder, address), _tell)
    supervisor.end_leftovers()
    address.check_free()
    _tell("Starting PostgreSQL and Redis")
    closing.callback(_stop_servers, stack)
    stack.start()
    os.environ.update(stack.environment())
    if not at_head(stack.owner_url):
        _tell("Migrating the database")
        _run("migrate")
    _tell("Starting the server")
    closing.callback(supervisor.stop)
    closing.callback(_stop_listening_to_signals)
    supervisor.start("server")
    if demo:
        _tell("Making the demo day")  # while the server loads
        _run("demo", "--around-now")
    return supervisor


def _stop_servers(stack: Stack) -> None:
    _tell("All stopped" if stack.stop() else "PostgreSQL and Redis go on: another process uses them")


def _stop_listening_to_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _tell("Stopping")


def _programs(folder: Path, address: Address) -> list[Program]:
    server = [*PYTHON, "app.cli.server", *SERVER, "--host", address.host, "--port", str(address.port)]
    if address.tls:
        names = dict.fromkeys(["localhost", "127.0.0.1", "::1", socket.gethostname(), address.name])
        made = tls.certificate(folder, list(names))
        server += ["--ssl-certificate", str(made.certificate), "--ssl-keyfile", str(made.key)]
    commands = {"worker-1": "worker", "worker-2": "worker", "relay": "relay", "drain": "drain"}
    background = [Program(name, [*PYTHON, "app.cli", command]) for name, command in commands.items()]
    return [*background, Program("server", [*server, "wsgi:app"], patience=15)]


def _run(*command: str) -> None:
    """Run one of our own commands to its end."""
    running = subprocess.Popen([*PYTHON, "app.cli", *command], cwd=CHECKOUT, stdin=subprocess.DEVNULL)
    try:
        failed = running.wait()
    except KeyboardInterrupt:
        running.terminate()
        running.wait()  # while it lives it uses the servers, and they would not be stopped
        raise
    if failed:
        raise OpsError(f"'{command[0]}' failed; what it said stands above.")


def _await_ready(address: Address, supervisor: Supervisor) -> None:
    """Wait until the server answers `/readyz` with 200; what still lacks is told when it takes too long."""
    loopback = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(address.host, address.host)
    url = f"{'https' if address.tls else 'http'}://{loopback}:{address.port}/readyz"
    trusting = ssl.create_default_context(cafile=supervisor.data / "tls/authority.crt") if address.tls else None
    deadline, answer = time.monotonic() + READY_SECONDS, "nothing"
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5, context=trusting):
                return
        except urllib.error.HTTPError as not_ready:
            answer = not_ready.read().decode(errors="replace")
        except OSError as no_answer:
            answer = str(no_answer)
        time.sleep(0.2)
        supervisor.look()
    log = supervisor.log("server")
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise OpsError(f"The server is not ready: {answer}\n{tail}", f"Its whole log: {log}")


def _tell(line: str) -> None:
    click.echo(f"· {line}")
