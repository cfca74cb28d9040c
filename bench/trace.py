"""A recorded trace through the API: `CALLOUT_BENCH_TRACK` names a CSV with vehicle_id, recorded_at, lat, lon, bearing.

Every vehicle is an engineer on shift. The fixes go out in the order of the file, twice over, moved to end a quarter of
an hour ago. What the tracks then say is compared with figures of NumPy that share no code with them.
"""

from __future__ import annotations

import csv
import os
import random
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from app.kernel import clock
from app.kernel.actor import system_actor
from app.kernel.db import transaction
from bench import fleet
from bench.figures import Report
from bench.fleet import Phone
from bench.house import House, house
from bench.http import Link
from bench.positions import on_duty

BATCH, RADIUS_M, TOLERANCE_M = 40, 6_371_008.8, 10
ENDED = timedelta(minutes=15)
Fix = dict[str, Any]


def run(report: Report) -> None:
    """Fills `report`. Raises RuntimeError without a file."""
    if not (path := os.environ.get("CALLOUT_BENCH_TRACK")):
        raise RuntimeError("CALLOUT_BENCH_TRACK names no file.")
    traces = list(read(Path(path)).values())
    report.add(
        "vehicles, fixes, out of order", f"{len(traces)}, {sum(map(len, traces))}, {_backwards(traces)}", "given"
    )
    with house() as servers:
        phones = fleet.make(len(traces), 1)
        with transaction(system_actor(phones[0].org_id)) as tx:
            on_duty(tx)
        answers = [send(servers, phone, trace) for phone, trace in zip(phones, traces, strict=True)]
        tracks = [_track(servers, phone, trace) for phone, trace in zip(phones, traces, strict=True)]
        thin = [_track(servers, phone, trace, TOLERANCE_M) for phone, trace in zip(phones, traces, strict=True)]
    _told(report, traces, answers, tracks, thin)


def read(path: Path) -> dict[str, list[Fix]]:
    """The fixes of each vehicle in the order of the file."""
    with path.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    moved = clock.now() - ENDED - max(datetime.fromisoformat(row["recorded_at"]) for row in rows)
    found: dict[str, list[Fix]] = defaultdict(list)
    for row in rows:
        at = clock.milliseconds(datetime.fromisoformat(row["recorded_at"]) + moved)
        bearing = {"bearing": float(row["bearing"])} if row.get("bearing") else {}
        found[row["vehicle_id"]].append({"at": at, "lat": float(row["lat"]), "lon": float(row["lon"]), **bearing})
    return found


def send(servers: House, phone: Phone, trace: list[Fix]) -> dict[str, int]:
    """Every batch of a vehicle twice, the second time in another order; what became of them."""
    link, total = Link(servers.port, phone.token()), defaultdict[str, int](int)
    batches = [trace[n : n + BATCH] for n in range(0, len(trace), BATCH)]
    for batch in [*batches, *random.Random(1).sample(batches, len(batches))]:
        answer = link.json("POST", "/api/v1/positions", {"positions": batch})
        for name in ("stored", "duplicates", "outside_shift", "refused"):
            total[name] += answer[name]
    link.close()
    return total


def _track(servers: House, phone: Phone, trace: list[Fix], tolerance_m: int = 0) -> Any:
    times = [fix["at"] for fix in trace]
    span = f"from={min(times):%Y-%m-%dT%H:%M:%S.%fZ}&to={max(times) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S.%fZ}"
    link = Link(servers.port, phone.token())
    engineer = link.json("GET", "/api/v1/me")["engineer_id"]
    answer = link.json("GET", f"/api/v1/engineers/{engineer}/track?{span}&tolerance_m={tolerance_m}")
    link.close()
    return answer


def _told(report: Report, traces: list[list[Fix]], answers: list[Any], tracks: list[Any], thin: list[Any]) -> None:
    stored, again = (sum(answer[name] for answer in answers) for name in ("stored", "duplicates"))
    moments = [sorted({fix["at"] for fix in trace}) for trace in traces]
    report.add("stored, sent again", f"{stored}, {again}", f"{sum(map(len, moments))} different moments were sent")
    right = sum([datetime.fromisoformat(at) for at in track["times"]] == times
                for track, times in zip(tracks, moments, strict=True))  # fmt: skip
    report.add("tracks with every moment in its order", f"{right} of {len(tracks)}", "goal all")
    silent = sum((b - a).total_seconds() > 120 for times in moments for a, b in pairwise(times))
    report.add("gaps", str(sum(len(track["gaps"]) for track in tracks)), f"{silent} silences of over 120 s")
    km, plain = sum(track["distance_m"] for track in tracks) / 1000, sum(map(_metres, traces)) / 1000
    stops = [stop for track in tracks for stop in track["stops"]]
    stood = sum(stop["seconds"] for stop in stops) / 60
    across = sum(gap["distance_m"] for track in tracks for gap in track["gaps"]) / 1000
    report.add("distance", f"{km:.1f} km", f"{plain:.1f} km from fix to fix, {across:.1f} of them across the gaps")
    report.add("stops", f"{len(stops)}, {stood:.0f} min together", "within 50 m for 3 min or longer")
    few, all_ = (sum(len(track["times"]) for track in some) for some in (thin, tracks))
    report.add(
        f"fixes of the lines, thinned to {TOLERANCE_M} m", f"{few} of {all_}", "their gaps, stops, metres unchanged"
    )
    for one, other in zip(thin, tracks, strict=True):
        if (one["distance_m"], len(one["gaps"]), one["stops"]) != (
            other["distance_m"],
            len(other["gaps"]),
            other["stops"],
        ):
            raise RuntimeError("a thinned track says something else")


def _backwards(traces: list[list[Fix]]) -> int:
    return sum(b["at"] < a["at"] for trace in traces for a, b in pairwise(trace))


def _metres(trace: list[Fix]) -> float:
    """From fix to fix in order of time, each moment once (the first that was sent), by chords of the sphere."""
    first: dict[datetime, tuple[float, float]] = {}
    for fix in trace:
        first.setdefault(fix["at"], (fix["lat"], fix["lon"]))
    lat, lon = np.radians(np.array([first[at] for at in sorted(first)])).T
    points = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    chords = np.linalg.norm(np.diff(points), axis=0)
    return float((2 * RADIUS_M * np.arcsin(chords / 2)).sum())
