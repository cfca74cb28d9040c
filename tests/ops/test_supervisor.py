"""Children are restarted, stopped in order, and found again after their supervisor was killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import supervisor
from ops.folders import CHECKOUT
from ops.processes import end, started_at, wait_until, with_variable
from ops.supervisor import MARK, Program, Supervisor

SLEEP = ["sleep", "1000"]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    end(with_variable(MARK, str(tmp_path)))


def shell(script: str) -> list[str]:
    return ["sh", "-c", script]


def test_what_ends_by_itself_is_started_again(folder: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "BACKOFF_S", (0,))
    runs = folder / "runs"
    looking = Supervisor(
        folder, {"RUNS": str(runs)}, [Program("short", shell('echo run >>"$RUNS"; exit 3'))], told.append
    )
    looking.start()

    def three_runs() -> bool:
        looking.look()
        return runs.exists() and runs.read_text().count("run") >= 3

    assert wait_until(three_runs, 10)
    assert "short ended (3)" in told[0]
    assert str(looking.log("short")) in told[0]


def test_the_children_of_what_ended_go_with_it(folder: Path, told: list[str]) -> None:
    looking = Supervisor(folder, {}, [Program("parent", shell("sleep 1000 & exec sleep 1001"))], told.append)
    looking.start()
    assert wait_until(lambda: len(with_variable(MARK, str(folder))) == 2, 10)
    parent = looking.children[0].process
    assert parent
    parent.kill()

    parent.wait()
    looking.look()
    assert "parent ended" in told[0]
    assert wait_until(lambda: not with_variable(MARK, str(folder)), 10)


def test_pauses_grow_and_a_healthy_run_resets_them(
    folder: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: now)
    looking = Supervisor(folder, {}, [Program("false", ["false"])], told.append)
    looking.start()
    child = looking.children[0]
    pauses = []
    for _ in range(3):
        assert child.process
        child.process.wait()
        looking.look()
        pauses.append(child.again_at - now)
        looking.look()
        assert child.process is None, "it waits"
        now = child.again_at
        looking.look()
    assert pauses == [0.5, 1, 2]
    child.process.wait()
    now += supervisor.HEALTHY_AFTER_S + 1
    looking.look()
    assert child.again_at - now == 0.5


def test_they_stop_in_the_opposite_order_and_the_stubborn_are_killed(folder: Path, told: list[str]) -> None:
    order = folder / "order"
    polite = 'trap "echo $0 >>$ORDER; exit" TERM; echo up >>$ORDER.$0; while :; do sleep 0.05; done'
    stubborn = 'trap "" TERM; echo up >>$ORDER.stubborn; while :; do sleep 0.05; done'
    programs = [
        Program("first", [*shell(polite), "first"]),
        Program("stubborn", shell(stubborn), patience=0.2),
        Program("last", [*shell(polite), "last"]),
    ]
    looking = Supervisor(folder, {"ORDER": str(order)}, programs, told.append)
    looking.start()
    assert wait_until(lambda: all(Path(f"{order}.{program.name}").exists() for program in programs), 10)
    looking.stop()
    assert order.read_text().split() == ["last", "first"]
    assert told == ["stubborn does not stop and is killed"]
    assert with_variable(MARK, str(folder)) == []


def test_leftovers_of_a_killed_supervisor_are_ended_and_nobody_else(folder: Path, told: list[str]) -> None:
    start = (
        "import sys; from pathlib import Path; from ops.supervisor import *\n"
        "looking = Supervisor(Path(sys.argv[1]), {}, [Program('nest', ['sh', '-c', 'sleep 1000 & wait'])], print)\n"
        "looking.start(); input()"
    )
    killed = subprocess.Popen([sys.executable, "-c", start, str(folder)], stdin=subprocess.PIPE, cwd=CHECKOUT)
    stranger = subprocess.Popen(SLEEP, env={**os.environ, MARK: f"{folder}-other"})
    try:
        assert wait_until(lambda: len(with_variable(MARK, str(folder))) == 2, 10), "the shell and its child"
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert len(with_variable(MARK, str(folder))) == 2, "they outlive it"
        Supervisor(folder, {}, [], told.append).end_leftovers()
        assert with_variable(MARK, str(folder)) == []
        assert "2 processes" in told[0]
        assert started_at(stranger.pid)
    finally:
        killed.kill()
        stranger.kill()
        stranger.wait()


def test_a_big_log_is_put_aside(folder: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOG_LIMIT_BYTES", 10)
    looking = Supervisor(folder, {}, [Program("quiet", SLEEP)], told.append)
    log = looking.log("quiet")
    log.parent.mkdir()
    log.write_text("old and long enough")
    looking.start()
    assert log.with_suffix(".log.1").read_text() == "old and long enough"
    assert log.read_text() == ""
    looking.stop()
