"""`python -m app.cli.server`: granian with our modules loaded once, before it forks its workers.

A worker that is started again is there at once, and the workers share the memory of the code. Only modules are
loaded here; connections and threads belong to the workers.
"""

from __future__ import annotations

from granian.cli import entrypoint

from app.factory import load_rooms

if __name__ == "__main__":
    load_rooms(endpoints=True)
    entrypoint()  # type: ignore[no-untyped-call]
