"""The import in the background."""

from __future__ import annotations

from typing import Any

from app.imports.loading import Loader
from app.imports.schemas import read_map
from app.kernel.db import Tx
from app.kernel.tasks import Handle, task

IMPORT_REQUESTS = "imports.requests"
PROGRESS_EVERY = 50


@task(IMPORT_REQUESTS)
def import_requests(tx: Tx, handle: Handle, **args: Any) -> dict[str, Any]:
    """Takes the rows; twice gives nothing new, because their external ids are known then."""
    loader, rows = Loader(read_map(args["map"])), args["rows"]

    def tell(done: int) -> None:
        if done % PROGRESS_EVERY == 0:
            handle.progress(done / len(rows), f"{done} of {len(rows)} rows")

    undo = tx.session.begin_nested() if args["dry_run"] else None
    lines = args.get("lines") or range(args["first_line"], args["first_line"] + len(rows))
    loader.load(tx, [(line, row, "") for line, row in zip(lines, rows, strict=True)], tell)
    if undo:
        undo.rollback()
    return {**loader.report.document(), "dry_run": args["dry_run"]}
