"""Proof that issued papers are those that the trail tells of, and their files as they were given out."""

import json
from hashlib import sha256

from sqlalchemy import Connection, select

from mealsvc.papers.models import IssuedPaper, PaperFile
from mealsvc.papers.queries import ISSUED, row_digest
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.verify import Broken


def check(connection: Connection) -> None:
    """Each trail row has its paper, each paper its row and its file."""
    told = {
        row.subject: json.loads(row.detail).get("row")
        for row in connection.execute(
            select(TrailEvent.subject, TrailEvent.detail).where(TrailEvent.action == ISSUED)
        )
    }
    papers = select(IssuedPaper.__table__, PaperFile.content).outerjoin(
        PaperFile, PaperFile.paper_id == IssuedPaper.id
    )
    for row in connection.execute(papers, execution_options={"yield_per": 20}):
        if told.pop(row.number, None) != row_digest(row):
            raise Broken(f"出具的文件 {row.number} 与留痕不符：该行被改动或是插入的。")
        if row.content is None or sha256(row.content).hexdigest() != row.sha256:
            raise Broken(f"出具的文件 {row.number} 的内容被改动。")
    stray = select(PaperFile.paper_id).where(
        PaperFile.paper_id.not_in(select(IssuedPaper.id)),
    )
    if (found := connection.scalar(stray.limit(1))) is not None:
        raise Broken(f"文件内容第 {found} 号没有对应的文件：该行是插入的。")
    if told:
        raise Broken(f"出具的文件 {min(told)} 缺失：该行被删除。")
