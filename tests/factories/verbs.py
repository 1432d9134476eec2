"""Every verb of every room once: what it is called with, and the trail rows that it must leave.

A new verb (a public function with a parameter `by: Actor`) has to be added here.
"""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from werkzeug.datastructures import FileStorage

from mealsvc.accounts import services as accounts
from mealsvc.accounts import sessions
from mealsvc.bookings import receiving
from mealsvc.bookings import services as bookings
from mealsvc.bookings.models import Booking
from mealsvc.exchange import exports, importing
from mealsvc.exchange import services as exchange
from mealsvc.exchange.models import ImportJob
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.kernel.resident_id import normalise
from mealsvc.papers import services as papers
from mealsvc.places import services as places
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writer
from mealsvc.policies import services as policies
from mealsvc.reports import meal_cards
from mealsvc.reports import services as reports
from mealsvc.reports.services import Printing
from mealsvc.residents import cards, departures, enrolment
from mealsvc.residents import services as residents
from mealsvc.residents.card_holders import Wanted
from mealsvc.servings import services as servings
from mealsvc.servings import taking_back, uploads
from mealsvc.servings.desk import Desk
from mealsvc.settings import calendar
from mealsvc.settings import services as settings
from mealsvc.settings.models import CalendarDay
from mealsvc.settings.values import DEFAULTS
from mealsvc.settlement import budget_lines
from mealsvc.settlement import services as settlement
from tests.factories import bookings as ordered
from tests.factories import papers as issued
from tests.factories import tills
from tests.factories.audit_verbs import AUDIT_VERBS
from tests.factories.claim_verbs import CLAIM_VERBS
from tests.factories.complaint_verbs import COMPLAINT_VERBS
from tests.factories.correction_verbs import CORRECTION_VERBS
from tests.factories.delivery_verbs import DELIVERY_VERBS
from tests.factories.finding_verbs import FINDING_VERBS
from tests.factories.grant_verbs import GRANT_VERBS
from tests.factories.inspection_verbs import INSPECTION_VERBS
from tests.factories.keeping_verbs import KEEPING_VERBS
from tests.factories.log_verbs import LOG_VERBS
from tests.factories.menu_verbs import MENU_VERBS
from tests.factories.payment_verbs import PAYMENT_VERBS
from tests.factories.policies import SAMPLE
from tests.factories.reach_verbs import REACH_VERBS
from tests.factories.review_verbs import REVIEW_VERBS
from tests.factories.unit_verbs import UNIT_VERBS
from tests.factories.verb import BY, OTHER, Verb
from tests.factories.visit_verbs import VISIT_VERBS

MAY, DAY = Month(2024, 5), date(2024, 5, 6)
LATER = SAMPLE.replace("TN-2022", "TN-2025").replace("2023-04-01", "2025-01-01")
ENDED = SAMPLE.replace("2023-04-01", "2023-04-01\neffective_to = 2024-12-31")
WHO = {"login": "zhang-san", "role": "operator", "scope": "P01", "name": "张三"}


def _now() -> Any:
    return clock.now()


def _paper() -> papers.Draft:
    return papers.draft(issued.matter(), issued.drawing)


def _enrolment(name: str = "赵新民", serial: str = "009", card: str = "C009") -> Any:
    return tills.enrolment(name, "19500202", serial, card)


def _point() -> Any:
    return places.point_by_code("P01")


def _user() -> Any:
    made = accounts.Credentials("x", "not a hash")
    return accounts.add_user(*WHO.values(), OTHER, _now(), credentials=made)


def _change_password() -> None:
    account = accounts.find_user(WHO["login"])
    new = accounts.NewPassword("a new hash", account.password_hash)
    accounts.change_password(account.id, new, BY, _now())


def _unlock_after_failures() -> None:
    _user()
    attempt = sessions.Attempt(WHO["login"], "192.0.2.9", None, None, False)
    sessions.sign_in(attempt, _now())


def _disabled() -> None:
    _user()
    accounts.disable_user(WHO["login"], OTHER, _now())


def _signed_in() -> str:
    _user()
    return sessions.open_session(accounts.find_user(WHO["login"]).id, 1, _now())


def _fact() -> Any:
    new = residents.NewFact("category", "TK", date(2024, 1, 1), None, "测试")
    return residents.add_fact(1, new, OTHER)


def _departure() -> departures.Departure:
    number = normalise(tills.ID_NUMBERS["张国丰"])
    return departures.Departure(number, "moved_out", DAY, None, "测试")


def _card(number: str = "C001") -> bytes:
    return enrolment.card_digest(vault(), number)


def _served(key: str = "K1") -> Any:
    return servings.record_serving(writer(), tills.order(key), OTHER, _now())


def _noted(outcome: str, by: Actor = OTHER) -> Any:
    shown = uploads.Shown(900)
    return uploads.note_conflict(tills.order("K1"), outcome, "", shown, None, by, tills.LUNCH)


def _reverse(key: str, by: Actor) -> Any:
    return servings.reverse_serving(writer(), key, "K1", "登记错误", None, by, _now())


def _upload() -> ImportJob:
    file = FileStorage(io.BytesIO(b"code,name,level\n"), "divisions.csv")
    return exchange.add_upload("divisions", file, OTHER, _now())


def _newest_job() -> ImportJob:
    return db.session.scalars(exchange.jobs()).all()[0]


def _checked_upload() -> None:
    _upload().state = exchange.CHECKED


def _started() -> None:
    exchange.start(_newest_job().id, exchange.RUNNING, BY)
    exchange.wait()


def _stopped() -> None:
    job = _newest_job()
    hold = exchange.Files(job.stored).begin()
    assert hold is not None
    with hold:
        exchange.ask_to_stop(job, BY)


def _reversed_facts(verb: Callable[..., Any], *arguments: Any) -> None:
    """A verb over the resident's newest fact."""
    verb(1, residents.facts_of(1)[0].id, *arguments, BY)


def _booking() -> Booking:
    return db.session.scalars(select(Booking)).one()


def _missing_default() -> None:
    found = db.session.get(settings.Setting, (DEFAULTS[0].key, DEFAULTS[0].effective_from))
    db.session.delete(found)
    db.session.flush()


DIVISIONS = "code,name,level\n320412200,牛塘镇,town\n".encode()

VERBS: dict[str, Verb] = {
    **AUDIT_VERBS,
    **CLAIM_VERBS,
    **MENU_VERBS,
    **LOG_VERBS,
    **DELIVERY_VERBS,
    **CORRECTION_VERBS,
    "accounts.services.add_user": Verb(
        ("accounts.add",),
        lambda: accounts.add_user(
            *WHO.values(), BY, _now(), credentials=accounts.Credentials("x", "hash")
        ),
    ),
    "accounts.services.reset_user": Verb(
        ("accounts.reset",),
        lambda: accounts.reset_user(
            WHO["login"], BY, _now(), credentials=accounts.Credentials("x", "hash")
        ),
        _user,
    ),
    "accounts.services.disable_user": Verb(
        ("accounts.disable",), lambda: accounts.disable_user(WHO["login"], BY, _now()), _user
    ),
    "accounts.services.enable_user": Verb(
        ("accounts.enable",), lambda: accounts.enable_user(WHO["login"], BY), _disabled
    ),
    "accounts.services.unlock_user": Verb(
        ("accounts.unlock",), lambda: accounts.unlock_user(WHO["login"], BY), _unlock_after_failures
    ),
    "accounts.services.assign_role": Verb(
        ("accounts.assign",),
        lambda: accounts.assign_role(WHO["login"], "manager", "P02", BY),
        _user,
    ),
    "accounts.services.change_password": Verb(
        ("accounts.change_password",), _change_password, _user
    ),
    "accounts.services.add_device": Verb(
        ("devices.add",), lambda: accounts.add_device("P01", "till", BY, _now())
    ),
    "accounts.services.revoke_device": Verb(
        ("devices.revoke",),
        lambda: accounts.revoke_device("till", BY, _now()),
        lambda: accounts.add_device("P01", "till", OTHER, _now()),
    ),
    "accounts.sessions.sign_out": Verb(
        ("accounts.sign_out",), lambda: sessions.sign_out(_signed_in(), BY)
    ),
    "bookings.services.book": Verb(
        ("bookings.book",),
        lambda: bookings.book(ordered.order(), ordered.DAY, BY, ordered.EARLY),
    ),
    "bookings.services.book_series": Verb(
        ("bookings.book", "bookings.book"),
        lambda: bookings.book_series(
            ordered.order(), [ordered.DAY, date(2024, 5, 9)], BY, ordered.EARLY
        ),
    ),
    "bookings.services.cancel": Verb(
        ("bookings.cancel",),
        lambda: bookings.cancel(_booking(), "订错了", BY, ordered.EARLY),
        ordered.book,
    ),
    "bookings.receiving.send": Verb(
        ("bookings.send",),
        lambda: receiving.send(ordered.sending(), BY, ordered.NOW),
        ordered.supplied_points,
    ),
    "bookings.receiving.receive": Verb(
        ("bookings.receive",),
        lambda: receiving.receive(ordered.checking(), BY, ordered.NOW),
        ordered.supplied_points,
    ),
    "exchange.exports.export_table": Verb(
        ("exchange.export",),
        lambda: exports.export_table("residents", None, io.BytesIO(), "csv", BY),
        alone=True,
        reads=True,
    ),
    "exchange.importing.import_file": Verb(
        ("places.division",),
        lambda: importing.import_file("divisions", io.BytesIO(DIVISIONS), BY),
        alone=True,
    ),
    "exchange.services.add_upload": Verb(
        ("exchange.upload",),
        lambda: exchange.add_upload(
            "divisions", FileStorage(io.BytesIO(DIVISIONS), "d.csv"), BY, _now()
        ),
    ),
    "exchange.services.start": Verb(("exchange.import",), _started, _checked_upload, alone=True),
    "exchange.services.ask_to_stop": Verb(("exchange.stop",), _stopped, _upload, reads=True),
    "exchange.services.discard": Verb(
        ("exchange.discard",), lambda: exchange.discard(_newest_job(), BY), _checked_upload
    ),
    "exchange.services.note_rejects_taken": Verb(
        ("exchange.rejects",),
        lambda: exchange.note_rejects_taken(_newest_job(), BY),
        _upload,
        reads=True,
    ),
    "places.services.put_division": Verb(
        ("places.division",),
        lambda: places.put_division({"code": "320412200", "name": "牛塘镇", "level": "town"}, BY),
    ),
    "places.services.put_candidate": Verb(
        ("places.candidate",),
        lambda: places.put_candidate(
            {"code": "C07", "name": "备选", "lon": 119.9, "lat": 31.7}, BY
        ),
    ),
    "places.services.put_point": Verb(
        ("places.operator", "places.point"),
        lambda: places.put_point(
            {
                "code": "P09",
                "name": "新点",
                "kind": "community_canteen",
                "division": tills.COMMUNITY,
                "operator": "某餐饮公司",
            },
            BY,
        ),
    ),
    "places.services.suspend_point": Verb(
        ("places.suspend",), lambda: places.suspend_point(_point(), DAY, "装修", BY)
    ),
    "places.services.resume_point": Verb(
        ("places.resume",),
        lambda: places.resume_point(_point(), date(2024, 5, 9), BY),
        lambda: places.suspend_point(_point(), DAY, "装修", OTHER),
    ),
    "policies.services.import_policy": Verb(
        ("policies.approve",),
        lambda: policies.import_policy(LATER, BY, _now()),
        lambda: policies.end_policy("TN-2022", date(2024, 12, 31), None, OTHER),
    ),
    "policies.services.draft_policy": Verb(
        ("policies.draft",),
        lambda: policies.draft_policy(LATER, BY, _now()),
        lambda: policies.end_policy("TN-2022", date(2024, 12, 31), None, OTHER),
    ),
    "policies.services.approve_policy": Verb(
        ("policies.approve",),
        lambda: policies.approve_policy("TN-2025", BY, _now()),
        lambda: (
            policies.end_policy("TN-2022", date(2024, 12, 31), None, OTHER),
            policies.draft_policy(LATER, OTHER, _now()),
        ),
    ),
    "policies.services.withdraw_draft": Verb(
        ("policies.withdraw",),
        lambda: policies.withdraw_draft("TN-2025", BY),
        lambda: (
            policies.end_policy("TN-2022", date(2024, 12, 31), None, OTHER),
            policies.draft_policy(LATER, OTHER, _now()),
        ),
    ),
    "policies.services.end_policy": Verb(
        ("policies.end",), lambda: policies.end_policy("TN-2022", date(2024, 12, 31), None, BY)
    ),
    "reports.meal_cards.print_cards": Verb(
        ("reports.print",),
        lambda: meal_cards.print_cards(Wanted(), "", BY, _now()),
        alone=True,
        reads=True,
    ),
    "papers.services.issue": Verb(("papers.issue",), lambda: papers.issue(_paper(), BY, _now())),
    "reports.services.hand_over": Verb(
        ("reports.print",),
        lambda: reports.hand_over(Printing("settlement", MAY, "P01", preview=b""), BY, _now()),
        reads=True,
    ),
    "reports.services.note_printing": Verb(
        ("reports.print",), lambda: reports.note_printing("settlement", MAY, "P01", BY), reads=True
    ),
    "residents.cards.issue_card": Verb(
        ("cards.issue",),
        lambda: cards.issue_card(1, "C100", BY, _now()),
        lambda: cards.stop_card(1, _card(), OTHER, _now()),
    ),
    "residents.cards.issue_new_numbers": Verb(
        ("cards.issue",),
        lambda: cards.issue_new_numbers([1], BY, _now()),
        lambda: cards.stop_card(1, _card(), OTHER, _now()),
    ),
    "residents.cards.replace_card": Verb(
        ("cards.replace",), lambda: cards.replace_card(1, "C100", BY, _now())
    ),
    "residents.cards.report_lost": Verb(
        ("cards.report_lost",), lambda: cards.report_lost(1, _card(), BY, _now())
    ),
    "residents.cards.found_card": Verb(
        ("cards.found",),
        lambda: cards.found_card(1, _card(), BY, _now()),
        lambda: cards.report_lost(1, _card(), OTHER, _now()),
    ),
    "residents.cards.stop_card": Verb(
        ("cards.stop",), lambda: cards.stop_card(1, _card(), BY, _now())
    ),
    "residents.departures.record_departure_batch": Verb(
        ("residents.depart",), lambda: departures.record_departure_batch([_departure()], BY, _now())
    ),
    "residents.enrolment.enrol_batch": Verb(
        ("residents.register", "residents.register"),
        lambda: enrolment.enrol_batch(
            [_enrolment(), _enrolment("钱新民", "011", "C011")], BY, _now(), source="测试"
        ),
    ),
    "residents.services.register": Verb(
        ("residents.register",), lambda: residents.register(_enrolment(), BY, _now(), source="测试")
    ),
    "residents.services.correct": Verb(
        ("residents.correct",),
        lambda: residents.correct(
            tills.enrolment("张国峰", "19520301", "001", "C001"), BY, _now(), source="测试"
        ),
    ),
    "residents.services.correct_id_number": Verb(
        ("residents.correct_id",),
        lambda: residents.correct_id_number(
            1, normalise(tills.id_number("19520302", "001")), BY, _now(), reason="录入有误"
        ),
    ),
    "residents.services.add_fact": Verb(
        ("residents.add_fact",),
        lambda: residents.add_fact(
            1, residents.NewFact("category", "DB", date(2024, 1, 1), None, "测试"), BY
        ),
    ),
    "residents.services.end_fact": Verb(
        ("residents.end_fact",),
        lambda: _reversed_facts(residents.end_fact, date(2024, 6, 1)),
        _fact,
    ),
    "residents.services.withdraw_fact": Verb(
        ("residents.withdraw_fact",),
        lambda: _reversed_facts(residents.withdraw_fact, "录入有误"),
        _fact,
    ),
    "residents.services.reveal": Verb(
        ("residents.reveal",), lambda: residents.reveal(1, "id_number", "核对身份", BY), reads=True
    ),
    **KEEPING_VERBS,
    **GRANT_VERBS,
    **PAYMENT_VERBS,
    **REACH_VERBS,
    **REVIEW_VERBS,
    **UNIT_VERBS,
    **FINDING_VERBS,
    **VISIT_VERBS,
    **INSPECTION_VERBS,
    **COMPLAINT_VERBS,
    "servings.services.record_serving": Verb(
        ("servings.record",),
        lambda: servings.record_serving(writer(), tills.order("K1"), BY, _now()),
    ),
    "servings.services.reverse_serving": Verb(
        ("servings.reverse",), lambda: _reverse("R1", BY), _served
    ),
    "servings.services.freeze_month": Verb(
        ("servings.freeze",), lambda: servings.freeze_month(1, "P01", 202405, BY)
    ),
    "servings.taking_back.take_back": Verb(
        ("servings.reverse",),
        lambda: taking_back.take_back(writer(), "R1", "K1", "登记错误", False, BY, _now()),
        _served,
    ),
    "servings.uploads.note_conflict": Verb(("conflicts.note",), lambda: _noted("refused", BY)),
    "servings.uploads.settle_conflict": Verb(
        ("servings.record", "conflicts.settle"),
        lambda: uploads.settle_conflict(
            writer(), uploads.conflict_of("K1"), uploads.RECORD, DAY, "", BY, _now()
        ),
        lambda: _noted("clock"),
    ),
    "servings.uploads.take_back_unrecorded": Verb(
        ("conflicts.settle",),
        lambda: uploads.take_back_unrecorded("K1", "P01", "登错人", BY, _now()),
        lambda: _noted("refused"),
    ),
    "servings.desk.Desk.record": Verb(
        ("servings.record", "servings.record"),
        lambda: Desk().record(writer(), [tills.order("K1"), tills.order("K2")], BY, _now()),
    ),
    "settings.services.put_defaults": Verb(
        ("settings.defaults",), lambda: settings.put_defaults(BY), _missing_default
    ),
    "settings.calendar.seed_calendar": Verb(
        ("settings.calendar_seed",),
        lambda: calendar.seed_calendar(BY),
        lambda: db.session.execute(delete(CalendarDay)),
    ),
    "settings.calendar.set_day": Verb(
        ("settings.calendar_day",),
        lambda: calendar.set_day(
            date(2099, 5, 1), False, "劳动节", "通知", BY, today=date(2026, 1, 1)
        ),
    ),
    "settings.services.change_setting": Verb(
        ("settings.change",),
        lambda: settings.change_setting(
            "serving.price_limit_fen", "15000", "测试", date(2099, 1, 1), True, BY, date(2026, 1, 1)
        ),
    ),
    "settlement.services.submit": Verb(
        ("servings.freeze", "settlement.submit"),
        lambda: settlement.submit(MAY, None, BY, _now()),
        _served,
    ),
    "settlement.budget_lines.put_budget": Verb(
        ("budget.write",), lambda: budget_lines.put_budget(2024, "district", 1_000_000, BY)
    ),
}
