"""摸排表（空白）: the five forms of a survey to print and fill in with a pen; D in large type."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mealsvc.kernel.dates import chinese_date
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.fonts import faces
from mealsvc.plumbing.paper.geometry import MM, SHEET, SHEET_LANDSCAPE
from mealsvc.plumbing.paper.tables import Column
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.fields import NUMBERS, Field, Form
from mealsvc.survey.rounds.models import SurveyRound

BOX = "□"
FORM = replace(
    SHEET, size=12, pitch=19, table_size=11.5, table_pitch=16.5, title_size=20, title_pitch=30
)
WIDE = replace(SHEET_LANDSCAPE, size=11, pitch=17, table_size=10, table_pitch=13.5, title_size=20)
LARGE = replace(
    SHEET,
    top=15 * MM,
    bottom=15 * MM,
    size=15,
    pitch=23.2,
    table_size=13,
    table_pitch=18,
    title_size=22,
)
SIGNERS = {
    "A": ("填表人", "村（社区）负责人", "镇（街道）审核人"),
    "B": ("填表人", "助餐点负责人", "村（社区）核对人", "镇（街道）审核人"),
    "C": ("填表人", "村（社区）负责人", "镇（街道）审核人"),
    "E": ("记录人", "主持人", "镇（街道）负责人"),
}
UNITS = {"community": "村（社区）", "point": "助餐点", "town": "镇（街道）", "person": ""}
LINES = 5  # of a box for a longer text
GAP = "　"
MARKED = "选中的在□里打√。"


@dataclass(frozen=True, slots=True)
class Head:
    """What is printed at the top: of a round, or of none where somebody only wants to look."""

    title: str = "老年助餐服务摸排"
    number: str = ""
    as_of: str = "　　　年　　月　　日"
    due: str = ""

    @classmethod
    def of(cls, row: SurveyRound) -> "Head":
        return cls(row.title, row.number, chinese_date(row.as_of), chinese_date(row.due_on))


def draw(
    letter: str, head: Head, demo: bool = False, fonts: Mapping[str, str] | None = None
) -> bytes:
    """A blank form as a PDF; `fonts`: see `Paper`."""
    if letter == "D":
        return questionnaires([""], head, demo, fonts)
    form = FORMS[letter]
    geometry = WIDE if letter == "C" else FORM
    paper = Paper(
        f"{form.name}（{letter}表）",
        number=head.number,
        geometry=geometry,
        demo=demo,
        subject=f"{head.title} {form.name}",
        fonts=fonts,
    )
    paper.heading_block(head.title)
    paper.space(0.4)
    _top(paper, form, head)
    for group, fields in form.groups:
        _group(paper, form, group, fields, fonts)
    paper.space(0.3)
    paper.signatures(SIGNERS[letter])
    return paper.build()


def questionnaires(
    units: Sequence[str], head: Head, demo: bool = False, fonts: Mapping[str, str] | None = None
) -> bytes:
    """A questionnaire for each unit (D0001), whose number is printed and whose name is not."""
    form = FORMS["D"]
    paper = Paper(
        form.name,
        number=_foot(head, units[0]),
        geometry=LARGE,
        demo=demo,
        subject=f"{head.title} {form.name}",
        fonts=fonts,
    )
    for place, unit in enumerate(units):
        if place:
            paper.next_part(number=_foot(head, unit))
        _questionnaire(paper, form, head, unit, fonts)
    return paper.build()


def filename(letter: str, head: Head) -> str:
    """摸排A表_村（社区）需求表.pdf"""
    return f"摸排{letter}表_{FORMS[letter].name}{'_' + head.number if head.number else ''}.pdf"


def _foot(head: Head, unit: str) -> str:
    return " ".join(part for part in (head.number, unit) if part)


def _top(paper: Paper, form: Form, head: Head) -> None:
    pairs = [
        (UNITS[form.unit] or "编号", ""),
        ("填报日期", "　　　年　　月　　日"),
        ("时点", head.as_of),
        ("联系电话", ""),
    ]
    paper.facts(pairs)
    due = f"{head.due}前报送。" if head.due else ""
    marked = MARKED if any(one.options for one in form.fields) else ""
    paper.para(f"{form.intro}{marked}{due}", indent=False)


def _group(
    paper: Paper, form: Form, group: str, fields: Sequence[Field], fonts: Mapping[str, str] | None
) -> None:
    paper.keep(5 * paper.pitch)
    paper.heading(1, group)
    numbers: list[Field] = []
    for one in fields:
        if one.kind in NUMBERS or one.kind in ("text", "date"):
            numbers.append(one)
            continue
        _short(paper, numbers)
        numbers = []
        if one.kind == "rows":
            _rows(paper, one)
        elif one.kind == "long":
            _long(paper, one, form)
        else:
            _choice(paper, one, fonts)
    _short(paper, numbers)


def _short(paper: Paper, fields: Sequence[Field]) -> None:
    """Two beside each other: what is asked, room for the answer and its unit."""
    if not fields:
        return
    hints = {one.code: one.hint for one in fields if one.hint and one.kind != "date"}
    if hints:
        columns = [Column("", 2.3), Column("", 1.6, "right"), Column("", 3.4)]
        rows = [[one.label, _blank(one), hints.get(one.code, "")] for one in fields]
    else:
        columns = [Column("", share, align) for share, align in ((2.1, "left"), (1.5, "right"))] * 2
        cells = [cell for one in fields for cell in (one.label, _blank(one))]
        cells += [""] * (-len(cells) % 4)
        rows = [cells[at : at + 4] for at in range(0, len(cells), 4)]
    paper.table(columns, rows)


def _blank(one: Field) -> str:
    return "　　年　　月　　日" if one.kind == "date" else one.unit


def _choice(paper: Paper, one: Field, fonts: Mapping[str, str] | None) -> None:
    hint = f"（{one.hint}）" if one.hint else ""
    paper.para(f"{one.label}{hint}：", indent=False, align="left")
    for line in _packed(one, paper.width - 2 * 12, 12, fonts):
        paper.para(line, align="left")
    paper.space(0.3)


def _packed(one: Field, room: float, size: float, fonts: Mapping[str, str] | None) -> Iterable[str]:
    """Options with their boxes in lines, none of them broken."""
    face = faces(fonts)["body"]
    line = ""
    for _, name in one.options:
        added = f"{line}{GAP}{BOX}{name}" if line else f"{BOX}{name}"
        if line and face.width(added, size) > room:
            yield line
            added = f"{BOX}{name}"
        line = added
    yield line


def _long(paper: Paper, one: Field, form: Form) -> None:
    lines = LINES if form.letter == "E" else 2
    hint = f"\n（{one.hint}）" if one.hint else ""
    paper.table([Column("", 1), Column("", 4.6)], [[f"{one.label}{hint}", "\n" * lines]])


def _rows(paper: Paper, one: Field) -> None:
    """A table with a line for each row, and what may be written into columns of options."""
    shares = {"text": 2.2, "choice": 1.25}
    columns = [Column("序号", 0.7, "center")] + [
        Column(f"{own.label}{f'（{own.unit}）' if own.unit else ''}", shares.get(own.kind, 1.1))
        for own in one.columns
    ]
    blanks = [""] * len(one.columns)
    paper.table(columns, [[f"{number}\n", *blanks] for number in range(1, int(one.most or 1) + 1)])
    told = "；".join(
        f"{own.label}：{'、'.join(name for _, name in own.options)}"
        for own in one.columns
        if own.options
    )
    paper.note(f"{one.hint}。可填的有：{told}。经度、纬度、费用不知道的不填。")


def _questionnaire(
    paper: Paper, form: Form, head: Head, unit: str, fonts: Mapping[str, str] | None
) -> None:
    paper.heading_block(head.title)
    paper.space(0.3)
    paper.facts(
        [("编号", unit or "D"), ("访问日期", "　　月　　日"), ("调查员", ""), ("村（社区）", "")]
    )
    paper.para(f"{form.intro}{MARKED}", indent=False)
    for group, fields in form.groups:
        paper.keep(3 * paper.pitch)
        paper.heading(1, group)
        for one in fields:
            _question(paper, one, fonts)


def _question(paper: Paper, one: Field, fonts: Mapping[str, str] | None) -> None:
    number = int(one.code[1:])
    hint = f"（{one.hint}）" if one.hint else ""
    asked = f"{number}. {one.label}" if number else f"{one.label}："
    if one.kind in NUMBERS:
        _number(paper, f"{asked}{hint}", f"＿＿＿＿＿{one.unit}", fonts)
        return
    size = LARGE.size
    lines = [] if one.kind == "long" else list(_packed(one, paper.width - 2 * size, size, fonts))
    paper.keep((1 + len(lines)) * paper.pitch)
    paper.para(f"{asked}{hint}", indent=False, align="left")
    for line in lines:
        paper.para(line, align="left")
    if one.kind == "long":
        paper.table([Column("", 1)], [["\n" * 3]])


def _number(paper: Paper, asked: str, blank: str, fonts: Mapping[str, str] | None) -> None:
    """The blank behind the question, or below it where the line is full."""
    if faces(fonts)["body"].width(asked + blank, LARGE.size) <= paper.width:
        paper.para(asked + blank, indent=False, align="left")
        return
    paper.keep(2 * paper.pitch)
    paper.para(asked, indent=False, align="left")
    paper.para(blank, align="left")
