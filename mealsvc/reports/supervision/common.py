"""What the drawings of supervision papers share: how they begin, how they end, who signs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import LOCAL
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.geometry import FORM, Geometry
from mealsvc.plumbing.paper.official import BOX, OfficialPaper, Picture, SignBox
from mealsvc.reports.supervision.catalogue import Kind
from mealsvc.reports.supervision.shapes import Head, Place, Shot, Sign
from mealsvc.reports.words import foot_of

Fonts = Mapping[str, str] | None
PREVIEW = "预览件，未生效"
TO_FILL = "＿" * 10
OBJECTION = (
    "你单位对以上内容有异议的，可以当场陈述、说明情况，也可以向下列联系人书面提出，"
    "我局将予以核实、答复。"
)
SIGNED_ROOM = 72  # points of what stands below the boxes
ISSUED_LINES = 4.1  # who issues a paper and when, with room for a seal
LAST_LINES = 2  # of the last words of the text, which stay with the signatures
REFUSED = "拒绝签名（签收）的情况说明"


def begun(
    kind: Kind,
    head: Head,
    number: str,
    stamp: Stamp | None,
    fonts: Fonts,
    *,
    geometry: Geometry = FORM,
    title: str = "",
    letter: bool = False,
    issuer: str = "",
    after: OfficialPaper | None = None,
) -> OfficialPaper:
    """A paper with its head; without a stamp it is a preview or a sheet to fill in. `after`: it goes
    on in the file of this one."""
    title = title or kind.title
    foot = foot_of(stamp) if stamp else {}
    if after is not None:
        after.another(geometry, **foot)
        after.office_head(head.issuer, title, number, qr=stamp.url if stamp else "")
        return after
    paper = OfficialPaper(
        title.replace("\n", ""),
        **foot,
        geometry=geometry,
        demo=head.demo,
        mark="" if stamp or kind.code == "blank" else PREVIEW,
        subject=f"{kind.title} {number}".rstrip(),
        author=head.issuer,
        fonts=fonts,
    )
    url = stamp.url if stamp else ""
    put = paper.letter_head if letter else paper.office_head
    put(issuer or head.issuer, title, number, qr=url)
    return paper


def day_of(instant: datetime | None) -> str:
    """2024年5月6日 in local time; nothing of nothing."""
    return chinese_date(instant.astimezone(LOCAL).date()) if instant else ""


def minute_of(instant: datetime | None) -> str:
    """2024年5月6日10时05分."""
    if instant is None:
        return ""
    here = instant.astimezone(LOCAL)
    return f"{chinese_date(here.date())}{here.hour}时{here.minute:02d}分"


def day(one: date | None) -> str:
    return chinese_date(one) if one else ""


def place_rows(place: Place) -> list[tuple[str, str]]:
    """Name, code, kind, unit and address of the point."""
    return [
        ("检查对象", place.name),
        ("编号", place.code),
        ("运营单位", place.unit or "（未登记）"),
        ("统一社会信用代码", place.uscc or "（未登记）"),
        ("助餐点类型", place.kind),
        ("所在镇（街道）", place.town),
    ]


def box_of(label: str, sign: Sign | None) -> SignBox:
    """The box of somebody who signed, or shall."""
    if sign is None:
        return SignBox(label)
    note = "" if sign.strokes else "（签名见纸质原件）"
    return SignBox(label, sign.name, sign.strokes, day_of(sign.at), note)


def full(text: str) -> str:
    """The text as a sentence."""
    return f"{text.strip().rstrip('。；;')}。"


def asking(head: Head) -> str:
    """Whom to ask and where to complain, as a sentence."""
    return f"联系人和电话：{head.contact or TO_FILL}。投诉渠道：{head.complaint}。"


def closing(paper: OfficialPaper, kind: Kind, head: Head, *, asked: bool = True) -> None:
    """Whom to ask, unless the text has said it, and who holds copies."""
    told = f"{asking(head)}\n" if asked else ""
    paper.note(f"{told}{kind.copies}")


def ending(paper: OfficialPaper, ours: int = 1, *, issued: bool = False) -> None:
    """No page holds signatures alone: the last words before them go along. `ours` sign for us."""
    lines = LAST_LINES + (ISSUED_LINES if issued else 0)
    paper.keep(lines * paper.pitch + -(-(ours + 2) // _per_row(ours + 2)) * BOX + SIGNED_ROOM)


def _per_row(boxes: int) -> int:
    return 3 if boxes == 3 else 2  # wide enough for a pen and a seal either way


def handed_over(paper: OfficialPaper, ours: Sequence[str], theirs: str = "被检查单位签收") -> None:
    """Boxes for those who bring a paper and those who take it, a refusal, and a witness."""
    labels = [*ours, theirs, "见证人"]
    per_row = _per_row(len(labels))
    rows = -(-len(labels) // per_row)
    paper.keep(rows * BOX + SIGNED_ROOM)
    paper.sign_boxes(list(map(SignBox, labels)), per_row=per_row)
    paper.facts([(REFUSED, "\n")], per_row=1)


def pictures(paper: OfficialPaper, shots: Sequence[Shot], caption: str = "") -> None:
    """The photos themselves, numbered as in their list."""
    made = [
        Picture(one.jpeg, f"照片{at}　{one.of}\n{minute_of(one.taken) or '拍摄时间不详'}")
        for at, one in enumerate(shots, 1)
    ]
    if made:
        paper.pictures(made, caption=caption)
