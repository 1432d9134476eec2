"""How soon the command answers, how soon the first page comes, how large a worker is."""

import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path

from tests.bench.ground import COMMAND, Line, at_most, installation
from tests.hostile.served import Served


def lines() -> list[Line]:
    """CPU of `mealsvc --help`, seconds to the first page, resident memory of the largest worker."""
    made = [at_most("mealsvc --help，CPU", _cpu_of_help(), 0.5, "s")]
    with installation(), tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        server = Served(Path(folder) / "log")
        try:
            server.wait_until_up()
            answer = server.ask("GET", "/login")
            made.append(at_most("启动后第一页", time.perf_counter() - began, 2.0, "s"))
            if answer.status != 200:
                raise RuntimeError(f"the first page: {answer.status}")
            for _ in range(40):
                server.ask("GET", "/login")
            made.append(at_most("每个工作进程内存", _largest(server.process.pid), 120, "MB"))
        finally:
            server.stop()
    return made


def _cpu_of_help() -> float:
    """The best of three, of a child's user and system time."""
    times = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([COMMAND, "--help"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return min(times)


def _largest(parent: int) -> float:
    """Resident megabytes of the largest of the processes that this one started."""
    sizes = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "status").read_text()
        except OSError:
            continue
        facts = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        if int(facts["PPid"]) == parent:
            sizes.append(int(facts["VmRSS"].split()[0]) / 1024)
    return max(sizes, default=os.sysconf("SC_PAGE_SIZE"))
