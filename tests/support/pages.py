"""What every fetched page must be, whichever test fetched it."""

from collections import Counter

from bs4 import BeautifulSoup, Tag

LANGUAGE = "zh-CN"


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def faults_of(page: BeautifulSoup) -> list[str]:
    """Every fault of a whole page, as sentences; empty when it is sound."""
    return [
        *_head(page),
        *_ids(page),
        *_forms(page),
        *_nothing_inline(page),
        *_names(page),
    ]


def faults_of_fragment(page: BeautifulSoup) -> list[str]:
    """Every fault of a part of a page, as htmx fetches it."""
    return [*_ids(page), *_forms(page), *_nothing_inline(page), *_names(page)]


def _head(page: BeautifulSoup) -> list[str]:
    faults = []
    root = page.find("html")
    if not isinstance(root, Tag) or root.get("lang") != LANGUAGE:
        faults.append(f"<html> lacks lang={LANGUAGE}")
    if page.title is None or not page.title.get_text(strip=True):
        faults.append("the title is empty")
    headings = page.find_all("h1")
    if len(headings) != 1 or not headings[0].get_text(strip=True):
        faults.append(f"{len(headings)} <h1>, wanted exactly one with text")
    if page.find("main") is None:
        faults.append("no <main>")
    return faults


def _ids(page: BeautifulSoup) -> list[str]:
    counts = Counter(str(tag["id"]) for tag in page.find_all(id=True))
    return [f"id {name!r} occurs {count} times" for name, count in counts.items() if count > 1]


def _forms(page: BeautifulSoup) -> list[str]:
    faults = []
    for form in page.find_all("form"):
        if form.get("action") is None:
            faults.append("a form has no action")
        if str(form.get("method", "get")).lower() == "post":
            token = form.find("input", attrs={"name": "csrf_token"})
            if token is None or not token.get("value"):
                faults.append(f"the form to {form.get('action')!r} has no csrf_token")
    return faults


def _nothing_inline(page: BeautifulSoup) -> list[str]:
    faults = [f"<{tag.name}> has a style attribute" for tag in page.find_all(style=True)]
    faults += ["a <style> element" for _ in page.find_all("style")]
    faults += [
        "an inline <script>"
        for tag in page.find_all("script")
        if not tag.get("src") and tag.get("type") != "application/json"
    ]
    for tag in page.find_all(True):
        faults += [f"<{tag.name}> has {name}" for name in tag.attrs if name.startswith("on")]
    return faults


def _names(page: BeautifulSoup) -> list[str]:
    """Labels, pictures and links: what a screen reader says."""
    faults = []
    labelled = {str(label.get("for")) for label in page.find_all("label")}
    for field in page.find_all(["input", "select", "textarea"]):
        hidden = field.get("type") in ("hidden", "submit", "button")
        named = field.get("id") in labelled or field.get("aria-label") or field.find_parent("label")
        if not hidden and not named and not field.get("aria-labelledby"):
            faults.append(f"the field {field.get('name')!r} has no label")
    faults += [f"an image without alt: {tag.get('src')}" for tag in page.find_all("img", alt=False)]
    for link in page.find_all(["a", "button"]):
        text = link.get_text(strip=True) or link.get("aria-label") or link.find("img", alt=True)
        if not text:
            faults.append(f"a <{link.name}> without a name: {link.get('href') or link.get('name')}")
    return faults
