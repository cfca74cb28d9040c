"""The stock tus client for Node, installed once for each lock file."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
from pathlib import Path

from ops.node import Node, find

HERE = Path(__file__).parent


def installed() -> Node:
    """Node, after `npm ci` when the lock is another than the last time; whoever comes meanwhile waits."""
    node = find()
    stamp = HERE / "node_modules" / ".callout"
    with open(HERE / "package-lock.json", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = hashlib.sha256(lock.read()).hexdigest()
        if not stamp.exists() or stamp.read_text() != state:
            command = node.command("ci", "--no-progress")
            done = subprocess.run(command, cwd=HERE, env=node.environment(), capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            stamp.write_text(state)
    return node
