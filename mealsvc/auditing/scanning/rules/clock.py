"""A24: clocks that are wrong, and batches that reached the server long after the meal. Pure."""

from collections.abc import Iterator

import numpy as np

from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.telling import finding
from mealsvc.auditing.scanning.rules.view import Anomaly, PointMonth

MOSTLY = 0.5  # a point most of whose lines are late sends files: lateness then means nothing
LEAST = 3


def clock_off(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Lines of a device whose clock is off, and late batches where lines come at once otherwise.

    Evidence: `clock` and `late` (numbers of lines), `worst` (clock error in seconds), `oldest`
    (hours from meal to recording).
    """
    lines = seen.lines
    if not len(lines):
        return
    wrong = np.zeros(len(lines), bool)
    worst = 0
    if seen.clocks:
        error = np.array([seen.clocks.get(int(one), 0) for one in lines.sequence])
        wrong = np.abs(error) > limits.clock_error
        worst = int(error[np.argmax(np.abs(error))])
    late = lines.lateness > limits.batch_age
    if late.mean() > MOSTLY or late.sum() < LEAST:
        late[:] = False
    hit = wrong | late
    if not hit.any():
        return
    oldest = int(lines.lateness[late].max() // 3600) if late.any() else 0
    parts = list[str]()
    if wrong.any():
        parts.append(
            f"设备时钟偏差超过{limits.clock_error // 60}分钟的{wrong.sum()}笔，最多{abs(worst) // 60}分钟"
        )
    if late.any():
        parts.append(
            f"就餐后超过{limits.batch_age // 3600}小时才登记的{late.sum()}笔，最久{oldest}小时"
        )
    yield finding(
        seen, "A24", "case", np.flatnonzero(hit), "；".join(parts) + "。",
        "先核对设备是否换过电池、断过网，有无断网登记记录，再看补传的内容是否改过。",
        evidence={
            "clock": int(wrong.sum()), "late": int(late.sum()), "worst": worst, "oldest": oldest
        },
    )  # fmt: skip
