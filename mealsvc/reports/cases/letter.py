"""移送函 of a case: hands what an audit found to the competent body, with a receipt slip."""

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.money import capitals
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.pages import fen
from mealsvc.plumbing.paper.geometry import OFFICIAL
from mealsvc.reports.cases.facts import LetterFacts
from mealsvc.reports.cases.kinds import LETTER as KIND
from mealsvc.reports.supervision.common import TO_FILL, Fonts, begun, closing, full
from mealsvc.reports.supervision.referral import slip

ASKED = (
    "请你单位收到后填写回执寄回我局，并在处理后将处理意见和结果函告我局。需要材料的，我局予以配合。"
    "本函所述为核查所见，是否违纪违法由你单位依法依规认定。"
)


def draw(facts: LetterFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    head, place = facts.head, facts.place
    title = f"{head.issuer}关于移送\n{place.name}老年助餐补贴有关线索的函"
    paper = begun(
        KIND, head, facts.number, stamp, fonts, geometry=OFFICIAL, title=title, letter=True
    )
    paper.para(f"{facts.body}：", indent=False, align="left")
    paper.para(
        f"我局在老年助餐补贴核查（案号：{facts.case}）中，认定{place.addressed}（编号{place.code}，地址："
        f"{place.address or '未登记'}）有{facts.lines}笔就餐记录有误，涉及补贴资金{fen(facts.fen)}元"
        f"（大写：{capitals(facts.fen)}）。依照职责分工，现将有关线索移送你单位处理。"
    )
    paper.heading(1, "一、基本事实")
    paper.para(full(facts.facts))
    paper.heading(1, "二、证据材料")
    paper.para(full(facts.evidence))
    paper.heading(1, "三、有关事项")
    paper.para(ASKED)
    paper.para(f"联系人：{full(facts.contact or head.contact or TO_FILL)}")
    paper.issued(head.issuer, chinese_date(facts.sent_on))
    closing(paper, KIND, head, asked=False)
    slip(paper, head, facts.number, facts.body, "移送")
    return paper.build()
