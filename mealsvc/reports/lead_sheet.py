"""疑点核查单: one lead on exactly one A4 page, for the file and for who goes to look."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reportlab.graphics.shapes import Drawing

from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column

TITLE = "疑点核查单"
PICTURE_HEIGHT, LARGEST = 150.0, 0.8
FEW_LINES = 8  # leave room for a second picture
ROWS = range(13, 0, -1)  # of the table, two lines each: as many as leave one page
NOTE = (
    "注：疑点是请人去看的理由，不是结论；核实以前不扣补贴，不影响老人就餐。姓名已脱敏，用后归档。"
)


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What the sheet shows of a lead; `lines` are time, elder, meal and subsidy in yuan."""

    number: str
    title: str
    point: str
    month: str
    severity: str
    rules: str
    period: str
    counted: str
    scanned: str
    summary: str
    honest: str
    reasons: Sequence[str]
    lines: Sequence[tuple[str, str, str, str]]
    line_count: int
    pictures: Sequence[Callable[[], Drawing]] = ()


def draw(facts: LeadFacts, demo: bool, fonts: Mapping[str, str] | None = None) -> bytes:
    """A PDF of one page; `fonts`: see `Paper`."""
    for pictures in (2, 1) if facts.line_count <= FEW_LINES else (1,):
        for rows in ROWS:
            paper = _written(facts, demo, fonts, rows, pictures)
            if paper.page == 1:
                return paper.build()
    return _written(facts, demo, fonts, 0, 0).build()


def _written(
    facts: LeadFacts, demo: bool, fonts: Mapping[str, str] | None, rows: int, pictures: int
) -> Paper:
    paper = Paper(TITLE, number=facts.number, geometry=SHEET, demo=demo, subject=TITLE, fonts=fonts)
    paper.heading_block(facts.title)
    paper.space(0.3)
    paper.facts(
        [
            ("助餐点", facts.point),
            ("月份、日期", f"{facts.month}　{facts.period}"),
            ("轻重、规则", f"{facts.severity}　{facts.rules}"),
            ("涉及", facts.counted),
        ]
    )
    paper.facts([("发现了什么", facts.summary), ("先排除的正常原因", facts.honest)], per_row=1)
    for made in facts.pictures[:pictures]:
        paper.chart(_fitted(made(), paper.width, PICTURE_HEIGHT / pictures**0.5))
    if rows and facts.lines:
        _lines(paper, facts, rows)
    boxes = [f"□ {reason}" for reason in facts.reasons]
    half = -(-len(boxes) // 2)
    sides = ["\n".join(boxes[:half]), "\n".join(boxes[half:])]
    paper.table([Column("核实后属于（打勾）"), Column("")], [sides])
    paper.facts(
        [("核实经过", "\n\n\n"), ("处理意见", "□ 排除　　□ 立案核查　　□ 继续观察")], per_row=1
    )
    paper.note(f"{NOTE}扫描时间：{facts.scanned}。")
    paper.signatures(("核实人", "复核人"))
    return paper


def _lines(paper: Paper, facts: LeadFacts, rows: int) -> None:
    """Lines in two columns side by side; what does not fit is counted."""
    shown = list(facts.lines[: 2 * rows])
    half = -(-len(shown) // 2)
    left, right = shown[:half], shown[half:]
    empty = ("", "", "", "")
    columns = [
        Column("时间", 1.25),
        Column("老人", 0.9),
        Column("餐次", 0.6),
        Column("补贴（元）", 0.8, "right"),
    ]
    more = facts.line_count - len(shown)
    rest = f"，其余 {more} 份见系统" if more else ""
    paper.table(
        columns * 2,
        [(*one, *(right[at] if at < len(right) else empty)) for at, one in enumerate(left)],
        caption=f"疑点流水 {facts.line_count} 份{rest}",
    )


def _fitted(drawing: Drawing, width: float, height: float) -> Drawing:
    """The drawing, made smaller where it is wider or higher."""
    scale = min(LARGEST, width / drawing.width, height / drawing.height)
    drawing.scale(scale, scale)
    drawing.width, drawing.height = drawing.width * scale, drawing.height * scale
    return drawing
