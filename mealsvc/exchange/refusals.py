"""Why a whole file is refused; single rows are rejected instead (see rejects.py)."""

from typing import ClassVar

from mealsvc.kernel.refusals import Refusal


class BadFile(Refusal):
    """{reason}"""

    code: ClassVar[str] = "bad_file"
    field: ClassVar[str | None] = "file"
