"""All tests on both databases, and one closing line: `python -m tests.support.suite [path …]`."""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.support.databases import ENV_KIND

TESTS = Path(__file__).resolve().parents[1]
ON_A_DATABASE = ("services", "pages")
IN_CHROMIUM = "browser"
ALONE = "hostile"  # races and kills measure themselves: one process for each database
WORKERS = 3  # on two cores: a worker waits for a browser or a database a good part of its time


@dataclass(frozen=True)
class Leg:
    """One run of pytest."""

    database: str
    paths: tuple[str, ...]
    workers: int

    @property
    def name(self) -> str:
        return f"{self.database}: {' '.join(self.paths)}"


@dataclass
class Count:
    """Tests by outcome; what was skipped was not proven, so it counts as failed."""

    passed: int = 0
    failed: int = 0


def rounds(paths: list[str]) -> list[list[Leg]]:
    """The runs that make up the suite, those side by side in one list; given paths are the whole
    of it."""
    if paths:
        again = tuple(
            path for path in paths if any(name in path for name in (*ON_A_DATABASE, ALONE))
        )
        given = [Leg("sqlite", tuple(paths), WORKERS), Leg("postgresql", again, WORKERS)]
        return [[leg] for leg in given if leg.paths]
    everything = tuple(f"tests/{path.parent.name}" for path in sorted(TESTS.glob("*/__init__.py")))
    apart = ("tests/support", "tests/factories", f"tests/{ALONE}")
    return [
        [Leg("sqlite", tuple(path for path in everything if path not in apart), WORKERS)],
        [Leg("postgresql", tuple(f"tests/{name}" for name in ON_A_DATABASE), WORKERS)],
        [Leg(database, (f"tests/{ALONE}",), workers=0) for database in ("sqlite", "postgresql")],
    ]


def run(leg: Leg, beside: bool) -> Count:
    """Runs one leg; a leg that could not run at all counts as a failure. What runs beside another
    tells at its end what it has to say."""
    began = time.monotonic()
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        command = [sys.executable, "-m", "pytest", "-q", "-n", str(leg.workers)]
        command += ["--dist", "worksteal", f"--junit-xml={report.name}", *leg.paths]
        environment = {**os.environ, ENV_KIND: leg.database}
        said = subprocess.PIPE if beside else None
        done = subprocess.run(
            command, check=False, cwd=TESTS.parent, env=environment, stdout=said, text=True
        )
        counted = _read(Path(report.name))
    if done.returncode and not counted.failed:
        counted.failed = 1
    sys.stdout.write(f"{done.stdout or ''}== {leg.name}: {time.monotonic() - began:.0f} s\n")
    sys.stdout.flush()
    return counted


def _read(report: Path) -> Count:
    count = Count()
    if report.stat().st_size:
        for suite in ET.parse(report).iter("testsuite"):
            tests, *bad = (int(suite.get(key, 0)) for key in ("tests", "failures", "errors"))
            lost = sum(bad) + int(suite.get("skipped", 0))
            count.failed += lost
            count.passed += max(tests - lost, 0)
    return count


def main(paths: list[str]) -> int:
    total = Count()
    for legs in rounds(paths):
        for leg in legs:
            sys.stdout.write(f"\n== {leg.name}\n")
        sys.stdout.flush()
        with ThreadPoolExecutor(len(legs)) as pool:
            for count in pool.map(run, legs, [len(legs) > 1] * len(legs)):
                total.passed += count.passed
                total.failed += count.failed
    sys.stdout.write(f"\n{total.passed} passed, {total.failed} failed\n")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
