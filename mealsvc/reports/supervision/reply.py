"""整改报告: what the unit did about each item, with photos of before and after."""

from mealsvc.kernel.dates import chinese_date
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.official import OfficialPaper, Picture, SignBox
from mealsvc.reports.supervision.catalogue import PAPERS
from mealsvc.reports.supervision.common import Fonts, begun, closing, minute_of
from mealsvc.reports.supervision.shapes import Answer, OrderFacts, Shot

KIND = PAPERS["reply"]
ANSWER_ROOM = 160  # points: a heading never stands alone


def draw(facts: OrderFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    paper = begun(KIND, facts.head, "", stamp, fonts, issuer=facts.place.unit or facts.place.name)
    paper.para(f"{facts.head.issuer}：", indent=False, align="left")
    paper.para(
        f"{chinese_date(facts.issued_on)}，我单位收到整改通知书{facts.number}，"
        f"要求于{chinese_date(facts.deadline)}前整改{len(facts.demands)}项问题。现将整改情况报告如下。"
    )
    paper.facts(
        [
            ("报告单位", facts.place.unit or facts.place.name),
            ("助餐点", f"{facts.place.name}（{facts.place.code}）"),
            ("整改通知书", facts.number),
            ("整改期限", chinese_date(facts.deadline)),
        ]
    )
    for at, one in enumerate(facts.answers, 1):
        _answer(paper, at, one)
    paper.sign_boxes([SignBox("整改单位负责人签名（盖章）"), SignBox("收到人签名")])
    closing(paper, KIND, facts.head)
    return paper.build()


def _answer(paper: OfficialPaper, at: int, one: Answer) -> None:
    paper.keep(ANSWER_ROOM)
    again = f"（第{one.round}次报告）" if one.round > 1 else ""
    paper.heading(2, f"（{at}）{one.demand.item.code}　{one.demand.item.group_name}{again}")
    paper.facts(
        [
            ("查见的事实", one.demand.fact),
            ("整改要求", one.demand.demand),
            ("原因", one.cause),
            ("整改措施", one.measure),
        ],
        per_row=1,
    )
    paper.facts([("完成日期", chinese_date(one.done_on)), ("责任人", one.person)])
    shots = [*_pictures("整改前", one.before), *_pictures("整改后", one.after)]
    if shots:
        paper.pictures(shots)
    else:
        paper.note("整改前、整改后照片：未附。")


def _pictures(side: str, shots: tuple[Shot, ...]) -> list[Picture]:
    return [
        Picture(
            one.jpeg, f"{side}　{minute_of(one.taken) or '拍摄时间不详'}\n摘要 {one.sha256[:16]}…"
        )
        for one in shots
    ]
