"""移送函、抄告函: hands findings to the competent body, as an official letter with a receipt slip."""

from mealsvc.kernel.dates import chinese_date
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.geometry import MM, OFFICIAL
from mealsvc.plumbing.paper.official import OfficialPaper, SignBox
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.supervision.catalogue import PAPERS
from mealsvc.reports.supervision.common import TO_FILL, Fonts, begun, closing, full
from mealsvc.reports.supervision.shapes import Demand, Head, ReferralFacts

KIND = PAPERS["referral"]
COPY_TITLE = "抄告函"
SLIP = 80 * MM
CUT = "沿此线剪下，请填写后寄回"
ITEMS = [Column("项目", 1.4), Column("检查内容", 3), Column("查见的事实", 3.2), Column("依据", 2)]


def draw(facts: ReferralFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    head, word = facts.head, "抄告" if facts.copy_only else "移送"
    paper = begun(
        KIND,
        head,
        facts.number,
        stamp,
        fonts,
        geometry=OFFICIAL,
        title=f"{head.issuer}关于{word}\n{facts.place.name}有关问题的函",
        letter=True,
    )
    paper.para(f"{facts.body}：", indent=False, align="left")
    record = f"（现场检查笔录{facts.record}）" if facts.record else ""
    paper.para(
        f"我局在老年助餐服务监督检查中，查见{facts.place.addressed}（编号{facts.place.code}，"
        f"地址：{facts.place.address or '未登记'}）存在下列问题{record}。"
        + ("现抄告你单位。" if facts.copy_only else "依照职责分工，现移送你单位处理。")
    )
    paper.heading(1, "一、基本事实")
    paper.para(full(facts.facts))
    if facts.demands:
        paper.table(ITEMS, map(_row, facts.demands))
    paper.heading(1, "二、证据材料")
    paper.para(full(facts.evidence))
    paper.heading(1, "三、有关事项")
    paper.para(_asked(facts))
    paper.para(f"联系人：{full(facts.contact or head.contact or TO_FILL)}")
    paper.issued(head.issuer, chinese_date(facts.sent_on))
    closing(paper, KIND, head, asked=False)
    slip(paper, head, facts.number, facts.body, word)
    return paper.build()


def _row(one: Demand) -> list[str]:
    return [
        f"{one.item.code}{'★' if one.critical else ''}",
        one.item.text,
        one.fact,
        one.item.basis,
    ]


def _asked(facts: ReferralFacts) -> str:
    if facts.copy_only:
        return "请你单位知悉；如需有关材料，我局予以提供。请填写回执寄回我局。"
    return "请你单位收到后填写回执寄回我局，并在处理后将处理意见和结果函告我局。需要材料的，我局予以配合。"


def slip(paper: OfficialPaper, head: Head, number: str, body: str, word: str) -> None:
    """To cut off, fill in and send back."""
    paper.cut_line(CUT, SLIP)
    paper.sub_title("回　执")
    paper.para(f"{head.issuer}：", indent=False, align="left")
    paper.para(f"你局{word}函{number}及所附材料已收到。")
    paper.facts(
        [("处理意见", "□受理　　□不属于本单位职责，已转＿＿＿＿＿＿＿＿　　□其他：")], per_row=1
    )
    paper.sign_boxes([SignBox("收件人签名"), SignBox("收件单位（盖章）", note=body)])
