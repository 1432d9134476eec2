"""One case from plan to resumption, its rows put straight into the tables: {kind of paper: row id}."""

import hashlib
import io
import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

from PIL import Image
from sqlalchemy import select

from mealsvc.places.models import MealPoint, Operator
from mealsvc.places.units.models import StaffMember
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.checklist.items import FAIL, NA, PARTIAL, PASS, Item
from mealsvc.supervision.checklist.rules import conclusion, items_for, score
from mealsvc.supervision.checklist.services import checklist_on, put_first
from mealsvc.supervision.findings import models as found
from mealsvc.supervision.photos.models import Photo, PhotoFile
from mealsvc.supervision.visits import models as visits
from mealsvc.supervision.visits.draw import Candidate, draw
from mealsvc.supervision.visits.planning import POINTS, Chosen
from tests.factories.tills import SHELL

DAY = date(2024, 5, 20)
NOON = datetime(2024, 5, 20, 2, 5, tzinfo=UTC)  # 10:05 in Shanghai
STROKES = "100,200 150,90 210,200;120,150 200,150;260,80 250,220;240,120 330,110 300,230 380,190"
LONG = (
    "操作间北侧地面有积水约0.6平方米，排水沟盖板缺1块；粗加工水池三格中，标识为“水产”的水池内浸泡青菜约2千克，"
    "旁边的砧板上有切配好的猪肉。陪同人员现场说明：当日上午到货较晚，临时借用水池，已通知厨师改正。"
)
SEED = "20240506-武民测计〔2024〕0001号"


def own_check() -> int:
    """P01 checked itself and signed: the visit's id; after `case()`."""
    with writing():
        signed = db.session.scalars(
            select(visits.Visit).where(visits.Visit.status == "signed")
        ).one()
        point = db.session.get_one(MealPoint, signed.point_id)
        visit = _planned(point, None, [], "daily", "self_check")
        _results(visit, 1, 0)
        row = visits.VisitSignature(
            visit_id=visit.id,
            part="unit",
            name="周明亮",
            strokes=vault().seal(STROKES),
            signed_at=NOON,
        )
        db.session.add(row)
        db.session.flush()
        visit.number, visit.present = "武民测检〔2024〕0002号", "周明亮（负责人）"
        visit.started_at, visit.ended_at = NOON, NOON + timedelta(minutes=20)
        visit.signed_at, visit.signed_by, visit.status = NOON, str(SHELL), "signed"
        return visit.id


def jpeg(shade: int, size: tuple[int, int] = (320, 240)) -> bytes:
    """A photo as it is kept."""
    image = Image.linear_gradient("L").resize(size)
    made = Image.merge("RGB", (image, image.rotate(90), Image.new("L", size, shade)))
    written = io.BytesIO()
    made.save(written, "JPEG", quality=70)
    return written.getvalue()


def photo(key: str, point_id: int, shade: int = 90, size: tuple[int, int] = (320, 240)) -> int:
    """Keeps one; inside `writing()`."""
    content = jpeg(shade, size)
    digest = hashlib.sha256(content).hexdigest()
    row = Photo(
        key=key,
        subject="visit/1",
        point_id=point_id,
        taken_at=NOON + timedelta(minutes=shade % 60),
        taken_from="exif",
        lon=119.94251,
        lat=31.70123,
        width=size[0],
        height=size[1],
        original_sha256=digest,
        sha256=digest,
        received_at=NOON,
        by=str(SHELL),
    )
    db.session.add(row)
    db.session.flush()
    db.session.add(PhotoFile(photo_id=row.id, content=content))
    db.session.flush()
    return row.id


def case(
    *, mode: str = "full", photos: int = 4, failed: int = 3, refused: bool = False
) -> dict[str, int]:
    """A drawn plan, a signed visit to P01 with `failed` items, and everything that can follow."""
    with writing():
        put_first(SHELL, NOON)
        point = db.session.scalars(select(MealPoint).where(MealPoint.code == "P01")).one()
        _furnish(point)
        people = _inspectors()
        plan = _plan(people)
        visit = _visit(point, plan.id, people, mode)
        faults = _results(visit, failed, photos)
        _sign(visit, refused)
        order = _order(visit, faults)
        after = _follow_ups(visit, order, people, faults)
        numbers = {"plan": plan.id, "notice": visit.id, "record": visit.id, "result": visit.id}
        numbers |= {"blank": _planned(point, plan.id, people, mode).id}
        return {**numbers, "order": order.id, "reply": order.id, **after}


def _furnish(point: MealPoint) -> None:
    unit = Operator(name="常州市武进区丰乐养老服务有限公司", uscc="91350100M000100Y43")
    db.session.add(unit)
    db.session.flush()
    point.operator_id = unit.id
    point.address = "湖塘镇丰乐路118号丰乐社区服务中心一楼"
    member = StaffMember(
        point_id=point.id, name="周明亮", post="manager", handles_food=False,
        joined_on=date(2024, 1, 1),
    )  # fmt: skip
    db.session.add(member)


def _inspectors() -> list[visits.Inspector]:
    rows = [
        visits.Inspector(
            name=name, card_no=card, office="武进区民政局养老服务科", division="320412"
        )
        for name, card in (("沈立群", "苏D-2024-0017"), ("顾晓燕", "苏D-2024-0032"))
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def _plan(people: list[visits.Inspector]) -> visits.VisitPlan:
    candidates = (
        Candidate("P01", 45, ("基础10", "等级+20（上次C级）", "久未查+15（从未检查）")),
        Candidate("P02", 25, ("基础10", "久未查+15（从未检查）")),
    )
    drawn = draw(SEED, POINTS, {one.key: one.weight for one in candidates}, 2)
    pair = tuple(one.id for one in people)
    chosen = Chosen(dict.fromkeys(drawn, pair), candidates, {}, 2, "30,20,20,15,15", "2024-05-06")
    plan = visits.VisitPlan(
        number="武民测计〔2024〕0001号",
        division="320412",
        kind="admin_inspection",
        mode="full",
        title="2024年第二季度老年助餐点食品安全和补贴专项检查",
        source="plan",
        basis="《中华人民共和国食品安全法》第五十七条、《养老机构行政检查办法》",
        from_on=date(2024, 5, 13),
        to_on=date(2024, 6, 28),
        seed=SEED,
        draw=json.dumps(asdict(chosen), ensure_ascii=False),
        status="approved",
        made_by="user:planner",
        made_at=NOON - timedelta(days=14),
        decided_by="user:approver",
        decided_at=NOON - timedelta(days=13),
        opinion="同意。请提前三个工作日通知，检查不影响供餐。",
    )
    db.session.add(plan)
    db.session.flush()
    return plan


def _visit(
    point: MealPoint, plan_id: int, people: list[visits.Inspector], mode: str
) -> visits.Visit:
    visit = _planned(point, plan_id, people, mode)
    visit.notice_number = "武民测通〔2024〕0001号"
    visit.noticed_at = NOON - timedelta(days=5)
    visit.status = "noticed"
    return visit


def _planned(
    point: MealPoint,
    plan_id: int | None,
    people: list[visits.Inspector],
    mode: str,
    kind: str = "admin_inspection",
) -> visits.Visit:
    count = db.session.query(visits.Visit).count()
    visit = visits.Visit(
        key=f"visit-{count}",
        plan_id=plan_id,
        point_id=point.id,
        kind=kind,
        mode=mode,
        checklist=checklist_on(DAY).version,
        traits="COOK;DLV",
        planned_on=DAY + timedelta(days=count),
        made_by=str(SHELL),
        made_at=NOON - timedelta(days=6),
    )
    db.session.add(visit)
    db.session.flush()
    for at, one in enumerate(people):
        row = visits.VisitInspector(visit_id=visit.id, inspector_id=one.id, lead=at == 0)
        db.session.add(row)
    db.session.flush()
    return visit


def _results(visit: visits.Visit, failed: int, photos: int) -> list[Item]:
    checklist = checklist_on(DAY)
    asked = items_for(checklist, visit.mode, {"COOK", "DLV"})
    faults = [item for item in asked if item.code in ("ENV-01", "SMP-03", "COK-02")]
    faults += [item for item in asked if item not in faults]
    faults = sorted(faults[:failed], key=asked.index)
    results = {}
    for item in asked:
        result = PASS
        if item in faults:
            result = FAIL if item.critical or item.code == "ENV-01" else PARTIAL
        elif item.code == "COK-04":
            result = NA
        results[item.code] = result
        measured = {"core_temp_c": "63.5"} if item.code == "COK-02" else {}
        row = visits.VisitResult(
            visit_id=visit.id,
            item=item.code,
            result=result,
            note=LONG if item in faults else "",
            measured=json.dumps(measured),
            outcome="RECTIFY_BY_DATE" if item in faults else "",
        )
        db.session.add(row)
    db.session.flush()
    for at in range(photos):
        key = photo(f"visit-photo-{at}", visit.point_id, at * 7, (320, 240 if at % 3 else 420))
        shown = faults[at % len(faults)].code if faults else asked[0].code
        db.session.add(visits.VisitPhoto(visit_id=visit.id, item=shown, photo_id=key))
    came_to = score(checklist, results)
    visit.score, visit.grade, visit.conclusion = (
        came_to.points, came_to.grade, conclusion(came_to),
    )  # fmt: skip
    return faults


def _sign(visit: visits.Visit, refused: bool) -> None:
    signers = {"lead": "沈立群", "second": "顾晓燕", "unit": "周明亮"}
    if refused:
        signers = {"lead": "沈立群", "second": "顾晓燕", "witness": "吴桂兰"}
    for part, name in signers.items():
        row = visits.VisitSignature(
            visit_id=visit.id,
            part=part,
            name=name,
            strokes=vault().seal(STROKES),
            signed_at=NOON + timedelta(hours=2),
        )
        db.session.add(row)
    db.session.flush()
    visit.number = "武民测检〔2024〕0001号"
    visit.started_at, visit.ended_at = NOON, NOON + timedelta(hours=1, minutes=42)
    visit.present, visit.cards_shown = "周明亮（负责人）", True
    visit.recusal = "未申请回避"
    visit.counted, visit.till_count, visit.system_count = 35, 34, 36
    visit.counted_at = NOON + timedelta(minutes=95)
    visit.statement = "对记录的情况没有意见，积水当天下午清理，水池标识重新张贴。"
    visit.refused_why = "周明亮称需要请示总部，阅看后拒绝签名。" if refused else ""
    visit.signed_at, visit.signed_by = NOON + timedelta(hours=2), str(SHELL)
    visit.status = "signed"
    db.session.flush()


def _order(visit: visits.Visit, faults: list[Item]) -> found.RectificationOrder:
    order = found.RectificationOrder(
        number="武民测改〔2024〕0001号",
        point_id=visit.point_id,
        visit_id=visit.id,
        issued_on=DAY,
        issued_at=NOON + timedelta(hours=3),
        issued_by=str(SHELL),
        working_days=10,
        first_deadline=date(2024, 6, 3),
        deadline=date(2024, 6, 3),
        consequence="逾期未整改或者整改不到位的，按服务协议暂停补贴直至暂停运营，并约谈负责人。",
        state="issued",
    )
    db.session.add(order)
    db.session.flush()
    for at, item in enumerate(faults):
        finding = found.Finding(
            point_id=visit.point_id,
            visit_id=visit.id,
            source="visit",
            item=item.code,
            checklist=visit.checklist,
            critical=item.critical,
            fact=LONG,
            outcome="RECTIFY_BY_DATE",
            found_on=DAY,
            found_at=NOON,
            found_by=str(SHELL),
            state="ordered",
        )
        db.session.add(finding)
        db.session.flush()
        demand = f"立即清理并按“{item.text}”的要求改正，拍摄整改后照片，并对厨房人员培训一次。"
        row = found.OrderItem(order_id=order.id, finding_id=finding.id, demand=demand)
        db.session.add(row)
        _reply(order.id, finding.id, visit.point_id, at)
    db.session.flush()
    return order


def _reply(order_id: int, finding_id: int, point_id: int, at: int) -> None:
    reply = found.Reply(
        order_id=order_id,
        finding_id=finding_id,
        round=1,
        cause="厨师未按分区操作，负责人日管控时没有发现。",
        measure="更换盖板，重新张贴水池标识，5月21日培训全体厨房人员并考核，列入日管控必查项。",
        done_on=date(2024, 5, 24),
        person="周明亮",
        replied_at=NOON + timedelta(days=5),
        by=str(SHELL),
    )
    db.session.add(reply)
    db.session.flush()
    for number, side in enumerate(("before", "after")):
        key = photo(f"reply-photo-{at}-{side}", point_id, 120 + 10 * at + number)
        db.session.add(found.ReplyPhoto(reply_id=reply.id, photo_id=key, side=side))


def _follow_ups(
    visit: visits.Visit,
    order: found.RectificationOrder,
    people: list[visits.Inspector],
    faults: list[Item],
) -> dict[str, int]:
    point_id = visit.point_id
    findings = db.session.scalars(select(found.Finding).order_by(found.Finding.id)).all()
    again = found.ReInspection(
        number="武民测复〔2024〕0001号",
        order_id=order.id,
        checked_on=date(2024, 6, 4),
        lead_id=people[0].id,
        second_id=people[1].id,
        present="周明亮（负责人）",
        conclusion=f"复查{len(faults)}项：已整改{max(len(faults) - 1, 0)}项，部分整改1项。",
        next_step="未完成的项目在新的期限内整改，期满再次复查。",
        checked_at=NOON + timedelta(days=15),
        by=str(SHELL),
    )
    letter = found.Referral(
        number="武民测移〔2024〕0001号",
        point_id=point_id,
        body="samr",
        facts="5月20日检查时，抽测红烧肉中心温度63.5℃，低于70℃；经营场所食品经营许可证未在醒目处公示。",
        evidence="1. 现场检查笔录复印件1份，共6页；\n2. 现场照片4张（附拍摄时间和摘要）。",
        contact="沈立群，电话见本函所留号码",
        sent_on=date(2024, 5, 21),
        sent_at=NOON + timedelta(days=1),
        by=str(SHELL),
    )
    talk = found.Interview(
        number="武民测谈〔2024〕0001号",
        point_id=point_id,
        finding_id=findings[0].id if findings else None,
        held_at=NOON + timedelta(days=16),
        place="武进区民政局三楼会议室",
        hosts="沈立群、顾晓燕",
        attendees="周明亮（丰乐助餐点负责人）、丰乐养老服务有限公司分管副总经理",
        matters="同类问题在十二个月内重复发生，复查时仍有一项没有整改到位。",
        commitments="6月14日前完成全部整改，每周向镇社会事业办公室报告一次日管控情况。",
        recorded_at=NOON + timedelta(days=16, hours=1),
        by=str(SHELL),
    )
    stop = found.Measure(
        number="武民测停〔2024〕0001号",
        kind="subsidy",
        point_id=point_id,
        from_on=date(2024, 6, 6),
        facts="整改期满复查，仍有一项未整改到位，且属重复发生的问题。",
        basis="《武进区老年助餐服务协议》关于整改不到位暂停补贴的约定",
        decided_at=NOON + timedelta(days=16),
        decided_by="user:approver",
        resume_number="武民测恢〔2024〕0001号",
        resumed_on=date(2024, 6, 18),
        resumed_why="6月17日再次复查，全部问题已经整改到位。",
        resumed_at=NOON + timedelta(days=28),
        resumed_by="user:approver",
    )
    back = found.DeliveryReceipt(
        number="武民测达〔2024〕0001号",
        paper=order.number,
        title="整改通知书",
        point_id=point_id,
        method="left",
        place="丰乐助餐点办公室",
        receiver="周明亮",
        witness="吴桂兰（社区工作人员）",
        note="收件人称需请示后再签，文书留在服务台，有照片为证。",
        strokes=vault().seal(STROKES),
        delivered_at=NOON + timedelta(hours=4),
        recorded_at=NOON + timedelta(hours=5),
        by=str(SHELL),
    )
    db.session.add_all([again, letter, talk, stop, back])
    db.session.flush()
    for at, one in enumerate(findings):
        row = found.ReInspectionItem(
            re_inspection_id=again.id,
            finding_id=one.id,
            result="partial" if at == 0 else "done",
            evidence="现场查看，积水已清理，盖板尚缺1块" if at == 0 else "现场查看和照片",
        )
        db.session.add_all([row, found.ReferralFinding(referral_id=letter.id, finding_id=one.id)])
    db.session.flush()
    named = (again, letter, talk, stop, back)
    kinds = ("reinspection", "referral", "interview", "measure", "receipt")
    numbers = {kind: row.id for kind, row in zip(kinds, named, strict=True)}
    return {**numbers, "resume": stop.id}
