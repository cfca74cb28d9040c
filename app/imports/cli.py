"""`./callout import requests`."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from uuid import UUID

import click
from marshmallow import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli.people import find_organisation
from app.cli.servers import data_option, servers
from app.factory import load_rooms
from app.imports import files
from app.imports.loading import Loader, Report
from app.imports.mapping import Map
from app.imports.schemas import read_map
from app.kernel.actor import system_actor
from app.kernel.db import transaction
from ops.errors import OpsError

BATCH = 200
SHOWN = 5
MAPS = Path(__file__).parent / "maps"
OURS = ", ".join(sorted(path.stem for path in MAPS.glob("*.json")))

existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("requests")
@click.argument("file", type=existing)
@click.option(
    "--map",
    "mapping",
    required=True,
    help=f"A JSON file, or one of ours: {OURS}.",
)
@click.option("--dry-run", is_flag=True, help="Do everything, then take it back.")
@click.option("--organisation", help="Name or id; may be left out while there is only one.")
@click.option(
    "--bad",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where bad rows go; else beside FILE, its name ending in .bad.csv.",
)
@data_option
def requests(
    file: Path, mapping: str, dry_run: bool, organisation: str | None, bad: Path | None, data: Path | None
) -> None:
    """Turn a CSV export into requests, accounts, sites and jobs. What is there already is left as it is."""
    shape = _map(mapping)
    names = _columns(file, shape)
    with servers(data):
        load_rooms()
        org_id, name = find_organisation(organisation)
        report = _with_progress(file, shape, org_id, dry_run)
    click.echo(_summary(report, name, dry_run))
    target = bad or file.with_name(f"{file.stem}.bad.csv")
    if report.bad:
        files.write_bad(target, names, report)
        for one in report.bad[:SHOWN]:
            click.echo(f"  line {one['line']}: {one['reason']}")
        click.echo(f"{len(report.bad)} bad rows, each with its reason: {target}")


def _map(name: str) -> Map:
    """A map by file, or by the name of one that ships with Callout."""
    own = MAPS / f"{Path(name).stem}.json"
    path = Path(name) if Path(name).exists() else own
    try:
        return read_map(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise OpsError(f"There is no map {name}.", f"Name a JSON file, or one of ours: {OURS}.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise OpsError(f"{path} is not JSON: {error}") from None
    except ValidationError as error:
        raise OpsError(f"{path} is not a map: {error.messages}") from None


def _columns(file: Path, shape: Map) -> list[str]:
    try:
        names = files.header(file)
    except ValueError as error:
        raise OpsError(str(error)) from None
    if missing := sorted(shape.columns - set(names)):
        raise OpsError(f"{file} has no column {', '.join(missing)}.", f"It has: {', '.join(names)}.")
    return names


def _with_progress(file: Path, shape: Map, org_id: UUID, dry_run: bool) -> Report:
    total = sum(1 for _ in files.lines(file))
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(file.name, total=total)
        return import_file(file, shape, org_id, dry_run, lambda count: progress.advance(bar, count))


def import_file(
    file: Path, shape: Map, org_id: UUID, dry_run: bool, tell: Callable[[int], None] = lambda count: None
) -> Report:
    """Imports the file, one transaction a batch, so that what was taken stays; a dry run takes all of it back."""
    loader, rest = Loader(shape), files.lines(file)
    if dry_run:
        with transaction(system_actor(org_id)) as tx:
            undo = tx.session.begin_nested()
            while batch := list(islice(rest, BATCH)):
                loader.load(tx, batch)
                tell(len(batch))
            undo.rollback()
        return loader.report
    while batch := list(islice(rest, BATCH)):
        with transaction(system_actor(org_id)) as tx:
            loader.load(tx, batch)
        tell(len(batch))
    return loader.report


def _summary(report: Report, organisation: str, dry_run: bool) -> str:
    counts = {
        "requests": report.requests, "jobs": report.jobs, "sites": report.sites, "accounts": report.accounts,
        "known already": report.known,
    }  # fmt: skip
    told = ", ".join(f"{number} {what}" for what, number in counts.items())
    return f"{'Would have made' if dry_run else 'Made'} in {organisation}: {told}."
