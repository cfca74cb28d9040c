"""Readers of public forms: the same small square in each of them, and what makes a plan comparable."""

from pathlib import Path

import pytest

from bench.dispatch import instances, readers
from bench.dispatch.solvers import as_they_are, own
from dispatch.engine.validate import violations

DEPOT_TEXT = """square

VEHICLE
NUMBER     CAPACITY
  3          20

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE TIME

    0      0         0          0          0        200          0
    1      0        10         10          0        100          5
    2     10        10         10          0        100          5
    3     10         0         10         50         60          5
"""
VRPLIB = """NAME : square
TYPE : SDVRPTW
DIMENSION : 4
VEHICLES : 2
VEHICLES_MAX_DURATION: {longest}
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 0 10
3 10 10
4 10 0
DEMAND_SECTION
1 0
2 10
3 10
4 10
SERVICE_TIME_SECTION
1 0
2 5
3 5
4 5
TIME_WINDOW_SECTION
1 0 200
2 0 100
3 0 100
4 50 60
DEPOT_SECTION
1
-1
CAPACITY_SECTION
1 10
2 30
VEHICLES_ALLOWED_CLIENTS_SECTION
1 2 4
2 2 3
EOF
"""
TECHNICIANS = """square

INFO
CREW COUNT  SKILLS  TOOLS   SPARE PARTS
1      2       1       2

DEPOT TECHNICIANS AND REQUESTS
ID   X     Y     TWS    TWE    Serv   SKILLS   TOOLS    SPARE PARTS
0    0     0     0      200    0      [] \t[] \t[]
1    0     0     0      200    0      [0,1] \t[] \t[1,0]
2    0     10    0      100    5      [1] \t[] \t[1,0]
3    10    10    0      100    5      [0] \t[0] \t[0,0]
"""


@pytest.fixture
def written(tmp_path: Path):
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def _solved(instance: readers.Instance):
    plan = own(50)(instance.problem)
    assert violations(instance.problem, plan) == []
    return plan


def test_vehicles_from_a_depot_with_capacity_and_windows(written) -> None:
    instance = readers.read(written("square.txt", DEPOT_TEXT), {"distance_only": 48.2})
    plan = _solved(instance)
    assert len(instance.problem.days) == 3
    # 20 of 30 fit into one vehicle: two go, one of them over two sides and the diagonal (cut to 14.1)
    assert instance.distance(plan.totals.drive_seconds) == pytest.approx(20 + 20 + 14.1)
    assert instances.not_comparable(instance, plan) == ""


def test_where_the_best_counts_vehicles_first_nobody_gets_more(written) -> None:
    instance = readers.read(written("square.txt", DEPOT_TEXT), {"vehicles": 1, "distance": 40.0})
    assert len(instance.problem.days) == 1
    assert "1 vehicles" in instance.remark
    assert instances.not_comparable(instance, _solved(instance)) == "1 left out"


def test_sites_that_only_some_vehicles_may_serve(written) -> None:
    written("square.sol", "Route #1: 3\nRoute #2: 1 2\nCost: 54142\n")
    instance = readers.read(written("square.vrp", VRPLIB.format(longest=100)))
    plan = _solved(instance)
    assert instance.best == pytest.approx(54.142)
    assert {r.day_id: set(r.visit_ids) for r in plan.routes} == {"d0": {"v3"}, "d1": {"v1", "v2"}}
    assert instance.distance(plan.totals.drive_seconds) == pytest.approx(54.142)
    assert instances.not_comparable(instance, plan) == ""


def test_a_plan_with_a_route_that_may_not_be_so_long_is_not_compared(written) -> None:
    written("square.sol", "Cost: 54142\n")
    instance = readers.read(written("square.vrp", VRPLIB.format(longest=40)))
    plan = _solved(instance)
    # there and back by the diagonal with two services is 44.1; the other one waits at the depot, not at the site
    assert instances.not_comparable(instance, plan) == "1 of 2 routes too long"
    assert instances.least_duration(instance.problem, plan.routes[0]) == 25_000


def test_routes_of_others_are_told_as_they_are_however_bad(written) -> None:
    instance = readers.read(written("square.txt", DEPOT_TEXT.replace("  20", "  30")), {"distance_only": 40.0})
    first, second, third = instance.problem.visits
    there_and_back = as_they_are(instance.problem, [[first, third], [second], []])
    assert [route.visit_ids for route in there_and_back.routes] == [("v1", "v3"), ("v2",), ()]
    assert instance.distance(there_and_back.totals.drive_seconds) == pytest.approx(34.1 + 2 * 14.1)


def test_technicians_begin_at_home_with_what_they_have(written) -> None:
    instance = readers.read(written("square.txt", TECHNICIANS), {"distance": 20.0})
    plan = _solved(instance)
    assert plan.routes[0].visit_ids == ("v2",)
    assert [one.visit_id for one in plan.unassigned] == ["v3"]
    assert instances.not_comparable(instance, plan) == "1 left out"


def test_gaps_stay_numbers_until_they_are_told(written) -> None:
    instance = readers.read(written("square.txt", DEPOT_TEXT), {"distance_only": 40.0})
    first, second, third = instance.problem.visits
    whole = [[first, third], [second], []]
    runs = [lambda problem, routes=routes: as_they_are(problem, routes) for routes in (whole, [[first], [second], []])]
    good, short = (instances.measured_gaps(instance, [run]) for run in runs)
    assert good.median == pytest.approx(100 * (62.3 / 40 - 1), abs=0.5)
    assert (short.median, short.told()) == (None, "(1 left out)")
    assert instances.measured_gaps(instance, runs).median is None, "a run that leaves somebody out is no cheap one"
    exact = [instances.Gaps((0.004,)), instances.Gaps((0.006, 0.002)), short]
    assert instances.mean_told(exact[:2]) == "0.00 %"
    assert instances.mean_told([instances.Gaps((0.014,)), instances.Gaps((0.016,))]) == "0.01 %"
    assert instances.mean_told(exact) == "0.00 % (1 without)"
    assert instances.mean_told([short]) == "—"
