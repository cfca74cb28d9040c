"""The phones' side of HTTP: kept connections, one a thread, gzip understood; times in seconds."""

from __future__ import annotations

import gzip
import http.client
import time
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass
class Link:
    """One connection with its credential. `times` gathers how long each call took, `refusals` how often 503 came.

    packed: answers may come gzipped, as phones want them; `also` are headers beside the usual ones.
    """

    port: int
    token: str = ""
    packed: bool = True
    also: dict[str, str] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    refusals: int = 0
    _connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body; a connection that the server closed meanwhile is opened again."""
        begun = time.perf_counter()
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "gzip" if self.packed else "identity"}
        headers.update(self.also)
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            status, answer = self._exchange(method, path, body, headers)
        except (http.client.HTTPException, OSError):
            self.close()
            status, answer = self._exchange(method, path, body, headers)
        self.times.append(time.perf_counter() - begun)
        return status, answer

    def _exchange(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        raw = answer.read()
        return answer.status, gzip.decompress(raw) if answer.headers.get("Content-Encoding") == "gzip" else raw

    def json(self, method: str, path: str, value: Any = None, patience_s: float = 0) -> Any:
        """The answer as JSON. Raises RuntimeError unless it is a 2xx, after `patience_s` of trying again on a 503."""
        given_up = time.monotonic() + patience_s
        body = None if value is None else orjson.dumps(value)
        status, answer = self.call(method, path, body)
        while status == 503 and time.monotonic() < given_up:
            self.refusals += 1
            time.sleep(orjson.loads(answer).get("retry_after", 1))
            status, answer = self.call(method, path, body)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path}: {status} {answer[:500]!r}")
        return orjson.loads(answer)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None
