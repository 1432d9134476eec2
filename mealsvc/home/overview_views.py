"""The leaders' one screen, and half a page of what is due this week to print."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import (
    Blueprint,
    current_app,
    get_template_attribute,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response

from mealsvc.coverage.mapping.services import map_on
from mealsvc.coverage.standing import Standing
from mealsvc.coverage.wording import percent
from mealsvc.home.frame import frame
from mealsvc.home.overview import overview
from mealsvc.home.overview_rules import Overview, problems
from mealsvc.home.today_sheet import sheet_of
from mealsvc.kernel.meals import local_date
from mealsvc.plumbing import clock
from mealsvc.plumbing.guards import Principal, current, guard
from mealsvc.plumbing.pages import cn_date
from mealsvc.settlement.queries import newest_record

AGAIN_S = "300"  # a wall screen looks again after so many seconds
_CACHE, MOST_MAPS = "overview map", 8
WAN = 1_000_000  # fen in ten thousand yuan

bp = Blueprint("overview", __name__)


@bp.get("/overview")
@guard("overview.read")
def index() -> Response:
    """Eight figures, three problems, one map; `?wall=1` looks again every five minutes."""
    me, wall = current(), request.args.get("wall") == "1"
    seen = overview(me, local_date(clock.now()))
    page = render_template(
        "home/overview.html",
        seen=seen,
        tiles=[*_meals(seen, me), *_state(seen), *_reach(seen)],
        problems=[(one, url_for(one.page, **one.query)) for one in problems(seen)],
        drawn=_map(me, seen.here),
        wall=wall,
        as_of=newest_record(),
    )
    return Response(page, mimetype="text/html", headers={"Refresh": AGAIN_S} if wall else None)


def _map(me: Principal, here: Standing) -> Any:
    """The drawn map, kept as long as the standing that it shows: many circles take their time."""
    kept = current_app.extensions["mealsvc.caches"].setdefault(_CACHE, {})
    key = (me.scope, here.as_of)
    if key not in kept:
        if len(kept) >= MOST_MAPS:
            kept.clear()
        draw = get_template_attribute("coverage/map_parts.html", "coverage_map")
        there = {what: f"{request.script_root}/{what}/" for what in ("coverage", "points")}
        view = map_on(here.day, me.scope, standing=here)
        links = {"community_link": there["coverage"], "point_link": there["points"]}
        kept[key] = draw(view, **links, source=False)
    return kept[key]


@bp.get("/overview/today")
@guard("overview.read")
def today() -> str:
    """What is due this week, as it is printed."""
    return render_template("home/overview_today.html", sheet=_sheet())


@bp.get("/overview/today.pdf")
@guard("overview.read")
def today_pdf() -> Response:
    """Half an A4 page."""
    from mealsvc.reports import todo_sheet  # reportlab: not before somebody prints

    sheet = _sheet()
    pdf = todo_sheet.draw(sheet, frame()["demo_data"], current_app.config)
    return send_file(
        BytesIO(pdf),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"本周待办_{sheet.place}_{sheet.day:%Y%m%d}.pdf",
    )


def _sheet() -> Any:
    return sheet_of(current(), clock.now())


def _tile(
    label: str,
    value: str,
    unit: str,
    more: str,
    url: str,
    definition: str,
    tone: str = "",
    parts: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """`parts`: the lists that a sum is made of, each with its address, instead of `more`."""
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "more": more,
        "url": url,
        "definition": definition,
        "tone": tone,
        "parts": parts,
    }


def _meals(seen: Overview, me: Principal) -> list[dict[str, Any]]:
    lines = "servings.servings" if me.can("servings.read") else "home.by_month"
    if seen.day is None:
        last = _tile(
            "就餐", "0", "份", "还没有就餐记录", url_for("home.by_month"), "就餐份数，已减去冲正。"
        )
    else:
        on_the_day: dict[str, Any] = (
            {"day": seen.day} if lines == "servings.servings" else {"month": seen.month}
        )
        now = seen.day == seen.today
        label = "今天就餐" if now else f"{cn_date(seen.day, 'short')}就餐"
        usual = f"平时{seen.usual:,}份" if seen.usual else ""
        more = usual if now else "，".join(filter(None, ("今天还没有记录", usual)))
        defined = "最近一个有记录的日子的就餐份数，已减去冲正；平时是之前两个月有就餐的日子的平均。"
        last = _tile(label, f"{seen.meals:,}", "份", more, url_for(lines, **on_the_day), defined)
    month = _tile(
        f"{seen.month.month}月就餐",
        f"{seen.sums.servings:,}",
        "份",
        _change(seen.sums.servings, seen.before.servings),
        url_for("home.by_month", month=seen.month),
        "这个月的就餐份数，已减去冲正；和上个月同样多的日子比。",
    )
    return [last, month, _elders(seen), _spent(seen)]


def _change(now: int, before: int) -> str:
    if not before:
        return "上月没有记录"
    gap = now - before
    if not gap:
        return "和上月同期持平"
    return f"比上月同期{'多' if gap > 0 else '少'}{percent(abs(gap), before)}"


def _elders(seen: Overview) -> dict[str, Any]:
    total = seen.here.total
    return _tile(
        f"{seen.here.month.month}月就餐老人",
        f"{total.active:,}",
        "人",
        f"渗透率{percent(total.active, total.eligible, 2)}",
        url_for("coverage.index", shown="people"),
        "这个月至少享受过一次补贴就餐的老人，除以区直接管理的村（社区）60岁以上户籍老人是渗透率。",
    )


def _spent(seen: Overview) -> dict[str, Any]:
    if seen.money is None:
        return _tile(
            f"{seen.month.month}月补贴",
            _wan(seen.sums.subsidy_fen),
            "万元",
            f"老人自付{_wan(seen.sums.self_pay_fen)}万元",
            url_for("home.by_month", month=seen.month),
            "这个月补贴给老人的金额，已减去冲正，不含送餐和运营补贴。",
        )
    year, budget, used = seen.money
    share = "没有预算" if budget is None else f"预算{_wan(budget)}万元，已用{percent(used, budget)}"
    return _tile(
        f"{year}年已用经费",
        _wan(used),
        "万元",
        share,
        url_for("budget.budget", year=year),
        "已拨付、已审批、已提交和还没提交的补贴合计，已减去暂缓；每天和每次办理后重新计算。",
        "bad" if seen.warned and seen.warned.tone == "bad" else "",
    )


def _wan(fen: int) -> str:
    return f"{fen / WAN:,.1f}"


def _state(seen: Overview) -> list[dict[str, Any]]:
    grades = "，".join(f"评级{grade}的{number}家" for grade, number in seen.grades.items())
    lists = (
        (seen.findings, "问题", url_for("findings.index", state="running")),
        (seen.complaints, "投诉", url_for("complaints.index", state="open")),
        (seen.cases, "核查", url_for("cases.index", state="open")),
    )
    _, _, longest = max(lists, key=lambda one: one[0])
    return [
        _tile(
            "未办结关键项",
            f"{seen.starred:,}",
            "个",
            grades or "还没有检查评级",
            url_for("findings.index", state="running"),
            "检查发现、还没有办结的关键项（★）问题；等级是各助餐点最近一次检查的等级。",
            "bad" if seen.starred else "good",
        ),
        _tile(
            "未办结问题",
            f"{seen.open:,}",
            "件",
            "",
            longest,
            "检查问题、投诉意见和核查案件里还没有办结的，今天。",
            "warn" if seen.open else "good",
            [(f"{name}{number:,}", url) for number, name, url in lists],
        ),
    ]


def _reach(seen: Overview) -> list[dict[str, Any]]:
    here, total = seen.here, seen.here.total
    elders = sum(row.eligible for row in here.rows if row.is_spot)
    return [
        _tile(
            f"{here.radius_m:,}米覆盖",
            percent(total.reached, total.eligible).rstrip("%"),
            "%",
            f"{total.reached:,}名老人，共{total.eligible:,}名",
            url_for("coverage.index"),
            f"{cn_date(here.day)}，村（社区）中心点{here.radius_m:,}米以内有运营助餐点的60岁以上户籍老人占比，"
            "只算区直接管理的镇（街道）。",
        ),
        _tile(
            "空白点",
            f"{total.spots:,}",
            "个",
            f"{elders:,}名老人",
            url_for("coverage.index", spots=1),
            f"户籍老人达到{here.gap_pop60}人、{here.radius_m:,}米以内没有运营助餐点的村（社区）。",
            "warn" if total.spots else "good",
        ),
    ]
