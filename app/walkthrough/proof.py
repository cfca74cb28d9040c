"""What stands at the end: sealed reports that verify, altered copies that do not, and counts that add up."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

from app.walkthrough.http import Client, Refused
from app.walkthrough.phone import Phone
from app.walkthrough.signoff import Photo

Row = dict[str, Any]


@dataclass
class Proof:
    """Findings, each a sentence and whether it holds."""

    office: Client
    findings: list[tuple[str, bool]] = field(default_factory=list)

    def holds(self, sentence: str, truth: bool) -> None:
        self.findings.append((sentence, bool(truth)))

    @property
    def whole(self) -> bool:
        return all(truth for _, truth in self.findings)

    def sealed_report(self, visit: Row) -> bytes:
        """Fetches the sealed PDF of a visit (it is made in the background) and lets it be verified."""
        pdf = self._wait_for_pdf(f"/visits/{visit['id']}/report.pdf")
        name = visit["id"][-6:]
        said = self._verify(pdf)
        self.holds(f"report …{name} is ours, whole and unchanged", all(said[k] for k in ("ours", "whole", "unchanged")))
        flipped = bytearray(pdf)
        flipped[len(pdf) // 2] ^= 1
        self.holds(
            f"a copy of …{name} with one flipped bit is found out", not self._verify(bytes(flipped))["unchanged"]
        )
        appended = self._verify(pdf + b"\n% appended\n")
        self.holds(f"a copy of …{name} with something appended is found out", not appended["unchanged"])
        return pdf

    def _wait_for_pdf(self, path: str) -> bytes:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            response = self.office.call("GET", path)
            if response.status_code == 200:
                return response.content
            time.sleep(0.3)
        raise TimeoutError(f"{path} was not sealed in time")

    def _verify(self, pdf: bytes) -> Row:
        headers = {"Content-Type": "application/pdf"}
        return self.office.call("POST", "/verify", data=pdf, headers=headers).json()  # type: ignore[no-any-return]

    def nothing_lost(self, phone: Phone) -> None:
        """Every mutation has a result, and every fact it made is found on the server or in an open Conflict."""
        self.holds(f"{phone.seq} changes made, {len(phone.results)} answered", len(phone.results) == phone.seq)
        self.holds("no change waits on the phone", not phone.queue)
        rejected = [r for r in phone.results.values() if r["status"] == "rejected" and not r.get("conflict_id")]
        self.holds("what was refused is kept in a Conflict", not rejected)

    def facts_arrived(self, expected: dict[str, set[str]]) -> None:
        """`expected[path]` are the ids that must be there; each is asked for."""
        for path, ids in expected.items():
            found = {row_id for row_id in ids if self._exists(f"/{path}/{row_id}")}
            self.holds(f"{len(found)} of {len(ids)} {path} are on the server", found == ids)

    def signatures_arrived(self, expected: dict[str, str]) -> None:
        """`expected` maps each sign-off to its visit; the server lists it there, recorded in its ledger."""
        found = {
            kept["id"]
            for visit_id in set(expected.values())
            for kept in self.office.get(f"/visits/{visit_id}/signatures")["items"]
            if kept["state"] == "recorded"
        }
        self.holds(f"{len(found)} of {len(expected)} signatures stand in the ledger", found == set(expected))

    def _exists(self, path: str) -> bool:
        try:
            self.office.get(path)
        except Refused as refusal:
            if refusal.status == 404:
                return False
            raise
        return True

    def photo_arrived(self, photo: Photo) -> None:
        """The server gives back exactly the bytes that the phone took."""
        content = self.office.call("GET", f"/media/{photo.id}/content").content
        same = hashlib.sha256(content).hexdigest() == photo.sha256
        self.holds(f"photo …{photo.id[-6:]} arrived bit by bit ({len(content)} bytes)", same)

    def equal_copies(self, phone: Phone) -> None:
        """The phone's copy equals its owner's view on the server, proved by checksum."""
        said = phone.client.get("/sync/checksum", cursor=phone.cursor)["collections"]
        mine = phone.checksum()
        empty = {"count": 0}
        wrong = [n for n in {*said, *mine} if said.get(n, empty) != mine.get(n, empty) and _count(said, mine, n)]
        total = sum(entry["count"] for entry in mine.values())
        self.holds(f"the phone's {total} rows equal the server's" + (f" (not {wrong})" if wrong else ""), not wrong)


def _count(said: dict[str, Row], mine: dict[str, Row], name: str) -> int:
    return int(said.get(name, {}).get("count", 0)) + int(mine.get(name, {}).get("count", 0))
