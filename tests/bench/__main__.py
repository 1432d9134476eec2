"""`make bench`: every bar with what was measured, in one run. Options: --big, and names of benches.

Ratios are taken in one process in turns, so that a busy machine slows both sides alike.
"""

import sys
from collections.abc import Callable, Iterable
from unicodedata import east_asian_width

from tests.bench import (
    cards,
    coverage,
    month,
    papers,
    report,
    sample,
    scan,
    serving,
    simulate,
    siting,
    starting,
    till,
)
from tests.bench.ground import Line

MILLION = 1_000_000
USUAL, BIG = month.Size(30_000, 100_000), month.Size(200_000, 1_000_000, 500)


def main(arguments: list[str]) -> int:
    """Prints the table; 1 when a bar is not kept."""
    size = BIG if "--big" in arguments else USUAL
    benches: dict[str, Callable[[], Iterable[Line]]] = {
        "serving": serving.lines,
        "month": lambda: month.lines(size),
        "simulate": lambda: simulate.lines(size),
        "papers": papers.lines,
        "report": report.lines,
        "cards": cards.lines,
        "sample": lambda: sample.lines(1_000 if "--big" in arguments else 200),
        "till": lambda: till.lines(size),
        "scan": lambda: scan.lines((MILLION, 10 * MILLION) if "--big" in arguments else (MILLION,)),
        "coverage": coverage.lines,
        "siting": siting.lines,
        "starting": starting.lines,
    }
    wanted = [name for name in arguments if name in benches] or list(benches)
    _show("项目", "实测", "规定", "")
    short = 0
    for name in wanted:
        for line in benches[name]():
            short += not line.ok
            _show(line.what, line.measured, line.bar, "达到" if line.ok else "未达到")
    _show(f"{short} 项未达到。" if short else "全部达到。", "", "", "")
    return 1 if short else 0


def _show(what: str, measured: str, bar: str, told: str) -> None:
    cells = (_filled(what, 46), _filled(measured, 46), _filled(bar, 16), told)
    sys.stdout.write("".join(cells).rstrip() + "\n")
    sys.stdout.flush()


def _filled(text: str, width: int) -> str:
    used = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(width - used, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
