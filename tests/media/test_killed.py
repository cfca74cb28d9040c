"""kill -9 between the steps of completing an upload, and of sealing a report: nothing lost, nothing there twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.kernel import tasks
from app.kernel.ids import new_id
from app.kernel.models import Task
from media import keys, places
from media.commands import files, sealing
from media.models import LedgerEntry, Media
from tests.media.scene import PATCHING, TUS, Scene, picture, sha256
from tests.media.test_sealing_http import done, report_pdf, verified, versions

pytestmark = [pytest.mark.committed, pytest.mark.faults]

ROOT = Path(__file__).parents[2]
DATA = picture(size=(200, 100)) + os.urandom(100_000)
Kill = Callable[..., None]


@pytest.fixture(scope="module")
def undertaker() -> Iterator[subprocess.Popen[str]]:
    """The process whose children die."""
    command = [sys.executable, "-m", "tests.media.dying"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield process
        process.kill()


@pytest.fixture
def killed(undertaker: subprocess.Popen[str], media_folder: Path) -> Kill:
    """Has something done by a process that dies at a step of `tests.media.dying.STEPS`."""

    def kill(step: str, **work: Any) -> None:
        assert undertaker.stdin
        assert undertaker.stdout
        undertaker.stdin.write(json.dumps({"step": step, "folder": str(media_folder), **work}) + "\n")
        undertaker.stdin.flush()
        assert undertaker.stdout.readline() == f"{-signal.SIGKILL}\n"

    return kill


@pytest.mark.parametrize(
    "step",
    [
        "before the blob has its name",
        "when the blob has its name",
        "in the transaction",
        "when it is committed",
        "when the staged copy is gone",
    ],
)
def test_an_upload_is_completed_once_wherever_the_server_dies(scene: Scene, killed: Kill, step: str) -> None:
    media_id = new_id()
    promise = {"media_id": media_id, "sha256": sha256(DATA), "visit_id": scene.visit_id}
    address = scene.create(len(DATA), **promise).headers["Location"]
    assert scene.patch(address, 0, DATA[:60_000]).status_code == 204
    headers = {**PATCHING, "Upload-Offset": "60000", "Authorization": scene.engineer.environ_base["HTTP_AUTHORIZATION"]}
    killed(step, call=["PATCH", address, headers, DATA[60_000:].hex()])
    state = scene.head(address)
    assert (state.headers["Upload-Offset"], state.headers.get("Upload-Complete")) == (str(len(DATA)), "?1")
    assert scene.engineer.get(address, headers=TUS).data == DATA
    assert scene.create(len(DATA), **promise).headers["Location"] == address
    with scene.tx() as tx:
        assert tx.session.scalar(select(func.count()).select_from(Media)) == 1
        assert tx.session.scalar(select(func.count()).where(Task.name == files.INSPECT)) == 1
    assert len(list(places.blobs().keys(scene.org_id))) == 1


@pytest.mark.parametrize("step", ["when the report is stored", "before the task is committed"])
def test_a_report_is_sealed_once_wherever_the_worker_dies(scene: Scene, killed: Kill, step: str) -> None:
    done(scene)
    while not (waiting := queued(scene, sealing.SEAL)):
        tasks.run(queued(scene)[0], str(scene.org_id))
    with scene.tx() as tx:
        keys.active(tx)
    work = {"task": waiting[0], "org": str(scene.org_id)}
    killed(step, **work)
    tasks.run(*work.values())
    assert versions(scene) == [], "somebody has claimed it, and may still be at it"
    with scene.tx() as tx:
        old = tx.now - tasks.CLAIM_TTL - timedelta(seconds=1)
        tx.session.execute(update(Task).where(Task.id == waiting[0]).values(heartbeat_at=old))
    tasks.run(*work.values())
    (sealed,) = versions(scene)
    with scene.tx() as tx:
        assert tx.session.scalar(select(func.count()).where(LedgerEntry.kind == "sealed")) == 1
    pdf = report_pdf(scene).data
    assert (sha256(pdf), verified(pdf).json["standing"]) == (sealed.sha256, "genuine")


def queued(scene: Scene, name: str | None = None) -> list[str]:
    """The ids of what is due now, the oldest first."""
    with scene.tx() as tx:
        due = select(Task.id).where(Task.state == "queued", Task.run_after <= tx.now).order_by(Task.created_at)
        return [str(task_id) for task_id in tx.session.scalars(due.where(Task.name == name) if name else due)]
