"""约谈记录: what was put to the person in charge, and what she undertook."""

from mealsvc.papers.services import Stamp
from mealsvc.reports.supervision.catalogue import PAPERS
from mealsvc.reports.supervision.common import (
    Fonts,
    begun,
    closing,
    ending,
    handed_over,
    minute_of,
    place_rows,
)
from mealsvc.reports.supervision.shapes import InterviewFacts

KIND = PAPERS["interview"]


def draw(facts: InterviewFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    paper = begun(KIND, facts.head, facts.number, stamp, fonts)
    paper.facts(place_rows(facts.place))
    paper.facts(
        [
            ("约谈时间", minute_of(facts.held_at)),
            ("约谈地点", facts.where),
            ("约谈人", facts.hosts),
            ("被约谈人", facts.attendees),
            ("依据", facts.basis),
            ("约谈事项", facts.matters),
            ("承诺和整改要求", facts.commitments),
        ],
        per_row=1,
    )
    ending(paper, 2)
    paper.para("以上记录已交被约谈人阅看（或者向其宣读），与约谈情况一致。")
    handed_over(paper, ["约谈人签名", "记录人签名"], "被约谈人签名")
    closing(paper, KIND, facts.head)
    return paper.build()
