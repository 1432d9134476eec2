"""Finds the machine's Chromium; run as a module it prints the path, or exits 1 where none is."""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Without a sandbox because tests may run as root; the others keep it from calling home.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def find() -> str | None:
    """The path of the browser: MEALSVC_TEST_CHROMIUM, else the first of the usual names."""
    named = os.environ.get("MEALSVC_TEST_CHROMIUM")
    if named:
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)


if __name__ == "__main__":
    path = find()
    if path is None:
        sys.exit(1)
    sys.stdout.write(path + "\n")
