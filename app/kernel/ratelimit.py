"""Rate limits for whatever is open to strangers: moving windows in Redis, in this process when Redis is away."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Literal

import structlog
from limits import parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from app.kernel.config import config
from app.kernel.problems import RATE_LIMITED

log = structlog.get_logger()


@lru_cache(maxsize=1)
def _shared() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(RedisStorage(config().redis_url, socket_connect_timeout=1, socket_timeout=1))


@lru_cache(maxsize=1)
def _local() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())


def hit(limit: str, *identifiers: str) -> None:
    """Counts one use of `limit` ("5 per minute") for `identifiers`; raises a 429 problem when it is used up."""
    _demand("hit", limit, identifiers)


def check(limit: str, *identifiers: str) -> None:
    """Raises a 429 problem when `limit` is used up, without counting a use."""
    _demand("test", limit, identifiers)


def forgive(limit: str, *identifiers: str) -> None:
    """Forgets all uses of `limit` by `identifiers`."""
    item = parse(limit)
    try:
        _shared().clear(item, *identifiers)
    except RedisError:
        _local().clear(item, *identifiers)


def _demand(deed: Literal["hit", "test"], limit: str, identifiers: tuple[str, ...]) -> None:
    item = parse(limit)
    try:
        limiter = _shared()
        allowed = getattr(limiter, deed)(item, *identifiers)
    except RedisError:
        log.warning("rate limits are local: Redis does not answer")
        limiter = _local()
        allowed = getattr(limiter, deed)(item, *identifiers)
    if not allowed:
        reset = limiter.get_window_stats(item, *identifiers).reset_time
        wait = max(1, int(reset - time.time()) + 1)
        raise RATE_LIMITED(f"Try again in {wait} seconds.", retry_after=wait)
