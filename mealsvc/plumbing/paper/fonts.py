"""The fonts of papers: one face a role, with others behind it for characters it lacks."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zlib import crc32

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

FOLDER = Path(__file__).resolve().parents[2] / "static" / "vendor" / "fonts"
# 仿宋 and 小标宋 are licensed: a unit that owns them names the files in its settings.
ROLES = {
    "body": ("serif",),
    "title": ("serif-bold",),
    "hei": ("sans-bold",),
    "kai": ("kai",),
    "table": ("serif",),
    "chart": ("sans",),
}
BEHIND = ("serif", "rare", "symbols")
SETTINGS = {f"PAPER_FONT_{role.upper()}": role for role in ROLES}
UNKNOWN = "〓"  # what a printer sets for a character that he does not have


class FontError(Exception):
    """A font that cannot be used; the text says what to do."""


class PaperFont(TTFont):
    """A TrueType font whose text can be copied out of the PDF, rare characters included.

    reportlab writes code points above U+FFFF into the ToUnicode map as they are; the map is
    UTF-16, so that readers would extract other characters. Here each map is written again.
    """

    def addObjects(self, doc) -> None:
        subsets = self.state[doc].subsets
        names = [self.getSubsetInternalName(number, doc)[1:] for number in range(len(subsets))]
        super().addObjects(doc)
        fonts = doc.idToObject["BasicFonts"].dict
        for name, subset in zip(names, subsets, strict=True):
            stream = doc.idToObject["toUnicodeCMap:" + fonts[name].BaseFont]
            stream.content = to_unicode(subset)


def to_unicode(subset: list[int]) -> str:
    """A ToUnicode CMap: one byte to UTF-16, in blocks of at most 100 lines as the format asks."""
    pairs = [
        f"<{code:02X}> <{chr(point).encode('utf-16-be').hex().upper()}>"
        for code, point in enumerate(subset)
        if point
    ]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <00> <FF> endcodespacerange",
    ]
    for block in blocks:
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines)


@cache
def load(path: Path) -> PaperFont:
    """The font in a TrueType file, kept for the life of the process; FontError if unusable."""
    name = f"paper-{path.stem}-{crc32(bytes(path)):08x}"
    try:
        font = PaperFont(name, str(path), asciiReadable=False, shapable=False)
    except (TTFError, OSError) as error:
        hint = (
            "请执行 make install"
            if path.parent == FOLDER
            else "请在设置中改用 TrueType（.ttf）文件"
        )
        raise FontError(f"字体 {path.name} 不能使用，{hint}：{error}") from error
    # Two files may call themselves the same; embedded names have to differ.
    font.face.subfontNameX = f"-{crc32(path.stem.encode()):08x}".encode()
    return font


class Widths(dict[str, float]):
    """Character to width in em, measured when first asked for."""

    def __init__(self, face: "Face"):
        super().__init__()
        self._face = face

    def __missing__(self, character: str) -> float:
        font, drawn = self._face.font(character)
        width = font.face.charWidths.get(ord(drawn), font.face.defaultWidth) / 1000
        self[character] = width
        return width


class Face:
    """One role's font with those behind it; a font is opened when a character needs it."""

    def __init__(self, paths: tuple[Path, ...]):
        self._paths = paths
        self.widths = Widths(self)

    @property
    def name(self) -> str:
        """What reportlab knows the role's own font by."""
        font = load(self._paths[0])
        if font.fontName not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(font)
        return font.fontName

    def font(self, character: str) -> tuple[PaperFont, str]:
        """The font that has the character, and what to draw for it."""
        for path in self._paths:
            font = load(path)
            if ord(character) in font.face.charToGlyph:
                return font, character
        return self.font(UNKNOWN)

    def width(self, text: str, size: float, spacing: float = 0) -> float:
        """Of one line in points; no spacing after its last character."""
        if not text:
            return 0
        return sum(map(self.widths.__getitem__, text)) * size + spacing * (len(text) - 1)


@cache
def _face(main: tuple[Path, ...]) -> Face:
    behind = [FOLDER / f"{name}.ttf" for name in BEHIND]
    return Face((*main, *(path for path in behind if path not in main)))


def faces(own: Mapping[str, str] | None = None) -> dict[str, Face]:
    """A face for each role; `own` maps setting names (PAPER_FONT_BODY …) to font files."""
    chosen = {SETTINGS[key]: path for key, path in (own or {}).items() if key in SETTINGS and path}
    made = {}
    for role, names in ROLES.items():
        paths = [FOLDER / f"{name}.ttf" for name in names]
        paths = [path for path in paths if path.exists() or role != "kai"]  # 楷体 may be missing
        if role in chosen:
            paths.insert(0, Path(chosen[role]).resolve())
        made[role] = _face(tuple(paths))
    return made
