"""From the text of a section to its blocks: headings, paragraphs, exhibits where the text wants them.
Pure."""

import re
from collections.abc import Mapping

from mealsvc.survey.writing.rules.blocks import Block, Head, Para
from mealsvc.survey.writing.rules.tokens import EXHIBIT

_HEADING = re.compile(r"^（[一二三四五六七八九十]+）\S{1,40}$")


def blocks_of(text: str, exhibits: Mapping[str, Block]) -> tuple[Block, ...]:
    """A paragraph a line; （一）…… alone on a line without a full stop is a heading; an exhibit that
    is not there (any more) is left out."""
    made: list[Block] = []
    for line in map(str.strip, text.splitlines()):
        if not line:
            continue
        exhibit = EXHIBIT.fullmatch(line)
        if exhibit:
            if exhibit[2] in exhibits:
                made.append(exhibits[exhibit[2]])
        elif _HEADING.match(line) and not line.endswith(("。", "；", "：")):
            made.append(Head(line))
        else:
            made.append(Para(line))
    return tuple(made)
