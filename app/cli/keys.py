"""`./callout rotate-keys`: a new sealing key for an organisation; what it sealed before stays provable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.people import find_organisation
from app.cli.servers import data_option, servers
from ops.errors import OpsError

if TYPE_CHECKING:
    from media.reports import Seal

existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="rotate-keys")
@click.option("--organisation", help="Name or id; may be left out while there is only one.")
@click.option("--certificate", type=existing, help="PEM: a certificate of your own, then its chain.")
@click.option("--key", type=existing, help="PEM: its private key (EC on P-256).")
@click.option("--password", envvar="CALLOUT_KEY_PASSWORD", help="Of the private key, if it is encrypted.")
@data_option
def rotate(
    data: Path | None, organisation: str | None, certificate: Path | None, key: Path | None, password: str | None
) -> None:
    """Retire the key that seals reports, for a new one or for a certified one of your own."""
    if (certificate is None) != (key is None):
        raise OpsError("A certificate and its key belong together.", "Give both --certificate and --key, or neither.")
    with servers(data):
        from app.factory import load_rooms
        from app.kernel.actor import system_actor
        from app.kernel.db import transaction
        from media import keys

        load_rooms()
        brought = _brought(certificate, key, password) if certificate and key else None
        with transaction(system_actor(find_organisation(organisation)[0])) as tx:
            retired, made = keys.rotate(tx, brought)
    click.echo(f"Reports are sealed with the key {made} from now on.")
    if retired:
        click.echo(f"{retired} is retired: its private half is destroyed, what it sealed still verifies.")


def _brought(certificate: Path, key: Path, password: str | None) -> Seal:
    from app.kernel import clock
    from media.reports import UnusableKey, brought_seal

    try:
        return brought_seal(
            certificate.read_bytes(), key.read_bytes(), password.encode() if password else None, clock.now()
        )
    except UnusableKey as error:
        raise OpsError(str(error), "The present key stays in use.") from None
