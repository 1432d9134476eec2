"""What else is known of a month's lines: denials, late facts, devices, what couriers noted."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select

from mealsvc.accounts.models import Device
from mealsvc.auditing.scanning.models import Denial
from mealsvc.auditing.scanning.rules.view import DELIVERY, Ints, Lines, day_number
from mealsvc.bookings.models import Booking
from mealsvc.deliveries.models import CookingTime, DeliveryEvent
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import EPOCH, db, micros
from mealsvc.plumbing.lookups import look_up
from mealsvc.servings.models import Serving, ServingKey, UploadConflict
from mealsvc.settlement.correction_models import Correction

OTHER_AMOUNT = "amount"  # a line that today would be subsidised otherwise
EIGHT_HOURS = 8 * 3600
AFTER = timedelta(days=3)  # so much later a courier's note may bear on a month's line


class Facts:
    """Read once for all points of the month; `sources` numbers devices and operators."""

    def __init__(self, month: Month, sources: dict[str, int]) -> None:
        self._month = month
        self._in_month = Serving.served_on.between(month.first_day, month.last_day)
        self._denied = self._denials()
        self._redecided = self._late_facts()
        self._devices = {
            number: device
            for device in db.session.scalars(select(Device))
            if (number := sources.get(device.name))
        }
        self._clocks = self._stated_clocks()
        self._notes = self._courier_notes()

    def of(self, code: str, lines: Lines) -> dict[str, Any]:
        """What concerns these lines of a point, as fields of its month."""
        return {
            "denied": frozenset(_inside(self._denied, lines)),
            "redecided": {one: self._redecided[one] for one in _inside(self._redecided, lines)},
            "foreign_devices": self._foreign(code, lines),
            "clocks": self._clock_errors(lines),
            "delivered": {one: self._notes[one] for one in _inside(self._notes, lines, DELIVERY)},
        }

    def _denials(self) -> dict[int, None]:
        rows = select(Denial.sequence).join(Serving, Serving.sequence == Denial.sequence)
        return dict.fromkeys(db.session.scalars(rows.where(self._in_month)))

    def _late_facts(self) -> dict[int, str]:
        rows = db.session.execute(
            select(Correction.sequence, Correction.after_reason)
            .join(Serving, Serving.sequence == Correction.sequence)
            .where(Correction.status == "proposed", self._in_month)
        )
        return {sequence: reason or OTHER_AMOUNT for sequence, reason in rows}

    def _foreign(self, code: str, lines: Lines) -> frozenset[int]:
        """Lines from a device of another point, or recorded after it was revoked."""
        found: list[int] = []
        for number in np.unique(lines.source).tolist():
            device = self._devices.get(number)
            if device is None:
                continue
            its = lines.source == number
            its = lines.sequence[lines.source == number].tolist()
            if device.point_code != code:
                found += its
            elif device.revoked_at is not None:
                found += _recorded_after(device.revoked_at, its)
        return frozenset(found)

    def _stated_clocks(self) -> dict[int, int]:
        """Of lines that came with a clock in doubt: how far it was off, in seconds."""
        rows = db.session.execute(
            select(ServingKey.sequence, UploadConflict.clock_offset_ms)
            .join(UploadConflict, UploadConflict.key == ServingKey.key)
            .where(
                UploadConflict.clock_offset_ms.is_not(None),
                UploadConflict.arrived_at >= _instant(self._month),
            )
        )
        return {sequence: (offset or 0) // 1000 for sequence, offset in rows}

    def _clock_errors(self, lines: Lines) -> dict[int, int]:
        """As stated for a line, or as its device reported that day."""
        errors = {one: self._clocks[one] for one in _inside(self._clocks, lines)}
        for number in np.unique(lines.source).tolist():
            device = self._devices.get(number)
            if device is None or device.reported_at is None or not device.clock_offset_ms:
                continue
            its = (lines.source == number) & (
                lines.day == day_number(local_date(device.reported_at))
            )
            offset = device.clock_offset_ms // 1000
            errors = dict.fromkeys(lines.sequence[its].tolist(), offset) | errors
        return errors

    def _courier_notes(self) -> dict[int, dict[str, Any]]:
        """Of delivered meals: day and second, signed or not, who took it, minutes since cooking."""
        begun = _instant(self._month)
        ended = _instant(self._month.next) + AFTER
        cooked = {
            (row.point_id, row.served_on, row.meal): row.cooked_at
            for row in db.session.scalars(
                select(CookingTime)
                .where(CookingTime.served_on.between(self._month.first_day, self._month.last_day))
                .order_by(CookingTime.id)
            )
        }
        rows = db.session.execute(
            select(
                DeliveryEvent.sequence,
                DeliveryEvent.at,
                DeliveryEvent.signature.is_not(None).label("signed"),
                DeliveryEvent.receiver,
                DeliveryEvent.temperature,
                Booking.point_id,
                Booking.served_on,
                Booking.meal,
            )
            .join(Booking, Booking.id == DeliveryEvent.booking_id)
            .where(DeliveryEvent.kind == "delivered", DeliveryEvent.at.between(begun, ended))
        )
        return {row.sequence: _noted(row, cooked) for row in rows}


def _noted(row: Any, cooked: dict[Any, Any]) -> dict[str, Any]:
    local = row.at.astimezone(LOCAL)
    ready = cooked.get((row.point_id, row.served_on, row.meal))
    return {
        "day": day_number(local.date()),
        "second": local.hour * 3600 + local.minute * 60 + local.second,
        "signed": bool(row.signed),
        "receiver": bool(row.receiver),
        "temperature": row.temperature,
        "minutes": None if ready is None else int((row.at - ready).total_seconds() // 60),
    }


def _inside(known: dict[int, Any], lines: Lines, mode: int | None = None) -> list[int]:
    """Those of these lines about which something is known."""
    if not known:
        return []
    wanted = np.fromiter(known, np.int64, len(known))
    its: Ints = lines.sequence if mode is None else lines.sequence[lines.mode == mode]
    return its[np.isin(its, wanted)].tolist()


def _recorded_after(at: datetime, sequences: list[int]) -> list[int]:
    statement = (
        f"SELECT sequence FROM serving WHERE recorded_at > {micros(at)} AND sequence IN ({{these}})"
    )
    return [sequence for (sequence,) in look_up(db.session.connection(), statement, sequences)]


def _instant(month: Month) -> Any:
    return EPOCH + timedelta(days=day_number(month.first_day), seconds=-EIGHT_HOURS)
