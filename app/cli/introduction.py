"""What `./callout up` says when everything runs."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click
import segno

from ops import tls
from ops.address import Address
from ops.offer import AUTHORITY_PATH, offer_authority

DEMO_SIGN_INS = ("admin@demo.callout", "dispatcher@demo.callout", "engineer1@demo.callout … engineer12@demo.callout")


def introduce(address: Address, closing: ExitStack, folder: Path, *, demo: bool) -> None:
    """Say where everything is, how to sign in, and what a phone needs to trust us."""
    click.echo(f"  Open         {address.url}\n  API          {address.url}/api/docs\n  Logs         {folder}/logs")
    if demo:
        click.echo("  Sign in      " + "\n               ".join(DEMO_SIGN_INS) + "\n  Password     callout-demo")
    if address.tls:
        _explain_trust(address, closing, folder)
    click.echo("Ctrl-C stops everything.")


def _explain_trust(address: Address, closing: ExitStack, folder: Path) -> None:
    made = tls.Certificate(folder / "tls/server.crt", folder / "tls/server.key", folder / "tls/authority.crt")
    offering = offer_authority(made.authority, address.host, address.port + 1)
    closing.callback(offering.shutdown)
    link = f"http://{address.name}:{address.port + 1}{AUTHORITY_PATH}"
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
