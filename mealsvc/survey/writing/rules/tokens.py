"""Texts that hold figures as `{code}`, exhibits as a line `{图:code}` or `{表:code}`, and numbers that
somebody typed. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, Protocol

FIGURE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
EXHIBIT = re.compile(r"\{([图表])[:：]([a-z][a-z0-9_]*)\}")
BRACED = re.compile(r"[{｛][^{}｛｝\n]*[}｝]?|[}｝]")
MOST_LETTERS = 20_000

_CHINESE = "零一二三四五六七八九十百千万亿两"
_NUMBER = re.compile(
    r"[0-9０-９][0-9０-９,，.．]*(?:[%％‰万亿]|个百分点)?"
    rf"|百分之[{_CHINESE}点]+"
    rf"|[一二三四五六七八九十两][{_CHINESE}]*[百千万亿][{_CHINESE}]*(?=[多余]?[元人份家个名户处张平米公])"
)
# What holds digits and is no figure: days, ages that define a group, numbers of papers and of lists.
_NO_FIGURE = re.compile(
    r"[12][0-9]{3}年(?:[0-9]{1,2}月(?:[0-9]{1,2}日)?)?"
    r"|[0-9]{1,2}月(?:[0-9]{1,2}日)?"
    r"|[0-9]{2,3}(?:[—\-–至到][0-9]{2,3})?(?:周)?岁"
    r"|〔[0-9]{4}〕[0-9]+号"
    r"|(?:GB|WS|DB)[/0-9A-Z ]*[0-9.]+(?:[—\-][0-9]{4})?"
    r"|(?:图|表|附件?|第)[0-9]+(?:[条款项号章]|)",
    re.ASCII,
)
_LISTED = re.compile(r"^\s*(?:[0-9]{1,2}[.．、]|[（(][0-9]{1,2}[)）])", re.MULTILINE | re.ASCII)


class Told(Protocol):
    """A figure as it is printed."""

    @property
    def text(self) -> str: ...


class Known(Told, Protocol):
    """A figure whose value is asked for too (see `assessing.figures.Figure`); None: nobody knows."""

    @property
    def value(self) -> object: ...


class Piece(NamedTuple):
    """A piece of a sentence: plain words (`kind` empty), a `figure` by its code, or a number typed
    by `hand`."""

    kind: str
    text: str


def pieces(text: str) -> Iterator[Piece]:
    """The text from left to right: words, figures, hand-typed numbers."""
    at = 0
    for found in FIGURE.finditer(text):
        yield from _words(text[at : found.start()])
        yield Piece("figure", found[1])
        at = found.end()
    yield from _words(text[at:])


def codes_in(text: str) -> list[str]:
    """The figures of a text in their order, each once."""
    return list(dict.fromkeys(FIGURE.findall(text)))


def typed_in(text: str) -> list[str]:
    """The numbers that somebody typed, as they stand."""
    return [piece.text for piece in pieces(text) if piece.kind == "hand"]


def told(text: str, figures: Mapping[str, Told]) -> str:
    """The text with every figure in its place."""
    return FIGURE.sub(lambda found: figures[found[1]].text, text)


def wrong_in(text: str, figures: Collection[str], exhibits: Mapping[str, str]) -> list[str]:
    """What stands in braces and is neither a figure nor an exhibit; exhibits by code: 图 or 表."""
    wrong = []
    for line in text.splitlines():
        exhibit = EXHIBIT.fullmatch(line.strip())
        if exhibit:
            if exhibits.get(exhibit[2]) != exhibit[1]:
                wrong.append(exhibit[0])
            continue
        for found in BRACED.findall(line):
            code = FIGURE.fullmatch(found)
            if code is None or code[1] not in figures:
                wrong.append(found)
    return list(dict.fromkeys(wrong))


def is_known(sentence: str, figures: Mapping[str, Known]) -> bool:
    """Whether every figure of the sentence is there and has a value."""
    return all(
        code in figures and figures[code].value is not None for code in FIGURE.findall(sentence)
    )


def _words(text: str) -> Iterator[Piece]:
    """Plain words and the numbers among them."""
    spared = [found.span() for found in _NO_FIGURE.finditer(text)]
    spared += [found.span() for found in _LISTED.finditer(text)]
    at = 0
    for found in _NUMBER.finditer(text):
        if any(start < found.end() and found.start() < end for start, end in spared):
            continue
        if found.start() > at:
            yield Piece("", text[at : found.start()])
        yield Piece("hand", found[0])
        at = found.end()
    if at < len(text):
        yield Piece("", text[at:])
