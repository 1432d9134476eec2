"""`SealedText`: a column whose text is sealed at rest and read as if it were plain."""

from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator

from mealsvc.plumbing.crypto import vault


class SealedText(TypeDecorator[str]):
    """Text under the vault's key. Equal texts differ at rest: nothing can be looked up by it."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        return None if value is None else vault().seal(value)

    def process_result_value(self, value: bytes | None, dialect: Any) -> str | None:
        return None if value is None else vault().open(bytes(value))
