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
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click
import segno

from app.cli.servers import at_head, data_option
from ops import tls
from ops.errors import OpsError
from ops.folders import CHECKOUT, data_folder
from ops.presence import present
from ops.stack import Stack
from ops.supervisor import Program, Supervisor

READY_SECONDS = 120
PYTHON = [sys.executable, "-m"]
SERVER = (
    *("--interface", "wsgi", "--workers", "2", "--blocking-threads", "64", "--backlog", "1024"),
    *("--http1-header-read-timeout", "5000", "--workers-kill-timeout", "5", "--respawn-failed-workers"),
    *("--ssl-protocol-min", "tls1.2"),
)
DEMO_SIGN_INS = ("admin@demo.callout", "dispatcher@demo.callout", "engineer1@demo.callout … engineer12@demo.callout")


@dataclass(frozen=True)
class Address:
    """Where the server listens, and how it is called from there."""

    host: str
    port: int
    tls: bool

    @property
    def name(self) -> str:
        """The host as others write it; the machine's own address when every interface is served."""
        return tls.lan_address() if self.host in ("0.0.0.0", "::") else self.host

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.name}:{self.port}"

    def check_free(self) -> None:
        """Raise OpsError when somebody else listens there."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as taken:
                raise OpsError(
                    f"Cannot listen on {self.host}:{self.port}: {taken.strerror}.", "Choose another with --port."
                ) from taken


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 serves the whole network.")
@click.option("--tls", "secure", is_flag=True, help="HTTPS with a local authority, for phones on the network.")
@click.option("--no-demo", is_flag=True, help="Make no demo day.")
@data_option
def up(port: int, host: str, secure: bool, no_demo: bool, data: Path | None) -> None:
    """Start Callout: servers, schema, demo day, workers, web server. Ctrl-C stops everything."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    begun = time.monotonic()
    folder, address = data_folder(data), Address(host, port, secure)
    os.environ["CALLOUT_MODE"] = mode = os.environ.get("CALLOUT_MODE") or ("development" if no_demo else "demo")
    os.environ.setdefault("CALLOUT_PUBLIC_URL", address.url)
    try:
        with present(folder, f"serves {address.url}"), ExitStack() as closing:
            supervisor = _started(folder, address, closing, demo=mode == "demo" and not no_demo)
            _await_ready(address, supervisor)
            supervisor.start()  # the others only now, so that they do not delay the first answer
            click.echo(f"\nReady after {time.monotonic() - begun:.1f} s.")
            _introduce(address, closing, folder, demo=mode == "demo" and not no_demo)
            supervisor.run(_sleep)
    except KeyboardInterrupt:
        click.echo("Stopped.")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _started(folder: Path, address: Address, closing: ExitStack, *, demo: bool) -> Supervisor:
    """Start everything in order; `closing` stops it in the opposite order, deaf to further signals."""
    stack = Stack(folder)
    supervisor = Supervisor(folder, {}, _programs(folder, address), _tell)
    supervisor.end_leftovers()
    address.check_free()
    closing.callback(_tell, "All stopped")
    _tell("Starting PostgreSQL and Redis")
    closing.callback(stack.stop)
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
        _run("demo")
    return supervisor


def _stop_listening_to_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _tell("Stopping")


def _programs(folder: Path, address: Address) -> list[Program]:
    server = [*PYTHON, "granian", *SERVER, "--host", address.host, "--port", str(address.port)]
    if address.tls:
        names = dict.fromkeys(["localhost", "127.0.0.1", "::1", socket.gethostname(), address.name])
        made = tls.certificate(folder, list(names))
        server += ["--ssl-certificate", str(made.certificate), "--ssl-keyfile", str(made.key)]
    commands = {"worker-1": "worker", "worker-2": "worker", "relay": "relay", "drain": "drain"}
    background = [Program(name, [*PYTHON, "app.cli", command]) for name, command in commands.items()]
    return [*background, Program("server", [*server, "wsgi:app"], patience=15)]


def _run(command: str) -> None:
    """Run one of our own commands to its end."""
    done = subprocess.run([*PYTHON, "app.cli", command], cwd=CHECKOUT, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise OpsError(f"'{command}' failed; what it said stands above.")


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


def _introduce(address: Address, closing: ExitStack, folder: Path, *, demo: bool) -> None:
    click.echo(f"  Start page   {address.url}/\n  API          {address.url}/api/docs\n  Logs         {folder}/logs")
    if demo:
        click.echo("  Sign in      " + "\n               ".join(DEMO_SIGN_INS) + "\n  Password     callout-demo")
    if address.tls:
        _explain_trust(address, closing, folder)
    click.echo("Ctrl-C stops everything.")


def _explain_trust(address: Address, closing: ExitStack, folder: Path) -> None:
    made = tls.Certificate(folder / "tls/server.crt", folder / "tls/server.key", folder / "tls/authority.crt")
    offer = tls.offer_authority(made.authority, address.host, address.port + 1)
    closing.callback(offer.shutdown)
    link = f"http://{address.name}:{address.port + 1}{tls.AUTHORITY_PATH}"
    click.echo(
        "\nTo trust this server on a phone (once):\n"
        f"  1. Open {link} (first code) and install it:\n"
        "     Android: Settings, Security, Install a certificate, CA certificate.\n"
        "     iPhone: Settings, Profile downloaded; then General, About, Certificate Trust Settings, switch it on.\n"
        f"     Compare its SHA-256: {made.fingerprint}\n"
        f"  2. Open {address.url}/field/ (second code)."
    )
    for target in (link, f"{address.url}/field/"):
        segno.make(target).terminal(compact=True)


def _tell(line: str) -> None:
    click.echo(f"· {line}")
