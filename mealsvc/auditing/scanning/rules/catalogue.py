"""The rules of a scan, one line each: code of the catalogue, name, function."""

from collections.abc import Callable, Iterator

from mealsvc.auditing.scanning.rules import (
    beats,
    bursts,
    clock,
    crowds,
    delivery,
    departures,
    displaced,
    evidence,
    hours,
    kept,
    manual,
    order,
    pace,
    people,
    places,
    prices,
    purchases,
    restless,
    volume,
)
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
    ("A06", "天天来却没有定时", restless.restless),
    ("A07", "名单重放", order.replay),
    ("A07", "按原节奏重放", pace.same_pace),
    ("A07", "时刻反常却照名单次序", displaced.out_of_place),
    ("A08", "不在供餐时段", hours.off_hours),
    ("A09", "手工登记偏多", manual.by_hand),
    ("A12", "天天不缺", kept.every_day),
    ("A24", "时钟或补传异常", clock.clock_off),
    ("A01", "去世迁出后就餐", departures.gone),
    ("A02", "按现有资料不符合待遇", departures.not_entitled),
    ("A03", "同餐次重复补贴", departures.twice),
    ("A04", "设备不属本点", departures.foreign_device),
    ("A10", "超过供餐能力", volume.over_capacity),
    ("A10", "份数突增", volume.surges),
    ("A11", "过于平稳", volume.too_even),
    ("A13", "住机构期间享受补贴", departures.in_institution),
    ("A14", "补贴吃掉全价", prices.swallowed),
    ("A14", "补贴餐比自费贵", prices.dearer_for_elders),
    ("A15", "补贴前提价", prices.lifted),
    ("A16", "用料不够份数", purchases.unbought),
    ("A16", "部分日子用料不足", purchases.short_days),
    ("A16", "停采期间供餐", purchases.idle_kitchen),
    ("A17", "有餐无食品安全记录", evidence.unlogged),
    ("A18", "收款与系统不符", evidence.drawer),
    ("A19", "一个电话多位老人", people.shared_phones),
    ("A20", "集中新登记", people.newcomers),
    ("A21", "送餐无签收", delivery.unproven),
    ("A21", "送餐时段异常", delivery.at_odd_hours),
    ("A22", "工作人员享受补贴", people.staff_meals),
    ("A26", "少来的老人成批出现", crowds.crowds),
    ("A27", "本人否认就餐", evidence.denied),
    ("A28", "现场清点不符", evidence.headcount),
)

DistrictRule = Callable[[District, Limits], Iterator[Anomaly]]
DISTRICT_RULES: tuple[tuple[str, str, DistrictRule], ...] = (
    ("A05", "两点就餐时间冲突", places.two_points),
    ("A25", "疑似重复建档", people.duplicates),
)
