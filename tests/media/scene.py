"""An engineer with a phone at a customer's door: a dispatched visit, a registered key, photos, sign-offs."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from PIL import Image
from sqlalchemy import select

from app.kernel import tasks
from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.kernel.models import Task
from media import canonical
from media.models import Media
from tests import factories
from tests.media.signatures.conftest import Phone, handwriting

UPLOADS = "/api/v1/media/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
PATCHING = {**TUS, "Content-Type": "application/offset+octet-stream"}


def picture(colour: str = "#336699", size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    """A JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest(data: bytes) -> str:
    """The value of a `Digest` header."""
    return "sha-256=" + base64.b64encode(hashlib.sha256(data).digest()).decode()


def metadata(**values: Any) -> str:
    """`Upload-Metadata`."""
    return ",".join(f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in values.items())


class Scene:
    """`engineer` is signed in on a device whose key is `phone`'s; `visit_id` is dispatched to them."""

    def __init__(self, **job_type: Any) -> None:
        self.org_id = factories.organisation().id
        user = factories.user("engineer", self.org_id)
        self.phone = Phone()
        self.device = factories.device(user, public_key=self.phone.jwk)
        self.phone.id = str(self.device.id)
        self.engineer = factories.sign_in(user, self.device)
        assert self.engineer.engineer_id
        self.job_type = factories.job_type(self.org_id, **job_type)
        self.visit_id = self.new_visit()
        self.seq, self.prev = 0, None

    def new_visit(self) -> UUID:
        """One more visit of the engineer."""
        return factories.visit(self.org_id, self.engineer.engineer_id, job_type_id=self.job_type.id).id

    def client(self, role: str) -> factories.Client:
        return factories.client(role, self.org_id)

    @contextmanager
    def tx(self) -> Iterator[Tx]:
        with factories.within(self.org_id) as tx:
            yield tx

    def walk(self, *steps: str) -> None:
        """The engineer takes these steps."""
        for to in steps:
            answer = self.engineer.post(f"/api/v1/visits/{self.visit_id}/transitions", json={"to": to})
            assert answer.status_code == 200, answer.json

    def work(self) -> None:
        self.walk("accepted", "en_route", "on_site", "working")

    def create(self, length: int | None, data: bytes = b"", **meta: Any) -> Any:
        """The answer to an announcement of an upload."""
        headers: dict[str, Any] = dict(TUS)
        if length is not None:
            headers["Upload-Length"] = str(length)
        if meta:
            headers["Upload-Metadata"] = metadata(**meta)
        if data:
            headers["Content-Type"] = "application/offset+octet-stream"
        return self.engineer.post(UPLOADS, headers=headers, data=data)

    def patch(self, address: str, offset: int, data: bytes, **headers: str) -> Any:
        return self.engineer.patch(address, headers={**PATCHING, "Upload-Offset": str(offset), **headers}, data=data)

    def head(self, address: str) -> Any:
        return self.engineer.head(address, headers=TUS)

    def put(self, media_id: UUID, data: bytes, mime: str = "image/jpeg", **headers: str) -> Any:
        headers = {"Content-Type": mime, "Digest": digest(data), **headers}
        return self.engineer.put(f"/api/v1/media/{media_id}/content", data=data, headers=headers)

    def photo(self, data: bytes | None = None, *, arrived: bool = True, **announced: Any) -> dict[str, Any]:
        """A photo of the visit, announced and (unless told otherwise) sent."""
        data = data or picture()
        body = {"id": str(new_id()), "visit_id": str(self.visit_id), "declared_type": "image/jpeg", **announced}
        answer = self.engineer.post("/api/v1/media", json={"sha256": sha256(data), "size": len(data), **body})
        assert answer.status_code == 201, answer.json
        if arrived:
            answer = self.put(UUID(answer.json["id"]), data)
            assert answer.status_code == 200, answer.json
        return answer.json  # type: ignore[no-any-return]

    def run_tasks(self) -> list[str]:
        """Runs everything that is due, as workers would. Returns the names of the tasks."""
        done: list[str] = []
        while True:
            with self.tx() as tx:
                due = (Task.state == "queued") & (Task.run_after <= tx.now)
                waiting = tx.session.execute(select(Task.id, Task.name).where(due).order_by(Task.created_at)).all()
            if not waiting:
                return done
            for task_id, name in waiting:
                tasks.run(str(task_id), str(self.org_id))
                done.append(name)

    def media(self, media_id: Any) -> Media:
        with self.tx() as tx:
            return tx.get(Media, UUID(str(media_id)))

    def report(self, visit_id: UUID | None = None, client: Any = None) -> dict[str, Any]:
        """The report as it is shown."""
        answer = (client or self.engineer).get(f"/api/v1/visits/{visit_id or self.visit_id}/report")
        assert answer.status_code == 200, answer.json
        return answer.json  # type: ignore[no-any-return]

    def claims(self, document: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """The claims of the next sign-off of this phone over a document."""
        self.seq += 1
        photos = [{name: photo[name] for name in ("id", "sha256", "bytes")} for photo in document["photos"]]
        given = {
            "visit_id": document["visit"]["id"],
            "seq": self.seq,
            "prev": self.prev,
            "doc_sha256": sha256(canonical.dumps(document)),
            "photos": photos,
        }
        return self.phone.claims(**{**given, **changes})

    def envelope(self, document: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """The body of a sign-off, chained to the one before."""
        claims = self.claims(document, **changes)
        token = self.phone.sign(claims)
        self.prev = sha256(token.encode())
        strokes = None if claims["outcome"] == "refused" else handwriting()
        return {"envelope": token, "document": canonical.dumps(document).decode(), "strokes": strokes}

    def refusal(self, document: dict[str, Any], reason: str = "The price is wrong") -> dict[str, Any]:
        return self.envelope(document, outcome="refused", reason=reason, strokes_sha256=None)

    def sign(self, body: dict[str, Any], visit_id: Any = None, client: Any = None) -> Any:
        """The answer to a sign-off."""
        return (client or self.engineer).post(f"/api/v1/visits/{visit_id or self.visit_id}/signature", json=body)
