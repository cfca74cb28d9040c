"""`./callout problems`: the list of problem types, as docs/problems.md holds it."""

from __future__ import annotations

import click


@click.command()
def problems() -> None:
    """Print the list of problem types."""
    from app.factory import load_rooms
    from app.kernel import problem_list

    load_rooms(endpoints=True)
    click.echo(problem_list.render(), nl=False)
