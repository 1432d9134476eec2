"""现场检查笔录: what two inspectors saw, item by item, in facts and figures; signed on every page."""

from dataclasses import replace

from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.geometry import FORM, MM
from mealsvc.plumbing.paper.official import BOX, STRIP_BOX, OfficialPaper, SignBox
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.supervision.catalogue import PAPERS
from mealsvc.reports.supervision.common import (
    REFUSED,
    Fonts,
    begun,
    box_of,
    closing,
    minute_of,
    pictures,
    place_rows,
)
from mealsvc.reports.supervision.shapes import Found, Shot, Sign, VisitFacts

KIND = PAPERS["record"]
SIGNED_EVERYWHERE = replace(FORM, strip=STRIP_BOX + 2 * MM)
ITEMS = [
    Column("项目", 1.2),
    Column("检查内容", 3.5),
    Column("方法", 1, "center"),
    Column("查见情况", 3.5),
]
SHOTS = [
    Column("照片", 0.7, "center"),
    Column("项目", 1.1),
    Column("拍摄时间", 1.75),
    Column("经度，纬度", 1.5),
    Column("摘要（SHA-256）", 4.65),
]
NOTHING = "未见与检查内容不一致的情况。"
NOT_HERE = "该助餐点不涉及本项。"
NOTE = (
    "注：查见情况只记录看到的事实和实测值，不作评判；结果见检查结果告知书。纸质笔录有涂改的，"
    "由被检查单位人员在涂改处签名或者捺指印。在屏幕上签名的，本人签名一次，各页签名栏显示同一签名；"
    "签名和全文由校验码、摘要保护，改动可以发现。"
)
BELOW = 115  # points of the notes below the boxes
OWN_TITLE, OWN_PARTS = "自查记录", (("unit", "自查人员"),)
PARTS = (("lead", "检查人员"), ("second", "检查人员"), ("unit", "被检查单位人员"))


def draw(facts: VisitFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    return written(facts, stamp, fonts).build()


def written(
    facts: VisitFacts, stamp: Stamp | None, fonts: Fonts, after: OfficialPaper | None = None
) -> OfficialPaper:
    """The paper, not closed yet; `after`: in the file of this one."""
    unit = facts.place.unit or facts.place.name
    paper = begun(
        KIND,
        facts.head,
        facts.number,
        stamp,
        fonts,
        geometry=SIGNED_EVERYWHERE,
        title=title_of(facts),
        issuer=unit if facts.own else "",
        after=after,
    )
    paper.strip([_strip_box(facts, part, label) for part, label in parts_of(facts)])
    _who_and_when(paper, facts)
    rows = [_row(one) for one in facts.found]
    paper.table(ITEMS, rows, caption="检查内容和查见情况", empty="没有适用的检查项")
    _counted(paper, facts)
    _shots(paper, facts.shots)
    paper.facts(
        [
            ("被检查单位的说明", facts.statement or "无。"),
            (REFUSED, facts.refused_why or "无。"),
        ],
        per_row=1,
    )
    _ends(paper, facts)
    pictures(paper, facts.shots, caption="附：现场照片")
    return paper


def title_of(facts: VisitFacts) -> str:
    """The unit's own check is not an inspection by anybody else."""
    return OWN_TITLE if facts.own else KIND.title


def parts_of(facts: VisitFacts) -> tuple[tuple[str, str], ...]:
    """Who signs."""
    return OWN_PARTS if facts.own else PARTS


def _who_and_when(paper: OfficialPaper, facts: VisitFacts) -> None:
    place = facts.place
    paper.facts([*place_rows(place), ("负责人", place.person), ("电话", "")])
    paper.facts([("地址", place.address or "（未登记）")], per_row=1)
    offices = "、".join(dict.fromkeys(one.office for one in facts.people if not one.recused))
    people = "、".join(one.shown for one in facts.people if not one.recused)
    recused = "；".join(f"{one.name}回避：{one.recused}" for one in facts.people if one.recused)
    shown = "检查人员已出示证件，并说明来意。" if facts.cards_shown else "未出示。"
    paper.facts(
        [
            ("检查种类", f"{facts.kind}，{facts.mode}（检查表{facts.checklist}版）"),
            ("检查起止时间", f"{minute_of(facts.started)}至{minute_of(facts.ended)}"),
            ("检查地点", place.address or place.name),
            ("检查人员（证号）", people or "本单位人员"),
            ("检查单位", offices or place.unit or place.name),
            ("在场人员", facts.present),
            ("出示证件", "单位自查，不适用。" if facts.own else shown),
            ("是否申请回避", "　".join(filter(None, (facts.recusal or "未申请回避。", recused)))),
        ],
        per_row=1,
    )


def _row(one: Found) -> list[str]:
    item = one.item
    return [f"{item.code}{'★' if item.critical else ''}", item.text, item.method, seen(one)]


def seen(one: Found) -> str:
    """The facts alone, without a word of judgement."""
    if one.result == "NA":
        return one.note or NOT_HERE
    told = one.note or (NOTHING if one.result == "PASS" else "")
    shots = "、".join(map(str, one.shots))
    measured = one.measured and f"实测：{one.measured}。"
    return "　".join(filter(None, (told, measured, shots and f"见照片{shots}。")))


def _counted(paper: OfficialPaper, facts: VisitFacts) -> None:
    counts = facts.counts
    if facts.counted_at is None:
        told = "本次未清点。"
    else:
        till = counts.get("till")
        told = (
            f"{minute_of(facts.counted_at)}：现场清点{counts.get('counted')}份；"
            f"同一时刻系统登记{counts.get('system')}份"
            + (f"；收银记录{till}份。" if till is not None else "；收银记录未核对。")
        )
    shots = f"照片{len(facts.shots)}张，见下表" if facts.shots else "未拍照"
    paper.facts([("清点份数", told), ("抽样和照片", f"{shots}；抽样：无。")], per_row=1)


def _shots(paper: OfficialPaper, shots: tuple[Shot, ...]) -> None:
    if not shots:
        return
    rows = [
        [str(at), one.of, minute_of(one.taken) or "不详", one.where or "不详", one.sha256]
        for at, one in enumerate(shots, 1)
    ]
    paper.table(SHOTS, rows, caption="照片清单")


def _ends(paper: OfficialPaper, facts: VisitFacts) -> None:
    signed = facts.signatures
    boxes = [_box(facts, part, f"{label}签名") for part, label in parts_of(facts)]
    boxes.append(box_of("见证人签名", signed.get("witness")))
    paper.keep(paper.pitch + -(-len(boxes) // 2) * BOX + BELOW)
    paper.para("以上笔录已交被检查单位人员阅看（或者向其宣读），与当场情况一致。")
    paper.sign_boxes(boxes)
    paper.note(NOTE)
    closing(paper, KIND, facts.head)


def _box(facts: VisitFacts, part: str, label: str) -> SignBox:
    sign: Sign | None = facts.signatures.get(part)
    if part == "unit" and facts.refused_why:
        return SignBox(label, "拒绝签名", note="情况见上栏")
    return box_of(label, sign)


def _strip_box(facts: VisitFacts, part: str, label: str) -> SignBox:
    if part == "unit" and facts.refused_why:
        return SignBox(label, note="拒绝签名，情况见正文")
    box = _box(facts, part, label)
    return replace(box, note="" if box.strokes else box.note)
