"""CSV files: lines in, the bad ones out again with the reason."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from app.imports.loading import Line, Report

csv.field_size_limit(1_000_000)


def header(file: Path) -> list[str]:
    """The names of the columns. Raises ValueError for a file without any."""
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
        names = next(csv.reader(opened), [])
    if not names:
        raise ValueError(f"{file} has no header line.")
    return names


def lines(file: Path) -> Iterator[Line]:
    """Each row with the line it begins in; one that is no row comes as None with what is wrong."""
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
        reader = csv.reader(opened)
        names = next(reader, [])
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield number, None, f"not CSV: {error}"
                continue
            if cells and len(cells) != len(names):
                yield number, None, f"{len(cells)} columns instead of {len(names)}"
            elif cells:
                yield number, dict(zip(names, cells, strict=True)), ""


def write_bad(file: Path, names: list[str], report: Report) -> None:
    """The rows that were not taken, with line and reason in front; mended, it can be imported as it is."""
    with file.open("w", encoding="utf-8", errors="surrogateescape", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["line", "reason", *names])
        for bad in report.bad:
            row = bad["row"] or {}
            writer.writerow(chain([bad["line"], bad["reason"]], (row.get(name, "") for name in names)))
