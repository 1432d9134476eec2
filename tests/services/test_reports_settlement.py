"""The settlement sheet: the ledger's figures, signable, and the same for ever once submitted."""

import pytest

from mealsvc.kernel.money import capitals
from mealsvc.kernel.months import Month
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.pages import fen
from mealsvc.policies.services import import_policy
from mealsvc.reports import services as reports
from mealsvc.reports.services import NothingToPrint, filename
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement.refusals import UnknownSettlementPoint
from mealsvc.settlement.services import digest_of_lines, settlement_of, submit
from tests.factories.policies import SAMPLE
from tests.factories.tills import SHELL, a_day, serve, small_district
from tests.support.papers import pages_of, words_of

MAY, JUNE = Month(2024, 5), Month(2024, 6)
PREVIEW = "预览件，不作结算依据"


@pytest.fixture(autouse=True)
def district(app):
    small_district()
    serve("S1", "C001", served_at=a_day(6))
    serve("S2", "C002", served_at=a_day(6), mode="delivery")
    serve("S3", "C003", served_at=a_day(7))
    serve("S4", "C001", served_at=a_day(8))
    with writing() as connection:
        reverse_serving(connection, "S4-R", "S4", "误操作", None, SHELL, clock.now())


def settlement_sheets(month, point=None):
    """Printed as a command does: what is final is issued and kept."""
    printing = reports.settlement_sheets(month, point)
    with writing():
        return reports.hand_over(printing, SHELL, clock.now())


def submit_may():
    with writing():
        submit(MAY, None, SHELL, clock.now())


def test_a_sheet_holds_the_settlements_own_figures():
    [entry] = settlement_of(MAY)["points"]
    words = words_of(settlement_sheets(MAY, "P01"))
    assert "老年助餐补贴结算表2024年5月丰乐助餐点" in words
    for rule in entry["rules"]:
        assert f"{rule['count']}{fen(rule['subsidy_fen'])}" in words
    for part in entry["funding"].values():
        assert fen(part) in words
    for name in ("price_fen", "subsidy_fen", "self_pay_fen", "operating_fen", "payable_fen"):
        assert fen(entry[name]) in words
    assert capitals(entry["payable_fen"]) in words


def test_a_sheet_proves_its_lines_by_number_and_digest():
    count, digest, _ = digest_of_lines(MAY, 1)
    words = words_of(settlement_sheets(MAY, "P01"))
    assert f"流水条数{count}条" in words
    assert digest in words


def test_a_sheet_has_the_boxes_to_sign():
    words = words_of(settlement_sheets(MAY))
    for signer in ("经办人：", "助餐点负责人（盖章）：", "镇（街道）初审：", "区民政局复核："):
        assert signer in words


def test_a_month_that_is_not_submitted_is_marked_as_a_preview():
    assert words_of(settlement_sheets(MAY)).count(PREVIEW) >= 2
    submit_may()
    words = words_of(settlement_sheets(MAY))
    assert PREVIEW not in words
    assert "状态已提交" in words


def test_a_submitted_sheet_is_the_same_bytes_whatever_happens_later():
    submit_may()
    before = settlement_sheets(MAY, "P01")
    serve("S9", "C004", served_at=a_day(9))
    with writing() as connection:
        reverse_serving(connection, "S1-R", "S1", "误刷", None, SHELL, clock.now())
    with writing():
        put_point({"code": "P01", "name": "新名字", "operator": "新单位"}, SHELL)
        put_division({"code": "320412100", "name": "新镇名"}, SHELL)
        import_policy(
            SAMPLE.replace("TN-2022", "TN-2").replace('"320412"', '"320413"'), SHELL, clock.now()
        )
    assert settlement_sheets(MAY, "P01") == before


def test_late_lines_are_listed_in_the_month_that_pays_them():
    submit_may()
    with writing() as connection:
        reverse_serving(connection, "S1-R", "S1", "误刷", None, SHELL, clock.now())
    serve("S9", "C004", served_at=a_day(9))
    [entry] = settlement_of(JUNE)["points"]
    words = words_of(settlement_sheets(JUNE, "P01"))
    assert "S1-R2024-05-06午餐冲正S1（误刷）-3.00" in words
    assert "S92024-05-09午餐补记就餐3.00" in words
    assert f"合计{fen(entry['adjustment_fen'])}" in words


def test_the_operating_money_of_late_lines_makes_the_list_add_up():
    submit_may()
    serve("S9", "C004", served_at=a_day(9))
    [entry] = settlement_of(JUNE)["points"]
    words = words_of(settlement_sheets(JUNE))
    assert entry["adjustment_fen"] == 350
    assert "以上各份的运营补贴（按份计）0.50" in words


def test_a_month_payable_below_nought_says_that_it_offsets_the_next():
    submit_may()
    with writing() as connection:
        reverse_serving(connection, "S1-R", "S1", "误刷", None, SHELL, clock.now())
    words = words_of(settlement_sheets(JUNE))
    assert "应付金额（大写）负叁元伍角整" in words
    assert "冲抵下月" in words


def test_all_points_come_in_one_file_each_counting_its_own_pages():
    serve("S5", "C004", point="P02", served_at=a_day(6))
    paper = settlement_sheets(MAY)
    words = words_of(paper)
    assert pages_of(paper) == 2
    assert words.count("第1页共1页") == 2
    assert words.index("JS-2024-05-P01") < words.index("JS-2024-05-P02")
    assert settlement_sheets(MAY) == paper


def test_a_name_of_rare_characters_can_be_copied_from_the_paper():
    with writing():
        put_point({"code": "P01", "name": "䶮𬀩社区助餐点"}, SHELL)
    assert "䶮𬀩社区助餐点" in words_of(settlement_sheets(MAY, "P01"))


def test_a_month_without_lines_cannot_be_printed():
    with pytest.raises(NothingToPrint):
        settlement_sheets(Month(2023, 1))


def test_an_unknown_point_cannot_be_printed():
    with pytest.raises(UnknownSettlementPoint):
        settlement_sheets(MAY, "XX")


def test_a_file_is_named_after_its_paper():
    assert filename("supervision", MAY) == "老年助餐督查报告_2024-05.pdf"
    assert filename("settlement", MAY, "P01") == "老年助餐补贴结算表_2024-05_P01.pdf"
