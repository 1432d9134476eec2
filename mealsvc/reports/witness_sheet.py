"""记录封存见证单: the digest of a seal on one sheet, for a witness to sign and keep."""

from collections.abc import Mapping

from mealsvc.auditing.sealing.models import RecordSeal
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import LOCAL
from mealsvc.papers.rules import facts_digest
from mealsvc.papers.services import Matter, Stamp
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.reports.words import foot_of

TITLE = "记录封存见证单"
SIGNERS = ("交付人", "见证单位（盖章）", "见证人")
GROUP, PER_LINE = 4, 8
NOTE = (
    "注：摘要由封存以前的全部操作留痕和就餐流水算出，改动其中任何一处，摘要就对不上。请见证单位把本单存档。"
    "以后核对时，运行导出文件里的核对程序 verify.py，输入本单的摘要；也可以扫描二维码，或在核对网页输入页脚的"
    "编号和校验码。摘要里没有个人信息，也没有密钥。"
)


def matter_of(seal: RecordSeal, issuer: str) -> Matter:
    """What the sheet is about."""
    return Matter(
        kind="witness",
        subject=f"seal/{seal.id}",
        number=f"JZ-{seal.id:04d}",
        title=f"{TITLE}（第{seal.id}次封存）",
        issuer=issuer,
        totals={
            "封存": f"第 {seal.id} 次",
            "操作留痕": f"到第 {seal.to_seq:,} 行",
            "摘要": " ".join(grouped(seal.digest)),
        },
        facts_digest=facts_digest(seal.id, seal.to_seq, seal.digest),
    )


def draw(
    seal: RecordSeal,
    issuer: str,
    demo: bool,
    stamp: Stamp,
    fonts: Mapping[str, str] | None = None,
) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    paper = Paper(TITLE, **foot_of(stamp), geometry=SHEET, demo=demo, subject=TITLE, fonts=fonts)
    paper.heading_block(issuer, qr=stamp.url)
    paper.space(0.4)
    at = seal.at.astimezone(LOCAL)
    paper.facts(
        [
            ("编号", stamp.number),
            ("第几次封存", f"第 {seal.id} 次"),
            ("封存时间", f"{chinese_date(at.date())} {at:%H:%M}"),
            ("操作留痕", f"到第 {seal.to_seq:,} 行"),
        ]
    )
    lines = grouped(seal.digest)
    half = len(lines) // 2
    paper.facts([("摘要（SHA-256）", "\n".join(("  ".join(lines[:half]), "  ".join(lines[half:]))))], per_row=1)  # fmt: skip
    paper.space(0.4)
    paper.signatures(SIGNERS)
    paper.note(NOTE)
    return paper.build()


def grouped(digest: str) -> list[str]:
    """The whole digest in groups of four, as people compare it."""
    return [digest[start : start + GROUP].upper() for start in range(0, len(digest), GROUP)]
