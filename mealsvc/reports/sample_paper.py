"""审计工作底稿: how a sample was drawn, what was found, and what follows for the whole month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mealsvc.auditing.sampling import wording
from mealsvc.auditing.sampling.rules.drawing import Stratum
from mealsvc.auditing.sampling.rules.projecting import Projection
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.months import Month
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.pages import fen
from mealsvc.plumbing.paper.geometry import FORM, SHEET
from mealsvc.plumbing.paper.official import OfficialPaper, SignBox
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.words import foot_of

TITLE = "审计工作底稿"
SUBTITLE = "抽样核实老年助餐补贴"
UNFINISHED = "阶段稿，核实未完成"
TOGETHER = 270  # points: conclusion and signature boxes
SIGNERS = ("编制人", "复核人", "审计负责人")
STANDING = (
    "总体是当月结算、有补贴、抽样时没有冲正的就餐流水；送餐补贴和运营补贴不在推算金额内。核实方式："
    "电话回访老人本人或家属，多次未接、记不清、号码不对、不愿答的上门核实。没有吃的，补贴全额为差错；"
    "在别处吃、拿到的不是饭菜的，补贴全额为差错；多付的，多付的部分为差错，以补贴为限。"
)
BOUND = (
    "上限的算法：全部检查的层按查出的金额；随机层按克洛珀—皮尔逊精确上限，只错一部分的按斯特林格法折算。"
    "没有能核实的，按差错计入上限。"
)


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line of the sample as it is printed; the name is masked."""

    place: int
    key: str
    served_on: date
    meal: str
    point: str
    name: str
    stratum: str
    fen: int
    state: str
    error: int | None


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """What the working paper shows; `said` and `verdict` are none while calls are under way."""

    number: str
    issuer: str
    month: Month
    method: str
    method_name: str
    whom: str
    seed: str
    confidence: int
    servings: int
    subsidy_fen: int
    digest: str
    last_sequence: int
    leads: int
    drawn_on: date
    points: Mapping[str, str]
    strata: tuple[Stratum, ...]
    done: Mapping[str, int]
    wrong: Mapping[str, int]
    results: tuple[tuple[str, int, int], ...]  # outcome in words, lines, fen of error
    lines: tuple[PaperLine, ...]
    said: Projection | None
    verdict: str
    demo: bool

    @property
    def told(self) -> tuple[object, ...]:
        """What makes another edition."""
        return (self.number, [(one.place, one.state, one.error) for one in self.lines])


def draw(facts: SampleFacts, stamp: Stamp | None, fonts: Mapping[str, str] | None = None) -> bytes:
    """A PDF; without a stamp it is a stage, marked as such. `fonts`: see `Paper`."""
    paper = OfficialPaper(
        TITLE,
        **(foot_of(stamp) if stamp else {}),
        geometry=FORM,
        demo=facts.demo,
        mark="" if stamp else UNFINISHED,
        subject=f"{TITLE} {facts.number}",
        author=facts.issuer,
        fonts=fonts,
    )
    paper.office_head(facts.issuer, TITLE, facts.number, qr=stamp.url if stamp else "")
    _what(paper, facts)
    _how(paper, facts)
    _found(paper, facts)
    paper.keep(TOGETHER)
    _conclusion(paper, facts)
    paper.sign_boxes([SignBox(one) for one in SIGNERS], per_row=3)
    paper.page_break(SHEET)
    _annex(paper, facts)
    return paper.build()


def _what(paper: OfficialPaper, facts: SampleFacts) -> None:
    paper.facts(
        [
            ("审计事项", SUBTITLE),
            ("所属月份", facts.month.chinese),
            ("审计范围", facts.whom),
            ("抽样日期", chinese_date(facts.drawn_on)),
        ]
    )
    paper.clause(
        "一、审计目标",
        f"　核实{facts.month.chinese}结算的老年助餐补贴所对应的就餐是否真实、老人自付与记录是否相符，"
        "推算全月差错金额的上限。",
    )
    paper.clause(
        "二、总体",
        f"　共{facts.servings:,}笔，补贴{fen(facts.subsidy_fen)}元，流水截至第{facts.last_sequence:,}号。{STANDING}",
    )


def _how(paper: OfficialPaper, facts: SampleFacts) -> None:
    leads = f"{facts.leads}条高等级疑点涉及的流水全部检查。" if facts.leads else ""
    paper.clause(
        "三、方法",
        f"　{facts.method_name}，置信度{facts.confidence}%。{wording.METHOD_WORDS[facts.method]}{leads}",
    )
    paper.clause(
        "四、种子和重抽",
        f"　种子：{facts.seed}。{wording.HOW_TO_REDRAW[facts.method]}"
        f"在本系统中运行 mealsvc audit sample --redraw {facts.number} 即可核对。",
    )
    paper.facts([("总体摘要（SHA-256）", facts.digest)], per_row=1)
    rows = [
        [
            wording.stratum_name(one.name, facts.points),
            f"{one.lines:,}",
            fen(one.fen),
            f"{one.drawn:,}",
            f"{facts.done.get(one.name, 0):,}",
            f"{facts.wrong.get(one.name, 0):,}",
        ]
        for one in facts.strata
    ]
    columns = [
        Column("层", 2.6),
        Column("流水（笔）", 1.1, "right"),
        Column("补贴（元）", 1.4, "right"),
        Column("抽取（次）", 1.1, "right"),
        Column("有结果（笔）", 1.2, "right"),
        Column("有差错（笔）", 1.2, "right"),
    ]
    total = [
        "合计",
        f"{sum(one.lines for one in facts.strata):,}",
        fen(sum(one.fen for one in facts.strata)),
        f"{sum(one.drawn for one in facts.strata):,}",
        f"{sum(facts.done.values()):,}",
        f"{sum(facts.wrong.values()):,}",
    ]
    paper.table(columns, rows, total=total, caption="五、各层的总体和样本")


def _found(paper: OfficialPaper, facts: SampleFacts) -> None:
    columns = [
        Column("核实结果", 2),
        Column("笔数", 1, "right"),
        Column("查出差错（元）", 1.4, "right"),
    ]
    rows = [[name, f"{count:,}", fen(error)] for name, count, error in facts.results]
    total = [
        "合计",
        f"{sum(count for _, count, _ in facts.results):,}",
        fen(sum(error for *_, error in facts.results)),
    ]
    paper.table(columns, rows, total=total, caption="六、核实结果")
    wrong = [one for one in facts.lines if one.error]
    _lines(paper, wrong, facts, "七、有差错的流水", "没有发现差错")


def _conclusion(paper: OfficialPaper, facts: SampleFacts) -> None:
    if facts.said is None:
        paper.clause("八、推算和结论", "　核实尚未完成，不作推算和结论。")
        return
    paper.clause(
        "八、推算和结论",
        f"　{wording.statement(facts.said, facts.confidence)}"
        f"{wording.unverified_words(facts.said)}{facts.verdict}",
    )
    paper.note(BOUND)


def _annex(paper: OfficialPaper, facts: SampleFacts) -> None:
    _lines(paper, facts.lines, facts, f"附表　样本流水（{len(facts.lines):,}笔）", "没有流水")


def _lines(
    paper: OfficialPaper,
    lines: tuple[PaperLine, ...] | list[PaperLine],
    facts: SampleFacts,
    caption: str,
    empty: str,
) -> None:
    columns = [
        Column("次序", 0.7, "right"),
        Column("流水号", 3.5),
        Column("日期", 0.8, "center"),
        Column("餐次", 0.8, "center"),
        Column("助餐点", 2),
        Column("老人", 0.9),
        Column("补贴", 0.9, "right"),
        Column("结果", 1.25, "center"),
        Column("差错", 0.9, "right"),
    ]
    rows = (
        [
            str(one.place),
            one.key,
            f"{one.served_on.month}-{one.served_on.day:02d}",
            one.meal,
            one.point,
            one.name,
            fen(one.fen),
            one.state,
            fen(one.error) if one.error else "",
        ]
        for one in lines
    )
    paper.table(columns, rows, caption=caption, empty=empty)
