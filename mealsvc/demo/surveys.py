"""The demo's survey of May 2024: most of it accepted, the rest at every desk, one sheet returned."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import select

from mealsvc.demo import district, history
from mealsvc.demo.survey_answers import answers
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.plumbing.db import db, writing
from mealsvc.survey.rounds import batch, intake, rules, services
from mealsvc.survey.rounds.batch import Filled
from mealsvc.survey.rounds.known import known_of
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet
from mealsvc.survey.sampling import services as sampling

SEED = "演示-福彩2024062"
TITLE = "2024年5月助餐服务摸排"
NOTE = "（演示）请如实填写，数字要有出处；和系统不一样的写明原因。"
OPENED, FILLED, CHECKED, SEEN, TAKEN = 12, 8, 7, 5, 3  # so many days before today
LEFT = timedelta(days=3)
VILLAGE, MANAGER, TOWN, DISTRICT = (
    Actor("system", f"演示{who}") for who in ("村社区经办", "店长", "镇街审核", "区业务管理")
)
FILLERS = {"A": VILLAGE, "B": MANAGER, "C": VILLAGE, "D": VILLAGE, "E": TOWN}
REVIEWERS = {rules.VILLAGE: VILLAGE, rules.TOWN: TOWN, rules.ACCEPT: DISTRICT}
HOME = "320412100001"  # where the demo's community account is at home
LATE_TOWN = "320412120"  # has not written down its meeting yet
EVERY = {rules.VILLAGE: 61, rules.TOWN: 23, rules.ACCEPT: 19}  # each such sheet waits at the desk
STAYING = {("A", HOME): rules.TOWN, ("B", "WJ010"): rules.TOWN, ("E", "320412411"): rules.ACCEPT}
UNASKED = 0.17  # of the persons drawn
REMARK = "（演示）按村里登记簿和上门情况填写，名册还在补登记。"
RETURNED = ("A17", "（演示）独居人数和上次相差较多，请逐户核对后再报。")


def put_surveys(by: Actor, now: datetime) -> None:
    """Opens its own transactions; after people, points and servings are there."""
    random = Random(SEED)
    row = _opened(now - timedelta(days=OPENED), local_date(now))
    at = now - timedelta(days=FILLED)
    first = _issued(row)
    _fill(row, [one for one in first if not _waits(one, random)], random, at)
    with writing():
        sampling.call_reserve(row, DISTRICT, at)
    reserve = _issued(row)[len(first) :]
    _fill(row, reserve, random, at)
    _review(row, [*first, *reserve], now)
    _send_back(row, first, now)


def _opened(at: datetime, today: date) -> SurveyRound:
    due_on = today + LEFT
    order = services.Order(
        TITLE,
        district.DISTRICT,
        history.LAST,
        due_on=due_on,
        due={"E": today - timedelta(days=1)},
        note=NOTE,
    )
    with writing():
        row = services.open_round(order, DISTRICT, at)
    drawing = sampling.look(row, SEED)
    with writing():
        sampling.keep(row, drawing, DISTRICT, at)
    return row


def _waits(sheet: SurveySheet, random: Random) -> bool:
    """Whether nobody has filled this one yet."""
    if sheet.form == "D":
        return random.random() < UNASKED
    return (sheet.form, sheet.unit) in {("C", HOME), ("E", LATE_TOWN)}


def _issued(row: SurveyRound) -> Sequence[SurveySheet]:
    rows = select(SurveySheet).where(SurveySheet.round_id == row.id)
    return db.session.scalars(rows.order_by(SurveySheet.id)).all()


def _fill(row: SurveyRound, sheets: Sequence[SurveySheet], random: Random, at: datetime) -> None:
    """With a reason wherever an answer disagrees with the register."""
    known = known_of(sheets, row.as_of)
    tolerance = intake.tolerance_on(row.as_of)
    filled = []
    for sheet in sheets:
        given = answers(sheet.form, sheet, known[sheet.id], random)
        doubts = intake.doubts_of(sheet.form, given, known[sheet.id], tolerance)
        filled.append(Filled(sheet, given, dict.fromkeys(doubts, REMARK)))
    with writing():
        for form, by in FILLERS.items():
            own = [one for one in filled if one.sheet.form == form]
            batch.fill_batch(row, own, "paper" if form == "D" else "web", by, at)


def _review(row: SurveyRound, sheets: Sequence[SurveySheet], now: datetime) -> None:
    """Village, town and district in turn; some stay behind at each desk."""
    for act, days in ((rules.VILLAGE, CHECKED), (rules.TOWN, SEEN), (rules.ACCEPT, TAKEN)):
        turn = [one for one in sheets if rules.is_turn(one.form, one.state, act)]
        goes = [one for place, one in enumerate(turn) if not _stays(act, place, one)]
        with writing():
            batch.review_batch(row, goes, act, REVIEWERS[act], now - timedelta(days=days))


def _stays(act: str, place: int, sheet: SurveySheet) -> bool:
    by_turn = sheet.form in "ACD" and place % EVERY[act] == 3
    return by_turn or STAYING.get((sheet.form, sheet.unit)) == act


def _send_back(row: SurveyRound, sheets: Sequence[SurveySheet], now: datetime) -> None:
    sheet = next(one for one in sheets if (one.form, one.unit) == ("A", HOME))
    code, why = RETURNED
    with writing():
        at = now - timedelta(days=SEEN)
        services.send_back(sheet, row, "", {code: why}, TOWN, at)
