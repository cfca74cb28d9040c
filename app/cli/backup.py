"""`./callout backup` and `./callout restore`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli.servers import data_option, servers
from ops import backup as files
from ops.errors import OpsError
from ops.folders import data_folder
from ops.presence import present


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
def backup(file: Path, data: Path | None) -> None:
    """Write the database and the media into FILE, which `restore` reads. Callout may be running."""
    if file.exists():
        raise OpsError(f"{file} is there already.", "Choose another name, or remove it first.")
    with servers(data) as stack:
        size = files.backup(file.absolute(), stack.owner_url, stack.data)
    click.echo(f"{file}: {size / 1e6:.1f} MB")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, data: Path | None, yes: bool) -> None:
    """Replace the database and the media by those in FILE. Callout must be stopped."""
    if not yes and not sys.stdin.isatty():
        raise OpsError("This replaces the database and the media, and nobody can be asked.", "Say so with --yes.")
    if not yes:
        click.confirm("This replaces the database and the media of this data folder. Go on?", abort=True)
    with present(data_folder(data), "restores a backup"), servers(data) as stack:
        files.restore(file.absolute(), stack.owner_url, stack.data)
    click.echo("Restored. Phones will synchronise anew at their next contact.")
