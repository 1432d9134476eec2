"""Two towns of one district and a bit of another: in each somebody whom the others must not see."""

import io
from typing import NamedTuple

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from mealsvc.accounts.models import Account, Device
from mealsvc.accounts.services import add_device
from mealsvc.exchange import services as imports
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.policies.services import draft_policy, import_policy
from mealsvc.residents import cards
from mealsvc.residents import services as residents
from mealsvc.residents.enrolment import Enrolment, enrol_batch
from mealsvc.settlement.services import submit
from tests.factories import tills
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
    with writing():
        submit(Month.parse("2024-04"), None, SHELL, now)
    job = _import()
    last = f"{NEAR.ref}-2024-05-06"
    return {
        "account_id": db.session.scalars(select(Account.id)).one(),
        "device_id": db.session.scalars(select(Device.id)).one(),
        "job_id": job,
        "number": fact.id,
        "digest": digest,
        "sequence": lines[last],
        "reverses": last,
    }


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
        put_point({"code": one.point, "name": f"{one.point}助餐点", **kind}, SHELL)


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
