"""What surveys leave to be done: sheets to fill, to mend, to review."""

from datetime import date

from flask import url_for

from mealsvc.home.tasks import Task
from mealsvc.plumbing.guards import Principal
from mealsvc.plumbing.pages import cn_date
from mealsvc.survey.rounds import queries as rounds


def reach_tasks(principal: Principal, today: date) -> list[Task]:
    """The tasks of surveys that wait for this person, the returned ones first."""
    if not principal.can("survey.read"):
        return []
    found = rounds.to_do(principal, today)
    if found.round_id is None:
        return []
    url = url_for("surveys.round_page", round_id=found.round_id, state=rounds.WAITING)
    late = f"，其中{found.overdue}张已过期限" if found.overdue else ""
    back = f"，其中{found.returned}张被退回" if found.returned else ""
    due = f"最近的期限是{cn_date(found.due_on)}。"
    rows = (
        (
            found.to_fill and principal.can("survey.fill"),
            f"{found.to_fill}张摸排表待填报{back}{late}",
            f"名册里有的数字已经填好，核对后补齐其余各项。{due}",
            "去填报",
        ),
        (
            found.to_review and principal.can("survey.review"),
            f"{found.to_review}张摸排表待审核{late}",
            "和名册、上次的数字比一比，有疑问的写明原因退回。",
            "去审核",
        ),
    )
    return [Task(title, why, url, label) for count, title, why, label in rows if count]
