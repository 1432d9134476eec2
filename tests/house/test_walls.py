"""Who may import whom, and what rules may touch."""

import ast
import subprocess
import sys

from tests.support import tree

SOURCES = [path for path in tree.files(".py") if path.parts[0] == "mealsvc"]
RULES = [path for path in SOURCES if path.name == "rules.py" or "rules" in path.parts]
KERNEL = [path for path in SOURCES if "kernel" in path.parts]
CLOCK = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}


def test_the_contracts_between_the_rooms_are_kept():
    # a process of its own: it sets up logging anew, and the log of other tests would be lost
    run = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as go; go()"]
    done = subprocess.run([*run, "--no-cache"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def _reads(path, world) -> list[str]:
    """Where this file reads one of these attributes."""
    return [
        f"{path}:{node.lineno}"
        for node in ast.walk(tree.tree(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in world
    ]


def _calls(path, names) -> list[str]:
    return [
        f"{path}:{node.lineno}"
        for node in ast.walk(tree.tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


def test_the_kernel_imports_only_itself_and_the_standard_library():
    assert KERNEL
    own = ("mealsvc.kernel", *sys.stdlib_module_names)
    outside = [
        f"{path}: {name}"
        for path in KERNEL
        for name in tree.imported(path)
        if name.split(".")[0] not in own and not name.startswith(own[0])
    ]
    assert not outside


def test_rules_read_no_clock_no_environment_and_no_file():
    assert RULES
    for path in RULES:
        assert not _reads(path, {*CLOCK, ("os", "environ")})
        assert not _calls(path, {"open", "input", "print"})
        assert not tree.imported(path) & {"time", "os", "random", "secrets", "socket"}, path


def test_only_the_clock_reads_the_clock():
    others = [path for path in SOURCES if path.parts[-2:] != ("plumbing", "clock.py")]
    assert not [place for path in others for place in _reads(path, CLOCK)]
