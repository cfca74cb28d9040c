"""`./callout walkthrough`: the tour, on a server of its own unless one is named."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import click

from app.walkthrough import house
from app.walkthrough.story import Story
from ops.folders import data_folder

HERE = Path(__file__).parent
CITIES = {"America/Chicago": "St. Louis", "America/New_York": "New York", "Europe/London": "London"}


@click.command()
@click.option(
    "--input", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A CSV of requests."
)
@click.option("--map", "mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its columns.")
@click.option("--url", help="A running server with a demo day; without it the tour starts one of its own.")
def walkthrough(file: Path | None, mapping: Path | None, url: str | None) -> None:
    """Tour of one working day through the public HTTP API, with proof that nothing was lost."""
    file = file or HERE / "requests.csv"
    mapping = mapping or known_map(file)
    data = data_folder() / "walkthrough"
    if not url:
        click.echo(
            "Starting a Callout of its own with a fresh demo day, which takes a minute (--url uses a running one) …"
        )
    server = nullcontext(url) if url else house.server(data)
    with server as base:
        city = city_of(mapping)
        tag = house.seed(data, city) if city and not url else ""
        proof = Story(base, click.echo, data_folder() / "tour-reports", tag).run(file, mapping)
    for sentence, truth in proof.findings:
        click.echo(f"  {'✓' if truth else '✗'} {sentence}")
    if not proof.whole:
        raise SystemExit(1)
    click.echo(f"All {len(proof.findings)} findings hold.")


def city_of(mapping: Path) -> str | None:
    """The city whose engineers serve the places of the file; None when the demo's own do."""
    return CITIES.get(json.loads(mapping.read_text()).get("timezone"))


def known_map(file: Path) -> Path:
    """The map that ships for a file of this name. Raises UsageError when there is none."""
    if file.parent == HERE:
        return HERE / "requests.map.json"
    for shipped in sorted((HERE.parent / "imports" / "maps").glob("*.json")):
        if file.stem.startswith(shipped.stem):
            return shipped
    raise click.UsageError(f"No map ships for {file.name}; name one with --map.")
