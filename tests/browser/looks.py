"""What anybody can see of a page: its width, the size of its text, and whether axe objects."""

from playwright.sync_api import Page

WIDTHS = (1280, 800)
BODY_PX, TABLE_PX = 18, 16

_FAULTS = """([body, table]) => {
  const faults = new Set();
  const over = document.scrollingElement.scrollWidth - innerWidth;
  if (over > 0) faults.add(`the page is ${over} px too wide`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const parent = walker.currentNode.parentElement;
    if (!text || !parent.checkVisibility()) continue;
    if (parent.closest(".visually-hidden, script, style, noscript, option")) continue;
    const size = parseFloat(getComputedStyle(parent).fontSize);
    const least = parent.closest("table, pre") ? table : body;
    if (size < least) faults.add(`${size} px: ${text.slice(0, 20)}`);
  }
  return [...faults];
}"""


def faults_of(page: Page, serious) -> list[str]:
    """Every fault of the page at hand at both widths, as sentences that name it.

    Axe, which takes by far the longest, looks at the narrow one: there more is folded away.
    """
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        seen = page.evaluate(_FAULTS, [BODY_PX, TABLE_PX])
        seen += serious(page) if width == WIDTHS[-1] else []
        found += [f"{page.url} at {width}: {fault}" for fault in seen]
    return found


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until what `selector` names has the focus: the keyboard gets there."""
    for _ in range(120):
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{page.url}: no Tab leads to {selector}")


def press(page: Page, key: str) -> None:
    """Presses a key that leads to another page, and waits for it."""
    with page.expect_navigation():
        page.keyboard.press(key)
