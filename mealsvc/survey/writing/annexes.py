"""The annexes: tables in full, the questionnaire, and every figure of the report with its 口径, 时点,
来源; numbers that somebody typed are listed apart."""

from collections.abc import Iterable, Mapping, Sequence

from mealsvc.places.rules import KIND_NAMES
from mealsvc.survey.assessing.figure_words import rounded
from mealsvc.survey.assessing.figures import Figure
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.fields import Field
from mealsvc.survey.forms.questionnaire import OUTCOME
from mealsvc.survey.writing.exhibits import (
    NOTHING,
    count,
    economics_columns,
    economics_row,
    percent,
    whole,
)
from mealsvc.survey.writing.rules.blocks import Block, Chart, Col, Grid, Para, Part
from mealsvc.survey.writing.rules.examples import CHECK
from mealsvc.survey.writing.rules.sections import SECTIONS
from mealsvc.survey.writing.rules.tokens import codes_in, typed_in
from mealsvc.survey.writing.scene import Scene

MOST_SPOTS = 40
MOST_BARS = 30
LINE_LETTERS = 24  # of the questionnaire's column of options
MANY = "（可多选）"
ELSEWHERE = "ref."


def annexes_of(
    scene: Scene, sections: Sequence[Part], figures: Mapping[str, Figure]
) -> tuple[Part, ...]:
    """附：表、图、问卷，指标口径和来源"""
    made = [
        Part("tables", "数据表", tuple(_tables(scene))),
        Part("charts", "数据图", tuple(_charts(scene))),
        Part("questionnaire", "老人抽样问卷", tuple(_questions())),
        Part("figures", "指标口径和来源", tuple(_figures(sections, figures))),
    ]
    return tuple(part for part in made if part.blocks)


def _tables(scene: Scene) -> Iterable[Block]:
    yield _reach(scene)
    if scene.found.demand:
        yield _demand(scene)
    yield _points(scene)
    known = [one for one in scene.found.points if one.known]
    if known:
        known.sort(key=lambda one: one.point)
        yield Grid("各助餐点收支平衡", economics_columns(), tuple(map(economics_row, known)))
    yield _spots(scene)
    if scene.found.candidates:
        yield _candidates(scene)


def _reach(scene: Scene) -> Grid:
    standing = scene.ground.standing
    rows = [
        (
            row.name or "合计",
            count(row.eligible),
            percent(row.near, row.eligible),
            percent(row.reached, row.eligible),
            percent(row.walked, row.eligible),
            count(row.spots),
            percent(row.active, row.eligible),
            percent(row.own_known, row.registered),
        )
        for row in (*standing.towns, standing.total)
    ]
    return Grid(
        "各镇（街道）服务覆盖",
        (
            Col("镇（街道）", 1.5),
            Col("60岁以上（人）", 1.2, "right"),
            Col(f"{standing.near_m:,}米内", 0.95, "right"),
            Col(f"{standing.radius_m:,}米内", 0.95, "right"),
            Col("一刻钟步行", 1.0, "right"),
            Col("空白点（个）", 0.9, "right"),
            Col("当月享受补贴", 1.05, "right"),
            Col("有住址位置", 1.0, "right"),
        ),
        tuple(rows[:-1]),
        ("合计", *rows[-1][1:]),
        "各半径为占60岁以上户籍老人的比例，按村（社区）中心点；有住址位置为占登记老人的比例。",
    )


def _points(scene: Scene) -> Grid:
    names = scene.ground.names
    return Grid(
        "助餐点名录",
        (
            Col("编号", 0.85),
            Col("助餐点", 2.1),
            Col("类型", 1.45),
            Col("镇（街道）", 1.25),
            Col("餐位", 0.65, "right"),
            Col("日供餐能力", 0.9, "right"),
            Col("日均份数", 0.8, "right"),
            Col("有效运营", 0.8, "center"),
        ),
        tuple(
            (
                point.code,
                point.name,
                KIND_NAMES.get(point.kind, point.kind),
                names.get(point.town, point.town),
                count(point.seats),
                count(point.capacity),
                whole(point.month.servings_day),
                "是" if scene.ground.is_effective(point) else "否",
            )
            for point in scene.ground.serving
        ),
        note=f"时点正式运营的助餐点；日均份数为{scene.ground.month.chinese}有就餐的天数的平均。",
    )


def _demand(scene: Scene) -> Grid:
    return Grid(
        "各镇（街道）分年龄段的就餐需求",
        (
            Col("镇（街道）", 1.25),
            Col("年龄段", 1.05),
            Col("老人", 0.85, "right"),
            Col("答卷", 0.65, "right"),
            Col("按意愿", 0.85, "right"),
            Col("范围", 1.5, "right"),
            Col("按现价", 0.85, "right"),
            Col("依据", 1.95),
        ),
        tuple(
            (
                row.town_name,
                row.band,
                count(row.eligible),
                count(row.answered),
                whole(row.a_day.mid),
                f"{whole(row.a_day.low)}—{whole(row.a_day.high)}",
                whole(row.paying_day.mid),
                row.borrowed or "本镇（街道）答卷",
            )
            for row in scene.found.demand
        ),
        note="老人为人数，答卷为份数，其余为每天的份数；范围为按意愿的上下限。",
    )


def _spots(scene: Scene) -> Grid:
    spots = [row for row in scene.ground.standing.rows if row.is_spot]
    spots.sort(key=lambda row: (-row.eligible, row.division))
    names = scene.ground.names
    more = len(spots) - MOST_SPOTS
    return Grid(
        "空白点",
        (
            Col("序号", 0.6, "center"),
            Col("村（社区）", 2.0),
            Col("镇（街道）", 1.4),
            Col("60岁以上（人）", 1.2, "right"),
            Col("最近助餐点（米）", 1.3, "right"),
        ),
        tuple(
            (
                str(number),
                row.name,
                names.get(row.town or row.division[:9], ""),
                count(row.eligible),
                NOTHING if row.nearest_m is None else f"{row.nearest_m:,.0f}",
            )
            for number, row in enumerate(spots[:MOST_SPOTS], 1)
        ),
        note=f"另有{more}个空白点，见系统的服务覆盖页。" if more > 0 else "",
        empty="没有空白点",
    )


def _candidates(scene: Scene) -> Grid:
    names = scene.ground.names
    return Grid(
        "候选点位",
        (
            Col("编号", 1.0),
            Col("点位", 2.2),
            Col("镇（街道）", 1.3),
            Col("新覆盖（人）", 1.1, "right"),
            Col("建设费用（元）", 1.2, "right"),
            Col("每万元新覆盖（人）", 1.4, "right"),
        ),
        tuple(
            (
                one.code,
                one.name,
                names.get(one.division[:9], ""),
                count(one.gain),
                NOTHING if one.cost_fen is None else f"{one.cost_fen // 100:,}",
                NOTHING if one.per_ten_thousand is None else whole(one.per_ten_thousand),
            )
            for one in scene.found.candidates
        ),
        note="新覆盖为只建这一处时服务半径内新增的60岁以上户籍老人。",
    )


def _charts(scene: Scene) -> Iterable[Block]:
    served = [(point.name, point.month.servings) for point in scene.ground.serving]
    served.sort(key=lambda pair: -pair[1])
    some = f"（最多的{MOST_BARS}个）" if len(served) > MOST_BARS else ""
    if any(number for _, number in served):
        yield _bars(f"{scene.ground.month.chinese}各助餐点就餐份数{some}", "份", served)
    points = sorted(scene.ground.serving, key=lambda point: -point.capacity)[:MOST_BARS]
    if points:
        yield Chart(
            f"各助餐点供餐能力和日均份数{some}",
            "pairs",
            "份",
            tuple(point.name for point in points),
            (
                ("每日供餐能力", tuple(float(point.capacity) for point in points)),
                ("日均份数", tuple(float(rounded(p.month.servings_day)) for p in points)),
            ),
        )


def _bars(caption: str, unit: str, items: Sequence[tuple[str, float]]) -> Chart:
    shown = items[:MOST_BARS]
    values = tuple(float(number) for _, number in shown)
    return Chart(caption, "bars", unit, tuple(name for name, _ in shown), ((unit, values),))


def _questions() -> Iterable[Block]:
    form = FORMS["D"]
    asked = [field for field in form.fields if field.code != OUTCOME]
    yield Grid(
        f"{form.name}（{len(asked)}题）",
        (Col("题号", 0.55, "center"), Col("问题", 2.85), Col("选项（□ 内打勾）", 5.2)),
        tuple(
            (
                str(number),
                f"{field.label}{MANY if field.kind == 'choices' else ''}",
                _answers(field),
            )
            for number, field in enumerate(asked, 1)
        ),
        note=form.intro,
    )


def _answers(field: Field) -> str:
    """The options with their boxes, packed into lines so that no box stands apart from its words."""
    if not field.options:
        return f"＿＿＿＿＿＿{field.unit or ('元' if field.kind == 'money' else '')}"
    lines = [""]
    for _, words in field.options:
        option = f"□{words}"
        if lines[-1] and len(lines[-1]) + len(option) + 1 > LINE_LETTERS:
            lines.append("")
        lines[-1] += ("　" if lines[-1] else "") + option
    return "\n".join(lines)


def _figures(sections: Sequence[Part], figures: Mapping[str, Figure]) -> Iterable[Block]:
    """What the text cites, in its order; then the sources of other places; then typed numbers."""
    texts = [
        (SECTIONS[part.code], block.text)
        for part in sections
        for block in part.blocks
        if isinstance(block, Para)
    ]
    codes = list(dict.fromkeys(code for _, text in texts for code in codes_in(text)))
    own = [figures[code] for code in codes if not code.startswith(ELSEWHERE)]
    yield Grid(
        "报告引用的指标",
        (
            Col("序号", 0.55, "center"),
            Col("指标和代码", 2.4),
            Col("数值", 2.1),
            Col("口径", 2.9),
            Col("时点和来源", 2.1),
        ),
        tuple(
            (
                str(place),
                f"{one.name}\n{one.code}",
                one.text,
                one.definition,
                f"{one.as_of}\n{one.source}",
            )
            for place, one in enumerate(own, 1)
        ),
        note="每个数字由系统按指标代码取得，在系统的报告页可以点开到所依据的记录。",
    )
    elsewhere = [figures[code] for code in codes if code.startswith(ELSEWHERE)]
    if elsewhere:
        yield Grid(
            f"外地经验的资料来源{CHECK}",
            (Col("地区和事项", 1.8), Col("年份", 0.9, "center"), Col("内容", 4), Col("来源", 2)),
            tuple((one.name, one.as_of, one.text, one.source) for one in elsewhere),
        )
    typed = [(title, number, text) for title, text in texts for number in typed_in(text)]
    if typed:
        yield Grid(
            "手填的数字",
            (Col("部分", 1.6), Col("数字", 1.0, "right"), Col("所在段落", 5)),
            tuple((title, number, _short(text)) for title, number, text in typed),
            note="手填的数字不与系统记录相连，由编写人负责。",
        )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}……"
