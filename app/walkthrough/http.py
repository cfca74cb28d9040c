"""A small client of the public API: signed in, idempotent POSTs, problems as exceptions."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests


class Refused(Exception):
    """The server answered with a problem document."""

    def __init__(self, response: requests.Response) -> None:
        self.status = response.status_code
        try:
            self.problem: dict[str, Any] = response.json()
        except ValueError:
            self.problem = {"detail": response.text[:300]}
        request = response.request
        super().__init__(f"{request.method} {request.path_url}: {self.status} {self.problem.get('detail')}")


@dataclass
class Client:
    """One signed-in person. `base` is the server's address without a trailing slash."""

    base: str
    token: str = ""
    timeout: float = 30
    session: requests.Session = field(default_factory=requests.Session)

    def sign_in(self, email: str, password: str, device: dict[str, Any] | None = None) -> dict[str, Any]:
        """Signs in and keeps the access token; returns the user."""
        body = {"email": email, "password": password, **({"device": device} if device else {})}
        answer = self.post("/auth/token", body)
        self.token = answer["access_token"]
        return answer["user"]  # type: ignore[no-any-return]

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request; `path` is below /api/v1 unless it is a whole address. Raises Refused for any error status."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= options.pop("headers", {})
        address = path if path.startswith("http") else f"{self.base}/api/v1{path}"
        response = self.session.request(method, address, headers=headers, timeout=self.timeout, **options)
        if response.status_code >= 400:
            raise Refused(response)
        return response

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, params=query).json()

    def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All pages of a list."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.get(path, limit=200, **({"cursor": cursor} if cursor else {}), **query)
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def post(self, path: str, body: Any = None) -> Any:
        headers = {"Idempotency-Key": str(uuid.uuid4())} if self.token else {}
        response = self.call("POST", path, json=body or {}, headers=headers)
        return response.json() if response.content else None

    def patch(self, path: str, rev: int, body: Any) -> Any:
        headers = {"If-Match": f'"{rev}"', "Content-Type": "application/merge-patch+json"}
        return self.call("PATCH", path, json=body, headers=headers).json()

    def wait(self, path: str, until: str = "state", done: str = "done", seconds: float = 120) -> dict[str, Any]:
        """Reads `path` until its member `until` is `done`. Raises TimeoutError, or RuntimeError when it failed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            seen = self.get(path)
            if seen[until] == done:
                return seen  # type: ignore[no-any-return]
            if seen[until] in ("failed", "stopped"):
                raise RuntimeError(f"{path}: {seen.get('message') or seen[until]}")
            time.sleep(0.2)
        raise TimeoutError(f"{path} was not {done} within {seconds} s")
