"""Refusals carry a code for machines and a sentence for people."""

from typing import ClassVar

import pytest

from mealsvc.kernel.refusals import Refusal


class PointNotOperating(Refusal):
    """助餐点{point}当天不营业，
    请选择其他助餐点。"""

    code = "point_not_operating"
    field: ClassVar[str | None] = "point"


def test_the_docstring_becomes_the_message_with_its_facts():
    refusal = PointNotOperating(point="WJ001", day=3)
    assert refusal.message == str(refusal) == "助餐点WJ001当天不营业，请选择其他助餐点。"
    assert (refusal.code, refusal.field) == ("point_not_operating", "point")
    assert refusal.facts == {"point": "WJ001", "day": 3}


def test_a_missing_fact_is_a_programming_error():
    with pytest.raises(KeyError):
        PointNotOperating()


def test_a_refusal_without_a_sentence_cannot_be_defined():
    with pytest.raises(TypeError):
        type("Silent", (Refusal,), {"code": "silent"})
