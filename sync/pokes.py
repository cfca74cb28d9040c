"""Pokes: a word over Redis that a pull would bring something. Hints only; whoever misses one loses nothing."""

from __future__ import annotations

import time
from functools import lru_cache
from uuid import UUID

import orjson
import structlog
from redis import Redis
from redis.exceptions import RedisError

from app.kernel.tasks import redis_connection

# With more buckets than this everybody is poked: cheaper than to tell them all apart.
MAX_BUCKETS = 500
SILENCE_S = 5.0

log = structlog.get_logger()
_silent_until = 0.0


def channel(org_id: UUID) -> str:
    """The channel of an organisation."""
    return f"callout:sync:{org_id}"


@lru_cache(maxsize=1)
def _redis() -> Redis:
    return redis_connection()


def publish(org_id: UUID, pos: int, buckets: set[str]) -> None:
    """Tells the streams that `buckets` reached `pos`. Without Redis it stays silent for a while, and nothing waits."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    named = sorted(buckets) if len(buckets) <= MAX_BUCKETS else None
    try:
        _redis().publish(channel(org_id), orjson.dumps({"pos": pos, "buckets": named}))
    except (RedisError, OSError) as error:
        _silent_until = time.monotonic() + SILENCE_S
        log.warning("pokes are off", reason=str(error))


def concerns(message: bytes, buckets: set[str]) -> int | None:
    """The position in a poke that concerns one of `buckets`, else None."""
    poke = orjson.loads(message)
    return int(poke["pos"]) if poke["buckets"] is None or buckets.intersection(poke["buckets"]) else None
