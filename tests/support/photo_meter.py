"""Run as a module: prepares each file of a folder, writes what is kept of it to another, and prints
what that cost, as JSON lines.

Memory is the highest resident size over that after the imports (VmHWM, reset before each file).
"""

import json
import sys
import time
from pathlib import Path

from PIL import Image

import mealsvc.app
from mealsvc.kernel.refusals import Refusal
from mealsvc.supervision.photos.services import prepare


def resident(name: str) -> int:
    """KiB of VmHWM (highest) or VmRSS (now)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def main(folder: Path, kept: Path) -> None:
    Image.init()
    base = resident("VmRSS")
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        Path("/proc/self/clear_refs").write_text("5")
        begun = time.process_time()
        try:
            (kept / path.name).write_bytes(prepare(content).content)
            said = "kept"
        except Refusal as refusal:
            said = refusal.code
        cost = {"cpu": time.process_time() - begun, "mib": (resident("VmHWM") - base) / 1024}
        sys.stdout.write(json.dumps({"name": path.name, "said": said, **cost}) + "\n")


if __name__ == "__main__":
    assert mealsvc.app
    main(Path(sys.argv[1]), Path(sys.argv[2]))
