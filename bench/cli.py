"""`./callout bench NAME`."""

from __future__ import annotations

from importlib import import_module

import click

# name -> (function that fills a report, what is measured)
BENCHES = {
    "sync-first": ("bench.sync_pull:first", "a first sync of 10,000 rows, beside COPY of the same rows as JSON"),
    "sync-delta": (
        "bench.sync_pull:delta",
        "100 changed rows in an organisation of 10 and of 100 thousand rows (CALLOUT_BENCH_ROWS), beside peers",
    ),
    "sync-buffers": (
        "bench.sync_buffers:run",
        "buffers that 100 changed rows touch at 10 thousand and at 1 million rows",
    ),
    "sync-empty": ("bench.sync_pull:empty", "a pull that brings nothing, beside a bare endpoint"),
    "sync-push": ("bench.sync_push:run", "batches of 100 mutations from 200 phones, beside a plain INSERT of the same"),
    "dispatch-recommend": (
        "bench.dispatch.recommending:run",
        "who should go, asked of 1,000 engineers with 5,000 planned visits, beside a bare endpoint",
    ),
    "positions": ("bench.positions:run", "batches of 50 fixes from 1,000 phones, beside COPY of the same rows"),
    "positions-trace": (
        "bench.trace:run",
        "a recorded trace (CALLOUT_BENCH_TRACK) through the API, beside plain figures",
    ),
    "sync-fleet": ("bench.sync_fleet:run", "the compressed day of 2,000 phones: do all converge, is anything lost"),
    "scaling": (
        "bench.scaling:run",
        "how many engineers so many cores carry, by the measured costs and a simulated queue",
    ),
    "dispatch-plan": ("bench.dispatch.planning:run", "plans of seeded field days, beside VROOM, insertion and nearest"),
    "dispatch-day": (
        "bench.dispatch.troubles:run",
        "a day over HTTP with an illness, an emergency and overruns: proposals, and when they are on the phones",
    ),
    "console": ("bench.desk.full:run", "the desk with 500 engineers and 5,000 visits in a real browser"),
    "media-upload": ("bench.media_upload:run", "uploads beside @tus/server; small pictures and reports in CPU time"),
}
KEPT = {
    "media-upload": "RESULTS-media.md",
    "dispatch-recommend": "RESULTS-dispatch.md",
    "dispatch-plan": "RESULTS-dispatch.md",
    "dispatch-day": "RESULTS-dispatch.md",
}


@click.command(epilog="  ".join(f"{name}: {what}." for name, (_, what) in BENCHES.items()))
@click.argument("name", type=click.Choice(sorted(BENCHES)))
@click.option("--keep", is_flag=True, help="Write the figures into bench/RESULTS*.md.")
def bench(name: str, keep: bool) -> None:
    """Run a named benchmark with servers and a database of its own; tells figures beside a floor of the same run."""
    from bench.figures import Report

    report = Report(name)
    module, _, function = BENCHES[name][0].partition(":")
    getattr(import_module(module), function)(report)
    click.echo(report.told())
    if keep:
        report.keep(KEPT.get(name, "RESULTS.md"))
