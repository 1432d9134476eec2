"""What is to be done next, for whoever is looking, the most urgent first."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from mealsvc.accounts.services import wrong_clocks
from mealsvc.bookings.receiving import unchecked_meals
from mealsvc.deliveries.queries import may_see, open_alarms
from mealsvc.exchange.models import ImportJob
from mealsvc.home.audit_todo import audit_tasks
from mealsvc.home.reach_todo import reach_tasks
from mealsvc.home.supervision_todo import paper_tasks, supervision_tasks
from mealsvc.home.tasks import Task
from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.places.models import MealPoint
from mealsvc.places.rules import licence_state, status_on
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.plumbing.pages import cn_date
from mealsvc.policies.models import SubsidyPolicy
from mealsvc.policies.services import DRAFT
from mealsvc.servings.closing import unclosed_days
from mealsvc.servings.uploads import count_open
from mealsvc.settlement.budget_watch import warnings_on
from mealsvc.settlement.corrections import count_open as count_corrections
from mealsvc.settlement.queries import desk_counts, open_months
from mealsvc.settlement.waiting import DESKS, HELD

MOST_MONTHS, MOST_IMPORTS = 3, 3
RECENT = timedelta(days=7)


def tasks_of(principal: Principal, points: Sequence[Any], now: datetime) -> list[Task]:
    """The tasks that this person may see; `points` are those in the scope."""
    today = local_date(now)
    return [
        *_unanswered(principal, now),
        *supervision_tasks(principal, points, today),
        *audit_tasks(principal, today),
        *reach_tasks(principal, today),
        *_uploads(principal),
        *_closes(principal, points, today),
        *_clocks(principal),
        *_arrivals(principal, points, now),
        *_months(principal, today),
        *_reviews(principal),
        *_corrections(principal),
        *_budget(principal, today),
        *_policies(principal),
        *_imports(principal, now),
        *_licences(points, today),
        *paper_tasks(principal, points, today),
    ]


def _closes(principal: Principal, points: Sequence[MealPoint], today: date) -> list[Task]:
    """The point's days of the last week that no close has counted to their last line."""
    if not (principal.at_point and principal.can("days.close")):
        return []
    yesterday = today - timedelta(days=1)
    found = [
        one
        for point in points  # at a point there is one
        for one in unclosed_days(point.id, today - RECENT, yesterday)
    ]
    if not found:
        return []
    first, day = found[0], cn_date(found[0].day, "short")
    title = f"{day}日结后又有{first.lines}笔" if first.closed_before else f"{day}还没有日结"
    if len(found) > 1:
        title += f"，共{len(found)}天要日结"
    why = "点清钱箱，和系统里的老人自付核对，有差额写明原因。"
    return [Task(title, why, url_for("closes.close", day=first.day), "去日结")]


def _months(principal: Principal, today: date) -> list[Task]:
    """The earliest first: a later month cannot be submitted before."""
    if not principal.can("settlement.read"):
        return []
    submits = principal.can("settlement.submit")
    waiting = list(open_months(points_seen_by(principal), today).items())
    return [
        Task(
            f"{month.chinese}有{number}个助餐点未提交结算",
            "月份已结束，核对后提交冻结；之后收到的流水转入下月调整。"
            if submits
            else "月份已结束，等待店长或区业务管理人员提交。",
            url_for("settlement.settlements", month=month),
            "去提交" if submits else "查看",
        )
        for month, number in waiting[:MOST_MONTHS]
    ]


def _corrections(principal: Principal) -> list[Task]:
    """Recorded meals that a fact known late would have decided otherwise."""
    if not principal.can("corrections.decide"):
        return []
    number = count_corrections(None, None, points_seen_by(principal))
    if not number:
        return []
    why = "去世、迁移或类别登记得晚，确认后冲正并重新登记，已提交的月份不变。"
    url = url_for("corrections.proposals")
    return [Task(f"{number}笔就餐按晚到的事实待更正", why, url, "去核对")]


def _budget(principal: Principal, today: date) -> list[Task]:
    """Lines that are used up, or will be before the year ends."""
    if not any(map(principal.can, ("budget.write", "settlement.approve", "settlement.order"))):
        return []
    year, warned = warnings_on(today)
    if not warned:
        return []
    more = f"另有{len(warned) - 1}项要注意。" if len(warned) > 1 else ""
    url = url_for("budget.budget", year=year)
    return [Task(f"{year}年经费：{warned[0].chip}", warned[0].sentence + more, url, "去查看")]


def _reviews(principal: Principal) -> list[Task]:
    """Submitted months whose turn is this person's, months sent back, held lines without an end."""
    if not principal.can("settlement.read"):
        return []
    counts, tasks = desk_counts(points_seen_by(principal)), []
    for status, (right, words, why) in DESKS.items():
        if status not in counts or not principal.can(right):
            continue
        number, first = counts[status]
        if status == HELD:
            url, title = url_for("settlement_review.holds"), f"{number}笔暂缓的流水等结论"
        else:
            url = url_for("settlement.settlements", month=first, state=status)
            title = f"{first.chinese}起有{number}份结算{words}"
        tasks.append(Task(title, why, url, "去办理"))
    return tasks


def _unanswered(principal: Principal, now: datetime) -> list[Task]:
    """Doors that nobody opened: somebody may need help, so they come before everything else."""
    if not principal.can("deliveries.answer"):
        return []
    number, since = open_alarms(may_see(principal))
    if since is None:
        return []
    why = f"等得最久的已{int((now - since).total_seconds() // 60)}分钟。打电话，打不通就上报，直到写明结果。"
    url = url_for("deliveries.unanswered")
    return [Task(f"{number}户送餐无人应答", why, url, "去处理")]


def _uploads(principal: Principal) -> list[Task]:
    """Meals without network that ended otherwise than the elder was told."""
    if not principal.can("conflicts.settle"):
        return []
    number = count_open(principal.point_code or "")
    if not number:
        return []
    why = "断网时告诉老人的金额，与补传后的结果不一样，请逐份处理。"
    url = url_for("conflicts.conflicts", state="open")
    return [Task(f"{number}份断网补传待处理", why, url, "去处理")]


def _clocks(principal: Principal) -> list[Task]:
    """Tills whose clock is wrong: those of the own point, or all for whoever keeps the devices."""
    reads = principal.can("devices.read")
    if not reads and not principal.can("conflicts.settle"):
        return []
    number = wrong_clocks(None if reads else principal.point_code)
    if not number:
        return []
    why = "时钟不准的设备断网时登记的就餐，要由店长逐份确认日期。请在设备上打开“自动设置时间”。"
    url = url_for("accounts.devices") if reads else "/till"
    return [Task(f"{number}台收银设备时钟偏差超过5分钟", why, url, "查看")]


def _arrivals(principal: Principal, points: Sequence[MealPoint], now: datetime) -> list[Task]:
    """Meals that another kitchen cooked for this point and nobody has checked on arrival."""
    if not principal.can("receiving.write"):
        return []
    meals = [MEALS[meal] for meal in unchecked_meals(points, now)]
    if not meals:
        return []
    why = "餐到了请数份数、量中心温度、看封签和标签，合格再分餐。"
    url = url_for("receiving.board")
    return [Task(f"今天{'、'.join(meals)}还没有收餐验收", why, url, "去验收")]


def _policies(principal: Principal) -> list[Task]:
    if not principal.can("policies.approve"):
        return []
    mine = SubsidyPolicy.division.startswith(principal.scope, autoescape=True)
    drafts = select(func.count()).where(SubsidyPolicy.status == DRAFT, mine)
    number = db.session.scalar(drafts) or 0
    if not number:
        return []
    url = url_for("policies.policies", status=DRAFT)
    return [
        Task(f"{number}项政策草案待批准", "批准后才用于补贴，起草人不能自己批准。", url, "去审批")
    ]


def _imports(principal: Principal, now: datetime) -> list[Task]:
    """Imports of the last days that wait to be confirmed, or gave rows back."""
    if not principal.can("imports.run"):
        return []
    recent = select(ImportJob).where(
        ImportJob.at > now - RECENT, ImportJob.state.in_(("checked", "done"))
    )
    jobs = db.session.scalars(recent.order_by(ImportJob.at.desc()).limit(MOST_IMPORTS))
    return [task for job in jobs if (task := _import(job)) is not None]


def _import(job: ImportJob) -> Task | None:
    url = url_for("exchange.job", job_id=job.id)
    if job.state == "checked":
        return Task(f"导入“{job.filename}”待确认", "已预演，还没有写入数据。", url, "去确认")
    document = json.loads(job.result or "{}").get("document") or {}
    number = sum(document.get("rejected", {}).values())
    if not number:
        return None
    return Task(
        f"导入“{job.filename}”退回{number}行", "下载退回的行，改正后再次导入。", url, "查看"
    )


def _licences(points: Sequence[MealPoint], today: date) -> list[Task]:
    running = [
        point
        for point in points
        if status_on(today, point.opened_on, point.closed_on, False) == "operating"
    ]
    states = [licence_state(point.licence_expires_on, today) for point in running]
    expired, due = states.count("expired"), states.count("due")
    if not expired + due:
        return []
    found = [
        f"{number}个{word}" for number, word in ((expired, "已过期"), (due, "30天内到期")) if number
    ]
    title = f"食品经营许可证：{'，'.join(found)}"
    why = "请督促单位换证或申请延续，换证后更新助餐点档案。"
    return [Task(title, why, url_for("places.points", licence="due"), "查看")]
