"""What the commands of the rooms share: how a month is typed, and what the console hands them."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

import click

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month


class Shell(Protocol):
    """What the console command hands to the commands of a room, as click's `obj`."""

    def application(self) -> AbstractContextManager[Any]: ...

    def by_command(self) -> Actor: ...

    def show_progress(self, what: str, done: int, total: int) -> None: ...

    def bare_application(self, **settings: Any) -> AbstractContextManager[Any]: ...

    def migrate(self, revision: str, connection: Any = None) -> None: ...

    def knows_revision(self, revision: str) -> bool: ...


class MonthType(click.ParamType):
    """A month such as 2024-05."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: Any, ctx: Any) -> Month:
        try:
            return Month.parse(value)
        except ValueError:
            self.fail(f"“{value}”不是月份，请写成 2024-05 的样子。", param, ctx)


MONTH = MonthType()
