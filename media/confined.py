"""The child's side of `media.sandbox`: takes its limits on itself before anything else is imported."""

from __future__ import annotations

import importlib
import json
import resource
import sys
from typing import Any


def limit(ceiling: dict[str, int]) -> None:
    """Sets the limits for the rest of this process; they cannot be raised again."""
    limits = {
        resource.RLIMIT_AS: ceiling["memory"],
        resource.RLIMIT_FSIZE: ceiling["file_size"],
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in limits.items():
        resource.setrlimit(kind, (value, value))
    # The soft limit ends the process by SIGXCPU, which tells the reason; the hard one would be a bare SIGKILL.
    resource.setrlimit(resource.RLIMIT_CPU, (ceiling["cpu_s"], ceiling["cpu_s"] + 1))


def main() -> None:
    """Reads the order from the command line, does the work, writes the answer."""
    order: dict[str, Any] = json.loads(sys.argv[2])
    limit(order["ceiling"])
    answer = importlib.import_module(order["module"]).work(order["arguments"])
    json.dump(answer, sys.stdout)
