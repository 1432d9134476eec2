"""The project's own files, as a clone has them: what git tracks or would track."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files(*endings: str) -> tuple[Path, ...]:
    """Every file of the project whose name ends so, relative to its root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    paths = (Path(name) for name in sorted(listed.split("\0")) if name)
    return tuple(p for p in paths if p.name.endswith(endings or ("",)) and (ROOT / p).is_file())


def text(path: Path) -> str:
    return (ROOT / path).read_text("utf-8")


def tree(path: Path) -> ast.Module:
    return ast.parse(text(path), str(path))


def imported(path: Path) -> set[str]:
    """Every module that this file imports, by its full name."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def docs() -> str:
    """Everything that the project's papers say, in one text."""
    return "\n".join(text(path) for path in files(".md"))
