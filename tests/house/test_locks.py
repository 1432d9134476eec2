"""What is installed is what was locked."""

import json
import re
import tomllib

import pytest

from tests.support import tree

LOCKS = ("requirements.txt", "requirements-dev.txt")
ENTRY = re.compile(r"^([A-Za-z0-9._-]+)(\[[^\]]*\])?==(\S+)( ; .*)? \\$")


def _pins(name: str) -> dict[str, str]:
    lines = (tree.ROOT / name).read_text().splitlines()
    return {m[1].lower().replace("_", "-"): m[3] for line in lines if (m := ENTRY.match(line))}


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_and_hashed(name):
    lines = (tree.ROOT / name).read_text().splitlines()
    heads = [
        (number, line)
        for number, line in enumerate(lines)
        if line and not line.startswith((" ", "#"))
    ]
    assert heads
    for number, line in heads:
        assert ENTRY.match(line), line
        assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", lines[number + 1]), line


def test_both_locks_agree():
    run, dev = (_pins(name) for name in LOCKS)
    assert run.items() <= dev.items()


def test_every_declared_dependency_is_locked():
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    run = project["project"]["dependencies"] + groups["assets"]
    for name, declared in ((LOCKS[0], run), (LOCKS[1], run + groups["dev"])):
        names = {re.match(r"[\w.-]+", line)[0].lower().replace("_", "-") for line in declared}
        assert not names - _pins(name).keys()


def test_front_end_files_are_locked_by_hash_and_not_by_address():
    packages = json.loads((tree.ROOT / "package-lock.json").read_text())["packages"]
    for name, entry in packages.items():
        if name:
            assert entry["integrity"].startswith("sha512-"), name
            assert "resolved" not in entry, name
