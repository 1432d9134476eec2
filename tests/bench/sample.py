"""How often a sample's stated bound holds, in the worst of the simulated kinds of months."""

from collections.abc import Iterator

from tests.bench.ground import Line
from tests.sampling import CONFIDENCE, REGIMES, SIZE, coverage

NAMES = {"mus": "按补贴金额", "stratified": "按助餐点分层"}


def lines(months: int) -> Iterator[Line]:
    for method in SIZE:
        held = {regime.name: coverage(regime, method, months)[0] for regime in REGIMES}
        worst = min(held, key=held.__getitem__)
        yield Line(
            f"抽样上限成立，{months:,} 个模拟月，{NAMES[method]}",
            f"{held[worst]:.1%}（最差：{worst}）",
            f"≥ {CONFIDENCE:.0%}",
            held[worst] >= CONFIDENCE,
        )
