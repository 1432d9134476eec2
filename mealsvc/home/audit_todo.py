"""What audits leave to be done: leads, cases, questions to answer, calls to elders."""

from datetime import date

from flask import url_for

from mealsvc.auditing.cases import queries as cases
from mealsvc.auditing.desk.queries import leads_seen_by
from mealsvc.auditing.sampling import queries as sampling
from mealsvc.auditing.scanning import queries as scanning
from mealsvc.home.tasks import Task
from mealsvc.plumbing.guards import Principal


def audit_tasks(principal: Principal, today: date) -> list[Task]:
    """The tasks of audits that this person may see, the most urgent first."""
    return [*_cases(principal, today), *_leads(principal), *_calls(principal, today)]


def _cases(principal: Principal, today: date) -> list[Task]:
    found = cases.to_do(principal, today)
    index, works = url_for("cases.index"), principal.can("cases.work")
    rows = (
        (
            found.questions,
            f"{found.questions}个核查询问等您答复",
            "写明情况，附照片；到期不答复的，核查继续进行。",
            url_for("questions.index"),
            "去答复",
        ),
        (
            found.to_decide and principal.can("cases.decide"),
            f"{found.to_decide}件核查案件待作结论",
            "逐笔认定属实或者有误；立案的人不能作结论。",
            url_for("cases.index", state="explained"),
            "去认定",
        ),
        (
            found.overdue and works,
            f"{found.overdue}件核查案件逾期未答复",
            "可以催办、延期一次，或者按未答复继续核查。",
            url_for("cases.index", overdue=1),
            "去查看",
        ),
        (
            found.new and works,
            f"{found.new}件核查案件待分派",
            "定下经办人，向助餐点发出询问。",
            url_for("cases.index", state="new"),
            "去分派",
        ),
        (
            found.to_end and works,
            f"{found.to_end}件核查案件待追回、移送或者结案",
            "钱款落实、材料齐全后结案。",
            index,
            "去办理",
        ),
    )
    return [Task(*words) for count, *words in rows if count]


def _leads(principal: Principal) -> list[Task]:
    if not principal.can("leads.settle"):
        return []
    found = scanning.waiting(leads_seen_by(principal))
    if not found.leads:
        return []
    title = f"{found.leads}条疑点线索待核对"
    if found.grave:
        title += f"，其中{found.grave}条等级高"
    why = "异常不等于违规：先排除正常情形，再立案或者排除。"
    return [Task(title, why, url_for("leads.index"), "去核对")]


def _calls(principal: Principal, today: date) -> list[Task]:
    if not principal.can("calls.make"):
        return []
    number = sampling.to_do(principal, today)
    if not number:
        return []
    why = "电话号码逐个显示并留痕，按话术问，按答案选。"
    return [Task(f"{number}个电话回访等您拨打", why, url_for("calls.index"), "去回访")]
