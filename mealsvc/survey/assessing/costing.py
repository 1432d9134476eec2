"""What a point says that it costs, from form B or typed in. Pure."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from mealsvc.survey.assessing.ground import Answers

if TYPE_CHECKING:
    from mealsvc.survey.assessing.models import PointCost

FIXED = ("B34", "B35", "B36", "B37")  # rent, wages, energy, other


@dataclass(frozen=True, slots=True)
class Cost:
    """Fixed cost a month, variable cost a serving, other income a month (fen), and whence."""

    fixed_fen: int
    variable_fen: int
    other_fen: int
    basis: str

    @classmethod
    def of(cls, row: "PointCost") -> "Cost":
        """What was entered."""
        return cls(row.fixed_fen, row.variable_fen, row.other_fen, row.basis)

    def amounts(self) -> dict[str, int]:
        return {
            "fixed_fen": self.fixed_fen,
            "variable_fen": self.variable_fen,
            "other_fen": self.other_fen,
        }


def cost_of_sheet(sheet: Answers, self_pay_fen: int, basis: str) -> Cost:
    """Form B of a point. `self_pay_fen` is what elders paid there in the month by the ledger: what
    the point took in beyond that came from other diners, whose ingredients it pays too."""
    servings, delivered = sheet.get("B26") or 0, sheet.get("B27") or 0
    food = sheet.get("B32") or 0
    packing = Fraction((sheet.get("B33") or 0) * delivered, servings or 1)
    others = (sheet.get("B41") or 0) - self_pay_fen - (sheet.get("B28") or 0) * food
    return Cost(
        fixed_fen=sum(sheet.get(code) or 0 for code in FIXED),
        variable_fen=food + int(packing + Fraction(1, 2)),
        other_fen=(sheet.get("B42") or 0) + max(0, others),
        basis=basis,
    )
