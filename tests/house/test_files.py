"""What every file of the project keeps to."""

import ast
import re

from tests.support import tree

CODE = tree.files(".py", ".html", ".js", ".css", "Makefile", ".toml")
WRITTEN = [path for path in tree.files() if path.suffix not in (".png", ".jpg", ".ico", ".woff2")]
SOURCES = [path for path in tree.files(".py") if path.parts[0] == "mealsvc"]
LONGEST = 500

# Each has a class of one letter, so that these lines don't find themselves.
LOOSE = re.compile(r"TOD[O]|FIXM[E]|mark\.([s]kip|[x]fail)|# *[t]ype: ignore|# *[n]oqa")
ELSEWHERE = re.compile(
    r"(?<![\w.-])/[w]ork/|\.\./[s]hared|python[h]osted|py[p]i\.org|[n]pmjs|index[-]url"
    r'|"[r]esolved": *"http'
)


def _found(pattern: re.Pattern[str], paths) -> list[str]:
    return [f"{path}: {hit[0]}" for path in paths for hit in pattern.finditer(tree.text(path))]


def test_a_file_is_short_enough_to_hold_one_subject():
    subjects = (path for path in CODE if "versions" not in path.parts)  # a migration is a list
    long = {str(p): n for p in subjects if (n := len(tree.text(p).splitlines())) > LONGEST}
    assert not long


def test_no_loose_end_is_left():
    assert not _found(LOOSE, CODE)


def test_nothing_names_the_machine_it_was_written_on_or_a_registry():
    assert not _found(ELSEWHERE, WRITTEN)


def test_a_module_says_what_it_is_for():
    assert not [str(path) for path in SOURCES if not ast.get_docstring(tree.tree(path))]


def test_a_package_is_one_docstring():
    packages = [path for path in SOURCES if path.name == "__init__.py"]
    assert packages
    assert not [str(path) for path in packages if len(tree.tree(path).body) != 1]
