"""送达回证: which paper reached whom, how, when, and who saw it."""

from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.official import SignBox
from mealsvc.reports.supervision.catalogue import PAPERS
from mealsvc.reports.supervision.common import Fonts, begun, closing, day_of, minute_of
from mealsvc.reports.supervision.shapes import ReceiptFacts

KIND = PAPERS["receipt"]


def draw(facts: ReceiptFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    paper = begun(KIND, facts.head, facts.number, stamp, fonts)
    paper.facts(
        [
            ("受送达人", facts.place.addressed),
            ("送达文书", facts.title),
            ("送达文书文号", facts.paper),
            ("送达方式", facts.method),
            ("送达地点", facts.where),
            ("送达时间", minute_of(facts.delivered_at)),
            ("收件人", facts.receiver),
            ("见证人", facts.witness or "无"),
            ("拒收、留置或者代收的情况说明", facts.note or "无"),
        ],
        per_row=1,
    )
    paper.sign_boxes(
        [
            SignBox(
                "收件人签名（盖章）", facts.receiver, facts.strokes, day_of(facts.delivered_at)
            ),
            SignBox("送达人签名", facts.sender),
            SignBox("送达人签名"),
            SignBox("见证人签名", facts.witness),
        ]
    )
    paper.note(
        "注：收件人拒收的，记明理由和日期，由送达人、见证人签名，文书留在受送达人处即视为送达；"
        "电子送达须经受送达人同意。"
    )
    closing(paper, KIND, facts.head)
    return paper.build()
