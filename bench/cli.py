"""`./callout bench NAME`."""

from __future__ import annotations

from importlib import import_module

import click

# name -> (module with `run(report)`, what is measured)
BENCHES = {
    "sync-push": ("bench.sync_push", "batches of 100 mutations from 200 phones, beside a plain INSERT of the same"),
}


@click.command(epilog="  ".join(f"{name}: {what}." for name, (_, what) in BENCHES.items()))
@click.argument("name", type=click.Choice(sorted(BENCHES)))
@click.option("--keep", is_flag=True, help="Write the figures into bench/RESULTS.md.")
def bench(name: str, keep: bool) -> None:
    """Run a named benchmark with servers and a database of its own; tells figures beside a floor of the same run."""
    from bench.figures import Report

    report = Report(name)
    import_module(BENCHES[name][0]).run(report)
    click.echo(report.told())
    if keep:
        report.keep()
