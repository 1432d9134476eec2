"""The best 40 of 300 candidates for 2,000 communities, against HiGHS alone on the model as it stands."""

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

import highspy

from mealsvc.coverage.planning.rules import Ground, Question, Site, within_reach
from mealsvc.coverage.planning.solver import solve
from mealsvc.coverage.rules import Home
from tests.bench.ground import Line, at_most

COMMUNITIES, CANDIDATES, SITES, POINTS = 2_000, 300, 40, 20
WEST, SOUTH, SPAN = 119.7, 31.4, 0.5  # degrees: about 47 km by 55 km
RADII, GROUNDS = (1_000, 2_000, 4_000), 4
AGAINST_HIGHS, MOST_MB, SECONDS = 1.5, 120.0, 300.0


def lines() -> Iterator[Line]:
    """CPU of a proven plan over that of HiGHS, reading of distances included in both."""
    for radius_m in RADII:
        ours = theirs = 0.0
        for seed in range(GROUNDS):
            ground = _ground(random.Random(100 * seed + radius_m))
            began = process_time()
            answer = solve(ground, Question(radius_m, SITES), SECONDS)
            between = process_time()
            covered = _plain(ground, radius_m)
            ours, theirs = ours + between - began, theirs + process_time() - between
            if not answer.optimal or answer.covered_after != covered:
                raise RuntimeError(f"{answer} against {covered}")
        note = f"（{GROUNDS} 题 {ours:.2f} 秒 / {theirs:.2f} 秒）"
        what = f"布点 {COMMUNITIES:,}×{CANDIDATES}×{SITES}，{radius_m:,} 米 / HiGHS"
        yield at_most(what, ours / theirs, AGAINST_HIGHS, note=note)
    yield at_most("布点测算最多占用内存", _peak_mb(), MOST_MB, "MB")


def _ground(drawn: random.Random) -> Ground:
    def place() -> tuple[float, float]:
        return WEST + drawn.random() * SPAN, SOUTH + drawn.random() * SPAN

    return Ground(
        tuple(
            Home(f"3204{number:08d}", drawn.randint(50, 2_500), place())
            for number in range(COMMUNITIES)
        ),
        tuple(Site(f"P{number:03d}", place()) for number in range(POINTS)),
        tuple(Site(f"C{number:03d}", place()) for number in range(CANDIDATES)),
    )


def _plain(ground: Ground, radius_m: float) -> int:
    """One binary a candidate, one column a community, nothing left out and nothing merged."""
    points = set().union(*within_reach(ground.homes, ground.points, radius_m))
    by_home: list[list[int]] = [[] for _ in ground.homes]
    for site, places in enumerate(within_reach(ground.homes, ground.candidates, radius_m)):
        for place in places:
            by_home[place].append(site)
    lp: Any = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = CANDIDATES + COMMUNITIES, COMMUNITIES + 1
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = [0.0] * CANDIDATES + [float(home.pop60) for home in ground.homes]
    lp.col_lower_ = [0.0] * lp.num_col_
    lp.col_upper_ = [1.0] * lp.num_col_
    whole, part = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    lp.integrality_ = [whole] * CANDIDATES + [part] * COMMUNITIES
    lp.row_lower_ = [-highspy.kHighsInf] * lp.num_row_
    lp.row_upper_ = [float(place in points) for place in range(COMMUNITIES)] + [float(SITES)]
    starts, columns, values = [0], [], []
    for place, sites in enumerate(by_home):  # covered no more than its points and chosen sites do
        columns += [CANDIDATES + place, *sites]
        values += [1.0] + [-1.0] * len(sites)
        starts.append(len(columns))
    columns += range(CANDIDATES)
    values += [1.0] * CANDIDATES
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_, matrix.index_, matrix.value_ = [*starts, len(columns)], columns, values
    matrix.num_col_, matrix.num_row_ = lp.num_col_, lp.num_row_
    solver: Any = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0)):
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    solver.run()
    return round(solver.getInfo().objective_function_value)


def _peak_mb() -> float:
    """The most memory of a process that does nothing but plan."""
    code = "import tests.bench.siting as siting; siting.largest()"
    process = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return int(process.stdout) / 1024


def largest() -> None:
    """Plans the widest reach once and prints the most memory in KB."""
    radius_m = RADII[-1]
    solve(_ground(random.Random(radius_m)), Question(radius_m, SITES), SECONDS)
    # not getrusage: its maximum includes the process that this one was forked from
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    sys.stdout.write(told["VmHWM"].split()[0])
