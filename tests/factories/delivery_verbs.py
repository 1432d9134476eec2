"""The verbs of rounds and deliveries."""

from mealsvc.deliveries import rounds, services
from mealsvc.deliveries.models import DeliveryRound
from mealsvc.deliveries.rounds import Place
from mealsvc.deliveries.services import Handover
from tests.factories import deliveries as made
from tests.factories.deliveries import NOON, TODAY, the_point
from tests.factories.verb import BY, OTHER, Verb


def _booked() -> int:
    made.put_menu()
    return made.book(1, TODAY).id


def _shut_door() -> None:
    services.note_no_answer(_booked(), "N1", OTHER, NOON)


def _round() -> DeliveryRound:
    _booked()
    made.book(2, TODAY)
    return rounds.add_round(the_point(), "东线", "", OTHER)


def _planned() -> None:
    rounds.assign(_round(), the_point(), [1, 2], TODAY, OTHER)


def _one() -> DeliveryRound:
    return made.the_round()


DELIVERY_VERBS = {
    "deliveries.services.deliver": Verb(
        ("servings.record", "deliveries.delivered"),
        lambda: services.deliver(1, Handover("E1", "self"), BY, NOON),
        _booked,
    ),
    "deliveries.services.note_no_answer": Verb(
        ("deliveries.no_answer",), lambda: services.note_no_answer(1, "E1", BY, NOON), _booked
    ),
    "deliveries.services.note_call": Verb(
        ("deliveries.called",), lambda: services.note_call(1, "E1", "reached", BY, NOON), _shut_door
    ),
    "deliveries.services.note_report": Verb(
        ("deliveries.reported",),
        lambda: services.note_report(1, "E1", "village", BY, NOON),
        _shut_door,
    ),
    "deliveries.services.close_alert": Verb(
        ("deliveries.closed",),
        lambda: services.close_alert(1, "E1", "safe", "", BY, NOON),
        _shut_door,
    ),
    "deliveries.services.return_meal": Verb(
        ("deliveries.returned",), lambda: services.return_meal(1, "E1", BY, NOON), _booked
    ),
    "deliveries.services.reveal_phone": Verb(
        ("deliveries.phone",), lambda: services.reveal_phone(1, BY), _booked, reads=True
    ),
    "deliveries.services.note_cooking": Verb(
        ("deliveries.cooked",),
        lambda: services.note_cooking(the_point(), TODAY, "lunch", NOON, BY, NOON),
    ),
    "deliveries.rounds.add_round": Verb(
        ("deliveries.round",), lambda: rounds.add_round(the_point(), "东线", "", BY)
    ),
    "deliveries.rounds.change_round": Verb(
        ("deliveries.round",),
        lambda: rounds.change_round(_one(), "P01", "西线", "", True, BY),
        _round,
    ),
    "deliveries.rounds.put_stops": Verb(
        ("deliveries.order",),
        lambda: rounds.put_stops(_one(), "P01", [Place(2), Place(1)], BY),
        _planned,
    ),
    "deliveries.rounds.assign": Verb(
        ("deliveries.order",),
        lambda: rounds.assign(_one(), the_point(), [1, 2], TODAY, BY),
        _round,
    ),
}
