"""Work that a sandbox must survive; run only inside one."""

from __future__ import annotations

import os
import sys
import time
from typing import Any


def work(arguments: dict[str, Any]) -> dict[str, Any]:
    """Does the one bad thing that `arguments["do"]` names."""
    match arguments["do"]:
        case "memory":
            return {"size": len(bytearray(4 * 1024**3))}
        case "processor":
            while True:
                pass
        case "sleep":
            time.sleep(60)
        case "disk":
            with open("big", "wb") as file:
                file.write(b"x" * 10_000_000)
        case "die":
            os.abort()
        case "look":
            return {"environment": sorted(os.environ), "stdin": sys.stdin.read()}
    return {}
