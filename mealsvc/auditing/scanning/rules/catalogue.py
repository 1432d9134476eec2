"""The rules of a scan, one line each: code of the catalogue, name, function."""

from collections.abc import Callable, Iterator

from mealsvc.auditing.scanning.rules import beats, bursts, clock, hours, kept, manual, order
from mealsvc.auditing.scanning.rules.district import District
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.view import Anomaly, PointMonth

PointRule = Callable[[PointMonth, Limits], Iterator[Anomaly]]

# rules of one point's month; a code may have several
RULES: tuple[tuple[str, str, PointRule], ...] = (
    ("A06", "短时间集中登记", bursts.bursts),
    ("A06", "间隔过于均匀", beats.metronome),
    ("A06", "到点时刻过于准确", bursts.punctual),
    ("A06", "成批代刷", kept.kept_cards),
    ("A07", "名单重放", order.replay),
    ("A08", "不在供餐时段", hours.off_hours),
    ("A09", "手工登记偏多", manual.by_hand),
    ("A12", "天天不缺", kept.every_day),
    ("A24", "时钟或补传异常", clock.clock_off),
)

DistrictRule = Callable[[District, Limits], Iterator[Anomaly]]
DISTRICT_RULES: tuple[tuple[str, str, DistrictRule], ...] = ()
