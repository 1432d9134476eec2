"""Templates: nothing inline, nothing unused."""

import re

from tests.support import tree

TEMPLATES = [path for path in tree.files(".html") if path.parts[0] == "templates"]
COMPONENTS = [path for path in TEMPLATES if "components" in path.parts]
MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\s*\(")
INLINE = re.compile(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|javascript:|<script(?![^>]*\bsrc=)")


def test_a_template_holds_no_style_or_script_of_its_own():
    assert not [f"{p}: {hit[0]}" for p in TEMPLATES for hit in INLINE.finditer(tree.text(p))]


def test_every_macro_is_used():
    shown = "\n".join(tree.text(path) for path in TEMPLATES)
    macros = [name for path in COMPONENTS for name in MACRO.findall(tree.text(path))]
    assert not [name for name in macros if len(re.findall(rf"\b{name}\s*\(", shown)) < 2]


def test_every_template_is_shown_somewhere():
    texts = {path: tree.text(path) for path in tree.files(".py", ".html")}

    def is_named(path) -> bool:
        name = path.relative_to("templates").as_posix()
        computed = f'"{name.rpartition("/")[0]}/{{'  # errors/{status}.html
        return any(name in t or computed in t for other, t in texts.items() if other != path)

    assert not [str(path) for path in TEMPLATES if not is_named(path)]
