"""`./callout demo` and `./callout seed`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import NullPool, create_engine, text

from app.cli.servers import at_head, data_option, servers, upgrade
from app.demo.cities import CITIES, find
from app.demo.day import evening_scale, evening_starts
from app.demo.world import DEMO, PASSWORD, SOURCE, Scale, external_id, local_date, organisation_id
from ops.errors import OpsError

if TYPE_CHECKING:
    from app.demo.making import Made


@click.command()
@click.option(
    "--around-now", is_flag=True, help="For whoever looks: a conflict, and late in the day an evening's work."
)
@data_option
def demo(around_now: bool, data: Path | None) -> None:
    """Make today's demo day; nothing happens when it is there."""
    _run(DEMO, data, around_now=around_now)


@click.command()
@click.option("--engineers", default=12, show_default=True, type=click.IntRange(1, 500))
@click.option("--jobs", default=80, show_default=True, type=click.IntRange(1, 20_000))
@click.option("--city", default="Shanghai", show_default=True, help=", ".join(city.name for city in CITIES))
@click.option("--seed", default=7, show_default=True, type=int, help="The same seed makes the same day.")
@data_option
def seed(engineers: int, jobs: int, city: str, seed: int, data: Path | None) -> None:
    """Make a believable city day of any size, in an organisation of its own."""
    try:
        place = find(city)
    except ValueError as unknown:
        raise OpsError(str(unknown)) from None
    _run(Scale(place, engineers, jobs, seed), data)


def _run(scale: Scale, data: Path | None, *, around_now: bool = False) -> None:
    moment = datetime.now(UTC)
    on, late = local_date(scale, moment), around_now and evening_starts(scale, moment) is not None
    with servers(data) as stack:
        if not at_head(stack.owner_url):
            upgrade()
        told = f"The day of {scale.city.name}, {on} is there already."
        if not all(_is_there(stack.owner_url, one, on) for one in (scale, *([evening_scale(scale)] if late else []))):
            told = _made(scale, moment, around_now=around_now)
    click.echo(told)


def _is_there(owner_url: str, scale: Scale, on: date) -> bool:
    """Asked first and cheaply: `up` asks at every start, and the rooms take seconds to load."""
    query = text("SELECT 1 FROM jobs WHERE org_id = :org AND source = :source AND external_id = :first")
    marks = {"org": organisation_id(scale), "source": SOURCE, "first": external_id(scale, on, 1)}
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        return connection.scalar(query, marks) is not None


def _made(scale: Scale, moment: datetime, *, around_now: bool) -> str:
    from app.demo.making import make
    from app.factory import load_rooms
    from app.kernel.problems import Problem

    load_rooms()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(f"A day in {scale.city.name}", total=scale.jobs)
        try:
            return _summary(
                make(scale, moment, lambda done: progress.update(bar, completed=done), around_now=around_now)
            )
        except Problem as problem:
            raise OpsError(problem.detail) from None


def _summary(made: Made) -> str:
    where = f"{made.world.scale.city.name}, {made.on}"
    email = made.world.scale.email
    history = f", {made.history} visits of earlier days" if made.history else ""
    evening = f", {made.evening} more this evening" if made.evening else ""
    return (
        f"{where}: {len(made.world.technicians)} engineers, {made.jobs} jobs{evening}{history}.\n"
        f"Sign in as {email('dispatcher')} or {email('engineer1')} with the password {PASSWORD}."
    )
