"""Makes the fonts of papers from the registry's font files: subset once, at install."""

import logging
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

# What every paper may use beside the characters of GB 2312: Latin, punctuation, arrows,
# mathematics, enclosed numbers, boxes, stars, CJK punctuation, units and full-width forms.
BLOCKS = (
    (0x20, 0x180), (0x2000, 0x2070), (0x20A0, 0x20C0), (0x2100, 0x2300), (0x2460, 0x2500),
    (0x2500, 0x2600), (0x2600, 0x2607), (0x2610, 0x2613), (0x2713, 0x2719), (0x3000, 0x3040),
    (0x3200, 0x3400), (0xFF00, 0xFFF0),
)  # fmt: skip
RARE_IN_NAMES = "𬀩䶮"
NOT_FROM_KAI = set(map(ord, "“”‘’·…—"))  # LXGW WenKai draws them as narrow as in English
ON_PAPERS = "☆★□■○●◆△▲▽▼√×÷±≤≥≠→←↑↓☑☒✓✗①②③⑩〔〕【】《》“”‘’—…·￥¥℃㎡²³‰№"


def gb2312() -> set[int]:
    """Every character of GB 2312 (7,445 code points)."""
    rows = range(0xA1, 0xF8)
    cells = range(0xA1, 0xFF)
    text = (bytes((row, cell)).decode("gb2312", "ignore") for row in rows for cell in cells)
    return {ord(character) for character in text if character}


def core() -> set[int]:
    """What the fonts of each role hold; anything rarer comes from the one font `rare.ttf`."""
    blocks = {point for first, last in BLOCKS for point in range(first, last)}
    return gb2312() | blocks | set(map(ord, RARE_IN_NAMES))


def make_fonts(modules: Path, folder: Path) -> None:
    """Write the fonts under `folder`; ValueError when a needed character has no glyph."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    serif = modules / "@expo-google-fonts/noto-serif-sc"
    sans = modules / "@expo-google-fonts/noto-sans-sc"
    symbols = modules / "@fontsource/noto-sans-symbols-2/files"
    regular = serif / "400Regular/NotoSerifSC_400Regular.ttf"
    wanted = core()
    _subset(regular, folder / "serif.ttf", wanted)
    _subset(serif / "700Bold/NotoSerifSC_700Bold.ttf", folder / "serif-bold.ttf", wanted)
    _subset(sans / "400Regular/NotoSansSC_400Regular.ttf", folder / "sans.ttf", wanted)
    _subset(sans / "500Medium/NotoSansSC_500Medium.ttf", folder / "sans-bold.ttf", wanted)
    _subset(regular, folder / "rare.ttf", _characters(regular) - wanted)
    _subset(symbols / "noto-sans-symbols-2-symbols-400-normal.woff", folder / "symbols.ttf", wanted)
    if find_spec("brotli"):  # woff2 needs it; without 楷体 papers use the body's font instead
        slices = (modules / "lxgw-wenkai-webfont/files").glob("lxgwwenkai-regular-subset-*.woff2")
        _join(sorted(slices), folder / "kai.ttf", wanted - NOT_FROM_KAI)
    check_covered(folder)


def check_covered(folder: Path) -> None:
    """ValueError unless the body, head and title fonts with their fallbacks can print
    GB 2312, the rare characters of names and the signs on papers."""
    needed = gb2312() | set(map(ord, RARE_IN_NAMES + ON_PAPERS))
    symbols = _characters(folder / "symbols.ttf")
    for name in ("serif", "serif-bold", "sans", "sans-bold"):
        missing = needed - _characters(folder / f"{name}.ttf") - symbols
        if missing:
            raise ValueError(f"{name}.ttf: {''.join(map(chr, sorted(missing)))}")


def _characters(path: Path) -> set[int]:
    with TTFont(path, lazy=True) as font:
        return set(_glyph_names(font))


def _glyph_names(font: TTFont) -> dict[int, str]:
    return font.getBestCmap() or {}


def _subset(source: Path, target: Path, wanted: set[int]) -> None:
    font = TTFont(source, lazy=True, recalcBBoxes=False)  # else every glyph is drawn again
    font.flavor = None
    _keep(font, wanted)
    _even_digits(font)
    font.save(target)


def _even_digits(font: TTFont) -> None:
    """All digits as wide as the widest, so that money stands in columns."""
    names = [name for point, name in _glyph_names(font).items() if 0x30 <= point <= 0x39]
    widths = font["hmtx"].metrics
    widest = max((widths[name][0] for name in names), default=0)
    for name in names:
        width, bearing = widths[name]
        shift = (widest - width) // 2
        glyph = font["glyf"][name]
        glyph.coordinates.translate((shift, 0))
        glyph.recalcBounds(font["glyf"])
        widths[name] = (widest, bearing + shift)


def _keep(font: TTFont, wanted: Iterable[int]) -> None:
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "STAT"]
    options.drop_tables += ["bsln", "feat", "morx", "prop", "FFTM", "gasp"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)


def _join(slices: list[Path], target: Path, wanted: set[int]) -> None:
    """One font from the web slices that LXGW WenKai is published as.

    All slices come from one font, so equal glyph names are equal glyphs.
    """
    parts = [TTFont(path, recalcBBoxes=False) for path in slices]
    parts = [part for part in parts if wanted.intersection(_glyph_names(part))]
    whole = parts[0]
    characters: dict[int, str] = {}
    for part in parts:
        _keep(part, wanted)
        characters |= _glyph_names(part)
        for name in part.getGlyphOrder():
            if name not in whole["glyf"].glyphs:
                whole["glyf"][name] = part["glyf"][name]
                whole["hmtx"].metrics[name] = part["hmtx"].metrics[name]
    for table in whole["cmap"].tables:
        wide = table.format == 12
        table.cmap = {point: name for point, name in characters.items() if wide or point < 0x10000}
    whole.flavor = None
    whole.save(target)
