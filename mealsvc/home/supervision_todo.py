"""What supervision leaves to be done: visits, orders, complaints, papers of units, missing logs."""

from collections.abc import Sequence
from datetime import date

from flask import url_for

from mealsvc.home.tasks import Task
from mealsvc.places.models import MealPoint
from mealsvc.places.units import reading as units
from mealsvc.plumbing import clock
from mealsvc.plumbing.guards import Principal
from mealsvc.supervision.complaints import lists as complaints
from mealsvc.supervision.findings import queries as findings
from mealsvc.supervision.inspecting import queries as inspecting
from mealsvc.supervision.logs import queries as logs
from mealsvc.supervision.visits import queries as visits


def supervision_tasks(principal: Principal, points: Sequence[MealPoint], today: date) -> list[Task]:
    """The tasks of supervision that this person may see, the most urgent first."""
    return [
        *_orders(principal, today),
        *_visits(principal, today),
        *_complaints(principal, today),
        *_logs(principal, points),
    ]


def _orders(principal: Principal, today: date) -> list[Task]:
    """What is overdue first, then what waits for this person."""
    if not principal.can("supervision.read"):
        return []
    found = findings.to_do(principal, today)
    issues, replies = principal.can("orders.issue"), principal.can("orders.reply")
    rows = (
        (
            found["owed_orders"] and issues,
            f"{found['owed_orders']}个问题还没有下达整改通知",
            "关键项不合格的，24小时内下达，并写明是否移送。",
            url_for("findings.index", owed="order"),
            "去下达",
        ),
        (
            found["owed_decisions"] and principal.can("measures.decide"),
            f"{found['owed_decisions']}个关键项问题还没有决定是否移送",
            "移送或者不移送都要写明理由。",
            url_for("findings.index", owed="referral_decision"),
            "去决定",
        ),
        (
            found["overdue"] and not replies,
            f"{found['overdue']}份整改逾期未办结",
            "逾期当天报镇街，超过规定工作日报区。请催办、约谈或者暂停。",
            url_for("orders.index", overdue="any"),
            "去查看",
        ),
        (
            found["to_reply"] and replies,
            f"{found['to_reply']}份整改通知等您回复",
            "逐项写明原因、措施、完成日期和责任人，附整改前后照片。",
            url_for("orders.index", state="issued"),
            "去回复",
        ),
        (
            found["to_check"] and issues,
            f"{found['to_check']}份整改等待复查",
            "两名检查人员逐项复查，没改好的另定期限。",
            url_for("orders.index", state="replied"),
            "去复查",
        ),
    )
    return [Task(*words) for count, *words in rows if count]


def _visits(principal: Principal, today: date) -> list[Task]:
    tasks = []
    if principal.can("visits.conduct") and (number := inspecting.to_do(principal, today)):
        why = "手机上逐项检查，断网也能用；两名检查人员和被检查单位当场签字。"
        tasks.append(Task(f"{number}次检查今天要做", why, url_for("inspecting.visits"), "去检查"))
    found = visits.to_do(principal, today)
    if found.plans:
        why = "编制人不能自己批准。"
        tasks.append(Task(f"{found.plans}份检查计划待审批", why, url_for("plans.index"), "去审批"))
    if found.notices:
        why = "行政检查一般提前通知，通知单和检查证件一起出示。"
        url = url_for("visits.index", status="planned")
        tasks.append(Task(f"{found.notices}次行政检查还没有发通知", why, url, "去通知"))
    return tasks


def _complaints(principal: Principal, today: date) -> list[Task]:
    if not (principal.can("complaints.answer") or principal.can("complaints.close")):
        return []
    found = complaints.waiting(principal, today)
    if not found.mine:
        return []
    title = f"{found.mine}件投诉意见等您办理"
    if found.overdue:
        title += f"，其中{found.overdue}件已超期"
    return [Task(title, "按时答复，写明处理结果。", url_for("complaints.index"), "去办理")]


def paper_tasks(principal: Principal, points: Sequence[MealPoint], today: date) -> list[Task]:
    """Papers that lapsed, are missing or end soon, at a glance."""
    if not principal.can("units.write"):
        return []
    counts = units.to_do(points, today)
    words = {"key": "关键证照缺失或过期", "lapsed": "有证照过期", "missing": "有证照缺失"}
    said = [f"{counts[key]}个{name}" for key, name in words.items() if counts[key]]
    if not said:
        return []
    why = "办好新的证照、协议或健康证明后登记，旧的记录保留。"
    title = f"助餐点{'，'.join(said)}"
    return [Task(title, why, url_for("units.index"), "去查看")]


def _logs(principal: Principal, points: Sequence[MealPoint]) -> list[Task]:
    """The point sees what is late today, missing since yesterday, and samples to dispose of; the
    town how many points lacked something yesterday.
    """
    if not principal.can("logs.read"):
        return []
    if not (principal.at_point or principal.can("orders.issue")):
        return []
    found, url = logs.to_do(principal.at_point, points, clock.now()), url_for("logs.home")
    rows = (
        (
            found.today,
            "今天有{}项食品安全日志该记没记",
            "每餐两分钟：留样、测温、消毒、日管控。",
            url,
        ),
        (found.yesterday, "昨天缺{}项食品安全日志", "现在可以补录，补录的会标明。", url),
        (found.samples, "{}份留样到期", "保存时间已够，可以处理并登记。", url_for("logs.samples")),
        (found.points, "昨天有{}个助餐点缺食品安全日志", "请督促补录，补录的会标明。", url),
    )
    return [
        Task(title.format(number), why, where, "去查看")
        for number, title, why, where in rows
        if number
    ]
