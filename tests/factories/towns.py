"""Two towns of one district and a bit of another: in each somebody whom the others must not see."""

import io
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from mealsvc.accounts.models import Account, Device
from mealsvc.accounts.services import add_device
from mealsvc.bookings import receiving
from mealsvc.bookings import services as bookings
from mealsvc.bookings.rules import Arrival
from mealsvc.deliveries import rounds
from mealsvc.exchange import services as imports
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.menus.filing import file_price
from mealsvc.menus.models import MenuItem
from mealsvc.menus.rules import Filed
from mealsvc.menus.services import put_item
from mealsvc.payments import grants
from mealsvc.places.services import point_by_code, put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.policies.services import draft_policy, import_policy
from mealsvc.residents import cards
from mealsvc.residents import services as residents
from mealsvc.residents.enrolment import Enrolment, enrol_batch
from mealsvc.residents.models import FactChange
from mealsvc.servings import uploads
from mealsvc.settlement import jobs
from mealsvc.settlement.corrections import find_corrections
from mealsvc.settlement.holding import hold_lines
from mealsvc.settlement.services import submit
from tests.factories import (
    batches,
    cases,
    closes,
    complaints,
    contacts,
    findings,
    inspected,
    inspections,
    leads,
    logs,
    papers,
    payments,
    plans,
    samples,
    simulations,
    surveys,
    tills,
    units,
    visits,
)
from tests.factories import grants as made
from tests.factories.policies import SAMPLE
from tests.factories.residents import number_of
from tests.factories.tills import SHELL
from tests.support import people

HUTANG, BESIDE, NIUTANG = "320412100001", "320412100002", "320412102001"
ABROAD = "320413100001"
DRAFTER = Actor("user", "drafter")


class Elder(NamedTuple):
    """One resident: what may be shown, what may not, and the point where she eats."""

    ref: str
    name: str
    masked: str
    serial: int
    home: str
    point: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no page shows without a reason: ID number, phone, the house, the card."""
        return number_of(self.serial).number, self.phone, self.house, self.card

    @property
    def card(self) -> str:
        return f"8800{self.serial}77"

    @property
    def phone(self) -> str:
        return f"1380000{self.serial}678"

    @property
    def house(self) -> str:
        return f"{self.serial}号302室"


NEAR = Elder("R000001", "诸葛明珠", "诸葛**", 101, HUTANG, "P01")
NEXT = Elder("R000002", "司徒建国", "司徒**", 102, BESIDE, "P02")
FAR = Elder("R000003", "欧阳秀英", "欧阳**", 103, NIUTANG, "P11")
AWAY = Elder("R000004", "上官云霞", "上官**", 104, ABROAD, "P99")
ELDERS = (NEAR, NEXT, FAR, AWAY)
SHOWN = uploads.Shown(900)
REJECTED = number_of(199).number[:-1] + "?"


def two_towns() -> dict[str, object]:
    """Points P01 and P02 in Hutang, P11 in Niutang, P99 in Jintan, an elder each with lunches in April (submitted
    months) and May, drafts, devices, accounts, an import; the numbers that addresses need.
    """
    now = clock.now()
    with writing():
        _places()
        import_policy(SAMPLE, SHELL, now)
        _drafts()
        enrol_batch([_enrolment(one) for one in ELDERS], SHELL, now, source="测试")
        category = residents.NewFact("category", "JS", clock.now().date(), None, "测试")
        fact = residents.add_fact(1, category, SHELL)
        digest = cards.cards_of(1)[0].digest.hex()
        people.account_of("leader@320412")
        add_device("P11", "spare", SHELL, now)
    lines = {}
    for one in ELDERS:
        for day in ("2024-04-08", "2024-05-06"):
            at = tills.LUNCH.replace(month=int(day[5:7]), day=int(day[8:]))
            key = f"{one.ref}-{day}"
            lines[key] = tills.serve(key, one.card, point=one.point, served_at=at).sequence
    sample = samples.drawn(point="P01").id
    with writing():
        submit(Month.parse("2024-04"), None, SHELL, now)
    with writing():
        order = tills.order("U1", NEAR.card, point="P01")
        uploads.note_conflict(order, uploads.REFUSED, "bad_price", SHOWN, None, SHELL, now)
    with writing():
        closes.close("P01", date(2024, 5, 5))
    hold, work = _review_begun(lines[f"{NEAR.ref}-2024-04-08"], now)
    booking, east = _delivery(local_date(now))
    item, price = _menu(now)
    job = _import()
    run = simulations.dearer(Month(2024, 4), Month(2024, 5))
    with writing():
        change = _late_fact()
    with writing():
        grant = _grant()
    money = payments.one_of_each(Month(2024, 4), "P01", lines[f"{NEAR.ref}-2024-04-08"], now)
    last = f"{NEAR.ref}-2024-05-06"
    paper = papers.issued(number="JS-2024-01-P01")
    case = inspected.case(photos=0, failed=1)
    followed = findings.one_of_each(now)
    return {
        **followed,
        "case_order": case["order"],
        "case_plan": case["plan"],
        "entry_id": _sample(now),
        "paper": paper.number,
        "check": paper.check_code,
        "account_id": db.session.scalars(select(Account.id)).one(),
        "device_id": db.session.scalars(select(Device.id)).one(),
        "booking_id": booking,
        "item_id": item,
        "price_id": price,
        "receipt_id": _lunches_of_the_others(local_date(now)),
        "round_id": east,
        "job_id": job,
        "run": run,
        "grant_id": grant,
        "change_id": change,
        "number": fact.id,
        "digest": digest,
        "sequence": lines[last],
        "hold_id": hold,
        "work_id": work,
        "reverses": last,
        "upload": "U1",
        **money,
        **units.one_of_each("P01"),
        "complaint_id": complaints.brought_to("assigned"),
        "sample_id": sample,
        "lead_id": leads.about(lines[last]),
        **cases.one_of_each(lines[f"{NEAR.ref}-2024-05-06"], now),
        **visits.one_of_each(now),
        "photo_id": _photo(),
        **batches.one_of_each(now, sample),
        **surveys.one_of_each(now, HUTANG, 1),
        **plans.one_of_each(HUTANG),
        **contacts.boundary(HUTANG),
    }


def _sample(now: datetime) -> int:
    """A food sample of P01 of 6 May 2024; its number."""
    with writing():
        return logs.old_sample(logs.the_point(), date(2024, 5, 6), now).id


def _photo() -> int:
    """A photo of a log of P01."""
    with writing():
        return inspections.log_photo()


def _places() -> None:
    for code, name, level in (
        ("320412", "武进区", "district"),
        (HUTANG[:9], "湖塘镇", "town"),
        (HUTANG, "丰乐社区", "community"),
        (BESIDE, "花园社区", "community"),
        (NIUTANG[:9], "牛塘镇", "town"),
        (NIUTANG, "青云社区", "community"),
        (ABROAD[:6], "金坛区", "district"),
        (ABROAD, "北新社区", "community"),
    ):
        put_division({"code": code, "name": name, "level": level}, SHELL)
    for one in ELDERS:
        kind = {"kind": "community_canteen", "division": one.home}
        where = {"lon": 119.95, "lat": 31.71}
        put_point({"code": one.point, "name": f"{one.point}助餐点", **kind, **where}, SHELL)


def _drafts() -> None:
    """One draft to approve, one to withdraw, each of a year when no other policy holds."""
    head = SAMPLE.replace(
        "effective_from = 2023-04-01", "effective_from = {0}-01-01\neffective_to = {0}-12-31"
    )
    for year in ("2021", "2022"):
        document = head.replace("TN-2022", f"D-{year}").replace("{0}", year)
        draft_policy(document, DRAFTER, clock.now())


def _enrolment(one: Elder) -> Enrolment:
    return Enrolment(
        number_of(one.serial),
        one.name,
        one.home,
        one.home,
        f"湖塘镇花园村{one.house}",
        one.phone,
        card_no=one.card,
    )


def _lunches_of_the_others(today: date) -> int:
    """Today's lunch of every other elder at her own point; the number of a receiving check at P01."""
    now = clock.now()
    with writing():
        for number, one in enumerate(ELDERS[1:], 2):
            point = point_by_code(one.point)
            assert point is not None
            lunch = bookings.Order(point, number, "lunch", "dine_in")
            bookings.book(lunch, today, SHELL, now, late=True)
        near = point_by_code("P01")
        assert near is not None
        hot = Arrival(30, 30, now, now, 655, True, True)
        return receiving.receive(receiving.Checking(near, today, "lunch", hot), SHELL, now).id


def _delivery(today: date) -> tuple[int, int]:
    """A lunch of NEAR's to be carried out today, on a round of P01: the booking and the round."""
    point = point_by_code("P01")
    assert point is not None
    now = clock.now()
    order = bookings.Order(point, 1, "lunch", "delivery")
    with writing():
        booking = bookings.book(order, today, SHELL, now - timedelta(days=1), late=True)
        east = rounds.add_round(point, "东线", "", SHELL)
        rounds.assign(east, point, [1], today, SHELL)
    return booking.id, east.id


def _review_begun(sequence: int, now: datetime) -> tuple[int, int]:
    """A held lunch of P01's April, and a job that was never begun: their numbers."""
    april, point = Month.parse("2024-04"), point_by_code("P01")
    assert point is not None
    with writing():
        held = hold_lines(april, point.id, [sequence], "not_eaten", "", SHELL, now)
        work = jobs.add_job("recheck", april, ["P01"], "", SHELL, now)
    return held[0].id, work.id


def _menu(now: datetime) -> tuple[int, int]:
    """A dish and a filed price of P01."""
    point = point_by_code("P01")
    assert point is not None
    dish = {"served_on": date(2024, 5, 6), "meal": "breakfast", "name": "白粥", "kind": "主食"}
    price = Filed("早餐", 500, 400, local_date(now))
    with writing():
        put_item(point.id, "P01", dish, SHELL, now)
        row = file_price(point, "breakfast", price, "测试", SHELL, now)
        return db.session.scalars(select(MenuItem.id)).one(), row.id


def _late_fact() -> int:
    """NEAR belongs to a category since April, which proposes to correct her lunches; its number."""
    fact = residents.NewFact("category", "TK", date(2024, 4, 1), None, "民政")
    residents.add_fact(1, fact, SHELL)
    assert find_corrections(SHELL, clock.now())
    return db.session.scalars(select(func.max(FactChange.id))).one()


def _grant() -> int:
    """A grant of P01 that was sent back to its point; inside `writing()`."""
    made.building_policy()
    grant = made.claimed()
    town = Actor("system", "镇")
    grants.send_back(made.stage(grant), "first_review", "决算不清", town, made.NOW)
    return grant.id


def _import() -> int:
    """A rehearsed import with a rejected row, which holds a number that is none."""
    text = f"身份证号,姓名,户籍区划\n{REJECTED},钱多多,{HUTANG}\n"
    file = FileStorage(io.BytesIO(text.encode()), "名册.csv")
    with writing():
        job = imports.add_upload("residents", file, SHELL, clock.now()).id
    imports.start(job, imports.CHECKING, SHELL)
    imports.wait()
    db.session.rollback()
    return job
